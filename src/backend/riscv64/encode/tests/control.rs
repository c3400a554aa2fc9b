use super::super::{
    Branch, C_NOP, FAR_REACH, NOP, RETURN, TRAP, branch, far_parts, jump, jump_register,
};
use super::text::xn;
use super::{ADDRESS, around, is, number, outside, triples, x, xs};
use crate::disasm::{Kind, decode};
use crate::isa::Isa;

pub const BRANCHES: [(Branch, &str); 6] = [
    (Branch::Eq, "beq"),
    (Branch::Ne, "bne"),
    (Branch::Lt, "blt"),
    (Branch::Ge, "bge"),
    (Branch::Ltu, "bltu"),
    (Branch::Geu, "bgeu"),
];

/// The even ones of `around`, and powers of two: each bit of the field has its own place.
fn distances(bits: u32) -> Vec<i64> {
    let powers = (1..bits - 1).flat_map(|bit| [1 << bit, -(1 << bit)]);
    let mut all: Vec<i64> = around(bits).into_iter().chain(powers).collect();
    all.retain(|distance| distance % 2 == 0);
    all
}

/// Where the project's own reading of the encoding says that a word leads.
fn target(word: u32) -> Option<i64> {
    let kind = decode(Isa::Riscv64gc, &word.to_le_bytes(), ADDRESS)?.kind;
    let (Kind::Branch(to) | Kind::Jump(to) | Kind::Call { target: to, .. }) = kind else {
        return None;
    };
    Some(to.wrapping_sub(ADDRESS).cast_signed())
}

#[test]
fn branches() {
    for (op, name) in BRANCHES {
        assert_eq!(op.inverted().inverted(), op);
        for [a, b, _] in triples() {
            for distance in distances(13) {
                let word = branch(op, x(a), x(b), distance).expect("it fits");
                let text = format!("{name} {}, {}, {}", xn(x(a)), xn(x(b)), number(distance));
                is(word, text);
                assert_eq!(target(word), Some(distance), "{word:08x}");
            }
        }
        for distance in outside(13).into_iter().chain([1, -1, 3]) {
            assert_eq!(branch(op, x(1), x(2), distance), None, "{distance}");
        }
    }
}

#[test]
fn jumps() {
    for rd in xs() {
        for distance in distances(21) {
            let word = jump(rd, distance).expect("it fits");
            is(word, format!("jal {}, {}", xn(rd), number(distance)));
            assert_eq!(target(word), Some(distance), "{word:08x}");
        }
        for base in xs() {
            for offset in around(12) {
                let word = jump_register(rd, base, offset).expect("it fits");
                let text = format!("jalr {}, {}, {}", xn(rd), xn(base), number(offset));
                is(word, text);
            }
        }
    }
    for distance in outside(21).into_iter().chain([1, -1, 3]) {
        assert_eq!(jump(x(1), distance), None, "{distance}");
    }
    for offset in outside(12) {
        assert_eq!(jump_register(x(1), x(1), offset), None, "{offset}");
    }
}

#[test]
fn far_distances_add_up() {
    let (first, last) = (*FAR_REACH.start(), *FAR_REACH.end());
    let bounds = [
        first,
        first + 1,
        last - 1,
        last,
        0x7ff,
        0x800,
        0xfff,
        0x1000,
    ];
    for distance in bounds
        .into_iter()
        .chain([-0x800, -0x801, -1, 0, 1, 0x1234_5678])
    {
        let (upper, low) = far_parts(distance).expect("it is within reach");
        assert_eq!((upper << 12) + low, distance);
        assert!((-0x800..0x800).contains(&low), "{distance:#x}: {low:#x}");
        assert!(
            (-0x8_0000..0x8_0000).contains(&upper),
            "{distance:#x}: {upper:#x}"
        );
    }
    for distance in [first - 1, last + 1, i64::MIN, i64::MAX] {
        assert_eq!(far_parts(distance), None, "{distance:#x}");
    }
}

#[test]
fn fixed_words() {
    is(RETURN, "jalr zero, ra, 0".to_owned());
    is(NOP, "addi zero, zero, 0".to_owned());
    is(TRAP, "unimp".to_owned());
    let kind = |bytes: &[u8]| decode(Isa::Riscv64gc, bytes, ADDRESS).map(|i| i.kind);
    assert_eq!(kind(&TRAP.to_le_bytes()), Some(Kind::Trap));
    assert_eq!(kind(&RETURN.to_le_bytes()), Some(Kind::Return));
    assert_eq!(kind(&NOP.to_le_bytes()), Some(Kind::Nop));
    assert_eq!(kind(&C_NOP.to_le_bytes()), Some(Kind::Nop));
}
