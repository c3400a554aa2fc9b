//! Atomic operations. Aligned loads and stores of up to 64 bits are atomic by themselves (PoP,
//! "Block-Concurrent Storage References"); what changes memory is a loop around COMPARE AND SWAP.

use cranelift_codegen::ir::{Endianness, Inst as ClifInst, InstructionData, MemFlags, Opcode};

use regalloc2::RegClass;

use super::constant::extended;
use super::{Ctx, memory};
use crate::backend::s390x::inst::Inst;
use crate::backend::s390x::narrow_atomic::{Narrow, is_signed};

/// Lowers one.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> bool {
    let reversed = |ctx: &Ctx<'_>, flags: MemFlags| {
        ctx.function.dfg.mem_flags[flags].endianness(Endianness::Big) == Endianness::Little
    };
    match ctx.function.dfg.insts[inst] {
        InstructionData::LoadNoOffset {
            opcode: Opcode::AtomicLoad,
            arg,
            flags,
        } => {
            let ty = ctx.ty(ctx.function.dfg.first_result(inst));
            let Some(access) = memory::load_access(ty, reversed(ctx, flags)) else {
                return false;
            };
            let trap = ctx.function.dfg.mem_flags[flags].trap_code();
            let to = ctx.result(inst, 0);
            let address = memory::address(ctx, arg, 0);
            ctx.isa(Inst::Load {
                access,
                to,
                address,
                trap,
            });
        }
        InstructionData::StoreNoOffset {
            opcode: Opcode::AtomicStore,
            args,
            flags,
        } => {
            let Some(access) = memory::store_access(ctx.ty(args[0]), reversed(ctx, flags)) else {
                return false;
            };
            let trap = ctx.function.dfg.mem_flags[flags].trap_code();
            let from = ctx.reg(args[0]);
            let address = memory::address(ctx, args[1], 0);
            ctx.isa(Inst::Store {
                access,
                from,
                address,
                trap,
            });
            ctx.isa(Inst::Fence);
        }
        InstructionData::AtomicCas { args, flags, .. } => {
            let ty = ctx.ty(args[1]);
            let bits = u8::try_from(ty.bits()).expect("at most 64");
            let trap = ctx.function.dfg.mem_flags[flags].trap_code();
            let (to, reversed) = (ctx.result(inst, 0), reversed(ctx, flags));
            let mut args = args.map(|value| ctx.reg(value));
            if bits >= 32 {
                ctx.isa(Inst::CompareAndSwap {
                    bits,
                    reversed,
                    to,
                    args,
                    trap,
                });
                return true;
            }
            args[1] = extended(ctx, args[1], ty, false);
            let scratch = [(); 5].map(|()| ctx.temp(RegClass::Int));
            let narrow = Narrow {
                op: None,
                bits,
                reversed,
                args,
                scratch,
                trap,
            };
            ctx.isa(Inst::Narrow { narrow, to });
        }
        InstructionData::AtomicRmw {
            args, flags, op, ..
        } => {
            let ty = ctx.ty(args[1]);
            let bits = u8::try_from(ty.bits()).expect("at most 64");
            let trap = ctx.function.dfg.mem_flags[flags].trap_code();
            let (to, reversed) = (ctx.result(inst, 0), reversed(ctx, flags));
            let [address, operand] = args.map(|value| ctx.reg(value));
            if bits >= 32 {
                let args = [address, operand];
                ctx.isa(Inst::ReadModifyWrite {
                    op,
                    bits,
                    reversed,
                    to,
                    args,
                    trap,
                });
                return true;
            }
            let operand = extended(ctx, operand, ty, is_signed(Some(op)));
            let scratch = [(); 5].map(|()| ctx.temp(RegClass::Int));
            let args = [address, operand, operand];
            let narrow = Narrow {
                op: Some(op),
                bits,
                reversed,
                args,
                scratch,
                trap,
            };
            ctx.isa(Inst::Narrow { narrow, to });
        }
        _ => return false,
    }
    true
}
