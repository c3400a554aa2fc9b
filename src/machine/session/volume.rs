//! How much a run may record.
//!
//! A miscompiled program can pass sites until its fuel ends, with a stack that grows from pass to
//! pass. What it leaves must not use up the host's memory, nor be more than a reply to the parent
//! process holds. Both bounds are far beyond what a program with bounded loops comes to, and count
//! as fuel: a run that reaches one does not end by itself.

use std::mem::size_of;

use super::super::{Event, PassEnd, RegisterChange};
use crate::program::Value;

/// Most stack bytes that open passes may hold.
pub const OPEN_STACK_BYTES: usize = 64 << 20;

/// Most bytes that the events of a run may take.
pub const EVENT_BYTES: usize = 2 << 20;

/// About how many bytes an event takes, its pass's end excepted.
pub fn of_event(event: &Event) -> usize {
    let values = match event {
        Event::Pass(pass) => pass.args.len(),
        Event::HookEntry { args, .. } => args.len(),
        Event::Hostcall { args, results, .. } => args.len() + results.len(),
    };
    size_of::<Event>() + values * size_of::<Value>()
}

/// About how many bytes a pass's end takes.
pub fn of_end(end: &PassEnd) -> usize {
    let stack = end.stack.iter().map(|change| 2 * change.before.len());
    end.registers.len() * size_of::<RegisterChange>() + stack.sum::<usize>()
}
