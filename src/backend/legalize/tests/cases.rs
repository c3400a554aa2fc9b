//! The functions under test: each operation of the generator's table for each of its types, in
//! each of its variants, and what else has an expansion.

use std::fmt::Write as _;

use crate::generator::operations::{Form, OPS, Op};
use crate::generator::types::{FLOATS, INT_VECTORS, INTS, T, Types, VECTORS, WORDS};

const INT_CONDITIONS: [&str; 10] = [
    "eq", "ne", "slt", "sge", "sgt", "sle", "ult", "uge", "ugt", "ule",
];
const FLOAT_CONDITIONS: [&str; 14] = [
    "eq", "ne", "lt", "le", "gt", "ge", "ord", "uno", "one", "ueq", "ult", "ule", "ugt", "uge",
];
const SHUFFLES: [&str; 3] = [
    "0x0f0e0d0c0b0a09080706050403020100",
    "0x1f0f1e0e1d0d1c0c1b0b1a0a19091808",
    "0x13121110030201001716151407060504",
];

/// A function: its arguments are `v0` and up, its body defines `v90` and up.
#[derive(Debug)]
pub struct Case {
    /// Types of its arguments.
    pub args: Vec<T>,
    /// Types of its results.
    pub results: Vec<T>,
    /// Its instructions; `return` is added.
    pub body: String,
}

impl Case {
    fn new(args: &[T], results: &[T], text: impl Into<String>) -> Case {
        let names: Vec<String> = (90..)
            .take(results.len())
            .map(|n| format!("v{n}"))
            .collect();
        let mut body = text.into();
        if !body.contains('\n') {
            body = format!("{} = {body}", names.join(", "));
        }
        Case {
            args: args.to_vec(),
            results: results.to_vec(),
            body,
        }
    }

    /// As CLIF.
    pub fn function(&self, name: &str) -> String {
        let list = |types: &[T]| {
            types
                .iter()
                .map(|t| t.name())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let mut text = format!(
            "function {name}({}) -> {} system_v {{\nss0 = explicit_slot 32\nblock0(",
            list(&self.args),
            list(&self.results)
        );
        for (number, arg) in self.args.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}v{number}: {}", arg.name());
        }
        let _ = writeln!(text, "):\n{}", self.body);
        let names: Vec<String> = (90..)
            .take(self.results.len())
            .map(|n| format!("v{n}"))
            .collect();
        let _ = writeln!(text, "return {}\n}}", names.join(", "));
        text
    }
}

fn members(types: Types) -> impl Iterator<Item = T> {
    T::ALL.into_iter().filter(move |&t| types.has(t))
}

/// The generator's table.
pub fn generated() -> Vec<Case> {
    let mut cases = Vec::new();
    for op in OPS {
        for ty in members(op.types) {
            of(op, ty, &mut cases);
        }
    }
    cases
}

