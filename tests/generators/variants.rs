//! The own generator's variants of sites: that start off, that lie in one word, and both. A part of
//! the corpus passes every check from each, and the metadata keeps what the variant is for.

use std::path::{Path, PathBuf};

use patchproof::code_generators::{self, VARIANTS};
use patchproof::codegen::CodeGenerator;
use patchproof::corpus::{self, Case, Findings, default_folder};
use patchproof::image::{CodeImage, PatchSite, nop_fill};
use patchproof::isa::Isa;
use patchproof::judge::{Judgement, Plan, Record, options};

use crate::guests::{command, executable, image_by};

/// Sites in every position, of every convention, toggled from everywhere.
const PROGRAMS: [&str; 26] = [
    "arguments-mixed-classes",
    "arguments-on-stack-system-v",
    "arguments-on-stack-tail",
    "convention-system-v",
    "convention-tail",
    "hook-calls-host-for-result",
    "hook-frame-4-kib",
    "hook-recursive-through-site",
    "hook-with-site",
    "hook-with-two-returns",
    "leaf-hook",
    "leaf-hook-toggled",
    "live-flags-of-compare",
    "live-forty-f64",
    "live-forty-i64",
    "setting-riscv64-compressed",
    "several-hooks",
    "site-before-return-call",
    "site-in-br-table-arms",
    "site-in-loop",
    "site-never-reached",
    "sites-back-to-back",
    "sites-thirty",
    "toggle-at-each-pass",
    "toggle-from-inside-hook",
    "toggle-own-site-in-hook",
];

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pass");
    let file = |name: &&str| folder.join(name).with_extension("clif");
    let files: Vec<PathBuf> = PROGRAMS.iter().map(file).collect();
    let cases: Result<Vec<Case>, _> = corpus::load(&files).into_iter().collect();
    cases.expect("the programs are there")
}

#[test]
fn a_part_of_the_corpus_passes_from_every_variant() {
    let plan = Plan {
        isas: Isa::ALL.to_vec(),
        generators: VARIANTS.to_vec(),
        findings: Findings::load(&default_folder()).0,
        options: options(command()),
    };
    let judged = plan.judge_all(&cases(), || {});
    let records: Vec<Record> = judged
        .into_iter()
        .flatten()
        .map(|record| record.expect("the suite works"))
        .collect();
    let failed = records.iter().filter(|r| r.verdict == Judgement::Fail);
    let failed: Vec<String> = failed
        .map(|r| {
            format!(
                "{} on {} by {}: {:?}",
                r.program, r.isa, r.generator, r.reason
            )
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    for variant in VARIANTS {
        for isa in executable() {
            let passed = records.iter().filter(|r| {
                let of = (r.isa, r.generator.as_str());
                of == (isa, variant.name()) && r.verdict == Judgement::Pass && r.hook_hits > 0
            });
            let passed = passed.count();
            // One program is RISC-V's alone, one enters no hook.
            assert!(
                passed >= PROGRAMS.len() - 4,
                "{passed} on {isa} by {}",
                variant.name()
            );
        }
    }
}

/// The images of the programs by one generator.
fn images(generator: &dyn CodeGenerator) -> Vec<(String, CodeImage)> {
    let mut images = Vec::new();
    for case in cases() {
        let program = case.program.expect("it is one");
        for isa in executable().filter(|isa| program.targets_of(*isa).next().is_some()) {
            let who = format!("{} on {isa} by {}", program.name, generator.name());
            images.push((who, image_by(generator, &program, isa)));
        }
    }
    images
}

fn word_of(isa: Isa) -> Option<u32> {
    match isa {
        Isa::X86_64 | Isa::S390x => Some(8),
        Isa::Aarch64 => Some(4),
        _ => None,
    }
}

fn named(name: &str) -> &'static dyn CodeGenerator {
    code_generators::find(name).expect("it is one of them")
}

#[test]
fn sites_that_start_off_are_nops_and_come_live_with_the_metadata_alone() {
    for name in ["own-off", "own-off-atomic"] {
        for (who, image) in images(named(name)) {
            let emitted = image.emitted();
            for site in &image.sites {
                assert!(!site.starts_live, "{who}");
                let range = offset(&image, site)..offset(&image, site) + site.live.len();
                let nops = nop_fill(&image.nop_units, site.live.len());
                assert_eq!(nops.as_deref(), Ok(&emitted[range]), "{who}");
            }
        }
    }
    for name in ["own", "own-atomic"] {
        for (who, image) in images(named(name)) {
            assert!(image.sites.iter().all(|site| site.starts_live), "{who}");
        }
    }
}

/// But for being off, the code is the same: what makes it live is the call that would be there.
#[test]
fn sites_that_start_off_hold_the_call_of_those_that_do_not() {
    for (off, on) in [("own-off", "own"), ("own-off-atomic", "own-atomic")] {
        for ((who, off), (_, on)) in images(named(off)).into_iter().zip(images(named(on))) {
            assert_eq!(off.bytes, on.bytes, "{who}");
            let live = |image: &CodeImage| -> Vec<_> {
                let sites = image.sites.iter();
                sites.map(|s| (s.id, s.start(), s.live.clone())).collect()
            };
            assert_eq!(live(&off), live(&on), "{who}");
        }
    }
}

/// A call whose range also takes arguments back is longer than a word, and is not promised.
#[test]
fn atomic_sites_lie_in_one_word_where_the_isa_has_one() {
    let mut moved = 0;
    let plain = images(named("own"));
    for name in ["own-atomic", "own-off-atomic"] {
        for ((who, image), (_, plain)) in images(named(name)).into_iter().zip(&plain) {
            for (site, before) in image.sites.iter().zip(&plain.sites) {
                assert_eq!(before.atomic_word, None, "{who}");
                let fits = word_of(image.isa).filter(|word| site.len <= *word);
                assert_eq!(site.atomic_word, fits, "{who}");
                if let Some(word) = fits.map(u64::from) {
                    assert_eq!(site.start() / word, (site.ret_addr - 1) / word, "{who}");
                    let crossed = before.start() / word != (before.ret_addr - 1) / word;
                    moved += usize::from(crossed);
                }
            }
        }
    }
    assert!(moved > 20, "only {moved} sites would cross a word");
}

fn offset(image: &CodeImage, site: &PatchSite) -> usize {
    usize::try_from(site.start() - image.base).expect("code is small")
}
