//! Calls, sites and the host.

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{BlockArg, Function, Inst, InstructionData, Opcode, SigRef, Value};

use super::pointer::Pointer;
use super::prepare::Callee;
use super::run::Run;
use crate::program::{
    HostcallKind, PredictedEvent, PredictedExit, Purpose, Signature, from_data_value,
    hostcall_results, site_of_location, to_data_value, ty_from_clif,
};

/// Whether an instruction is a call of any kind.
pub fn is_call(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Call
            | Opcode::CallIndirect
            | Opcode::ReturnCall
            | Opcode::ReturnCallIndirect
            | Opcode::TryCall
            | Opcode::TryCallIndirect
    )
}

impl Run<'_, '_> {
    /// Executes a call; gives the exit when the program ends with it, which a tail call of the
    /// host does.
    ///
    /// # Errors
    /// When the callee is none, or has another signature, or the stack is full.
    pub fn call(&mut self, inst: Inst) -> Result<Option<PredictedExit>, String> {
        let prepared = self.guest.prepared();
        let function = prepared.function;
        let data = function.dfg.insts[inst];
        let values = function.dfg.inst_args(inst);
        let tail = data.opcode().is_return();
        let (callee, values) = match data {
            InstructionData::Call { func_ref, .. } | InstructionData::TryCall { func_ref, .. } => {
                if function.dfg.ext_funcs[func_ref].patchable {
                    return self.pass(inst, prepared.callee(func_ref), values);
                }
                (prepared.callee(func_ref), values)
            }
            InstructionData::CallIndirect { sig_ref, .. } => {
                (self.indirect(function, values[0], sig_ref)?, &values[1..])
            }
            InstructionData::TryCallIndirect { exception, .. } => {
                let signature = function.dfg.exception_tables[exception].signature();
                (self.indirect(function, values[0], signature)?, &values[1..])
            }
            other => return Err(format!("{} is not covered", other.opcode())),
        };
        let args = self.values(values);
        if tail {
            self.guest.pop();
        }
        match callee {
            Callee::Function(index) => {
                self.note_hook(index, &args)?;
                self.guest.push(index, args)?;
                Ok(None)
            }
            Callee::Hostcall(index) => {
                let results = self.hostcall(index, &args)?;
                self.return_to_caller(results, tail)
            }
            Callee::Mismatch => Err("the callee is defined with another signature".to_owned()),
            Callee::Unknown => Err("the callee is not known".to_owned()),
        }
    }

    fn return_to_caller(
        &mut self,
        results: Vec<DataValue>,
        tail: bool,
    ) -> Result<Option<PredictedExit>, String> {
        if tail && self.guest.activations.is_empty() {
            return self.returned(&results).map(Some);
        }
        self.deliver(results)?;
        Ok(None)
    }

    /// A patchable call: runs the hook if the site is live, else does nothing.
    fn pass(
        &mut self,
        inst: Inst,
        callee: Callee,
        values: &[Value],
    ) -> Result<Option<PredictedExit>, String> {
        let function = self.guest.prepared().function;
        let Callee::Function(hook) = callee else {
            return Err(format!("the hook is {callee:?}"));
        };
        if function.dfg.insts[inst].opcode().is_return() {
            return Err("a patchable tail call".to_owned());
        }
        let site = site_of_location(function.srcloc(inst)).ok_or("a site without a number")?;
        let live = *(self.sites_live.get(site.0 as usize)).ok_or("a site without a state")?;
        let args = self.values(values);
        let signature = &self.interface.functions[hook as usize].signature;
        let args_seen = plain_values(signature, &args)?;
        self.events.push(PredictedEvent::Pass {
            site,
            live,
            args: args_seen,
        });
        if live {
            self.guest.push(hook, args)?;
        } else {
            self.deliver(Vec::new())?;
        }
        Ok(None)
    }

    /// Notes an ordinary call of a hook.
    ///
    /// # Errors
    /// When an argument is of a type that the suite has no word for.
    pub fn note_hook(&mut self, function: u32, args: &[DataValue]) -> Result<(), String> {
        let decl = &self.interface.functions[function as usize];
        if decl.is_hook {
            self.events.push(PredictedEvent::OrdinaryHookCall {
                function,
                args: plain_values(&decl.signature, args)?,
            });
        }
        Ok(())
    }

