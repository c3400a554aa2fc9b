//! Finds a program's patch sites, hooks, hostcalls and data in its IR.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::{
    ExternalName, Function, GlobalValueData, Inst, InstructionData, Opcode, SourceLoc,
};

use super::convert::signature_from_clif;
use super::hostcall::HostcallKind;
use super::implicit::implicit_routines;
use super::interface::{DataDecl, FunctionDecl, HostcallDecl, Interface, Owner, SiteDecl, SiteId};

/// The source location that marks a patchable call: its number.
pub fn site_location(id: SiteId) -> SourceLoc {
    SourceLoc::new(id.0)
}

/// The patchable call that a source location marks.
pub fn site_of_location(location: SourceLoc) -> Option<SiteId> {
    (!location.is_default()).then(|| SiteId(location.bits()))
}

/// A message with the function that it is about.
#[derive(Debug)]
pub struct SurveyError {
    /// Index of the function.
    pub function: usize,
    /// The instruction, if it is about one.
    pub inst: Option<Inst>,
    /// What is wrong.
    pub message: String,
}

/// Name of an external symbol as CLIF writes it.
pub fn symbol_name(function: &Function, name: &ExternalName) -> String {
    name.display(Some(&function.params)).to_string()
}

/// Reads the interface out of `functions`, and marks every patchable call with its number.
pub fn survey(functions: &mut [Function]) -> Result<Interface, SurveyError> {
    let mut interface = Interface::default();
    for (index, function) in functions.iter().enumerate() {
        let fail = |message| SurveyError {
            function: index,
            inst: None,
            message,
        };
        let signature = signature_from_clif(&function.signature).map_err(fail)?;
        let name = function.name.to_string();
        if interface.function_index(&name).is_some() {
            return Err(fail(format!("function {name} is defined twice")));
        }
        interface.functions.push(FunctionDecl {
            name,
            signature,
            is_hook: false,
        });
    }
    let sets = |function: &Function| {
        let insts = function
            .layout
            .blocks()
            .flat_map(|block| function.layout.block_insts(block));
        { insts }.any(|inst| function.dfg.insts[inst].opcode() == Opcode::SetPinnedReg)
    };
    interface.sets_pinned_register = functions.iter().any(sets);
    for (index, function) in functions.iter_mut().enumerate() {
        find_symbols(index, function, &mut interface)?;
        find_sites(index, function, &mut interface)?;
    }
    for routine in implicit_routines(functions) {
        let decl = routine.decl();
        if !interface
            .hostcalls
            .iter()
            .any(|known| known.name == decl.name)
        {
            interface.hostcalls.push(decl);
        }
    }
    let owners = data_owners(functions, &interface);
    for data in &mut interface.data {
        data.owner = owners[&data.name];
    }
    Ok(interface)
}

fn find_symbols(
    index: usize,
    function: &Function,
    interface: &mut Interface,
) -> Result<(), SurveyError> {
    let fail = |message| SurveyError {
        function: index,
        inst: None,
        message,
    };
    let used = used_callees(function);
    for (func_ref, data) in &function.dfg.ext_funcs {
        let name = symbol_name(function, &data.name);
        if interface.function_index(&name).is_some() || !used.contains(&func_ref.as_u32()) {
            continue;
        }
        let signature =
            signature_from_clif(&function.dfg.signatures[data.signature]).map_err(fail)?;
        let decl = HostcallDecl { name, signature };
        if let Some(known) = interface.hostcalls.iter().find(|h| h.name == decl.name) {
            if known.signature != decl.signature {
                return Err(fail(format!(
                    "hostcall {} is declared as {} and as {}",
                    decl.name, known.signature, decl.signature
                )));
            }
            continue;
        }
        HostcallKind::of(&decl).map_err(fail)?;
        interface.hostcalls.push(decl);
    }
    for name in data_symbols(function) {
        if interface.function_index(&name).is_none()
            && !interface.data.iter().any(|data| data.name == name)
        {
            interface.data.push(DataDecl {
                name,
                owner: Owner::Program,
            });
        }
    }
    Ok(())
}

/// Numbers of the function references that instructions mention.
fn used_callees(function: &Function) -> BTreeSet<u32> {
    let insts = function
        .layout
        .blocks()
        .flat_map(|block| function.layout.block_insts(block));
    insts
        .filter_map(|inst| callee(function, inst))
        .map(|f| f.as_u32())
        .collect()
}

fn callee(function: &Function, inst: Inst) -> Option<cranelift_codegen::ir::FuncRef> {
    match function.dfg.insts[inst] {
        InstructionData::Call { func_ref, .. }
        | InstructionData::TryCall { func_ref, .. }
        | InstructionData::FuncAddr { func_ref, .. } => Some(func_ref),
        _ => None,
    }
}

/// Whether `inst` is a call of a patchable callee; of `func_addr` it is not.
fn is_patchable_call(function: &Function, inst: Inst) -> bool {
    let opcode = function.dfg.insts[inst].opcode();
    opcode.is_call() && callee(function, inst).is_some_and(|f| function.dfg.ext_funcs[f].patchable)
}

