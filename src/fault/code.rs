//! Faults in the emitted saves and restores of a hook, found in the disassembly.
//!
//! A save is a store of a register to the stack in the hook's first straight run of code; its
//! restores are the loads of the same register from the same slot. What an edited instruction
//! does is never assumed: its bytes are decoded again, and an edit that does not read as meant is
//! none.

mod edit;
mod transfer;

use super::Placement;
use super::subject::Subject;
use crate::disasm::Kind;
use crate::isa::Isa;
use crate::machine::{Event, RegisterId, RegisterTable};
use crate::program::FunctionDecl;
use edit::{below, dropped, edited, half, other_slot};
use transfer::{Transfer, shown_offset};

/// What is done to a save or restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surgery {
    /// The save does nothing.
    DropSave,
    /// The restores do nothing.
    DropRestore,
    /// The save stores half of the register.
    HalfSave,
    /// The restores load from another register's slot.
    OtherSlot,
    /// The slot lies below the stack pointer.
    BelowFrame,
}

const OVERLAPPING: &str = "the generator's own slots overlap, which is a finding: every byte of \
                           this one is saved by its neighbours as well, and a program in which \
                           that shows is no subject";

const PLATFORMS: &str = "the psABI gives the register to the platform: no generator's allocator \
                         has it, so that no hook saves it";
const PUSHED: &str = "the frame pointer is pushed and popped whole, without a displacement";
const WHOLE: &str = "Pulley has no store of a part of a vector register";
const FIRST: &str = "the registers that are saved first are pushed, by a displacement that moves the \
                     stack pointer along";
const UNSIGNED: &str = "displacements of the ISA's vector accesses are not negative";

/// Why there is no such fault at the register of that name.
pub fn impossible(isa: Isa, register: &str, surgery: Surgery) -> Option<&'static str> {
    let vector = register.starts_with('v');
    match (isa, register, surgery) {
        (Isa::Riscv64gc, "gp" | "tp", _) => Some(PLATFORMS),
        (_, _, Surgery::DropSave | Surgery::DropRestore) => None,
        (Isa::X86_64, "rbp", _) => Some(PUSHED),
        (_, "fp" | "lr", _) if isa.is_pulley() => Some(PUSHED),
        (_, _, Surgery::HalfSave) if isa.is_pulley() && vector => Some(WHOLE),
        (Isa::S390x, _, Surgery::BelowFrame) if vector => Some(UNSIGNED),
        (Isa::Aarch64, "x0" | "x1" | "x29" | "x30" | "v0" | "v1", Surgery::BelowFrame) => {
            Some(FIRST)
        }
        _ => None,
    }
}

/// The image with the operation on the register called `register` in the first hook that is
/// `wanted` and saves it.
pub fn operate(
    subject: &Subject,
    wanted: &dyn Fn(&FunctionDecl) -> bool,
    register: &str,
    surgery: Surgery,
) -> Placement {
    let functions = subject.program.interface.functions.iter().enumerate();
    let mut hooks =
        functions.filter(|(index, f)| f.is_hook && wanted(f) && entered(subject, *index));
    let mut written_twice = false;
    let edited = hooks.find_map(|(index, _)| {
        let calls = calls(subject, index);
        let is_link = RegisterTable::of(subject.isa())
            .link
            .map(|id| name_of(subject.isa(), id));
        let leaf_link = is_link == Some(register) && !calls;
        if leaf_link || surgery == Surgery::BelowFrame && !calls {
            // A leaf's return address never leaves its register, and its dead stack nobody writes.
            return None;
        }
        let transfers = transfers(subject, index);
        let save = transfers.iter().find(|t| t.store && t.names(register))?;
        let restores: Vec<&Transfer> = transfers
            .iter()
            .filter(|t| !t.store && t.names(register) && t.matches(save, subject.isa()))
            .collect();
        if restores.is_empty() {
            return None;
        }
        if surgery == Surgery::DropSave && is_written_twice(&transfers, save, subject.isa()) {
            written_twice = true;
            return None;
        }
        match surgery {
            Surgery::DropSave => edited(subject, &[(save, dropped(subject, save, register)?)]),
            Surgery::DropRestore => {
                let edits: Option<Vec<_>> = restores
                    .iter()
                    .map(|restore| Some((*restore, dropped(subject, restore, register)?)))
                    .collect();
                edited(subject, &edits?)
            }
            Surgery::HalfSave => edited(subject, &[(save, half(subject.isa(), save)?)]),
            Surgery::BelowFrame => {
                let mut edits = vec![(save, below(subject.isa(), save)?)];
                for restore in restores {
                    edits.push((restore, below(subject.isa(), restore)?));
                }
                edited(subject, &edits)
            }
            Surgery::OtherSlot => other_slot(subject, &transfers, &restores),
        }
    });
    match edited {
        None if written_twice => Placement::Equivalent(OVERLAPPING),
        edited => Placement::image(edited),
    }
}

/// Whether other saves write every byte of the slot as well.
fn is_written_twice(transfers: &[Transfer], save: &Transfer, isa: Isa) -> bool {
    let table = RegisterTable::of(isa);
    let range = |transfer: &Transfer| {
        let bytes = table.info(table.by_name(&transfer.registers)?).bytes;
        let start = shown_offset(&transfer.slot)?;
        Some(start..start + i32::from(bytes))
    };
    let others = transfers.iter().filter(|t| t.store && *t != save);
    let others: Vec<_> = others.filter_map(range).collect();
    let is_covered = |byte: i32| others.iter().any(|other| other.contains(&byte));
    isa.is_pulley() && range(save).is_some_and(|mut slot| slot.all(is_covered))
}

fn name_of(isa: Isa, id: RegisterId) -> &'static str {
    RegisterTable::of(isa).info(id).name
}

/// Whether a run of the subject enters a function from a site.
fn entered(subject: &Subject, index: usize) -> bool {
    let events = subject.evidence.iter().flat_map(|run| &run.events);
    let mut entries = events.filter_map(|event| match event {
        Event::HookEntry {
            function,
            site: Some(_),
            ..
        } => usize::try_from(*function).ok(),
        _ => None,
    });
    entries.any(|function| function == index)
}

/// Whether a function calls another one.
fn calls(subject: &Subject, index: usize) -> bool {
    let functions = subject.image.functions.get(index);
    functions.is_some_and(|function| !function.call_returns.is_empty())
}

/// The saves in the first straight run of a function, and all loads from the stack.
fn transfers(subject: &Subject, function: usize) -> Vec<Transfer> {
    let Some(code) = subject.code.get(function) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    let mut prologue = true;
    for instruction in code.instructions.values() {
        let transfer = Transfer::of(instruction, subject.isa());
        let ends = instruction.kind.ends_flow()
            || matches!(
                instruction.kind,
                Kind::Call { .. } | Kind::CallIndirect { .. } | Kind::Branch(_)
            );
        prologue &= !ends;
        match transfer {
            Some(transfer) if !transfer.store => {
                prologue = false;
                list.push(transfer);
            }
            Some(transfer) if prologue => list.push(transfer),
            _ => {}
        }
    }
    list
}
