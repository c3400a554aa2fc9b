//! From CLIF to Pulley's instructions.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, MemFlags, Opcode, Type, types};

use super::Pulley;
use super::encode::{Put, PutMemory, binary, f, memory, unary, v, x};
use super::inst::{Base, Inst};
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use pulley_interpreter::encode;

type Ctx<'a> = Lower<'a, Pulley>;

fn plain(put: Put, regs: Vec<Reg>, defs: usize) -> Inst {
    Inst::Plain {
        put,
        regs,
        defs,
        imm: 0,
        trap: None,
    }
}

/// The encoder of `inst` for three registers of one class.
fn binary_encoder(opcode: Opcode, ty: Type) -> Option<Put> {
    let narrow = ty.bits() <= 32;
    Some(match (opcode, narrow) {
        (Opcode::Iadd, true) => binary!(xadd32, x),
        (Opcode::Iadd, false) => binary!(xadd64, x),
        (Opcode::Isub, true) => binary!(xsub32, x),
        (Opcode::Isub, false) => binary!(xsub64, x),
        (Opcode::Imul, true) => binary!(xmul32, x),
        (Opcode::Imul, false) => binary!(xmul64, x),
        (Opcode::Band, _) => binary!(xband64, x),
        (Opcode::Bor, _) => binary!(xbor64, x),
        (Opcode::Bxor, _) => binary!(xbxor64, x),
        _ => return None,
    })
}

/// The encoders that load and store a type in the byte order of `big`.
pub fn memory_encoders(ty: Type, big: bool) -> Option<(PutMemory, PutMemory)> {
    Some(match (ty, big) {
        (types::I8, _) => (
            memory!(load xload8_u32_o32, x),
            memory!(store xstore8_o32, x),
        ),
        (types::I16, false) => (
            memory!(load xload16le_u32_o32, x),
            memory!(store xstore16le_o32, x),
        ),
        (types::I16, true) => (
            memory!(load xload16be_u32_o32, x),
            memory!(store xstore16be_o32, x),
        ),
        (types::I32, false) => (
            memory!(load xload32le_o32, x),
            memory!(store xstore32le_o32, x),
        ),
        (types::I32, true) => (
            memory!(load xload32be_o32, x),
            memory!(store xstore32be_o32, x),
        ),
        (types::I64, false) => (
            memory!(load xload64le_o32, x),
            memory!(store xstore64le_o32, x),
        ),
        (types::I64, true) => (
            memory!(load xload64be_o32, x),
            memory!(store xstore64be_o32, x),
        ),
        (types::F32, false) => (
            memory!(load fload32le_o32, f),
            memory!(store fstore32le_o32, f),
        ),
        (types::F32, true) => (
            memory!(load fload32be_o32, f),
            memory!(store fstore32be_o32, f),
        ),
        (types::F64, false) => (
            memory!(load fload64le_o32, f),
            memory!(store fstore64le_o32, f),
        ),
        (types::F64, true) => (
            memory!(load fload64be_o32, f),
            memory!(store fstore64be_o32, f),
        ),
        (ty, _) if ty.is_vector() && ty.bits() == 128 => (
            memory!(load vload128le_o32, v),
            memory!(store vstore128le_o32, v),
        ),
        _ => return None,
    })
}

impl Pulley {
    fn is_big(&self, ctx: &Ctx<'_>, flags: MemFlags) -> bool {
        let flags = ctx.function.dfg.mem_flags[flags];
        let native = if self.isa().is_big_endian() {
            cranelift_codegen::ir::Endianness::Big
        } else {
            cranelift_codegen::ir::Endianness::Little
        };
        flags.endianness(native) == cranelift_codegen::ir::Endianness::Big
    }

