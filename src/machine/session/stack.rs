//! The stack above a site, kept while the pass is open, and what differs from it behind.
//!
//! A frame of a megabyte is compared at each pass of its sites, and most of it nobody has ever
//! written. So what the machine knows to be untouched is neither copied nor read: it is zeros,
//! and stays so as long as it is untouched. The rest is copied once, to a buffer that an earlier
//! copy has left, and compared in blocks as it is read again, so that nothing is copied twice.

use std::cell::RefCell;
use std::ops::Range;

use super::super::{Cpu, StackChange};
use crate::image::Layout;

/// Bytes that are read and compared at once; the buffer for them stays in the nearest cache.
const CHUNK: usize = 16 << 10;
/// Bytes that are compared at once within those: few differ.
const BLOCK: usize = 256;
/// What an untouched chunk reads as.
static ZEROS: [u8; CHUNK] = [0; CHUNK];

/// Most buffers that a thread keeps for later copies, and the most bytes that one may have.
const SPARE_BUFFERS: usize = 4;
const SPARE_BYTES: usize = 2 << 20;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// The bytes of the stack from some stack pointer upwards.
pub struct Stack {
    sp: u64,
    size: usize,
    /// Where the touched stretches lie, as distances from `sp`, in order; the rest is zeros.
    touched: Vec<Range<usize>>,
    /// The bytes of the touched stretches, one behind the other, and maybe more.
    bytes: Vec<u8>,
}

impl Stack {
    /// The stack from `sp` up to `top`; empty when `sp` is not in the stack.
    pub fn copy(cpu: &mut dyn Cpu, sp: u64, top: u64) -> Stack {
        let size = size(sp, top);
        let mut stack = Stack {
            sp,
            size,
            touched: Vec::new(),
            bytes: SPARE.with_borrow_mut(Vec::pop).unwrap_or_default(),
        };
        if stack.fill(cpu).is_none() {
            stack.size = 0;
        }
        stack
    }

    /// Bytes of stack that it stands for.
    pub fn size(&self) -> usize {
        self.size
    }

    fn fill(&mut self, cpu: &mut dyn Cpu) -> Option<()> {
        let (mut at, mut used) = (0, 0);
        while at < self.size {
            let (length, untouched) = stretch(cpu, self.sp, at, self.size);
            if !untouched {
                let end = used + length;
                if self.bytes.len() < end {
                    self.bytes.resize(end, 0);
                }
                cpu.load(self.sp + at as u64, &mut self.bytes[used..end])
                    .ok()?;
                self.touched.push(at..at + length);
                used = end;
            }
            at += length;
        }
        Some(())
    }

    /// Runs of bytes that are different now.
    pub fn changes(&self, cpu: &mut dyn Cpu, top: u64) -> Vec<StackChange> {
        let size = size(self.sp, top);
        let mut now = vec![0; size.min(CHUNK)];
        let mut changes = Changes::default();
        if self.size != size {
            // It could not be read before.
            let mut after = vec![0; size];
            if cpu.load(self.sp, &mut after).is_ok() {
                changes.whole(Vec::new(), after);
            }
            return changes.list;
        }
        let mut at = 0;
        while at < size {
            let (before, before_end) = self.piece(at);
            let (length, untouched) = stretch(cpu, self.sp, at, before_end.min(at + CHUNK));
            if before.is_some() || !untouched {
                let before = before.map_or(&ZEROS[..length], |bytes| &bytes[..length]);
                let now = &mut now[..length];
                if cpu.load(self.sp + at as u64, now).is_err() {
                    changes = Changes::default();
                    changes.whole(self.all(), Vec::new());
                    return changes.list;
                }
                changes.compare(at, before, now);
            }
            at += length;
        }
        changes.list
    }

    /// The bytes from `at` on, unless they are untouched, and where that ends.
    fn piece(&self, at: usize) -> (Option<&[u8]>, usize) {
        let mut used = 0;
        for range in &self.touched {
            if at < range.start {
                return (None, range.start);
            }
            if at < range.end {
                let start = used + (at - range.start);
                return (Some(&self.bytes[start..used + range.len()]), range.end);
            }
            used += range.len();
        }
        (None, self.size)
    }

    /// All bytes.
    fn all(&self) -> Vec<u8> {
        let mut all = vec![0; self.size];
        let mut rest = &self.bytes[..];
        for range in &self.touched {
            let (bytes, behind) = rest.split_at(range.len());
            all[range.clone()].copy_from_slice(bytes);
            rest = behind;
        }
        all
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if (1..=SPARE_BYTES).contains(&bytes.capacity()) {
            SPARE.with_borrow_mut(|spare| {
                if spare.len() < SPARE_BUFFERS {
                    spare.push(bytes);
                }
            });
        }
    }
}

/// Bytes from `sp` up to `top`; none when `sp` is not in the stack.
fn size(sp: u64, top: u64) -> usize {
    let size = top.saturating_sub(sp);
    let size = Some(size).filter(|&size| size <= Layout::STACK_BYTES);
    size.and_then(|size| usize::try_from(size).ok())
        .unwrap_or(0)
}

/// Length of what is alike from `at` to at most `end`, at least a byte, and whether it is untouched.
fn stretch(cpu: &mut dyn Cpu, sp: u64, at: usize, end: usize) -> (usize, bool) {
    let (length, untouched) = cpu.untouched(sp + at as u64, end - at);
    (length.clamp(1, end - at), untouched)
}

/// Runs of bytes that differ, as they are found.
#[derive(Default)]
struct Changes {
    list: Vec<StackChange>,
    /// Where the last run ends.
    end: usize,
}

impl Changes {
    fn whole(&mut self, before: Vec<u8>, after: Vec<u8>) {
        if before != after {
            self.list.push(StackChange {
                offset: 0,
                before,
                after,
            });
        }
    }

    /// Compares as many bytes, which are `at` behind the stack pointer.
    fn compare(&mut self, at: usize, before: &[u8], after: &[u8]) {
        if before == after {
            return;
        }
        let blocks = before.chunks(BLOCK).zip(after.chunks(BLOCK));
        for (number, (before, after)) in blocks.enumerate().filter(|(_, (old, new))| old != new) {
            let offsets = at + number * BLOCK..;
            for (index, (old, new)) in offsets.zip(before.iter().zip(after)) {
                if old != new {
                    self.byte(index, *old, *new);
                }
            }
        }
    }

    fn byte(&mut self, index: usize, old: u8, new: u8) {
        match self.list.last_mut() {
            Some(change) if index == self.end => {
                change.before.push(old);
                change.after.push(new);
            }
            _ => self.list.push(StackChange {
                offset: index as u64,
                before: vec![old],
                after: vec![new],
            }),
        }
        self.end = index + 1;
    }
}

#[cfg(test)]
mod tests;
