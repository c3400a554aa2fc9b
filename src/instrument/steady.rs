//! Which values have the same bits on every ISA, so that a hook may log them.
//!
//! Two things differ between ISAs in a program whose results do not: addresses, and the sign and
//! payload of a NaN that arithmetic makes (the instructions' documentation leaves both open).
//! Whatever may come from one of them is no argument of a hook; it stays live across the site all
//! the same.
//!
//! An analysis of the whole file, from its sources forward until nothing changes: through
//! arithmetic, block arguments, calls and results. Memory is one place: once anything unsteady is
//! stored, whatever is loaded is unsteady.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::{
    ArgumentPurpose, BlockArg, ExternalName, FuncRef, Function, Inst, InstructionData, LibCall,
    Opcode, Value,
};

use crate::program::symbol_name;

/// What a value may come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Source {
    address: bool,
    nan: bool,
}

impl Source {
    const ADDRESS: Source = Source {
        address: true,
        nan: false,
    };
    const NAN: Source = Source {
        address: false,
        nan: true,
    };

    fn and(self, other: Source) -> Source {
        Source {
            address: self.address || other.address,
            nan: self.nan || other.nan,
        }
    }

    fn is_steady(self) -> bool {
        self == Source::default()
    }
}

/// What is known of a file's values so far.
pub struct Steady {
    names: BTreeMap<String, usize>,
    values: Vec<BTreeMap<Value, Source>>,
    results: Vec<Vec<Source>>,
    memory: Source,
    /// Functions whose address is taken: anything may call them.
    taken: BTreeSet<usize>,
    changed: bool,
}

impl Steady {
    /// Analyses `functions`, which call each other by name.
    pub fn of(functions: &[Function]) -> Steady {
        let names = functions.iter().map(|function| function.name.to_string());
        let mut steady = Steady {
            names: names.zip(0..).collect(),
            values: vec![BTreeMap::new(); functions.len()],
            results: (functions.iter())
                .map(|function| vec![Source::default(); function.signature.returns.len()])
                .collect(),
            memory: Source::default(),
            taken: BTreeSet::new(),
            changed: true,
        };
        for (index, function) in functions.iter().enumerate() {
            steady.special_params(index, function);
        }
        while std::mem::take(&mut steady.changed) {
            for (index, function) in functions.iter().enumerate() {
                for block in function.layout.blocks() {
                    for inst in function.layout.block_insts(block) {
                        steady.step(functions, index, function, inst);
                    }
                }
            }
        }
        steady
    }

    /// Whether a value of function `index` has the same bits on every ISA.
    pub fn is_steady(&self, index: usize, value: Value) -> bool {
        self.source(index, value).is_steady()
    }

    fn source(&self, index: usize, value: Value) -> Source {
        self.values[index].get(&value).copied().unwrap_or_default()
    }

    fn mark(&mut self, index: usize, value: Value, source: Source) {
        let old = self.source(index, value);
        if old.and(source) != old {
            self.values[index].insert(value, old.and(source));
            self.changed = true;
        }
    }

    /// Parameters that are pointers by their purpose.
    fn special_params(&mut self, index: usize, function: &Function) {
        let Some(entry) = function.layout.entry_block() else {
            return;
        };
        let params = function.dfg.block_params(entry).iter();
        for (&value, param) in params.zip(&function.signature.params) {
            if param.purpose != ArgumentPurpose::Normal {
                self.mark(index, value, Source::ADDRESS);
            }
        }
    }

    fn step(&mut self, functions: &[Function], index: usize, function: &Function, inst: Inst) {
        let dfg = &function.dfg;
        let data = &dfg.insts[inst];
        let opcode = data.opcode();
        let args: Vec<Source> = (dfg.inst_args(inst).iter())
            .map(|&arg| self.source(index, dfg.resolve_aliases(arg)))
            .collect();
        let all = args.iter().fold(Source::default(), |a, b| a.and(*b));
        if opcode.is_call() {
            self.call(functions, index, function, inst, &args);
        } else if opcode.is_return() {
            for (place, &source) in args.iter().enumerate() {
                let old = self.results[index][place];
                self.results[index][place] = old.and(source);
                self.changed |= old.and(source) != old;
            }
        } else {
            if opcode.can_store() {
                // The address itself is not stored; which operand it is differs.
                let stored = match data {
                    InstructionData::Store { .. } | InstructionData::StoreNoOffset { .. } => {
                        args[0]
                    }
                    _ => all,
                };
                self.changed |= self.memory.and(stored) != self.memory;
                self.memory = self.memory.and(stored);
            }
            if let InstructionData::FuncAddr { func_ref, .. } = data {
                self.take(functions, function, *func_ref);
            }
            let made = if opcode.can_load() {
                self.memory
            } else {
                made(opcode, all)
            };
            for &result in dfg.inst_results(inst) {
                self.mark(index, result, made);
            }
        }
        self.branch(index, function, inst);
    }

