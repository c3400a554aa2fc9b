//! Sequences of instructions, each of which writes a new register unless told where to.

use cranelift_codegen::ir::{Value, types};

use super::Ctx;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{Alu, AluImm, Branch, FloatCompare, FloatOp, Format, Shift};
use crate::backend::riscv64::inst::{Condition, Inst, SelectPart};
use crate::backend::riscv64::registers::ZERO;

/// Emits instructions into `ctx`.
pub struct Build<'c, 'f> {
    /// The state of lowering.
    pub ctx: &'c mut Ctx<'f>,
    next: Option<Reg>,
}

impl<'c, 'f> Build<'c, 'f> {
    /// Into `ctx`.
    pub fn new(ctx: &'c mut Ctx<'f>) -> Build<'c, 'f> {
        Build { ctx, next: None }
    }

    /// The next instruction writes to `reg`.
    pub fn to(&mut self, reg: Reg) -> &mut Self {
        debug_assert!(self.next.is_none(), "the last place was not used");
        self.next = Some(reg);
        self
    }

    /// Where the next instruction writes to: an integer register.
    fn int(&mut self) -> Reg {
        self.next
            .take()
            .unwrap_or_else(|| self.ctx.temp_for(types::I64))
    }

    fn of(&mut self, format: Format) -> Reg {
        let ty = if format == Format::S {
            types::F32
        } else {
            types::F64
        };
        self.next.take().unwrap_or_else(|| self.ctx.temp_for(ty))
    }

    /// Emits an instruction.
    pub fn push(&mut self, inst: Inst) {
        self.ctx.isa(inst);
    }

    /// The register of a value; anything is above its type.
    pub fn reg(&mut self, value: Value) -> Reg {
        self.ctx.reg(value)
    }

    /// A new register that nobody knows.
    pub fn lost(&mut self) -> Reg {
        self.ctx.temp_for(types::I64)
    }

    /// `a op b`.
    pub fn alu(&mut self, op: Alu, a: Reg, b: Reg) -> Reg {
        let to = self.int();
        self.push(Inst::Alu { op, to, a, b });
        to
    }

    /// `a op imm`, for what fits into 12 bits.
    pub fn imm(&mut self, op: AluImm, a: Reg, imm: i16) -> Reg {
        let to = self.int();
        self.push(Inst::AluImm { op, to, a, imm });
        to
    }

    /// `a` shifted.
    pub fn shift(&mut self, op: Shift, a: Reg, amount: u32) -> Reg {
        let to = self.int();
        let amount = u8::try_from(amount).expect("less than 64");
        self.push(Inst::Shift { op, to, a, amount });
        to
    }

    /// A constant; zero has a register.
    pub fn value(&mut self, value: i64) -> Reg {
        if value == 0 && self.next.is_none() {
            return ZERO;
        }
        let to = self.int();
        self.push(Inst::Constant { to, value });
        to
    }

    /// `a op b` of floats.
    pub fn float(&mut self, op: FloatOp, format: Format, a: Reg, b: Reg) -> Reg {
        let to = self.of(format);
        self.push(Inst::Float {
            op,
            format,
            to,
            a,
            b,
        });
        to
    }

    /// `a op b`, 1 or 0.
    pub fn float_compare(&mut self, op: FloatCompare, format: Format, a: Reg, b: Reg) -> Reg {
        let to = self.int();
        self.push(Inst::FloatCompare {
            op,
            format,
            to,
            a,
            b,
        });
        to
    }

    /// `condition ? yes : no`, in the registers' class.
    pub fn select(&mut self, condition: Condition, yes: Reg, no: Reg) -> Reg {
        let no = self.ctx.virtual_copy(no);
        let to = self
            .next
            .take()
            .unwrap_or_else(|| self.ctx.temp(no.class()));
        self.push(Inst::Select {
            condition,
            parts: vec![SelectPart { to, yes, no }],
        });
        to
    }

    /// Zeros from bit `bits` upwards.
    pub fn zeros_above(&mut self, a: Reg, bits: u32) -> Reg {
        match bits {
            0..=11 => {
                let mask = i16::try_from((1 << bits) - 1).expect("11 bits fit");
                self.imm(AluImm::Andi, a, mask)
            }
            _ => {
                let next = self.next.take();
                let left = self.shift(Shift::Slli, a, 64 - bits);
                self.next = next;
                self.shift(Shift::Srli, left, 64 - bits)
            }
        }
    }

    /// Copies of bit `bits - 1` from bit `bits` upwards.
    pub fn signs_above(&mut self, a: Reg, bits: u32) -> Reg {
        if bits == 32 {
            return self.imm(AluImm::Addiw, a, 0);
        }
        let next = self.next.take();
        let left = self.shift(Shift::Slli, a, 64 - bits);
        self.next = next;
        self.shift(Shift::Srai, left, 64 - bits)
    }
}

/// `a` is not zero.
pub fn not_zero(a: Reg) -> Condition {
    Condition {
        op: Branch::Ne,
        a,
        b: ZERO,
    }
}
