//! Every form against two outsiders: a text that the test writes itself is assembled by
//! Keystone, and the word is decoded by Capstone. Both must agree with the word.
//!
//! Capstone prints preferred aliases (`cmp` for a `subs` without a destination). A text of its
//! that differs is assembled by Keystone too and must be the same word again.
//!
//! Where an outsider is silent or wrong stands in [`also_printed`].

mod branch;
mod constants;
mod float;
mod integer;
mod lanes;
mod memory;
mod vector;

use super::{Cond, Reg, Size};
use crate::assemble::assemble;
use crate::disasm::decode;
use crate::isa::Isa;

/// Where instructions lie that say a distance.
const HERE: u64 = 0x40_0000;

/// A form, and what it should be.
type Case = (Option<u32>, String);

/// What Capstone prints instead where Keystone makes another word of that: its `mov` of a value
/// that both `movz` and `orr` have is the former.
fn also_printed(text: &str) -> Option<String> {
    let (d, value) = text.strip_prefix("orr ")?.split_once("zr, ")?;
    let (d, _) = d.split_once(',')?;
    Some(format!("mov {d}, {value}"))
}

/// Mnemonics that Keystone 0.9.2 takes with no operands at all: it is LLVM 3.8, before pointer
/// authentication and branch targets, has FEAT_LSE off, and cannot resolve the target of an
/// `adr`. Of these Capstone alone judges, by the very text.
const UNKNOWN_TO_KEYSTONE: [&str; 19] = [
    "adr", "paciasp", "pacibsp", "autiasp", "autibsp", "bti", "csdb", "retaa", "retab", "ldaddal",
    "ldclral", "ldeoral", "ldsetal", "ldsmaxal", "ldsminal", "ldumaxal", "lduminal", "swpal",
    "casal",
];

/// Whether the mnemonic is one of [`UNKNOWN_TO_KEYSTONE`], of any size of an atomic access.
fn unknown_to_keystone(text: &str) -> bool {
    let mnemonic = text.split(' ').next().unwrap_or(text);
    let plain = mnemonic
        .strip_suffix(['b', 'h'])
        .filter(|plain| plain.ends_with("al"));
    UNKNOWN_TO_KEYSTONE.contains(&plain.unwrap_or(mnemonic))
}

fn keystone(text: &str) -> Result<u32, String> {
    let bytes = assemble(Isa::Aarch64, text, HERE).map_err(|error| error.to_string())?;
    let bytes = <[u8; 4]>::try_from(bytes.as_slice());
    bytes
        .map(u32::from_le_bytes)
        .map_err(|_| format!("{text}: no word"))
}

fn capstone(word: u32) -> String {
    let decoded = decode(Isa::Aarch64, &word.to_le_bytes(), HERE).expect("there are bytes");
    decoded.plain_text()
}

/// What is wrong with a case; `None` when all agree.
fn disagreement((word, text): &Case) -> Option<String> {
    let Some(word) = *word else {
        return Some(format!("{text}: not encoded"));
    };
    let assembled = keystone(text);
    let judges = assembled.is_ok() || !unknown_to_keystone(text);
    if judges && assembled != Ok(word) {
        return Some(format!(
            "{text}: {word:08x}, but Keystone has {assembled:08x?}"
        ));
    }
    let decoded = capstone(word);
    let known = decoded == *text || also_printed(text).as_ref() == Some(&decoded);
    if known || keystone(&decoded) == Ok(word) {
        return None;
    }
    Some(format!(
        "{text}: {word:08x}, but Capstone reads '{decoded}'"
    ))
}

/// Fails with the first few cases in which somebody disagrees.
fn agree(cases: impl IntoIterator<Item = Case>) {
    let mut count = 0;
    let wrong = cases.into_iter().inspect(|_| count += 1);
    let wrong: Vec<String> = wrong.filter_map(|case| disagreement(&case)).collect();
    let first = &wrong[..wrong.len().min(12)];
    assert!(wrong.is_empty(), "{} disagree, as {first:#?}", wrong.len());
    assert!(count > 0, "nothing was checked");
}

/// All registers in each of `N` places, with others in the other places.
fn registers<const N: usize>() -> impl Iterator<Item = [Reg; N]> {
    (0..N).flat_map(|place| {
        (0..32).map(move |number| {
            let mut others = [3, 12, 21, 26].into_iter();
            let mut all = [0; N].map(|_: u8| Reg::new(others.next().unwrap_or(7)));
            all[place] = Reg::new(number);
            all
        })
    })
}

/// An integer register; number 31 is the zero register.
fn r(size: Size, reg: Reg) -> String {
    let letter = if size == Size::W { 'w' } else { 'x' };
    match reg.number() {
        31 => format!("{letter}zr"),
        number => format!("{letter}{number}"),
    }
}

/// An integer register; number 31 is the stack pointer.
fn r_sp(size: Size, reg: Reg) -> String {
    match (reg.number(), size) {
        (31, Size::W) => "wsp".to_owned(),
        (31, Size::X) => "sp".to_owned(),
        _ => r(size, reg),
    }
}

fn x(reg: Reg) -> String {
    r(Size::X, reg)
}

fn w(reg: Reg) -> String {
    r(Size::W, reg)
}

fn cond(cond: Cond) -> String {
    format!("{cond:?}").to_lowercase()
}

/// An immediate as Capstone prints it.
fn imm(value: impl Into<i128>) -> String {
    let value = value.into();
    let sign = if value < 0 { "-" } else { "" };
    match value.unsigned_abs() {
        small @ 0..=9 => format!("#{sign}{small}"),
        large => format!("#{sign}{large:#x}"),
    }
}

#[test]
fn a_wrong_word_or_text_is_seen() {
    let add = 0x8b02_0020;
    assert_eq!(
        disagreement(&(Some(add), "add x0, x1, x2".to_owned())),
        None
    );
    let wrong: [Case; 4] = [
        (Some(add ^ 1), "add x0, x1, x2".to_owned()),
        (Some(add), "add x0, x1, x3".to_owned()),
        (Some(add), "sub x0, x1, x2".to_owned()),
        (None, "add x0, x1, x2".to_owned()),
    ];
    for case in wrong {
        assert!(disagreement(&case).is_some(), "{case:x?}");
    }
}
