//! `try_call`: a call that ends its block and comes back in one of several places.
//!
//! An unwinder goes on at a handler with the stack pointer and the frame pointer as they are
//! between prologue and epilogue, the exception's payload in two registers, and junk in all
//! others. So the call loses every register, whatever its callee's convention keeps, and values
//! that live on are in the frame. Results and payload may share registers: only one of them
//! comes.
//!
//! Each edge has a block of its own ([`crate::backend::order`]). What only the call gives is
//! brought there to where the edge's target wants it, so that nothing needs to happen between the
//! call and the jump behind it.

use cranelift_codegen::ir::{
    BlockArg, ExceptionTableItem, Inst, InstructionData, Opcode, Signature, types,
};
use regalloc2::{PReg, PRegSet, RegClass};

use super::calls::{area_of, type_in_memory};
use super::{Lower, Placed};
use crate::backend::arch::Arch;
use crate::backend::call::{CallLayout, Fill, FrameRef, Location, Part, Place, Targets};
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

/// What a `try_call` gives, before it is brought anywhere.
#[derive(Clone, Debug)]
pub(super) struct Given {
    layout: CallLayout,
    /// Where the area for results lies in the outgoing arguments.
    area_at: u32,
    /// By result, the registers of its parts; none of a part in the area.
    results: Vec<Vec<Option<Reg>>>,
    payload: Vec<Reg>,
    /// All of these registers with the real ones.
    defs: Vec<(Reg, PReg)>,
}

/// Whether an instruction may come back elsewhere than behind itself.
pub fn is_try(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::TryCall | Opcode::TryCallIndirect)
}

