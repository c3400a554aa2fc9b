//! A real finding, through the whole suite.

use super::super::{Budget, instructions, reduce};
use crate::code_generators;
use crate::corpus::Findings;
use crate::isa::Isa;
use crate::judge::{self, Recurrence, Wanted};
use crate::oracle::Check;
use crate::program::Program;

/// On s390x a `tail` callee pops the memory that its i128 arguments are passed in, and the
/// caller allocates it outside of the site: NOPed, the stack pointer stays lowered.
const TAIL: &str = "\
; A comment that goes.
test run
set opt_level=speed
target s390x
target x86_64

function %other(i64) preserve_all {
    fn0 = %host_hook(i64, i64, i64, i64, i64) system_v
block0(v0: i64):
    call fn0(v0, v0, v0, v0, v0)
    return
}

function %hook(i128, i64, i128) tail {
    fn0 = %host_hook(i64, i64, i64, i64, i64) system_v
block0(v0: i128, v1: i64, v2: i128):
    v3, v4 = isplit v0
    v5, v6 = isplit v2
    call fn0(v3, v4, v1, v5, v6)
    return
}

function %main(i64, i64) -> i64, i64 system_v {
    ss0 = explicit_slot 64, align = 8
    fn0 = colocated patchable %hook(i128, i64, i128) tail
    fn1 = colocated patchable %other(i64) preserve_all
block0(v0: i64, v1: i64):
    v2 = iconcat v0, v1
    v3 = iconcat v1, v0
    v9 = iconst.i64 3
    jump block1(v9)
block1(v10: i64):
    v11 = stack_addr.i64 ss0
    store.i64 notrap aligned little v10, v11
    call fn1(v10)
    call fn0(v2, v10, v3)
    v12 = load.i64 notrap aligned little v11
    v13 = isub v12, v0
    v14 = iconst.i64 -1
    v15 = iadd v10, v14
    brif v15, block1(v15), block2(v13)
block2(v16: i64):
    v17 = iadd v16, v0
    v4 = iadd v2, v3
    v5, v6 = isplit v4
    return v5, v6
}
; run: %main(-1, 3) == [2, 3]
; run: %main(5, 8)
";

#[test]
fn a_finding_ends_in_a_few_instructions_with_the_same_signature() {
    let text = TAIL.replace("; run: %main(5, 8)\n", "; print: %main(5, 8)\n");
    let program = Program::parse("tail", &text).unwrap();
    let wanted = || Wanted {
        isa: Isa::S390x,
        generator: code_generators::ALL[0],
        check: Some(Check::Lockstep),
        findings: Findings::default(),
        options: judge::options("patchproof".into()),
    };
    let mut finding = Recurrence::of(&program, wanted()).unwrap().unwrap();
    let signature = finding.signature().clone();
    assert!(!finding.is_in("no program"));
    let reduction = reduce(&text, Budget::default(), &mut |text| finding.is_in(text));
    assert!(reduction.complete);
    let count = instructions(&reduction.text).unwrap();
    assert!(count <= 6, "{}", reduction.text);
    let small = Program::parse("small", &reduction.text).unwrap();
    let again = Recurrence::of(&small, wanted()).unwrap().unwrap();
    assert_eq!(*again.signature(), signature);
}
