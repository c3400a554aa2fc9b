//! Every form of instruction, printed as the manual's assembler would, must be what Capstone
//! decodes and what Keystone assembles.
//!
//! Keystone 0.9.2 assembles for a z10: it has no vectors, nor what [`KEYSTONE_LACKS`] names.
//! Capstone 5 knows them all, by their extended mnemonics. Numbers are below 10 or in hexadecimal: Keystone may read others in
//! either base.

mod branch;
mod float;
mod general;
mod limits;
mod storage;
mod vector;
mod vector_float;

use super::*;
use crate::assemble::assemble;
use crate::disasm::{Kind, decode};
use crate::isa::Isa;

/// An instruction in the manual's words, and as encoded here.
type Case = (String, Vec<u8>);

/// Mnemonics that Keystone does not take. Taking one of them fails the tests too.
#[rustfmt::skip]
const KEYSTONE_LACKS: &[&str] = &[
    // z196: distinct operands, interlocked access, load and store on condition, population count,
    // floating-point extensions.
    "ark", "agrk", "srk", "sgrk", "alrk", "algrk", "slrk", "slgrk", "nrk", "ngrk", "ork", "ogrk",
    "xrk", "xgrk", "ahik", "aghik", "alhsik", "alghsik", "sllk", "srlk", "srak", "laa", "laag",
    "lan", "lang", "lao", "laog", "lax", "laxg", "locr", "locgr", "loc", "locg", "stoc", "stocg",
    "popcnt", "cefbra", "cdfbra", "cegbra", "cdgbra", "celfbr", "cdlfbr", "celgbr", "cdlgbr",
    "clfebr", "clfdbr", "clgebr", "clgdbr",
    // zEC12, z13 and z14: miscellaneous extensions 1, load and store on condition 2,
    // miscellaneous extensions 2.
    "risbgn", "lochi", "locghi", "msrkc", "msgrkc", "mgrk",
    // Older ones that Keystone's LLVM has no words for.
    "mlr", "cdsg", "lpq", "stpq", "lrvh", "strvh",
];

/// Holds `cases` of one operation against both.
fn check(mnemonic: &str, cases: impl IntoIterator<Item = Case>) {
    let cases: Vec<Case> = cases.into_iter().collect();
    assert!(!cases.is_empty(), "{mnemonic}");
    let vector = mnemonic.starts_with(['v', 'w']);
    let lacking = vector || KEYSTONE_LACKS.contains(&mnemonic);
    for (text, bytes) in &cases {
        let decoded = decode(Isa::S390x, bytes, 0).expect("there are bytes");
        assert_eq!(&decoded.plain_text(), text, "Capstone on {bytes:02x?}");
        assert_eq!(&decoded.bytes, bytes, "{text}");
        match assemble(Isa::S390x, text, 0) {
            Ok(assembled) => {
                assert!(!lacking, "Keystone has learnt {text}");
                assert_eq!(&assembled, bytes, "Keystone on {text}");
            }
            Err(error) => assert!(lacking, "{error}"),
        }
    }
}

/// All registers.
fn gprs() -> impl Iterator<Item = Gpr> + Clone {
    (0..Gpr::COUNT).filter_map(Gpr::new)
}

fn fprs() -> impl Iterator<Item = Fpr> + Clone {
    (0..Fpr::COUNT).filter_map(Fpr::new)
}

fn vrs() -> impl Iterator<Item = Vr> + Clone {
    (0..Vr::COUNT).filter_map(Vr::new)
}

/// Names as the assembler has them. A vector register that holds a scalar float is named as a
/// floating-point register where it has such a name.
trait Name {
    fn name(&self) -> String;
}

impl Name for Gpr {
    fn name(&self) -> String {
        format!("%r{}", self.number())
    }
}

impl Name for Fpr {
    fn name(&self) -> String {
        format!("%f{}", self.number())
    }
}

impl Name for Vr {
    fn name(&self) -> String {
        format!("%v{}", self.number())
    }
}

/// A number as Capstone prints it.
fn number(value: impl Into<i64>) -> String {
    let value = value.into();
    let sign = if value < 0 { "-" } else { "" };
    match value.unsigned_abs() {
        small @ 0..10 => format!("{sign}{small}"),
        large => format!("{sign}{large:#x}"),
    }
}

/// Every pair of which one part is any register, the other one of two.
fn pairs<A: Copy, B: Copy>(first: &[A], second: &[B]) -> Vec<(A, B)> {
    let ends = |len: usize| [1, len - 1];
    let left = first
        .iter()
        .flat_map(|a| ends(second.len()).map(|i| (*a, second[i])));
    let right = second
        .iter()
        .flat_map(|b| ends(first.len()).map(|i| (first[i], *b)));
    left.chain(right).collect()
}

fn gpr_pairs() -> Vec<(Gpr, Gpr)> {
    let all: Vec<Gpr> = gprs().collect();
    pairs(&all, &all)
}

/// The conditions, by mask, with their letters.
const CONDITIONS: [(u8, &str); 14] = [
    (1, "o"),
    (2, "h"),
    (3, "nle"),
    (4, "l"),
    (5, "nhe"),
    (6, "lh"),
    (7, "ne"),
    (8, "e"),
    (9, "nlh"),
    (10, "he"),
    (11, "nl"),
    (12, "le"),
    (13, "nh"),
    (14, "no"),
];

fn conditions() -> impl Iterator<Item = (Mask, &'static str)> {
    CONDITIONS
        .iter()
        .filter_map(|(bits, name)| Some((Mask::new(*bits)?, *name)))
}
