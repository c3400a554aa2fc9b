//! Vectors between lanes and widths.

use super::super::*;
use super::vector::v;
use super::{agree, imm, r, r_sp, registers};

/// Names of a full vector and of its half by the logarithm of a lane's bytes.
const FULL: [Lanes; 4] = [Lanes::B16, Lanes::H8, Lanes::S4, Lanes::D2];
const HALF: [Lanes; 3] = [Lanes::B8, Lanes::H4, Lanes::S2];
const LETTERS: [&str; 4] = ["b", "h", "s", "d"];

/// Widths below `end` by their logarithm, as index and as number.
fn widths(end: u32) -> impl Iterator<Item = (usize, u32)> {
    (0usize..).zip(0..end)
}

/// The lanes of the narrower operand of an operation: all of them where it is of the upper half.
fn narrow_lanes(name: &str, width: usize) -> Lanes {
    if name.ends_with('2') {
        FULL[width]
    } else {
        HALF[width]
    }
}

#[test]
fn shifts_by_a_number() {
    let [d, n] = [1, 2].map(Reg::new);
    for (op, lanes) in VecShift::ALL
        .iter()
        .flat_map(|op| Lanes::ALL.map(|lanes| (*op, lanes)))
    {
        let bits = 8u32 << lanes.log2_bytes();
        let left = matches!(op.name(), "shl" | "sli");
        let (amounts, out) = match left {
            true => (0..=bits - 1, [bits, u32::MAX]),
            false => (1..=bits, [0, bits + 1]),
        };
        agree(amounts.map(|amount| {
            let text = format!(
                "{} {}, {}, {}",
                op.name(),
                v(lanes, d),
                v(lanes, n),
                imm(amount)
            );
            (vec_shift(op, lanes, d, n, amount), text)
        }));
        assert_eq!(
            out.map(|amount| vec_shift(op, lanes, d, n, amount)),
            [None; 2]
        );
        agree(registers().map(|[d, n]| {
            let text = format!("{} {}, {}, #3", op.name(), v(lanes, d), v(lanes, n));
            (vec_shift(op, lanes, d, n, 3), text)
        }));
    }
}

#[test]
fn widths_change() {
    for (width, log2) in widths(3) {
        for op in Widen::ALL {
            let from = narrow_lanes(op.name(), width);
            agree(registers().map(|[d, n]| {
                let text = format!("{} {}, {}", op.name(), v(FULL[width + 1], d), v(from, n));
                (widen(*op, log2, d, n), text)
            }));
        }
        for op in Narrow::ALL {
            let to = narrow_lanes(op.name(), width);
            agree(registers().map(|[d, n]| {
                let text = format!("{} {}, {}", op.name(), v(to, d), v(FULL[width + 1], n));
                (narrow(*op, log2, d, n), text)
            }));
        }
        for op in MulLong::ALL {
            let from = narrow_lanes(op.name(), width);
            agree(registers().map(|[d, n, m]| {
                let sources = format!("{}, {}", v(from, n), v(from, m));
                let text = format!("{} {}, {sources}", op.name(), v(FULL[width + 1], d));
                (mul_long(*op, log2, d, n, m), text)
            }));
        }
    }
    let [d, n, m] = [1, 2, 3].map(Reg::new);
    assert!(Widen::ALL.iter().all(|op| widen(*op, 3, d, n).is_none()));
    assert!(Narrow::ALL.iter().all(|op| narrow(*op, 3, d, n).is_none()));
    assert!(
        MulLong::ALL
            .iter()
            .all(|op| mul_long(*op, 3, d, n, m).is_none())
    );
    agree(registers().flat_map(|[d, n]| {
        let (d_text, n_text) = (d.number(), n.number());
        [
            (
                Some(float_lanes(FloatLanes::FCVTL, d, n)),
                format!("fcvtl v{d_text}.2d, v{n_text}.2s"),
            ),
            (
                Some(float_lanes(FloatLanes::FCVTN, d, n)),
                format!("fcvtn v{d_text}.2s, v{n_text}.2d"),
            ),
        ]
    }));
}