    /// Block parameters take what the branch gives them.
    fn branch(&mut self, index: usize, function: &Function, inst: Inst) {
        let dfg = &function.dfg;
        let targets = dfg.insts[inst].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        for target in targets {
            let params = dfg.block_params(target.block(&dfg.value_lists));
            for (&param, arg) in params.iter().zip(target.args(&dfg.value_lists)) {
                let source = match arg {
                    BlockArg::Value(value) => self.source(index, dfg.resolve_aliases(value)),
                    // What a call returns on its normal edge, and an exception's payload.
                    BlockArg::TryCallRet(_) | BlockArg::TryCallExn(_) => Source::ADDRESS,
                };
                self.mark(index, param, source);
            }
        }
    }

    fn call(
        &mut self,
        functions: &[Function],
        index: usize,
        function: &Function,
        inst: Inst,
        args: &[Source],
    ) {
        let dfg = &function.dfg;
        let callee = match dfg.insts[inst] {
            InstructionData::Call { func_ref, .. } | InstructionData::TryCall { func_ref, .. } => {
                Some(&dfg.ext_funcs[func_ref].name)
            }
            _ => None,
        };
        let own = callee.and_then(|name| self.names.get(&symbol_name(function, name)).copied());
        let all = args.iter().fold(Source::default(), |a, b| a.and(*b));
        let results: Vec<Source> = match (callee, own) {
            (Some(_), Some(own)) => {
                self.give(functions, own, args);
                self.results[own].clone()
            }
            (Some(ExternalName::LibCall(routine)), None) => {
                vec![self.routine(*routine, all); dfg.inst_results(inst).len()]
            }
            // The host's results depend on its arguments alone.
            (Some(_), None) => vec![all; dfg.inst_results(inst).len()],
            (None, _) => {
                for own in self.taken.clone() {
                    self.give(functions, own, &args[1.min(args.len())..]);
                }
                vec![Source::ADDRESS.and(Source::NAN); dfg.inst_results(inst).len()]
            }
        };
        for (&result, source) in dfg.inst_results(inst).iter().zip(results) {
            self.mark(index, result, source);
        }
        if dfg.insts[inst].opcode().is_return() {
            for result in &mut self.results[index] {
                let source = Source::ADDRESS.and(Source::NAN);
                self.changed |= *result != source;
                *result = source;
            }
        }
    }

    fn routine(&mut self, routine: LibCall, args: Source) -> Source {
        match routine {
            LibCall::Memcpy | LibCall::Memmove | LibCall::Memset => Source::ADDRESS,
            LibCall::Memcmp => self.memory,
            LibCall::X86Pshufb => args,
            _ => args.and(Source::NAN),
        }
    }

    /// The parameters of function `own` take these arguments.
    fn give(&mut self, functions: &[Function], own: usize, args: &[Source]) {
        let callee = &functions[own];
        let Some(entry) = callee.layout.entry_block() else {
            return;
        };
        let params: Vec<Value> = callee.dfg.block_params(entry).to_vec();
        for (param, &source) in params.into_iter().zip(args) {
            self.mark(own, param, source);
        }
    }

    fn take(&mut self, functions: &[Function], function: &Function, reference: FuncRef) {
        let name = symbol_name(function, &function.dfg.ext_funcs[reference].name);
        let Some(&own) = self.names.get(&name) else {
            return;
        };
        self.changed |= self.taken.insert(own);
        let unknown = vec![Source::ADDRESS.and(Source::NAN); functions[own].signature.params.len()];
        self.give(functions, own, &unknown);
    }
}

/// What the results of an instruction that neither loads nor calls may come from.
fn made(opcode: Opcode, args: Source) -> Source {
    match opcode {
        Opcode::StackAddr
        | Opcode::DynamicStackAddr
        | Opcode::SymbolValue
        | Opcode::TlsValue
        | Opcode::FuncAddr
        | Opcode::GetFramePointer
        | Opcode::GetStackPointer
        | Opcode::GetReturnAddress
        | Opcode::GetPinnedReg
        | Opcode::GetExceptionHandlerAddress
        | Opcode::StackSwitch => Source::ADDRESS,
        // Any NaN is as good as any other to these.
        Opcode::Fcmp
        | Opcode::FcvtToSint
        | Opcode::FcvtToSintSat
        | Opcode::FcvtToUint
        | Opcode::FcvtToUintSat => Source { nan: false, ..args },
        Opcode::Fadd
        | Opcode::Fsub
        | Opcode::Fmul
        | Opcode::Fdiv
        | Opcode::Fma
        | Opcode::Fmin
        | Opcode::Fmax
        | Opcode::Sqrt
        | Opcode::Ceil
        | Opcode::Floor
        | Opcode::Trunc
        | Opcode::Nearest
        | Opcode::Fpromote
        | Opcode::Fdemote
        | Opcode::FvpromoteLow
        | Opcode::Fvdemote => args.and(Source::NAN),
        _ => args,
    }
}
