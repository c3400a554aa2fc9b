//! One operation of the table, with operands from the scope.

use super::super::isas::X86;
use super::super::operations::{Form, OPS, Op};
use super::super::plan::OpPlan;
use super::super::traits::Trait;
use super::super::types::{FLOATS, INT_VECTORS, T, Types, VECTORS};
use super::function::Fun;

const INT_CONDITIONS: [&str; 10] = [
    "eq", "ne", "slt", "sge", "sgt", "sle", "ult", "uge", "ugt", "ule",
];
const FLOAT_CONDITIONS: [&str; 14] = [
    "eq", "ne", "lt", "le", "gt", "ge", "ord", "uno", "one", "ueq", "ult", "ule", "ugt", "uge",
];
const SHUFFLES: [&str; 4] = [
    "0x0f0e0d0c0b0a09080706050403020100",
    "0x000102030405060708090a0b0c0d0e0f",
    "0x1f0f1e0e1d0d1c0c1b0b1a0a19091808",
    "0x13121110030201001716151407060504",
];

/// Classes that make NaNs, which only are the same everywhere when they are canonical.
fn makes_nans(op: &Op) -> bool {
    let bits_only = ["fneg", "fabs", "fcopysign"].contains(&op.name);
    let arithmetic = matches!(
        op.class,
        Trait::OpFloat | Trait::OpFma | Trait::OpFloatRound
    );
    let widths = ["fpromote", "fdemote", "fvpromote_low", "fvdemote"].contains(&op.name);
    (arithmetic && !bits_only) || widths
}