    /// What an indirect call calls, when it calls it through the signature that it has.
    fn indirect(
        &self,
        function: &Function,
        callee: Value,
        signature: SigRef,
    ) -> Result<Callee, String> {
        let address = self.guest.address(callee)?;
        let called = &function.dfg.signatures[signature];
        let (callee, matches) = match Pointer::of(address) {
            Some(Pointer::Function(index)) => {
                let defined = self.guest.functions.get(index as usize);
                let matches = defined.is_some_and(|p| p.function.signature == *called);
                (Callee::Function(index), matches)
            }
            Some(Pointer::Hostcall(index)) => {
                let decl = self.interface.hostcalls.get(index as usize);
                let same = |clif: &[cranelift_codegen::ir::AbiParam],
                            own: &[crate::program::Param]| {
                    clif.len() == own.len()
                        && (clif.iter().zip(own))
                            .all(|(c, o)| ty_from_clif(c.value_type) == Some(o.ty))
                };
                let matches = decl.is_some_and(|decl| {
                    same(&called.params, &decl.signature.params)
                        && same(&called.returns, &decl.signature.returns)
                });
                (Callee::Hostcall(index), matches)
            }
            _ => return Err(format!("call of {address:#x}, which is no function")),
        };
        if matches {
            Ok(callee)
        } else {
            Err("call through another signature than the callee's".to_owned())
        }
    }

    /// The host: logs, answers, and sets sites as a session of a machine does.
    fn hostcall(&mut self, hostcall: u32, args: &[DataValue]) -> Result<Vec<DataValue>, String> {
        let decl = &self.interface.hostcalls[hostcall as usize];
        let args = plain_values(&decl.signature, args)?;
        let kind = HostcallKind::of(decl)?;
        if let HostcallKind::Library(routine) = kind {
            let returns = &decl.signature.returns;
            let results = routine.call(&args, returns, &mut self.guest.memory)?;
            return Ok(results.iter().map(|r| to_data_value(*r)).collect());
        }
        let results = hostcall_results(decl, &args);
        if let (HostcallKind::Patch(action), Some(site)) = (kind, args.first()) {
            let site = usize::try_from(site.bits).ok();
            if let Some(live) = site.and_then(|site| self.sites_live.get_mut(site)) {
                *live = action.apply(*live);
            }
        }
        let values = results
            .iter()
            .map(|result| to_data_value(*result))
            .collect();
        self.events.push(PredictedEvent::Hostcall {
            hostcall,
            args,
            results,
        });
        Ok(values)
    }

    /// Gives the innermost call's own call instruction its results, and goes on behind it, or on
    /// its normal edge.
    ///
    /// # Errors
    /// When there are not as many results as the instruction has.
    pub fn deliver(&mut self, results: Vec<DataValue>) -> Result<(), String> {
        let inst = self.guest.top().inst.ok_or("no call to return to")?;
        let function = self.guest.prepared().function;
        let exception = match function.dfg.insts[inst] {
            InstructionData::TryCall { exception, .. }
            | InstructionData::TryCallIndirect { exception, .. } => exception,
            _ => return self.guest.finish(inst, results),
        };
        let edge = *function.dfg.exception_tables[exception].normal_return();
        let pool = &function.dfg.value_lists;
        let args = edge.args(pool).map(|arg| match arg {
            BlockArg::Value(value) => Ok(self.guest.get(value).clone()),
            BlockArg::TryCallRet(index) => {
                (results.get(index as usize).cloned()).ok_or("no such result of a try_call")
            }
            BlockArg::TryCallExn(_) => Err("an exception's payload on a normal edge"),
        });
        let args = args.collect::<Result<Vec<_>, _>>()?;
        self.guest.jump(edge.block(pool), args)
    }

    fn values(&self, names: &[Value]) -> Vec<DataValue> {
        names.iter().map(|v| self.guest.get(*v).clone()).collect()
    }
}

/// The arguments that are values, which excludes structs that are copied.
pub fn plain_values(
    signature: &Signature,
    args: &[DataValue],
) -> Result<Vec<crate::program::Value>, String> {
    let params = signature.params.iter().zip(args);
    params
        .filter(|(param, _)| !matches!(param.purpose, Purpose::StructArgument(_)))
        .map(|(param, arg)| typed(param.ty, arg))
        .collect()
}

/// A value as its declared type: the interpreter's vectors do not know their lanes.
pub fn typed(ty: crate::program::Ty, value: &DataValue) -> Result<crate::program::Value, String> {
    let plain = from_data_value(value).ok_or_else(|| format!("a value of type {}", value.ty()))?;
    Ok(crate::program::Value::new(ty, plain.bits))
}
