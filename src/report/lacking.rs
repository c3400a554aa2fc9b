//! What no machine executes, over all programs: by ISA and extension, then by mnemonic.
//!
//! The counts are of emitted code. They come out of reasons, so functions of one program that are
//! judged one by one and lack exactly the same count once.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::judge::{Judgement, Record};
use crate::oracle::Lacking;

/// How often, by ISA and extension, then by mnemonic.
pub type Counts = BTreeMap<String, BTreeMap<String, usize>>;

/// Counts what `records` say.
pub fn of(records: &[Record]) -> Counts {
    let mut all = Counts::new();
    for record in records {
        let whole = record.reasons_of(Judgement::Unsupported, false);
        let parts = record.reasons_of(Judgement::Unsupported, true);
        for Lacking(extensions) in whole
            .into_iter()
            .chain(parts)
            .filter_map(Lacking::of_reason)
        {
            for (extension, instructions) in extensions {
                let counts = all
                    .entry(format!("{} {extension}", record.isa))
                    .or_default();
                for (mnemonic, count) in instructions {
                    *counts.entry(mnemonic).or_default() += count;
                }
            }
        }
    }
    all
}

/// What no machine executes: a line for each ISA and extension, most frequent instructions first.
pub fn render(lacking: &Counts) -> String {
    let mut text = String::new();
    for (extension, instructions) in lacking {
        let mut counts: Vec<(&str, usize)> =
            instructions.iter().map(|(name, n)| (&**name, *n)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let counts: Vec<String> = counts
            .iter()
            .map(|(name, n)| format!("{name} {n}"))
            .collect();
        let _ = writeln!(text, "not executed, {extension}: {}", counts.join(", "));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Isa;
    use crate::judge::LeftOut;

    fn record(verdict: Judgement, reason: Option<&str>) -> Record {
        Record {
            program: "a".into(),
            isa: Isa::X86_64,
            generator: "cranelift@0.135.8".into(),
            verdict,
            reason: reason.map(str::to_owned),
            sites: 1,
            scenarios: 3,
            runs: 0,
            hook_hits: 0,
            left_out: Vec::new(),
            discrepancies: Vec::new(),
        }
    }

    #[test]
    fn what_no_machine_executes_is_counted_over_all_programs() {
        let lacks = |reason: &str| record(Judgement::Unsupported, Some(reason));
        let mut part = record(Judgement::Pass, None);
        part.left_out.push(LeftOut {
            verdict: Judgement::Unsupported,
            reason: "the machine lacks AVX: vaddsd 4".to_owned(),
        });
        let records = [
            lacks("the machine lacks AVX: vaddsd 1, vmulsd 2"),
            lacks("the machine lacks AVX: vaddsd 1, vsubsd 1; FMA: vfmadd213sd 1"),
            part,
        ];
        let text = render(&of(&records));
        for line in [
            "not executed, x86_64 AVX: vaddsd 6, vmulsd 2, vsubsd 1\n",
            "not executed, x86_64 FMA: vfmadd213sd 1\n",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