impl Fun<'_> {
    /// Emits the operation, or the next one of the table that the program's targets have.
    pub fn operate(&mut self, plan: &OpPlan) {
        let terms = self.cx.terms;
        let rows = (0..OPS.len()).map(|n| &OPS[(usize::from(plan.op) + n) % OPS.len()]);
        for op in rows {
            let types = op.types_on(terms.isas).and(terms.types);
            // What x86-64 without SSE4.1 or FMA calls a library for is not in the image.
            let rounds = ["ceil", "floor", "trunc", "nearest", "swizzle"].contains(&op.name);
            if types.is_empty()
                || (makes_nans(op) && !terms.arithmetic)
                || (rounds && !terms.rounding)
                || (op.class == Trait::OpFma && terms.isas.meets(X86))
            {
                continue;
            }
            if self.form(op, types.nth(plan.ty), plan.raw) {
                self.note(op.class);
                return;
            }
        }
    }

    /// `false` when an operand has no type in the program.
    pub fn form(&mut self, op: &Op, ty: T, [a, b, c]: [u16; 3]) -> bool {
        let types = self.cx.terms.types;
        let (name, t) = (op.name, ty.name());
        match op.form {
            Form::Unary => {
                let x = self.pick(ty, a);
                self.define(ty, format_args!("{name} v{x}"));
            }
            Form::Binary => {
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                self.define(ty, format_args!("{name} v{x}, v{y}"));
            }
            Form::Ternary => {
                let (x, y, z) = (self.pick(ty, a), self.pick(ty, b), self.pick(ty, c));
                self.define(ty, format_args!("{name} v{x}, v{y}, v{z}"));
            }
            Form::Shift => {
                let (x, (_, amount)) = (self.pick(ty, a), self.pick_word(b));
                self.define(ty, format_args!("{name} v{x}, v{amount}"));
            }
            Form::Divide => {
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                let one = self.hidden(format_args!("iconst.{t} 1"));
                let half = self.hidden(format_args!("ushr v{y}, v{one}"));
                let positive = self.hidden(format_args!("bor v{half}, v{one}"));
                self.define(ty, format_args!("{name} v{x}, v{positive}"));
            }
            Form::IntCompare => {
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                let condition = INT_CONDITIONS[usize::from(c) % INT_CONDITIONS.len()];
                self.define(ty.comparison(), format_args!("icmp {condition} v{x}, v{y}"));
            }
            Form::FloatCompare => {
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                let condition = FLOAT_CONDITIONS[usize::from(c) % FLOAT_CONDITIONS.len()];
                self.define(ty.comparison(), format_args!("fcmp {condition} v{x}, v{y}"));
            }
            Form::Select => {
                let (_, condition) = self.pick_word(c);
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                self.define(ty, format_args!("select v{condition}, v{x}, v{y}"));
            }
            Form::Extend => {
                let below = Types((1 << ty as u16) - 1);
                if below.is_empty() {
                    return false;
                }
                let x = self.pick(below.nth(b), a);
                self.define(ty, format_args!("{name}.{t} v{x}"));
            }
            Form::Reduce => {
                let above = Types(0b1_1110 << ty as u16)
                    .and(super::super::types::INTS)
                    .and(types);
                if above.is_empty() {
                    return false;
                }
                let x = self.pick(above.nth(b), a);
                self.define(ty, format_args!("{name}.{t} v{x}"));
            }
            Form::Concat => {
                let (x, y) = (self.pick(T::I64, a), self.pick(T::I64, b));
                self.define(ty, format_args!("{name} v{x}, v{y}"));
            }
            Form::Split => {
                if !types.has(T::I128) {
                    return false;
                }
                let x = self.pick(T::I128, a);
                self.two_results(ty, ty, format!("isplit v{x}"));
            }
            Form::From(from) => {
                if !types.has(from) {
                    return false;
                }
                let x = self.pick(from, a);
                let suffix = if name.starts_with("fv") {
                    String::new()
                } else {
                    format!(".{t}")
                };
                self.define(ty, format_args!("{name}{suffix} v{x}"));
            }
            Form::FromInt => {
                let from = if VECTORS.has(ty) {
                    ty.comparison()
                } else {
                    [T::I8, T::I16, T::I32, T::I64][usize::from(b % 4)]
                };
                let x = self.pick(from, a);
                self.define(ty, format_args!("{name}.{t} v{x}"));
            }
            Form::ToInt => {
                let from = if ty == T::I32x4 {
                    T::F32x4
                } else {
                    [T::F32, T::F64][usize::from(b % 2)]
                };
                if !types.has(from) {
                    return false;
                }
                let x = self.pick(from, a);
                self.define(ty, format_args!("{name}.{t} v{x}"));
            }
            Form::Bitcast => {
                let same = T::ALL
                    .into_iter()
                    .filter(|from| *from != ty && from.bytes() == ty.bytes() && types.has(*from));
                // A wide integer has no lanes: not all ISAs move it to a vector and back.
                let same: Vec<T> = same
                    .filter(|from| *from != T::I128 && ty != T::I128)
                    .collect();
                let Some(from) = same.get(usize::from(b) % same.len().max(1)) else {
                    return false;
                };
                let order = if from.lanes() == ty.lanes() {
                    ""
                } else {
                    " little"
                };
                let x = self.pick(*from, a);
                self.define(ty, format_args!("bitcast.{t}{order} v{x}"));
            }
            Form::Lane => {
                let x = self.pick(ty.lane(), a);
                self.define(ty, format_args!("{name}.{t} v{x}"));
            }
            Form::InsertLane => {
                let (x, y) = (self.pick(ty, a), self.pick(ty.lane(), b));
                let lane = u32::from(c) % ty.lanes();
                self.define(ty, format_args!("insertlane v{x}, v{y}, {lane}"));
            }
            Form::ExtractLane => {
                let x = self.pick(ty, a);
                let lane = u32::from(c) % ty.lanes();
                self.define(ty.lane(), format_args!("extractlane v{x}, {lane}"));
            }
            Form::Shuffle => {
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                let mask = SHUFFLES[usize::from(c) % SHUFFLES.len()];
                self.define(ty, format_args!("shuffle v{x}, v{y}, {mask}"));
            }
            Form::Truth => {
                let x = self.pick(ty, a);
                self.define(T::I8, format_args!("{name} v{x}"));
            }
            Form::HighBits => {
                let x = self.pick(ty, a);
                self.define(T::I32, format_args!("{name}.i32 v{x}"));
            }
            Form::Narrow | Form::Widen => {
                let step = if op.form == Form::Narrow { 1 } else { -1_i32 };
                let from = T::ALL[usize::try_from(ty as i32 + step).unwrap_or(0)];
                if !INT_VECTORS.has(from) {
                    return false;
                }
                let x = self.pick(from, a);
                if op.form == Form::Narrow {
                    let y = self.pick(from, b);
                    self.define(ty, format_args!("{name} v{x}, v{y}"));
                } else {
                    self.define(ty, format_args!("{name} v{x}"));
                }
            }
            Form::Overflow => {
                let (x, y) = (self.pick(ty, a), self.pick(ty, b));
                self.two_results(ty, T::I8, format!("{name} v{x}, v{y}"));
            }
        }
        true
    }

    fn two_results(&mut self, first: T, second: T, text: String) {
        let (x, y) = (self.fresh(), self.fresh());
        self.line(format_args!("v{x}, v{y} = {text}"));
        self.put(first, x);
        self.put(second, y);
    }

    /// Several values of one type, each made of others, that are live to the end of the scope.
    pub fn pressure(&mut self, count: u8, ty: T, raw: u16) {
        let mut last = self.pick(ty, raw);
        let other = self.pick(ty, raw >> 4);
        for step in 0..count {
            let text = match (FLOATS.has(ty.lane()), self.cx.terms.arithmetic) {
                (true, true) => format!("fadd v{last}, v{other}"),
                (true, false) if step % 2 == 0 => format!("fneg v{last}"),
                (true, false) => format!("fabs v{last}"),
                (false, _) if step % 3 == 2 => format!("isub v{last}, v{other}"),
                (false, _) => format!("iadd v{last}, v{other}"),
            };
            last = self.define(ty, text);
            self.kept.push((ty, last));
        }
    }

    /// A value as an `i64` that depends on all of its bits.
    pub fn as_i64(&mut self, ty: T, value: u32) -> u32 {
        match ty {
            T::I64 => value,
            T::I8 | T::I16 | T::I32 => self.hidden(format_args!("uextend.i64 v{value}")),
            T::I128 => {
                let (low, high) = (self.fresh(), self.fresh());
                self.line(format_args!("v{low}, v{high} = isplit v{value}"));
                self.hidden(format_args!("bxor v{low}, v{high}"))
            }
            T::F32 => {
                let bits = self.hidden(format_args!("bitcast.i32 v{value}"));
                self.hidden(format_args!("uextend.i64 v{bits}"))
            }
            T::F64 => self.hidden(format_args!("bitcast.i64 v{value}")),
            vector => {
                let order = if vector.lanes() == 2 { "" } else { " little" };
                let lanes = if vector == T::I64x2 {
                    value
                } else {
                    self.hidden(format_args!("bitcast.i64x2{order} v{value}"))
                };
                let low = self.hidden(format_args!("extractlane v{lanes}, 0"));
                let high = self.hidden(format_args!("extractlane v{lanes}, 1"));
                let turned = self.hidden(format_args!("rotl v{high}, v{low}"));
                self.hidden(format_args!("bxor v{low}, v{turned}"))
            }
        }
    }

    /// One `i64` out of many values.
    pub fn fold(&mut self, values: &[(T, u32)]) -> Option<u32> {
        let mut total = None;
        for (index, (ty, value)) in values.iter().enumerate() {
            let next = self.as_i64(*ty, *value);
            let how = ["bxor", "iadd", "isub"][index % 3];
            total = Some(match total {
                None => next,
                Some(total) => self.hidden(format_args!("{how} v{total}, v{next}")),
            });
        }
        total
    }
}