fn find_sites(
    index: usize,
    function: &mut Function,
    interface: &mut Interface,
) -> Result<(), SurveyError> {
    let reachable = reachable_blocks(function);
    let ordinary = ordinary_mentions(function);
    let mut calls = Vec::new();
    for block in function.layout.blocks() {
        for inst in function.layout.block_insts(block) {
            if is_patchable_call(function, inst) {
                calls.push((inst, reachable.contains(&block.as_u32())));
            }
        }
    }
    let function_index = u32::try_from(index).expect("the reader's functions are few");
    for (inst, reachable) in calls {
        let func_ref = callee(function, inst).expect("it was found as a call");
        let name = symbol_name(function, &function.dfg.ext_funcs[func_ref].name);
        let Some(hook) = interface.function_index(&name) else {
            let message = format!("hook {name} is called by a patchable call and not defined");
            return Err(SurveyError {
                function: index,
                inst: Some(inst),
                message,
            });
        };
        interface.functions[hook as usize].is_hook = true;
        let number = u32::try_from(interface.sites.len()).expect("sites are instructions");
        let id = SiteId(number);
        function.set_srcloc(inst, site_location(id));
        let text = function.dfg.display_inst(inst).to_string();
        interface.sites.push(SiteDecl {
            id,
            function: function_index,
            hook,
            reachable,
            ordinary_too: ordinary.contains(&name),
            text,
        });
    }
    Ok(())
}

/// Numbers of the blocks that branches lead to from the entry.
fn reachable_blocks(function: &Function) -> BTreeSet<u32> {
    let mut seen = BTreeSet::new();
    let mut todo: Vec<_> = function.layout.entry_block().into_iter().collect();
    while let Some(block) = todo.pop() {
        if !seen.insert(block.as_u32()) {
            continue;
        }
        let Some(inst) = function.layout.last_inst(block) else {
            continue;
        };
        let data = &function.dfg.insts[inst];
        let tables = &function.dfg.jump_tables;
        for call in data.branch_destination(tables, &function.dfg.exception_tables) {
            todo.push(call.block(&function.dfg.value_lists));
        }
    }
    seen
}

fn data_symbols(function: &Function) -> Vec<String> {
    let symbols = function
        .global_values
        .values()
        .filter_map(|data| match data {
            GlobalValueData::Symbol { name, .. } => Some(symbol_name(function, name)),
            _ => None,
        });
    symbols.collect()
}

/// Data is the hooks' own when no function mentions it that the program runs outside of hooks.
fn data_owners(functions: &[Function], interface: &Interface) -> BTreeMap<String, Owner> {
    let mut programs = BTreeSet::new();
    let mut todo: Vec<usize> = (0..functions.len())
        .filter(|&index| !called_somewhere(functions, interface, index))
        .collect();
    let mut ordinary_edges = BTreeMap::<usize, Vec<usize>>::new();
    for (index, function) in functions.iter().enumerate() {
        ordinary_edges.insert(index, ordinary_callees(function, interface));
    }
    // A function that only calls itself is an entry as well.
    if todo.is_empty() {
        todo = (0..functions.len())
            .filter(|&i| !interface.functions[i].is_hook)
            .collect();
    }
    while let Some(index) = todo.pop() {
        if programs.insert(index) {
            todo.extend(&ordinary_edges[&index]);
        }
    }
    let mut owners: BTreeMap<String, Owner> = interface
        .data
        .iter()
        .map(|d| (d.name.clone(), Owner::Hooks))
        .collect();
    for &index in &programs {
        for name in data_symbols(&functions[index]) {
            owners.insert(name, Owner::Program);
        }
    }
    owners
}

/// Functions that `function` reaches other than by a patchable call.
fn ordinary_callees(function: &Function, interface: &Interface) -> Vec<usize> {
    let names = ordinary_mentions(function);
    let indices = names
        .iter()
        .filter_map(|name| interface.function_index(name));
    indices.map(|index| index as usize).collect()
}

/// Names of the functions that `function` mentions other than in a patchable call.
fn ordinary_mentions(function: &Function) -> BTreeSet<String> {
    let insts = function
        .layout
        .blocks()
        .flat_map(|block| function.layout.block_insts(block));
    insts
        .filter(|&inst| !is_patchable_call(function, inst))
        .filter_map(|inst| callee(function, inst))
        .map(|func_ref| symbol_name(function, &function.dfg.ext_funcs[func_ref].name))
        .collect()
}

/// Whether any other function mentions function `index`.
fn called_somewhere(functions: &[Function], interface: &Interface, index: usize) -> bool {
    let name = &interface.functions[index].name;
    functions
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index)
        .any(|(_, function)| {
            used_callees(function).iter().any(|&number| {
                let func_ref = cranelift_codegen::ir::FuncRef::from_u32(number);
                symbol_name(function, &function.dfg.ext_funcs[func_ref].name) == *name
            })
        })
}