#[test]
fn single_lanes() {
    for (width, log2) in widths(4) {
        let letter = LETTERS[width];
        let full = FULL[width];
        let int = if log2 == 3 { Size::X } else { Size::W };
        for index in 0..16u32 >> log2 {
            let [d, n] = [1, 2].map(Reg::new);
            let lane = format!("v2.{letter}[{index}]");
            agree([
                (
                    dup_lane(full, d, n, index),
                    format!("dup {}, {lane}", v(full, d)),
                ),
                (
                    scalar_lane(log2, d, n, index),
                    format!("mov {letter}1, {lane}"),
                ),
                (
                    insert_int(log2, n, index, d),
                    format!("mov {lane}, {}", r(int, d)),
                ),
                (
                    insert_lane(log2, (n, index), (d, 1)),
                    format!("mov {lane}, v1.{letter}[1]"),
                ),
                (
                    insert_lane(log2, (d, 1), (n, index)),
                    format!("mov v1.{letter}[1], {lane}"),
                ),
                (
                    extract_unsigned(log2, d, n, index),
                    format!("umov {}, {lane}", r(int, d)),
                ),
            ]);
            for size in [Size::W, Size::X] {
                let form = extract_signed(log2, (size, d), (n, index));
                let narrower = 8 << log2 < u32::from(size.bits());
                match narrower {
                    true => agree([(form, format!("smov {}, {lane}", r(size, d)))]),
                    false => assert_eq!(form, None),
                }
            }
        }
        agree(registers().flat_map(|[d, n]| {
            let lane = |reg: Reg| format!("v{}.{letter}[1]", reg.number());
            [
                (
                    dup_lane(full, d, n, 1),
                    format!("dup {}, {}", v(full, d), lane(n)),
                ),
                (
                    scalar_lane(log2, d, n, 1),
                    format!("mov {letter}{}, {}", d.number(), lane(n)),
                ),
                (
                    insert_int(log2, d, 1, n),
                    format!("mov {}, {}", lane(d), r(int, n)),
                ),
                (
                    insert_lane(log2, (d, 1), (n, 1)),
                    format!("mov {}, {}", lane(d), lane(n)),
                ),
                (
                    extract_unsigned(log2, d, n, 1),
                    format!("umov {}, {}", r(int, d), lane(n)),
                ),
            ]
        }));
        let [d, n] = [1, 2].map(Reg::new);
        let beyond = 16 >> log2;
        let forms = [
            dup_lane(full, d, n, beyond),
            scalar_lane(log2, d, n, beyond),
            insert_int(log2, d, beyond, n),
            insert_lane(log2, (d, beyond), (n, 0)),
            insert_lane(log2, (d, 0), (n, beyond)),
            extract_unsigned(log2, d, n, beyond),
            extract_signed(log2, (Size::X, d), (n, beyond)),
        ];
        assert_eq!(forms, [None; 7]);
    }
    for lanes in Lanes::ALL {
        let int = if lanes == Lanes::D2 { Size::X } else { Size::W };
        agree(registers().flat_map(|[d, n]| {
            let load = format!("ld1r {{ {} }}, [{}]", v(lanes, d), r_sp(Size::X, n));
            [
                (
                    Some(dup_int(lanes, d, n)),
                    format!("dup {}, {}", v(lanes, d), r(int, n)),
                ),
                (Some(load_splat(lanes, d, n)), load),
            ]
        }));
    }
}

#[test]
fn permutations() {
    agree(registers().map(|[d, n, m]| {
        let [d_text, n_text, m_text] = [d, n, m].map(|reg| v(Lanes::B16, reg));
        (
            extract_bytes(d, (n, m), 5),
            format!("ext {d_text}, {n_text}, {m_text}, #5"),
        )
    }));
    let [d, n, m] = [1, 2, 3].map(Reg::new);
    agree((0..16).map(|from| {
        (
            extract_bytes(d, (n, m), from),
            format!("ext v1.16b, v2.16b, v3.16b, {}", imm(from)),
        )
    }));
    assert_eq!(extract_bytes(d, (n, m), 16), None);
    for op in Table::ALL {
        agree(registers().map(|[d, n, m]| {
            let next = Reg::new((n.number() + 1) % 32);
            let table = match op.registers() {
                1 => v(Lanes::B16, n),
                _ => format!("{}, {}", v(Lanes::B16, n), v(Lanes::B16, next)),
            };
            let text = format!(
                "{} {}, {{ {table} }}, {}",
                op.name(),
                v(Lanes::B16, d),
                v(Lanes::B16, m)
            );
            (Some(table_form(*op, d, n, m)), text)
        }));
    }
}

fn table_form(op: Table, d: Reg, n: Reg, m: Reg) -> u32 {
    table(op, d, n, m)
}

#[test]
fn immediates() {
    for op in VecImm::ALL {
        let parts: Vec<&str> = op.name().split(' ').collect();
        let (name, lanes) = (parts[0], parts[1]);
        let text = |d: Reg, imm8: u8| {
            let value = match (name, lanes) {
                ("fmov", _) => format!("#{:.8}", float(imm8)),
                (_, "2d") => imm(bytes(imm8)),
                _ => imm(imm8),
            };
            let shift = match parts.get(3) {
                Some(amount) => format!(", lsl #{:#x}", amount.parse::<u8>().expect("a number")),
                None => String::new(),
            };
            format!("{name} v{}.{lanes}, {value}{shift}", d.number())
        };
        agree(registers().map(|[d]| (Some(vec_imm(*op, d, 0x53)), text(d, 0x53))));
        let d = Reg::new(2);
        agree((0..=255).map(|imm8| (Some(vec_imm(*op, d, imm8)), text(d, imm8))));
    }
}

/// Each bit as a byte of zeros or ones.
fn bytes(imm8: u8) -> u64 {
    (0..8)
        .filter(|n| imm8 >> n & 1 == 1)
        .fold(0, |all, n| all | 0xff << (8 * n))
}

/// The float that 8 bits stand for: plus or minus `16..31` times a power of two.
fn float(imm8: u8) -> f64 {
    let fraction = f64::from(16 + (imm8 & 15)) / 16.0;
    let exponent = i32::from(imm8 >> 4 & 7);
    let exponent = if exponent >= 4 {
        exponent - 7
    } else {
        exponent + 1
    };
    let value = fraction * 2f64.powi(exponent);
    if imm8 & 0x80 == 0 { value } else { -value }
}
