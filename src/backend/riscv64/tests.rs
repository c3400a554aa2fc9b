//! Programs that the suite's generator does not draw for this ISA: what Cranelift has no lowering
//! for here, and distances beyond what one instruction reaches. Each is run and compared with the
//! interpreter by all oracles.

mod distances;
mod operations;

use std::path::PathBuf;

use super::{NOP, Riscv64};
use crate::backend::Own;
use crate::backend::arch::Arch as _;
use crate::backend::options::{Settings, SiteOptions};
use crate::codegen::{CodeGenerator as _, CodegenError, Compiled};
use crate::disasm::{Kind, decode};
use crate::isa::Isa;
use crate::judge;
use crate::oracle::Verdict;
use crate::program::Program;
use crate::verify::Verifier;

const ISA: Isa = Isa::Riscv64gc;

/// A hook, and a main function of two `i64` that calls it and then does `body`.
fn program(header: &str, head: &str, body: &str, runs: &[(i64, i64)]) -> String {
    let runs: Vec<String> = runs
        .iter()
        .map(|(a, b)| format!("; print: %main({a}, {b})\n"))
        .collect();
    format!(
        "; A test.
test run
{header}
function %hook(i64) preserve_all {{
    fn0 = %host_hook(i64) system_v
block0(v0: i64):
    call fn0(v0)
    return
}}

function %main(i64, i64) -> i64 system_v {{
{head}
    fn0 = colocated patchable %hook(i64) preserve_all
block0(v0: i64, v1: i64):
    call fn0(v0)
{body}
}}
{}",
        runs.concat()
    )
}

/// The program passes every check on this ISA.
#[track_caller]
fn passes(text: &str) {
    let program = Program::parse("test", text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let mut verifier = Verifier::new(judge::options(PathBuf::new()));
    let outcome = verifier.verify(&program, ISA, &Own::PLAIN);
    let outcome = outcome.unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert!(
        matches!(outcome.verdict, Verdict::Pass),
        "{:?}\n{text}",
        outcome.verdict
    );
    assert!(outcome.hook_hits > 0, "{text}");
}

fn compile(text: &str) -> Result<Compiled, CodegenError> {
    let program = Program::parse("test", text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let target = program.targets_of(ISA).next().expect("the header names it");
    Own::PLAIN.compile(&program, target)
}

#[test]
fn units_are_single_nops_of_every_length() {
    for (header, lengths) in [
        ("target riscv64gc", vec![4]),
        ("target riscv64gc has_zca", vec![4, 2]),
    ] {
        let text = program(header, "", "    return v0", &[(3, 4)]);
        let parsed = Program::parse("test", &text).expect("valid");
        let target = parsed.targets_of(ISA).next().expect("the header names it");
        let settings = Settings::new(&*target.clif, SiteOptions::default(), false);
        let units = Riscv64::new(&settings).nop_units();
        let found: Vec<usize> = units.iter().map(Vec::len).collect();
        assert_eq!(found, lengths);
        assert_eq!(units[0], NOP.to_le_bytes());
        for unit in units {
            let decoded = decode(ISA, &unit, 0x1000).expect("there are bytes");
            assert_eq!(
                (decoded.kind.clone(), decoded.bytes.len()),
                (Kind::Nop, unit.len())
            );
        }
    }
}

#[test]
fn compressed_code_is_smaller_and_its_sites_are_not() {
    let body = "    v2 = iadd v0, v1\n    v3 = imul v2, v0\n    v4 = isub v3, v1\n    return v4";
    let size = |header: &str| {
        let compiled = compile(&program(header, "", body, &[(3, 4)])).expect("covered");
        let main = &compiled.functions[1];
        assert_eq!(main.sites[0].len, 8, "{header}");
        main.bytes.len()
    };
    assert!(size("target riscv64gc has_zca") < size("target riscv64gc"));
    passes(&program(
        "target riscv64gc has_zca has_zcd",
        "",
        body,
        &[(3, 4)],
    ));
}
