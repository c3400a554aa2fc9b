//! Vectors lane by lane.

use super::super::*;
use super::{agree, registers};

/// A vector register in lanes.
pub fn v(lanes: Lanes, reg: Reg) -> String {
    let name = format!("{lanes:?}").to_lowercase();
    let (letter, count) = name.split_at(1);
    format!("v{}.{count}{letter}", reg.number())
}

/// Checks the forms of three registers, one for each division that there is.
fn three(
    name: &str,
    expected: impl Fn(Lanes) -> bool,
    form: impl Fn(Lanes, Reg, Reg, Reg) -> Option<u32>,
) {
    for lanes in Lanes::ALL {
        if !expected(lanes) {
            let [d, n, m] = [1, 2, 3].map(Reg::new);
            assert_eq!(form(lanes, d, n, m), None, "{name} {lanes:?}");
            continue;
        }
        agree(registers().map(|[d, n, m]| {
            let text = format!("{name} {}, {}, {}", v(lanes, d), v(lanes, n), v(lanes, m));
            (form(lanes, d, n, m), text)
        }));
    }
}

/// As [`three`] of two registers.
fn two(
    name: &str,
    suffix: &str,
    expected: impl Fn(Lanes) -> bool,
    form: impl Fn(Lanes, Reg, Reg) -> Option<u32>,
) {
    for lanes in Lanes::ALL {
        if !expected(lanes) {
            assert_eq!(
                form(lanes, Reg::new(1), Reg::new(2)),
                None,
                "{name} {lanes:?}"
            );
            continue;
        }
        agree(registers().map(|[d, n]| {
            let text = format!("{name} {}, {}{suffix}", v(lanes, d), v(lanes, n));
            (form(lanes, d, n), text)
        }));
    }
}

/// Whether Keystone takes the operation of these lanes, which tells which there are.
fn exists(text: &str) -> bool {
    super::keystone(text).is_ok()
}

#[test]
fn integers() {
    for op in VecBinary::ALL {
        let exists = |lanes| {
            let [d, n, m] = [1, 2, 3].map(Reg::new);
            exists(&format!(
                "{} {}, {}, {}",
                op.name(),
                v(lanes, d),
                v(lanes, n),
                v(lanes, m)
            ))
        };
        three(op.name(), exists, |lanes, d, n, m| {
            vec_binary(*op, lanes, d, n, m)
        });
    }
    for op in VecUnary::ALL {
        let suffix = if op.is_comparison() { ", #0" } else { "" };
        let name = op.name();
        let exists = |lanes| {
            exists(&format!(
                "{name} {}, {}{suffix}",
                v(lanes, Reg::new(1)),
                v(lanes, Reg::new(2))
            ))
        };
        two(name, suffix, exists, |lanes, d, n| {
            vec_unary(*op, lanes, d, n)
        });
    }
}

#[test]
fn bits() {
    for (op, full) in VecLogic::ALL
        .iter()
        .flat_map(|op| [(*op, true), (*op, false)])
    {
        let lanes = if full { Lanes::B16 } else { Lanes::B8 };
        agree(registers().map(|[d, n, m]| {
            let text = format!(
                "{} {}, {}, {}",
                op.name(),
                v(lanes, d),
                v(lanes, n),
                v(lanes, m)
            );
            (Some(vec_logic(op, full, d, n, m)), text)
        }));
    }
}

#[test]
fn floats() {
    let is_float = |lanes: Lanes| lanes.log2_bytes() >= 2;
    for op in VecFloat::ALL {
        three(op.name(), is_float, |lanes, d, n, m| {
            vec_float(*op, lanes, d, n, m)
        });
    }
    for op in VecFloatUnary::ALL {
        two(op.name(), "", is_float, |lanes, d, n| {
            vec_float_unary(*op, lanes, d, n)
        });
    }
}

#[test]
fn results_out_of_all_lanes() {
    for (op, lanes) in Across::ALL
        .iter()
        .flat_map(|op| Lanes::ALL.map(|lanes| (*op, lanes)))
    {
        if matches!(lanes, Lanes::S2 | Lanes::D2) {
            assert_eq!(across(op, lanes, Reg::new(1), Reg::new(2)), None);
            continue;
        }
        let wider = usize::from(op.name().ends_with("lv"));
        let width = usize::try_from(lanes.log2_bytes()).expect("at most 3");
        let letter = ["b", "h", "s", "d"][width + wider];
        agree(registers().map(|[d, n]| {
            let text = format!("{} {letter}{}, {}", op.name(), d.number(), v(lanes, n));
            (across(op, lanes, d, n), text)
        }));
    }
    agree(registers().map(|[d, n]| {
        (
            Some(add_both(d, n)),
            format!("addp d{}, v{}.2d", d.number(), n.number()),
        )
    }));
}