impl<A: Arch> Lower<'_, A> {
    fn opcode(&self, inst: Inst) -> Opcode {
        self.function.dfg.insts[inst].opcode()
    }

    /// The `try_call` that the edge of an edge block comes from.
    pub(super) fn try_call_before(&self, edge: usize) -> Option<Inst> {
        let source = self.order.preds[edge].first()?;
        let Placed::Block(block) = self.order.blocks[source.index()] else {
            return None;
        };
        let last = self.function.layout.last_inst(block)?;
        is_try(self.opcode(last)).then_some(last)
    }

    fn given(&mut self, inst: Inst) -> Result<Given, Refusal> {
        if let Some(known) = self.given.get(&inst) {
            return Ok(known.clone());
        }
        let (sig_ref, _) = self.signature(inst);
        let function = self.function;
        let signature = &function.dfg.signatures[sig_ref];
        let layout = self.layout_of(signature)?;
        let mut defs = Vec::new();
        let mut results = Vec::new();
        for place in &layout.returns {
            let mut regs = Vec::new();
            let Place::Parts(parts) = place else {
                unreachable!("results never travel by reference");
            };
            for part in parts {
                regs.push(match part.location {
                    Location::Reg(real) => {
                        let reg = self.temp(real.class());
                        defs.push((reg, real));
                        Some(reg)
                    }
                    Location::Stack(_) => None,
                });
            }
            results.push(regs);
        }
        let payload = self.payload(signature, &mut defs);
        let area_at = area_of(&layout);
        let given = Given {
            layout,
            area_at,
            results,
            payload,
            defs,
        };
        self.given.insert(inst, given.clone());
        Ok(given)
    }

    /// Registers of an exception's payload, those of results where these are the same.
    fn payload(&mut self, signature: &Signature, defs: &mut Vec<(Reg, PReg)>) -> Vec<Reg> {
        let conv = signature.call_conv;
        let count = conv.exception_payload_types(types::I64).len();
        let mut payload = Vec::new();
        for real in A::EXCEPTION_PAYLOAD.into_iter().take(count) {
            let real = PReg::new(real, RegClass::Int);
            let shared = defs.iter().find(|(_, other)| *other == real);
            let reg = shared.map(|&(reg, _)| reg).unwrap_or_else(|| {
                let reg = self.temp(RegClass::Int);
                defs.push((reg, real));
                reg
            });
            payload.push(reg);
        }
        payload
    }

    /// The registers of what an edge of a `try_call` carries beside values.
    pub(super) fn given_by_try_call(
        &mut self,
        inst: Inst,
        arg: BlockArg,
    ) -> Result<Vec<Reg>, Refusal> {
        let given = self.given(inst)?;
        let number = |n: u32| usize::try_from(n).expect("32 bits fit");
        match arg {
            BlockArg::TryCallRet(n) => Ok(self.try_call_result(&given, number(n))),
            BlockArg::TryCallExn(n) => Ok(vec![given.payload[number(n)]]),
            BlockArg::Value(value) => Ok(self.all_regs(value)),
        }
    }

    fn try_call_result(&mut self, given: &Given, n: usize) -> Vec<Reg> {
        let Place::Parts(parts) = &given.layout.returns[n] else {
            unreachable!("results never travel by reference");
        };
        let pieces = parts.iter().zip(&given.results[n]);
        pieces
            .map(|(part, &reg)| self.received(part, given.area_at, reg))
            .collect()
    }

    /// A part as values hold it.
    fn received(&mut self, part: &Part, area_at: u32, from: Option<Reg>) -> Reg {
        let arch = self.arch;
        let from = match (from, part.location) {
            (Some(reg), _) => reg,
            (None, Location::Stack(offset)) => {
                let to = self.temp_for(part.ty);
                let place = FrameRef::Outgoing(area_at + offset);
                let load = arch.load(to, place, type_in_memory(part));
                self.isa(load);
                to
            }
            (None, Location::Reg(_)) => unreachable!("it was given a register"),
        };
        let to = self.temp_for(part.ty);
        if from.class() != to.class() {
            let transfer = arch.transfer(to, from, part.ty);
            self.isa(transfer);
        } else if part.fill == Fill::Lanes {
            arch.reverse_lanes(self, to, from, part.ty);
        } else {
            return from;
        }
        to
    }

    pub(super) fn lower_try_call(
        &mut self,
        inst: Inst,
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        let exception = match self.function.dfg.insts[inst] {
            InstructionData::TryCall { exception, .. }
            | InstructionData::TryCallIndirect { exception, .. } => exception,
            _ => unreachable!("only these are asked"),
        };
        let mut tags = Vec::new();
        for item in self.function.dfg.exception_tables[exception].items() {
            match item {
                ExceptionTableItem::Tag(tag, _) => tags.push(Some(tag.as_u32())),
                ExceptionTableItem::Default(_) => tags.push(None),
                ExceptionTableItem::Context(_) => {
                    return Err(Refusal::uncovered("a context of a try_call"));
                }
            }
        }
        // CLIF keeps the normal edge behind those of the handlers.
        let (&normal, handlers) = targets.split_last().expect("a call returns somewhere");
        let given = self.given(inst)?;
        let mut info = self.prepare_call(inst)?;
        let environment = self.arch.environment(self.anchored);
        let mut all = PRegSet::empty();
        for class in 0..3 {
            all.union_from(environment.preferred_regs_by_class[class]);
            all.union_from(environment.non_preferred_regs_by_class[class]);
        }
        info.writes.union_from(all);
        given.defs.iter().for_each(|(_, real)| all.remove(*real));
        info.clobbers = all;
        info.defs = given.defs;
        info.targets = Some(Targets {
            normal,
            handlers: tags.into_iter().zip(handlers.iter().copied()).collect(),
        });
        self.emit(Op::Call(Box::new(info)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::backend::Own;
    use crate::codegen::{CodeGenerator, Compiled, Cranelift};
    use crate::isa::Isa;
    use crate::program::Program;

    /// By function and call, the handlers' tags in the order in which they are tried.
    fn tags(compiled: &Compiled) -> Vec<(String, Vec<Vec<Option<u32>>>)> {
        let mut functions = Vec::new();
        for function in &compiled.functions {
            let mut calls: Vec<(u32, Vec<Option<u32>>)> = Vec::new();
            for handler in &function.handlers {
                match calls.last_mut() {
                    Some((at, tags)) if *at == handler.ret_addr => tags.push(handler.tag),
                    _ => calls.push((handler.ret_addr, vec![handler.tag])),
                }
            }
            let calls = calls.into_iter().map(|(_, tags)| tags).collect();
            functions.push((function.name.clone(), calls));
        }
        functions
    }

    #[test]
    fn each_call_has_its_handlers_as_cranelift_gives_them_and_they_are_blocks() {
        let text = include_str!("../../../corpus/pass/try-call-results.clif");
        let program = Program::parse("try-call-results", text).expect("of the corpus");
        let mut seen = 0;
        for target in Isa::ALL.iter().flat_map(|isa| program.targets_of(*isa)) {
            let cranelift = Cranelift.compile(&program, target).expect("it is covered");
            for own in [Own::PLAIN, Own::OFF_ATOMIC] {
                let own = own.compile(&program, target).expect("it is covered");
                assert_eq!(tags(&own), tags(&cranelift), "{}", target.isa);
                for function in &own.functions {
                    let blocks: BTreeSet<u32> = function.blocks.iter().copied().collect();
                    for handler in &function.handlers {
                        assert!(blocks.contains(&handler.target), "{handler:?}");
                        assert!(function.call_returns.contains(&handler.ret_addr));
                        seen += 1;
                    }
                }
            }
        }
        assert_eq!(seen, 2 * 5 * 4, "two variants, five ISAs, four handlers");
    }
}
