//! Vectors of 128 bits, lane by lane.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};

use super::super::encode::{
    Lanes, LogicImm, MulLong, Narrow, Size, VecBinary, VecFloat, VecFloatUnary, VecLogic, VecShift,
    VecUnary, Widen, mul_long, narrow, vec_binary, vec_float, widen,
};
use super::super::inst::{EMPTY, Word, word};
use super::{Ctx, Lowered, lanes_of, words};
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

fn binary(opcode: Opcode) -> Option<VecBinary> {
    Some(match opcode {
        Opcode::Iadd => VecBinary::ADD,
        Opcode::Isub => VecBinary::SUB,
        Opcode::Imul => VecBinary::MUL,
        Opcode::Smin => VecBinary::SMIN,
        Opcode::Smax => VecBinary::SMAX,
        Opcode::Umin => VecBinary::UMIN,
        Opcode::Umax => VecBinary::UMAX,
        Opcode::UaddSat => VecBinary::UQADD,
        Opcode::SaddSat => VecBinary::SQADD,
        Opcode::UsubSat => VecBinary::UQSUB,
        Opcode::SsubSat => VecBinary::SQSUB,
        Opcode::AvgRound => VecBinary::URHADD,
        Opcode::IaddPairwise => VecBinary::ADDP,
        Opcode::SqmulRoundSat => VecBinary::SQRDMULH,
        _ => return None,
    })
}

fn logic(opcode: Opcode) -> Option<VecLogic> {
    Some(match opcode {
        Opcode::Band => VecLogic::AND,
        Opcode::Bor => VecLogic::ORR,
        Opcode::Bxor => VecLogic::EOR,
        _ => return None,
    })
}

fn float(opcode: Opcode) -> Option<VecFloat> {
    Some(match opcode {
        Opcode::Fadd => VecFloat::FADD,
        Opcode::Fsub => VecFloat::FSUB,
        Opcode::Fmul => VecFloat::FMUL,
        Opcode::Fdiv => VecFloat::FDIV,
        Opcode::Fmin => VecFloat::FMIN,
        Opcode::Fmax => VecFloat::FMAX,
        _ => return None,
    })
}

fn float_unary(opcode: Opcode) -> Option<VecFloatUnary> {
    Some(match opcode {
        Opcode::Sqrt => VecFloatUnary::FSQRT,
        Opcode::Fneg => VecFloatUnary::FNEG,
        Opcode::Fabs => VecFloatUnary::FABS,
        Opcode::Ceil => VecFloatUnary::FRINTP,
        Opcode::Floor => VecFloatUnary::FRINTM,
        Opcode::Trunc => VecFloatUnary::FRINTZ,
        Opcode::Nearest => VecFloatUnary::FRINTN,
        Opcode::FcvtFromSint => VecFloatUnary::SCVTF,
        Opcode::FcvtFromUint => VecFloatUnary::UCVTF,
        Opcode::FcvtToSintSat => VecFloatUnary::FCVTZS,
        Opcode::FcvtToUintSat => VecFloatUnary::FCVTZU,
        _ => return None,
    })
}

fn unary(opcode: Opcode) -> Option<VecUnary> {
    Some(match opcode {
        Opcode::Ineg => VecUnary::NEG,
        Opcode::Iabs => VecUnary::ABS,
        Opcode::Popcnt => VecUnary::CNT,
        _ => return None,
    })
}

