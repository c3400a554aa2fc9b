//! All words that could have a short form, and all 65536 halves: those made are exactly those
//! that Capstone knows, without hints and what is never compressed, and mean the same.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{
    Access, Alu, AluImm, Compression, FloatAccess, Shift, alu, alu_imm, compress, float_load,
    float_store, jump_register, load, lui, shift_imm, store,
};
use super::{ADDRESS, decoded, expand, f, x};
use crate::disasm::decode;
use crate::isa::Isa;

const ALL: Compression = Compression {
    integer: true,
    double: true,
};

/// Words of the base set around everything that has a short form.
fn words() -> impl Iterator<Item = u32> {
    let pairs = || (0..32).flat_map(|a| (0..32).map(move |b| (a, b)));
    let immediates = pairs().flat_map(|(a, b)| {
        (-520..1030).flat_map(move |imm| {
            let (rd, rs1) = (x(a), x(b));
            [
                alu_imm(AluImm::Addi, rd, rs1, imm),
                alu_imm(AluImm::Addiw, rd, rs1, imm),
                alu_imm(AluImm::Andi, rd, rs1, imm),
                alu_imm(AluImm::Ori, rd, rs1, imm),
                load(Access::W, rd, rs1, imm),
                load(Access::D, rd, rs1, imm),
                load(Access::Wu, rd, rs1, imm),
                store(Access::W, rd, rs1, imm),
                store(Access::D, rd, rs1, imm),
                float_load(FloatAccess::D, f(a), rs1, imm),
                float_load(FloatAccess::W, f(a), rs1, imm),
                float_store(FloatAccess::D, f(a), rs1, imm),
            ]
        })
    });
    let shifts = pairs().flat_map(|(a, b)| {
        (0..64).flat_map(move |amount| {
            [Shift::Slli, Shift::Srli, Shift::Srai, Shift::Slliw]
                .map(|op| shift_imm(op, x(a), x(b), amount))
        })
    });
    let registers = pairs().flat_map(|(a, b)| {
        (0..32).flat_map(move |c| {
            [
                Alu::Add,
                Alu::Sub,
                Alu::Xor,
                Alu::Or,
                Alu::And,
                Alu::Addw,
                Alu::Subw,
                Alu::Mul,
            ]
            .map(|op| Some(alu(op, x(a), x(b), x(c))))
        })
    });
    let jumps = pairs().flat_map(|(a, b)| [0, 2, -2].map(|to| jump_register(x(a), x(b), to)));
    let uppers = (0..32).flat_map(|rd| (-40..40).map(move |upper| lui(x(rd), upper)));
    let all = immediates
        .chain(shifts)
        .chain(registers)
        .chain(jumps)
        .chain(uppers);
    all.flatten()
}

fn text_of(half: u16) -> String {
    let decoded = decode(Isa::Riscv64gc, &half.to_le_bytes(), ADDRESS).expect("two bytes");
    decoded.plain_text()
}

/// The text of a compressed instruction as that of the one that it stands for.
fn long_form(text: &str) -> String {
    let (name, operands) = text.split_once(' ').unwrap_or((text, ""));
    let list: Vec<&str> = operands.split(", ").collect();
    let name = name.strip_prefix("c.").expect("all have a prefix");
    match (name, list.as_slice()) {
        ("nop", _) => expand("nop"),
        ("addi16sp", [sp, imm]) => format!("addi {sp}, {sp}, {imm}"),
        ("addi4spn", [rd, sp, imm]) => format!("addi {rd}, {sp}, {imm}"),
        ("li" | "mv" | "jr" | "jalr", _) => expand(&format!("{name} {operands}")),
        ("lui", _) | (_, [_, _]) if name == "lui" || operands.contains('(') => {
            format!("{} {operands}", name.trim_end_matches("sp"))
        }
        (_, [rd, other]) => format!("{name} {rd}, {rd}, {other}"),
        _ => panic!("{text}"),
    }
}

/// With the sources of a commutative operation in order.
fn ordered(text: String) -> String {
    let Some((name, operands)) = text.split_once(' ') else {
        return text;
    };
    let mut list: Vec<&str> = operands.split(", ").collect();
    if ["add", "xor", "or", "and", "addw"].contains(&name) {
        list[1..].sort_unstable();
    }
    // A move is an addition of zero, whichever way it is written.
    match (name, list.as_slice()) {
        ("add", [rd, rs, "zero"]) => format!("addi {rd}, {rs}, 0"),
        _ => format!("{name} {}", list.join(", ")),
    }
}

#[test]
fn short_forms_mean_the_same_and_none_is_missing() {
    let mut made: BTreeMap<u16, BTreeSet<u32>> = BTreeMap::new();
    for word in words() {
        if let Some(half) = compress(word, ALL) {
            made.entry(half).or_default().insert(word);
        }
    }
    let mut meanings = BTreeSet::new();
    for (&half, words) in &made {
        let short = ordered(long_form(&text_of(half)));
        for &word in words {
            assert_eq!(ordered(decoded(word)), short, "{half:04x} {word:08x}");
        }
        meanings.insert(short);
    }
    let never = ["c.beqz", "c.bnez", "c.j", "c.ebreak", "c.unimp", ".byte"];
    for half in (0..=u16::MAX).filter(|half| half & 3 != 3 && !made.contains_key(half)) {
        let text = text_of(half);
        let name = text.split(' ').next().unwrap_or_default();
        // Of two short forms for the same, as C.ADDI and C.ADDI16SP have some, one will do.
        let known = || meanings.contains(&ordered(long_form(&text)));
        let left_out = never.contains(&name) || is_hint_or_reserved(half);
        assert!(left_out || known(), "{half:04x}: {text}");
    }
}

/// Hints, which have no effect, and reserved encodings, of which Capstone takes some for
/// instructions (unprivileged manual, "RVC Instruction Set Listings").
fn is_hint_or_reserved(half: u16) -> bool {
    let (low, rd) = (half >> 2 & 31, half >> 7 & 31);
    let zero = half >> 12 & 1 == 0 && low == 0;
    match (half & 3, half >> 13) {
        (0, 0) => half >> 5 & 0xff == 0,
        (1, 0) => rd == 0 || zero,
        (1, 1 | 2) => rd == 0,
        (1, 3) => rd == 0 || zero,
        (1, 4) => half >> 11 & 1 == 0 && zero,
        (2, 0) => rd == 0 || zero,
        (2, 2 | 3) => rd == 0,
        (2, 4) => rd == 0,
        _ => false,
    }
}

#[test]
fn without_the_extensions_nothing_is_short() {
    let mut doubles = 0;
    for word in words().step_by(7) {
        let integer = Compression {
            double: false,
            ..ALL
        };
        let none = Compression {
            integer: false,
            ..ALL
        };
        assert_eq!(compress(word, none), None);
        match (compress(word, ALL), compress(word, integer)) {
            (Some(half), None) => {
                assert!(
                    matches!((half & 3, half >> 13), (0 | 2, 1 | 5)),
                    "{half:04x}"
                );
                doubles += 1;
            }
            (all, integer) => assert_eq!(all, integer),
        }
    }
    assert!(doubles > 0);
}