    pub(super) fn lower_inst(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let data = ctx.function.dfg.insts[inst];
        let opcode = data.opcode();
        let uncovered = || {
            let ty = ctx.function.dfg.ctrl_typevar(inst);
            Refusal::uncovered(format!("{opcode}.{ty}"))
        };
        match data {
            InstructionData::Binary { args, .. } => {
                let put = binary_encoder(opcode, ctx.ty(args[0])).ok_or_else(uncovered)?;
                let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
                let to = ctx.result(inst, 0);
                ctx.isa(plain(put, vec![to, a, b], 1));
            }
            InstructionData::IntCompare { args, cond, .. } => {
                let ty = ctx.ty(args[0]);
                let put = compare(ty, cond).ok_or_else(uncovered)?;
                let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
                let to = ctx.result(inst, 0);
                ctx.isa(plain(put, vec![to, a, b], 1));
            }
            InstructionData::Load {
                opcode: Opcode::Load,
                arg,
                flags,
                offset,
            } => {
                let ty = ctx.function.dfg.ctrl_typevar(inst);
                let (put, _) =
                    memory_encoders(ty, self.is_big(ctx, flags)).ok_or_else(uncovered)?;
                let trap = ctx.function.dfg.mem_flags[flags].trap_code();
                let to = ctx.result(inst, 0);
                let base = self.address(ctx, arg);
                ctx.isa(Inst::Load {
                    put,
                    to,
                    base,
                    offset: offset.into(),
                    trap,
                });
            }
            InstructionData::Store {
                opcode: Opcode::Store,
                args,
                flags,
                offset,
            } => {
                let ty = ctx.ty(args[0]);
                let (_, put) =
                    memory_encoders(ty, self.is_big(ctx, flags)).ok_or_else(uncovered)?;
                let trap = ctx.function.dfg.mem_flags[flags].trap_code();
                let from = ctx.reg(args[0]);
                let base = self.address(ctx, args[1]);
                ctx.isa(Inst::Store {
                    put,
                    from,
                    base,
                    offset: offset.into(),
                    trap,
                });
            }
            InstructionData::UnaryGlobalValue {
                opcode: Opcode::SymbolValue,
                global_value,
            } => {
                use cranelift_codegen::ir::GlobalValueData;
                let GlobalValueData::Symbol {
                    name,
                    offset,
                    colocated,
                    ..
                } = &ctx.function.global_values[global_value]
                else {
                    return Err(uncovered());
                };
                let to = ctx.result(inst, 0);
                let (name, addend, near) = (name.clone(), i64::from(*offset), *colocated);
                ctx.isa(Inst::Address {
                    to,
                    name,
                    addend,
                    near,
                });
            }
            InstructionData::FuncAddr { func_ref, .. } => {
                let data = &ctx.function.dfg.ext_funcs[func_ref];
                let (name, near) = (data.name.clone(), data.colocated);
                let to = ctx.result(inst, 0);
                ctx.isa(Inst::Address {
                    to,
                    name,
                    addend: 0,
                    near,
                });
            }
            InstructionData::Trap { code, .. } => ctx.isa(Inst::Trap(code)),
            _ => return Err(uncovered()),
        }
        Ok(())
    }

    fn address(&self, ctx: &mut Ctx<'_>, value: cranelift_codegen::ir::Value) -> Base {
        match ctx.frame_place(value) {
            Some(place) => Base::Frame(place),
            None => Base::Reg(ctx.reg(value)),
        }
    }

    pub(super) fn branch(
        &self,
        ctx: &mut Ctx<'_>,
        inst: ClifInst,
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        let data = ctx.function.dfg.insts[inst];
        match data {
            InstructionData::Brif { arg, .. } => {
                let ty = ctx.ty(arg);
                if ty != types::I32 && ty != types::I8 {
                    return Err(Refusal::uncovered(format!("brif.{ty}")));
                }
                let reg = ctx.reg(arg);
                let condition = self.extended(ctx, reg, ty);
                ctx.isa(Inst::Branch {
                    put: |bytes, regs, to| encode::br_if32(bytes, x(regs[0]), distance(to)),
                    inverse: |bytes, regs, to| encode::br_if_not32(bytes, x(regs[0]), distance(to)),
                    regs: vec![condition],
                    then: targets[0],
                    other: targets[1],
                });
                Ok(())
            }
            _ => Err(Refusal::uncovered(data.opcode().to_string())),
        }
    }

    /// The register with zeros above a narrow type, up to 32 bits.
    fn extended(&self, ctx: &mut Ctx<'_>, from: Reg, ty: Type) -> Reg {
        let put = match ty {
            types::I8 => unary!(zext8, x, x),
            types::I16 => unary!(zext16, x, x),
            _ => return from,
        };
        let to = ctx.temp_for(types::I64);
        ctx.isa(plain(put, vec![to, from], 1));
        to
    }
}

fn distance(to: i128) -> i32 {
    i32::try_from(to).expect("code stays below 1 GiB")
}

fn compare(ty: Type, cond: cranelift_codegen::ir::condcodes::IntCC) -> Option<Put> {
    use cranelift_codegen::ir::condcodes::IntCC;
    Some(match (ty, cond) {
        (types::I64, IntCC::Equal) => binary!(xeq64, x),
        (types::I64, IntCC::UnsignedLessThan) => binary!(xult64, x),
        (types::I64, IntCC::SignedLessThan) => binary!(xslt64, x),
        _ => return None,
    })
}
