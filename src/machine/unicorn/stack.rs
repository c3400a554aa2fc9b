//! The deep part of the stack: mapped in pieces when it is touched first, unmapped after the run.
//!
//! Few programs go deeper than what is always mapped, and those that do touch little of it. A
//! piece costs by its size, when Unicorn forgets its pages one by one and when the host clears
//! them: so the pieces are small, and what the host itself reads of an untouched one is zeros
//! without mapping it.

use std::ops::Range;

use unicorn_engine::{Prot, Unicorn, uc_error};

use super::Shared;
use crate::image::Layout;

/// Bytes at the top of the stack that are always mapped, and zeroed before each run.
pub const SHALLOW_BYTES: u64 = 64 << 10;

/// Bytes of a piece; the topmost one is shorter by what is always mapped.
const PIECE_BYTES: u64 = 256 << 10;

/// Which pieces are mapped: bit i is the piece that begins i pieces above the stack's lowest byte.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deep(u32);

// Every piece has its bit.
const _: () = assert!(Layout::STACK_BYTES / PIECE_BYTES <= 32);

/// The deep part.
fn deep(layout: Layout) -> Range<u64> {
    layout.stack..layout.stack_top() - SHALLOW_BYTES
}

/// Number and addresses of the piece that `address` is in.
fn piece(layout: Layout, address: u64) -> Option<(u32, Range<u64>)> {
    let deep = deep(layout);
    if !deep.contains(&address) {
        return None;
    }
    let number = (address - deep.start) / PIECE_BYTES;
    let start = deep.start + number * PIECE_BYTES;
    let end = (start + PIECE_BYTES).min(deep.end);
    Some((u32::try_from(number).ok()?, start..end))
}

/// Maps the piece that `address` is in; false if there is none or it was mapped already.
pub fn map(engine: &mut Unicorn<Shared>, address: u64) -> bool {
    let layout = Layout::of(engine.get_data().isa);
    let Some((number, range)) = piece(layout, address) else {
        return false;
    };
    let Deep(mapped) = engine.get_data().deep_stack;
    let size = range.end - range.start;
    let done = mapped >> number & 1 == 0
        && engine
            .mem_map(range.start, size, Prot::READ | Prot::WRITE)
            .is_ok();
    engine.get_data_mut().deep_stack = Deep(mapped | u32::from(done) << number);
    done
}

/// Unmaps all pieces.
pub fn unmap(engine: &mut Unicorn<Shared>) -> Result<(), uc_error> {
    let layout = Layout::of(engine.get_data().isa);
    let Deep(mapped) = std::mem::take(&mut engine.get_data_mut().deep_stack);
    for number in (0..32).filter(|number| mapped >> number & 1 == 1) {
        let start = layout.stack + number * PIECE_BYTES;
        if let Some((_, range)) = piece(layout, start) {
            engine.mem_unmap(range.start, range.end - range.start)?;
        }
    }
    Ok(())
}

/// The stretches of `addresses`, which are in the stack, each either mapped or not at all.
pub fn stretches(engine: &Unicorn<Shared>, addresses: Range<u64>) -> Vec<(Range<u64>, bool)> {
    let mut list = Vec::new();
    let mut at = addresses.start;
    while at < addresses.end {
        let (length, is_mapped) = stretch(engine, at);
        let end = at.saturating_add(length).min(addresses.end);
        list.push((at..end, is_mapped));
        at = end;
    }
    list
}

/// Length of the stretch from `address` on, which is in the stack, and whether it is mapped.
pub fn stretch(engine: &Unicorn<Shared>, address: u64) -> (u64, bool) {
    let shared = engine.get_data();
    let Deep(mapped) = shared.deep_stack;
    match piece(Layout::of(shared.isa), address) {
        Some((number, range)) => (range.end - address, mapped >> number & 1 == 1),
        None => (u64::MAX, true),
    }
}
