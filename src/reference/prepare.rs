//! What a function's names mean and where its stack slots lie, found once a program.

use cranelift_codegen::ir::{ExternalName, FuncRef, Function, GlobalValueData, StackSlot};

use super::memory::GAP;
use super::pointer::Pointer;
use crate::program::{FunctionDecl, Interface, Program, Purpose, symbol_name};

/// What a function reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the program.
    Function(u32),
    /// A hostcall.
    Hostcall(u32),
    /// A function of the program, declared with another signature than it is defined with.
    Mismatch,
    /// Nothing that is called.
    Unknown,
}

/// A struct that the ABI passes by copying it.
pub struct StructCopy {
    /// Index of the parameter, whose value is its address.
    pub param: usize,
    /// Where the copy lies in the callee's frame.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
}

/// A function made ready.
pub struct Prepared<'a> {
    /// The function.
    pub function: &'a Function,
    /// What it shows to the outside.
    pub decl: &'a FunctionDecl,
    /// Parameters that are structs.
    pub structs: Vec<StructCopy>,
    /// Offset in the frame and size of each stack slot.
    pub slots: Vec<(u64, u64)>,
    /// Bytes of a frame.
    pub frame_size: u64,
    /// Alignment of a frame in bytes.
    pub frame_align: u64,
    callees: Vec<Callee>,
    symbols: Vec<Option<Pointer>>,
}

impl<'a> Prepared<'a> {
    /// Makes function `index` of `program` ready.
    pub fn new(program: &'a Program, index: usize, function: &'a Function) -> Prepared<'a> {
        let interface = &*program.interface;
        let callees = (function.dfg.ext_funcs.keys())
            .map(|func_ref| callee(program, function, func_ref))
            .collect();
        let symbols = (function.global_values.values())
            .map(|data| match data {
                GlobalValueData::Symbol { name, .. } => symbol(interface, function, name),
                _ => None,
            })
            .collect();
        let mut prepared = Prepared {
            function,
            decl: &interface.functions[index],
            structs: Vec::new(),
            slots: Vec::new(),
            frame_size: 0,
            frame_align: GAP,
            callees,
            symbols,
        };
        prepared.lay_out_frame();
        prepared
    }

    /// Each slot and each copied struct with a gap in front, aligned as it asks for.
    fn lay_out_frame(&mut self) {
        for slot in self.function.sized_stack_slots.values() {
            let align = GAP.max(
                1_u64
                    .checked_shl(u32::from(slot.align_shift))
                    .unwrap_or(GAP),
            );
            let offset = self.place(u64::from(slot.size), align);
            self.slots.push((offset, u64::from(slot.size)));
        }
        for (param, declared) in self.decl.signature.params.iter().enumerate() {
            if let Purpose::StructArgument(size) = declared.purpose {
                let size = u64::from(size);
                let offset = self.place(size, GAP);
                self.structs.push(StructCopy {
                    param,
                    offset,
                    size,
                });
            }
        }
    }

    fn place(&mut self, size: u64, align: u64) -> u64 {
        let offset = (self.frame_size + GAP).next_multiple_of(align);
        self.frame_size = offset + size;
        self.frame_align = self.frame_align.max(align);
        offset
    }

    /// What `func_ref` stands for.
    pub fn callee(&self, func_ref: FuncRef) -> Callee {
        self.callees[func_ref.as_u32() as usize]
    }

    /// What the symbol behind a global value is; `None` when it is none.
    pub fn symbol(&self, global: cranelift_codegen::ir::GlobalValue) -> Option<Pointer> {
        self.symbols[global.as_u32() as usize]
    }

    /// Offset in the frame and size of `slot`.
    pub fn slot(&self, slot: StackSlot) -> (u64, u64) {
        self.slots[slot.as_u32() as usize]
    }
}

fn callee(program: &Program, function: &Function, func_ref: FuncRef) -> Callee {
    let data = &function.dfg.ext_funcs[func_ref];
    let name = symbol_name(function, &data.name);
    if let Some(index) = program.interface.function_index(&name) {
        let defined = &program.functions[index as usize].signature;
        let declared = &function.dfg.signatures[data.signature];
        return if defined == declared {
            Callee::Function(index)
        } else {
            Callee::Mismatch
        };
    }
    let hostcalls = &program.interface.hostcalls;
    match hostcalls.iter().position(|decl| decl.name == name) {
        Some(index) => Callee::Hostcall(u32::try_from(index).expect("hostcalls are few")),
        None => Callee::Unknown,
    }
}

fn symbol(interface: &Interface, function: &Function, name: &ExternalName) -> Option<Pointer> {
    let name = symbol_name(function, name);
    if let Some(index) = interface.function_index(&name) {
        return Some(Pointer::Function(index));
    }
    let index = interface.data.iter().position(|data| data.name == name)?;
    let symbol = u32::try_from(index).ok()?;
    Some(Pointer::Data { symbol, offset: 0 })
}