impl Ctx<'_> {
    /// Products of lanes of 64 bits, which no instruction makes: the low halves' product, and
    /// the sum of the mixed ones above it.
    fn multiply_doubles(&mut self, to: Reg, a: Reg, b: Reg) {
        let swapped = words::vec_unary(VecUnary::REV64, Lanes::S4, b).expect("words");
        let swapped = self.vec_of(swapped);
        let mixed = words::vec_binary(VecBinary::MUL, Lanes::S4, swapped, a).expect("words");
        let mixed = self.vec_of(mixed);
        let sums = words::vec_binary(VecBinary::ADDP, Lanes::S4, mixed, mixed).expect("words");
        let sums = self.vec_of(sums);
        let wide = self.vec_of(words::fits(widen(Widen::UXTL, 2, EMPTY, EMPTY)).n(sums));
        let above = self.vec_of(words::vec_shift(VecShift::SHL, Lanes::D2, wide, 32));
        let low = |from| words::fits(narrow(Narrow::XTN, 2, EMPTY, EMPTY)).n(from);
        let (a, b) = (self.vec_of(low(a)), self.vec_of(low(b)));
        let form = words::fits(mul_long(MulLong::UMLAL, 2, EMPTY, EMPTY, EMPTY));
        self.put_plain(form.n(a).m(b).over(to, above));
    }

    /// The smaller or larger lanes of 64 bits, chosen by a comparison.
    fn choose_doubles(&mut self, to: Reg, opcode: Opcode, a: Reg, b: Reg) {
        let (op, first, second) = match opcode {
            Opcode::Smax => (VecBinary::CMGT, a, b),
            Opcode::Smin => (VecBinary::CMGT, b, a),
            Opcode::Umax => (VecBinary::CMHI, a, b),
            _ => (VecBinary::CMHI, b, a),
        };
        let mask = words::vec_binary(op, Lanes::D2, first, second).expect("all lanes compare");
        let mask = self.vec_of(mask);
        self.put_plain(words::vec_logic(VecLogic::BSL, a, b).over(to, mask));
    }

    /// Lanes shifted by one amount, modulo their width.
    fn shift_lanes(&mut self, to: Reg, opcode: Opcode, lanes: Lanes, [value, amount]: [Value; 2]) {
        let n = self.reg(value);
        let bits = 8u32 << lanes.log2_bytes();
        if let Some(amount) = self.constant(amount) {
            let amount = u32::try_from(amount % u64::from(bits)).expect("below 64");
            let op = match opcode {
                Opcode::Ishl => VecShift::SHL,
                Opcode::Ushr => VecShift::USHR,
                _ => VecShift::SSHR,
            };
            if amount == 0 {
                return self.emit(Op::Move { to, from: n });
            }
            return self.put(to, words::vec_shift(op, lanes, n, amount));
        }
        let amount = match self.ty(amount) {
            types::I128 => self.pair(amount).0,
            _ => self.reg(amount),
        };
        let mask = words::logic_imm(LogicImm::AND, Size::W, amount, u64::from(bits) - 1);
        let amount = self.int_of(mask.expect("a run of ones"));
        // A shift to the right is one to the left by less than nothing.
        let amount = match opcode {
            Opcode::Ishl => amount,
            _ => self.int_of(words::neg(Size::X, amount)),
        };
        let amounts = self.vec_of(words::splat(lanes, amount));
        let op = if opcode == Opcode::Ushr {
            VecBinary::USHL
        } else {
            VecBinary::SSHL
        };
        self.put(
            to,
            words::vec_binary(op, lanes, n, amounts).expect("all lanes shift"),
        );
    }

    fn compare_lanes(&mut self, to: Reg, cc: IntCC, lanes: Lanes, a: Reg, b: Reg) {
        let (op, n, m) = match cc {
            IntCC::Equal | IntCC::NotEqual => (VecBinary::CMEQ, a, b),
            IntCC::SignedGreaterThan => (VecBinary::CMGT, a, b),
            IntCC::SignedGreaterThanOrEqual => (VecBinary::CMGE, a, b),
            IntCC::SignedLessThan => (VecBinary::CMGT, b, a),
            IntCC::SignedLessThanOrEqual => (VecBinary::CMGE, b, a),
            IntCC::UnsignedGreaterThan => (VecBinary::CMHI, a, b),
            IntCC::UnsignedGreaterThanOrEqual => (VecBinary::CMHS, a, b),
            IntCC::UnsignedLessThan => (VecBinary::CMHI, b, a),
            IntCC::UnsignedLessThanOrEqual => (VecBinary::CMHS, b, a),
        };
        let form = words::fits(vec_binary(op, lanes, EMPTY, EMPTY, EMPTY))
            .n(n)
            .m(m);
        self.put_inverted(to, form, cc == IntCC::NotEqual);
    }

    /// Emits a word, and all its bits inverted if asked.
    fn put_inverted(&mut self, to: Reg, form: Word, inverted: bool) {
        if !inverted {
            return self.put(to, form);
        }
        let mask = self.vec_of(form);
        self.put(to, not(mask));
    }

    fn compare_float_lanes(&mut self, to: Reg, cc: FloatCC, lanes: Lanes, a: Reg, b: Reg) {
        let form = |op, n, m| {
            words::fits(vec_float(op, lanes, EMPTY, EMPTY, EMPTY))
                .n(n)
                .m(m)
        };
        let (eq, gt, ge) = (VecFloat::FCMEQ, VecFloat::FCMGT, VecFloat::FCMGE);
        let (word, inverted) = match cc {
            FloatCC::Equal => (form(eq, a, b), false),
            FloatCC::NotEqual => (form(eq, a, b), true),
            FloatCC::GreaterThan => (form(gt, a, b), false),
            FloatCC::GreaterThanOrEqual => (form(ge, a, b), false),
            FloatCC::LessThan => (form(gt, b, a), false),
            FloatCC::LessThanOrEqual => (form(ge, b, a), false),
            FloatCC::UnorderedOrGreaterThan => (form(ge, b, a), true),
            FloatCC::UnorderedOrGreaterThanOrEqual => (form(gt, b, a), true),
            FloatCC::UnorderedOrLessThan => (form(ge, a, b), true),
            FloatCC::UnorderedOrLessThanOrEqual => (form(gt, a, b), true),
            FloatCC::Ordered | FloatCC::Unordered => {
                // A lane equals itself unless it is a NaN.
                let first = self.vec_of(form(eq, a, a));
                let second = self.vec_of(form(eq, b, b));
                let both = words::vec_logic(VecLogic::AND, first, second);
                (both, cc == FloatCC::Unordered)
            }
            FloatCC::OrderedNotEqual | FloatCC::UnorderedOrEqual => {
                let first = self.vec_of(form(gt, a, b));
                let second = self.vec_of(form(gt, b, a));
                let either = words::vec_logic(VecLogic::ORR, first, second);
                (either, cc == FloatCC::UnorderedOrEqual)
            }
        };
        self.put_inverted(to, word, inverted);
    }

    fn binary_lanes(
        &mut self,
        to: Reg,
        opcode: Opcode,
        (lanes, doubles): (Lanes, bool),
        args: [Value; 2],
    ) -> Lowered {
        use Opcode as O;
        if matches!(opcode, O::Ishl | O::Ushr | O::Sshr) {
            self.shift_lanes(to, opcode, lanes, args);
            return Ok(true);
        }
        let chosen = matches!(opcode, O::Smin | O::Smax | O::Umin | O::Umax);
        if doubles && (chosen || opcode == O::Imul) {
            let (a, b) = (self.reg(args[0]), self.reg(args[1]));
            match chosen {
                true => self.choose_doubles(to, opcode, a, b),
                false => self.multiply_doubles(to, a, b),
            }
            return Ok(true);
        }
        if logic(opcode).is_none() && float(opcode).is_none() && binary(opcode).is_none() {
            return Ok(false);
        }
        let (n, m) = (self.reg(args[0]), self.reg(args[1]));
        let form = match (logic(opcode), float(opcode), binary(opcode)) {
            (Some(op), ..) => Some(words::vec_logic(op, n, m)),
            (_, Some(op), _) => words::vec_float(op, lanes, n, m),
            (.., Some(op)) => words::vec_binary(op, lanes, n, m),
            _ => None,
        };
        let Some(form) = form else {
            return Ok(false);
        };
        self.put(to, form);
        Ok(true)
    }
}

