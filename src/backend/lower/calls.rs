//! Arguments and results: of the function itself, of calls and of tail calls.
//!
//! Stack arguments are stored by instructions before the call, at constant distances from the
//! stack pointer, which does not move; the call instruction itself is all that a patch site
//! covers. Nothing that a site's bytes do is needed when the call is off: arguments still get
//! ready, and what cleans up behind a callee that pops does so whether it ran or not.

use cranelift_codegen::entity::EntityRef as _;
use cranelift_codegen::ir::{
    Block, FuncRef, Inst, InstructionData, Opcode, SigRef, Signature, Type, Value, types,
};
use cranelift_codegen::isa::CallConv;
use regalloc2::{PReg, PRegSet};

use super::Lower;
use crate::backend::arch::Arch;
use crate::backend::call::{CallInfo, CallLayout, Callee, Fill, FrameRef, Location, Part, Place};
use crate::backend::limit::Refusal;
use crate::backend::options::Settings;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;
use crate::program::site_of_location;

/// What the places on the stack of arguments or results count from.
#[derive(Clone, Copy)]
pub(super) enum Area {
    /// The arguments of a call, or so many bytes above them the area for its results.
    Outgoing(u32),
    /// The arguments of the function itself or, so many bytes from them, of its tail call's callee.
    Incoming(i64),
    /// The area for the function's own results.
    Results,
}

/// Where the area for results that find no register lies: above the arguments.
pub(super) fn area_of(layout: &CallLayout) -> u32 {
    layout.argument_bytes.next_multiple_of(16)
}

/// The layout of a signature, if the settings allow it: memory for results is an extension of
/// the platforms' ABIs that has to be asked for.
pub(super) fn layout_of<A: Arch>(
    arch: &A,
    settings: &Settings,
    signature: &Signature,
) -> Result<CallLayout, Refusal> {
    let layout = arch.layout(signature)?;
    if layout.area_bytes > 0 && !settings.results_in_memory {
        return Err(Refusal::limit(
            "more results than registers, without enable_multi_ret_implicit_sret",
        ));
    }
    Ok(layout)
}

/// What is loaded for a part: a filled slot holds 64 bits, of which the value is the low part.
pub(super) fn type_in_memory(part: &Part) -> Type {
    match part.fill {
        Fill::None | Fill::Lanes => part.ty,
        _ => types::I64,
    }
}

/// The place in the frame.
fn in_frame(area: Area, offset: u32) -> FrameRef {
    match area {
        Area::Outgoing(base) => FrameRef::Outgoing(base + offset),
        Area::Incoming(base) => FrameRef::Incoming(base + i64::from(offset)),
        Area::Results => unreachable!("the caller's, and only written to"),
    }
}