fn of(op: &Op, ty: T, cases: &mut Vec<Case>) {
    let (name, t) = (op.name, ty.name());
    let mut add = |args: &[T], results: &[T], text: String| {
        cases.push(Case::new(args, results, text));
    };
    match op.form {
        Form::Unary => add(&[ty], &[ty], format!("{name} v0")),
        Form::Binary | Form::Divide => add(&[ty; 2], &[ty], format!("{name} v0, v1")),
        Form::Ternary => add(&[ty; 3], &[ty], format!("{name} v0, v1, v2")),
        Form::Shift => {
            for amount in members(INTS) {
                add(&[ty, amount], &[ty], format!("{name} v0, v1"));
            }
        }
        Form::IntCompare => {
            for condition in INT_CONDITIONS {
                let text = format!("icmp {condition} v0, v1");
                add(&[ty; 2], &[ty.comparison()], text);
            }
        }
        Form::FloatCompare => {
            for condition in FLOAT_CONDITIONS {
                let text = format!("fcmp {condition} v0, v1");
                add(&[ty; 2], &[ty.comparison()], text);
            }
        }
        Form::Select => {
            for condition in members(INTS) {
                add(&[condition, ty, ty], &[ty], "select v0, v1, v2".to_owned());
            }
        }
        Form::Extend => {
            for from in members(Types((1 << ty as u16) - 1)) {
                add(&[from], &[ty], format!("{name}.{t} v0"));
            }
        }
        Form::Reduce => {
            for from in members(Types(0b1_1110 << ty as u16).and(INTS)) {
                add(&[from], &[ty], format!("{name}.{t} v0"));
            }
        }
        Form::Concat => add(&[T::I64; 2], &[ty], format!("{name} v0, v1")),
        Form::Split => add(&[T::I128], &[ty; 2], "isplit v0".to_owned()),
        Form::From(from) => {
            let suffix = if name.starts_with("fv") {
                String::new()
            } else {
                format!(".{t}")
            };
            add(&[from], &[ty], format!("{name}{suffix} v0"));
        }
        Form::FromInt if VECTORS.has(ty) => {
            add(&[ty.comparison()], &[ty], format!("{name}.{t} v0"));
        }
        Form::FromInt => {
            for from in members(WORDS) {
                add(&[from], &[ty], format!("{name}.{t} v0"));
            }
        }
        Form::ToInt if ty == T::I32x4 => add(&[T::F32x4], &[ty], format!("{name}.{t} v0")),
        Form::ToInt => {
            for from in members(FLOATS) {
                add(&[from], &[ty], format!("{name}.{t} v0"));
            }
        }
        Form::Bitcast => {
            for from in T::ALL {
                if from != ty && from.bytes() == ty.bytes() {
                    for order in ["little", "big"] {
                        add(&[from], &[ty], format!("bitcast.{t} {order} v0"));
                    }
                }
            }
        }
        Form::Lane => add(&[ty.lane()], &[ty], format!("{name}.{t} v0")),
        Form::InsertLane => {
            let last = ty.lanes() - 1;
            add(&[ty, ty.lane()], &[ty], format!("{name} v0, v1, {last}"));
        }
        Form::ExtractLane => {
            let last = ty.lanes() - 1;
            add(&[ty], &[ty.lane()], format!("{name} v0, {last}"));
        }
        Form::Shuffle => {
            for mask in SHUFFLES {
                add(&[ty; 2], &[ty], format!("{name} v0, v1, {mask}"));
            }
        }
        Form::Truth => add(&[ty], &[T::I8], format!("{name} v0")),
        Form::HighBits => {
            for to in [T::I16, T::I32, T::I64] {
                add(&[ty], &[to], format!("{name}.{} v0", to.name()));
            }
        }
        Form::Narrow => {
            let from = T::ALL[ty as usize + 1];
            add(&[from; 2], &[ty], format!("{name} v0, v1"));
        }
        Form::Widen => {
            let from = T::ALL[ty as usize - 1];
            add(&[from], &[ty], format!("{name} v0"));
        }
        Form::Overflow => add(&[ty; 2], &[ty, T::I8], format!("{name} v0, v1")),
    }
}

/// What the table has not.
pub fn others() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |args: &[T], results: &[T], text: String| {
        cases.push(Case::new(args, results, text));
    };
    for from in members(FLOATS) {
        for to in members(WORDS) {
            for name in ["fcvt_to_sint", "fcvt_to_uint"] {
                add(&[from], &[to], format!("{name}.{} v0", to.name()));
            }
        }
    }
    for ty in members(FLOATS) {
        for name in ["band", "bor", "bxor"] {
            add(&[ty; 2], &[ty], format!("{name} v0, v1"));
        }
        add(&[ty], &[ty], "bnot v0".to_owned());
        add(&[ty; 3], &[ty], "bitselect v0, v1, v2".to_owned());
    }
    for ty in [T::I32, T::I64] {
        add(
            &[ty; 2],
            &[ty],
            "uadd_overflow_trap v0, v1, user3".to_owned(),
        );
    }
    for ty in members(INTS) {
        let text = "select_spectre_guard v0, v1, v2";
        add(&[T::I8, ty, ty], &[ty], text.to_owned());
        for to in members(INTS) {
            add(&[ty], &[to], format!("bmask.{} v0", to.name()));
        }
        for trap in ["trapz", "trapnz"] {
            let text = format!("\n{trap} v0, user7\nv90 = iconst.i8 3");
            add(&[ty], &[T::I8], text);
        }
        let text = "\nv1 = iconst.i8 3\nv2 = iconst.i8 4\nbrif v0, block1(v1), block1(v2)\n\
                    block1(v90: i8):";
        add(&[ty], &[T::I8], text.to_owned());
    }
    for ty in members(INT_VECTORS).chain([T::F32x4, T::F64x2]) {
        add(&[ty; 3], &[ty], "bitselect v0, v1, v2".to_owned());
    }
    for ty in members(INT_VECTORS) {
        // Only of bytes in the table.
        add(
            &[ty; 2],
            &[T::I8],
            "\nv5 = bxor v0, v1\nv90 = vall_true v5".to_owned(),
        );
    }
    let through_memory = "\nv1 = stack_addr.i64 ss0\nstore ORDER v0, v1+8\n\
                          v2 = load.i64 ORDER v1+16\nv90 = load.TY ORDER v1+8\n\
                          v91 = ireduce.i32 v2";
    for order in ["little", "big", ""] {
        let text = through_memory.replace("ORDER", order).replace("TY", "i128");
        // What byte order a load without one has is the ISA's, which the interpreter takes to
        // be little-endian.
        if !order.is_empty() {
            add(&[T::I128], &[T::I128, T::I32], text);
        }
    }
    add(&[T::I16x8; 2], &[T::I8x16], "uunarrow v0, v1".to_owned());
    cases
}