/// All bits inverted.
fn not(n: Reg) -> Word {
    words::vec_unary(VecUnary::MVN, Lanes::B16, n).expect("bytes are inverted")
}

/// Lowers operations lane by lane.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let data = ctx.function.dfg.insts[inst];
    let Some(&result) = ctx.function.dfg.inst_results(inst).first() else {
        return Ok(false);
    };
    let ty = ctx.ty(result);
    let Some(lanes) = lanes_of(ty) else {
        return Ok(false);
    };
    let to = ctx.result(inst, 0);
    let doubles = lanes == Lanes::D2;
    match data {
        InstructionData::Binary { opcode, args } => {
            return ctx.binary_lanes(to, opcode, (lanes, doubles), args);
        }
        InstructionData::IntCompare { args, cond, .. } => {
            let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
            ctx.compare_lanes(to, cond, lanes, a, b);
        }
        InstructionData::FloatCompare { args, cond, .. } => {
            let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
            ctx.compare_float_lanes(to, cond, lanes, a, b);
        }
        InstructionData::Unary {
            opcode: Opcode::Bnot,
            arg,
        } => {
            let n = ctx.reg(arg);
            ctx.put(to, not(n));
        }
        InstructionData::Unary { opcode, arg } => {
            if unary(opcode).is_none() && float_unary(opcode).is_none() {
                return Ok(false);
            }
            // Conversions between lanes of the same width only.
            if ctx.ty(arg).lane_bits() != ty.lane_bits() {
                return Ok(false);
            }
            let n = ctx.reg(arg);
            let form = match (unary(opcode), float_unary(opcode)) {
                (Some(op), _) => words::vec_unary(op, lanes, n),
                (_, Some(op)) => words::vec_float_unary(op, lanes, n),
                _ => None,
            };
            let Some(form) = form else {
                return Ok(false);
            };
            ctx.put(to, form);
        }
        InstructionData::Ternary {
            opcode: Opcode::Bitselect,
            args,
        } => {
            let [mask, a, b] = args;
            let (mask, a, b) = (ctx.vreg(mask), ctx.reg(a), ctx.reg(b));
            ctx.put_plain(words::vec_logic(VecLogic::BSL, a, b).over(to, mask));
        }
        InstructionData::Ternary {
            opcode: Opcode::Fma,
            args,
        } => {
            let [n, m, sum] = args;
            let (n, m, sum) = (ctx.reg(n), ctx.reg(m), ctx.vreg(sum));
            let form = word(
                vec_float(VecFloat::FMLA, lanes, EMPTY, EMPTY, EMPTY).expect("lanes of floats"),
            );
            ctx.put_plain(form.n(n).m(m).over(to, sum));
        }
        _ => return Ok(false),
    }
    Ok(true)
}