impl<A: Arch> Lower<'_, A> {
    fn store(&mut self, from: Reg, area: Area, offset: u32, ty: Type) {
        let inst = match area {
            Area::Results => {
                let pointer = self.area_pointer();
                let offset = i32::try_from(offset).expect("an area is small");
                self.arch.store_at(from, pointer, offset, ty)
            }
            _ => self.arch.store(from, in_frame(area, offset), ty),
        };
        self.isa(inst);
    }

    /// See [`layout_of`].
    pub(super) fn layout_of(&self, signature: &Signature) -> Result<CallLayout, Refusal> {
        layout_of(self.arch, self.settings, signature)
    }

    /// The order in memory of the halves of an `i128`.
    pub(super) fn halves_offset(&self, half: usize) -> u32 {
        let first = usize::from(self.arch.isa().is_big_endian());
        if half == first { 0 } else { 8 }
    }

    /// `reg` filled as a part asks, and the type it is then stored as.
    fn filled(&mut self, reg: Reg, part: &Part) -> (Reg, Type) {
        let arch = self.arch;
        match part.fill {
            Fill::None => (reg, part.ty),
            Fill::Lanes => {
                let to = self.temp_for(part.ty);
                arch.reverse_lanes(self, to, reg, part.ty);
                (to, part.ty)
            }
            fill => (arch.fill(self, reg, fill), types::I64),
        }
    }

    /// Brings a part where it travels; a register part goes to `uses`.
    fn send(&mut self, reg: Reg, part: &Part, area: Area, uses: &mut Vec<(Reg, PReg)>) {
        let (reg, ty) = self.filled(reg, part);
        match part.location {
            Location::Reg(real) => {
                let reg = if real.class() == reg.class() {
                    self.virtual_copy(reg)
                } else {
                    let to = self.temp(real.class());
                    let transfer = self.arch.transfer(to, reg, ty);
                    self.isa(transfer);
                    to
                };
                uses.push((reg, real));
            }
            Location::Stack(offset) => self.store(reg, area, offset, ty),
        }
    }

    /// Brings a whole value where it travels.
    fn send_value(&mut self, value: Value, place: &Place, area: Area, uses: &mut Vec<(Reg, PReg)>) {
        let regs = self.all_regs(value);
        match place {
            Place::Parts(parts) => {
                for (reg, part) in regs.into_iter().zip(parts) {
                    self.send(reg, part, area, uses);
                }
            }
            Place::Reference { pointer, copy } => {
                let ty = self.ty(value);
                for (half, &reg) in regs.iter().enumerate() {
                    let (at, ty) = if regs.len() == 2 {
                        (*copy + self.halves_offset(half), types::I64)
                    } else {
                        (*copy, ty)
                    };
                    self.store(reg, area, at, ty);
                }
                let to = self.temp_for(types::I64);
                self.emit(Op::FrameAddress {
                    to,
                    place: in_frame(area, *copy),
                });
                self.send(to, pointer, area, uses);
            }
        }
    }

    pub(super) fn signature(&self, inst: Inst) -> (SigRef, Option<FuncRef>) {
        match self.function.dfg.insts[inst] {
            InstructionData::Call { func_ref, .. } => (
                self.function.dfg.ext_funcs[func_ref].signature,
                Some(func_ref),
            ),
            InstructionData::CallIndirect { sig_ref, .. } => (sig_ref, None),
            InstructionData::TryCall { func_ref, .. } => (
                self.function.dfg.ext_funcs[func_ref].signature,
                Some(func_ref),
            ),
            InstructionData::TryCallIndirect { exception, .. } => {
                let table = &self.function.dfg.exception_tables[exception];
                (table.signature(), None)
            }
            _ => unreachable!("only calls are asked"),
        }
    }

    /// Callee and arguments of a call.
    fn callee(&mut self, inst: Inst, func_ref: Option<FuncRef>) -> (Callee, Vec<Value>) {
        let args = self.args(inst).to_vec();
        match func_ref {
            Some(func_ref) => {
                let data = &self.function.dfg.ext_funcs[func_ref];
                let (name, near) = (data.name.clone(), data.colocated);
                (Callee::Symbol { name, near }, args)
            }
            None => {
                let address = self.vreg(args[0]);
                (Callee::Register(address), args[1..].to_vec())
            }
        }
    }

    pub(super) fn lower_call(&mut self, inst: Inst) -> Result<(), Refusal> {
        let (sig_ref, _) = self.signature(inst);
        let layout = self.layout_of(&self.function.dfg.signatures[sig_ref])?;
        let mut info = self.prepare_call(inst)?;
        let area = Area::Outgoing(area_of(&layout));
        let mut late = Vec::new();
        for (n, place) in layout.returns.iter().enumerate() {
            let Place::Parts(parts) = place else {
                unreachable!("results never travel by reference");
            };
            let (low, high) = self.result_pair(inst, n);
            for (part, reg) in parts.iter().zip([low, high]) {
                self.receive_part(reg, part, area, &mut info.defs, &mut late);
            }
        }
        for (_, real) in &info.defs {
            info.clobbers.remove(*real);
        }
        self.emit(Op::Call(Box::new(info)));
        late.into_iter().for_each(|op| self.emit(op));
        Ok(())
    }

    /// Brings the arguments of a call where they travel, and makes the call without results.
    pub(super) fn prepare_call(&mut self, inst: Inst) -> Result<CallInfo, Refusal> {
        let (sig_ref, func_ref) = self.signature(inst);
        let signature = &self.function.dfg.signatures[sig_ref];
        let conv = signature.call_conv;
        let layout = self.layout_of(signature)?;
        self.makes_calls = true;
        let area_at = area_of(&layout);
        self.outgoing = self.outgoing.max(area_at + layout.area_bytes);
        let mut uses = Vec::new();
        let (callee, args) = self.callee(inst, func_ref);
        for (arg, place) in args.into_iter().zip(&layout.params) {
            self.send_value(arg, place, Area::Outgoing(0), &mut uses);
        }
        if let Some(part) = &layout.area_pointer {
            let to = self.temp_for(types::I64);
            self.emit(Op::FrameAddress {
                to,
                place: FrameRef::Outgoing(area_at),
            });
            self.send(to, part, Area::Outgoing(0), &mut uses);
        }
        Ok(CallInfo {
            callee,
            callee_in: self.arch.callee_register(false, conv),
            uses,
            defs: Vec::new(),
            clobbers: self.arch.call_clobbers(conv),
            writes: self
                .arch
                .call_writes(conv, self.function.signature.call_conv),
            popped: layout.popped,
            site: self.site(inst, func_ref),
            targets: None,
        })
    }

    /// The site of a call, if its callee is patchable.
    fn site(&self, inst: Inst, func_ref: Option<FuncRef>) -> Option<crate::program::SiteId> {
        let patchable = func_ref.is_some_and(|f| self.function.dfg.ext_funcs[f].patchable);
        let location = self.function.srcloc(inst);
        site_of_location(location).filter(|_| patchable)
    }

    /// The register that a received part first comes to.
    fn before_turning(&mut self, reg: Reg, part: &Part) -> Reg {
        match part.fill {
            Fill::Lanes => self.temp_for(part.ty),
            _ => reg,
        }
    }

    pub(super) fn lower_tail_call(&mut self, inst: Inst) -> Result<(), Refusal> {
        let (sig_ref, func_ref) = self.signature(inst);
        let signature = &self.function.dfg.signatures[sig_ref];
        let conv = signature.call_conv;
        if conv != CallConv::Tail {
            return Err(Refusal::uncovered(format!(
                "return_call of convention {conv}"
            )));
        }
        let layout = self.layout_of(signature)?;
        self.tail = self.tail.max(layout.popped);
        let shift = i64::from(self.layout.popped) - i64::from(layout.popped);
        let area = Area::Incoming(shift);
        let mut uses = Vec::new();
        let (callee, args) = self.callee(inst, func_ref);
        for (arg, place) in args.into_iter().zip(&layout.params) {
            self.send_value(arg, place, area, &mut uses);
        }
        if let Some(part) = &layout.area_pointer {
            let pointer = self.area_pointer();
            self.send(pointer, part, area, &mut uses);
        }
        let info = CallInfo {
            callee,
            callee_in: self.arch.callee_register(true, conv),
            uses,
            defs: Vec::new(),
            clobbers: PRegSet::empty(),
            writes: PRegSet::empty(),
            popped: layout.popped,
            site: None,
            targets: None,
        };
        self.emit(Op::TailCall(Box::new(info)));
        Ok(())
    }

    /// The hidden argument that points to the area for results.
    fn area_pointer(&mut self) -> Reg {
        if let Some(reg) = self.area_pointer {
            return reg;
        }
        let reg = self.temp_for(types::I64);
        self.area_pointer = Some(reg);
        reg
    }

    pub(super) fn lower_return(&mut self, inst: Inst) {
        debug_assert_eq!(self.function.dfg.insts[inst].opcode(), Opcode::Return);
        let layout = self.layout.clone();
        let args = self.args(inst).to_vec();
        let mut uses = Vec::new();
        for (arg, place) in args.into_iter().zip(&layout.returns) {
            self.send_value(arg, place, Area::Results, &mut uses);
        }
        self.emit(Op::Return(uses));
    }

    /// Receives the function's parameters, those that somebody reads.
    pub(super) fn lower_params(&mut self, entry: Block) -> Result<(), Refusal> {
        let layout = self.layout.clone();
        let params = self.function.dfg.block_params(entry).to_vec();
        let mut defs = Vec::new();
        let mut late: Vec<Op<A::Inst>> = Vec::new();
        for (param, place) in params.into_iter().zip(&layout.params) {
            debug_assert!(param.index() < usize::MAX);
            if self.used.contains(param) {
                self.receive(param, place, &mut defs, &mut late);
            }
        }
        if let (Some(reg), Some(part)) = (self.area_pointer, &layout.area_pointer) {
            self.receive_part(reg, part, Area::Incoming(0), &mut defs, &mut late);
        }
        self.emit(Op::Args(defs));
        for op in late {
            self.emit(op);
        }
        Ok(())
    }

    fn receive_part(
        &mut self,
        reg: Reg,
        part: &Part,
        area: Area,
        defs: &mut Vec<(Reg, PReg)>,
        late: &mut Vec<Op<A::Inst>>,
    ) {
        let first = self.before_turning(reg, part);
        match part.location {
            Location::Reg(real) if real.class() != reg.class() => {
                let from = self.temp(real.class());
                defs.push((from, real));
                late.push(Op::Isa(self.arch.transfer(reg, from, part.ty)));
            }
            Location::Reg(real) => defs.push((first, real)),
            Location::Stack(offset) => {
                let (place, ty) = (in_frame(area, offset), type_in_memory(part));
                late.push(Op::Isa(self.arch.load(first, place, ty)));
            }
        }
        if part.fill == Fill::Lanes {
            let (arch, start) = (self.arch, self.pending.len());
            arch.reverse_lanes(self, reg, first, part.ty);
            late.extend(self.pending.drain(start..));
        }
    }

    fn receive(
        &mut self,
        param: Value,
        place: &Place,
        defs: &mut Vec<(Reg, PReg)>,
        late: &mut Vec<Op<A::Inst>>,
    ) {
        let [low, high] = self.regs[param];
        let regs: Vec<Reg> = low.into_iter().chain(high).collect();
        match place {
            Place::Parts(parts) => {
                for (&reg, part) in regs.iter().zip(parts) {
                    self.receive_part(reg, part, Area::Incoming(0), defs, late);
                }
            }
            Place::Reference { pointer, .. } => {
                let base = self.temp_for(types::I64);
                self.receive_part(base, pointer, Area::Incoming(0), defs, late);
                let wide = regs.len() == 2;
                let whole = self.ty(param);
                for (half, &reg) in regs.iter().enumerate() {
                    let (at, ty) = if wide {
                        (self.halves_offset(half), types::I64)
                    } else {
                        (0, whole)
                    };
                    let at = i32::try_from(at).expect("0 or 8");
                    late.push(Op::Isa(self.arch.load_at(reg, base, at, ty)));
                }
            }
        }
    }
}
