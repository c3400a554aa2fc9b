//! Stack slots and stack limits.

use cranelift_codegen::ir::{Function, InstructionData, StackSlot};

use super::edit::insts;
use super::{Edit, Source, in_each_function};

/// Slots that nothing uses, and stack limits.
pub fn remove(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let slots = function.sized_stack_slots.keys();
        let mut list: Vec<Option<StackSlot>> = slots
            .filter(|slot| !is_used(function, *slot))
            .map(Some)
            .collect();
        list.extend(function.stack_limit.map(|_| None));
        list
    };
    in_each_function(source, list, |function, what| {
        let Some(gone) = what else {
            return function.stack_limit.take().map(|_| ());
        };
        let old = function.sized_stack_slots.clone();
        function.sized_stack_slots.clear();
        for (slot, data) in old.iter().filter(|(slot, _)| *slot != gone) {
            let new = function.sized_stack_slots.push(data.clone());
            move_uses(function, slot, new);
        }
        Some(())
    })
}

/// Stack maps name slots too, and cannot be renamed: all slots of their function are in use.
fn is_used(function: &Function, slot: StackSlot) -> bool {
    let uses = |inst| match function.dfg.insts[inst] {
        InstructionData::StackAddr { stack_slot, .. } => stack_slot == slot,
        _ => function.dfg.user_stack_map_entries(inst).is_some(),
    };
    insts(function).into_iter().any(uses)
}

/// Slots move towards 0, one after the other, so that none takes the place of another in use.
fn move_uses(function: &mut Function, from: StackSlot, to: StackSlot) {
    for inst in insts(function) {
        if let InstructionData::StackAddr { stack_slot, .. } = &mut function.dfg.insts[inst]
            && *stack_slot == from
        {
            *stack_slot = to;
        }
    }
}

/// Sizes, the smallest last: that is tried first. Few, and round before exact: the size of a
/// frame matters by its order of magnitude.
pub fn shrink(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut choices = Vec::new();
        for (slot, data) in function.sized_stack_slots.iter() {
            if data.align_shift > 0 {
                choices.push((slot, data.size, 0));
            }
            let power = (data.size / 2 + 1).next_power_of_two();
            let sizes = [
                data.size - data.size / 4,
                power,
                data.size / 2,
                64,
                16,
                8,
                1,
            ];
            let smaller = sizes
                .into_iter()
                .filter(|size| *size < data.size && *size > 0);
            choices.extend(smaller.map(|size| (slot, size, data.align_shift)));
        }
        choices
    };
    in_each_function(source, list, |function, (slot, size, align_shift)| {
        let data = &mut function.sized_stack_slots[slot];
        data.size = size;
        data.align_shift = align_shift;
        Some(())
    })
}
