//! Saved registers in the frame.

use regalloc2::RegClass;

use super::super::encode::{Access, Address, Alu, Pair, Reg as Hw, access, pair};
use super::super::registers::hw_of;
use super::{E, move_sp, put};
use crate::backend::frame::Saved;
use crate::backend::limit::Refusal;

/// Saved registers two by two where they lie side by side, as `ldp` and `stp` have them.
fn groups(saved: &[Saved]) -> Vec<&[Saved]> {
    let mut groups = Vec::new();
    let mut rest = saved;
    while let [first, others @ ..] = rest {
        let beside = |next: &Saved| {
            next.reg.class() == first.reg.class()
                && next.bytes == first.bytes
                && next.offset == first.offset + i64::from(first.bytes)
        };
        let count = if others.first().is_some_and(beside) {
            2
        } else {
            1
        };
        let (group, behind) = rest.split_at(count);
        groups.push(group);
        rest = behind;
    }
    groups
}

/// The instruction that stores or loads a group.
fn group_word(group: &[Saved], load: bool, at: Address) -> Option<u32> {
    let [first, others @ ..] = group else {
        return None;
    };
    let (single, both) = save_ops(first, load);
    match others {
        [second, ..] => pair(both, hw_of(first.reg), hw_of(second.reg), at),
        [] => access(single, hw_of(first.reg), at),
    }
}

/// Stores or loads all saved registers and moves the stack pointer from above them to the lowest
/// or back. Registers of one width are a block, of which the stack pointer is at the bottom while
/// it is stored or loaded: offsets are small enough for all to go two by two.
pub fn saves(emitter: &mut E, load: bool) -> Result<(), Refusal> {
    let frame = emitter.frame;
    let blocks = frame.saved.chunk_by(|a, b| a.bytes == b.bytes);
    let starts = blocks.clone().map(|block| block[0].offset);
    let ends = starts.skip(1).chain([i64::from(frame.size)]);
    let mut blocks: Vec<(&[Saved], i64)> = blocks.zip(ends).collect();
    if !load {
        blocks.reverse();
    }
    for (saved, end) in blocks {
        let bytes = u32::try_from(end - saved[0].offset).expect("blocks lie in order");
        block(emitter, saved, bytes, load)?;
    }
    Ok(())
}

/// Stores or loads a block of `bytes` bytes. The lowest registers are stored first and loaded
/// last, by the instruction that also moves the stack pointer where there is one.
fn block(emitter: &mut E, saved: &[Saved], bytes: u32, load: bool) -> Result<(), Refusal> {
    let groups = groups(saved);
    let Some((lowest, others)) = groups.split_first() else {
        return Ok(());
    };
    let base = saved[0].offset;
    let step = i32::try_from(bytes).expect("saves take few bytes");
    let moving = match load {
        true => Address::PostIndex(Hw::SP, step),
        false => Address::PreIndex(Hw::SP, -step),
    };
    let moving = group_word(lowest, load, moving);
    let place = |group: &[Saved]| {
        let offset = group.first().map_or(0, |first| first.offset - base);
        Address::Offset(Hw::SP, i32::try_from(offset).expect("saves take few bytes"))
    };
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for group in others {
        (if load { &mut before } else { &mut behind }).push(group_word(group, load, place(group)));
    }
    for word in before {
        put(emitter, word)?;
    }
    match (moving, load) {
        (Some(word), _) => put(emitter, Some(word))?,
        (None, true) => {
            put(emitter, group_word(lowest, load, place(lowest)))?;
            move_sp(emitter, Alu::ADD, bytes)?;
        }
        (None, false) => {
            move_sp(emitter, Alu::SUB, bytes)?;
            put(emitter, group_word(lowest, load, place(lowest)))?;
        }
    }
    for word in behind {
        put(emitter, word)?;
    }
    Ok(())
}

fn save_ops(saved: &Saved, load: bool) -> (Access, Pair) {
    match (saved.reg.class(), saved.bytes, load) {
        (RegClass::Int, _, true) => (Access::LDR_X, Pair::LDP_X),
        (RegClass::Int, _, false) => (Access::STR_X, Pair::STP_X),
        (_, 8, true) => (Access::LDR_D, Pair::LDP_D),
        (_, 8, false) => (Access::STR_D, Pair::STP_D),
        (_, _, true) => (Access::LDR_Q, Pair::LDP_Q),
        (_, _, false) => (Access::STR_Q, Pair::STP_Q),
    }
}
