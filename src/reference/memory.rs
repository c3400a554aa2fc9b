//! The guest's memory: a stack and the data symbols.
//!
//! Stack that nothing has written holds what an ISA's earlier calls left there, so that reading
//! it is refused, and so is any access outside of a stack slot or a data symbol.

use std::cell::RefCell;

use super::pointer::{Pointer, STACK_BYTES};
use crate::program::{DATA_BYTES, RoutineMemory};

/// What is known of a byte of stack.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Byte {
    /// Between slots.
    Gap,
    /// In a slot, never written.
    Unwritten,
    /// In a slot.
    Written,
}

/// Most bytes of stack that are kept for the next run.
const SPARE_BYTES: usize = 1 << 20;

thread_local! {
    /// An empty stack that an earlier run has left: a deep one is dear to allocate.
    static SPARE: RefCell<(Vec<u8>, Vec<Byte>)> = RefCell::default();
}

/// Stack and data.
pub struct Memory {
    stack: Vec<u8>,
    known: Vec<Byte>,
    data: Vec<Vec<u8>>,
}

/// Where an access goes.
enum Place {
    Stack(usize),
    Data(usize, usize),
}

/// Distance in bytes that is kept between neighbours on the stack, and their least alignment.
pub const GAP: u64 = 16;

fn to_usize(value: u64) -> usize {
    usize::try_from(value).expect("bounded by the stack's size")
}

impl Memory {
    /// An empty stack, and `symbols` data symbols full of zeros.
    pub fn new(symbols: usize) -> Memory {
        let (stack, known) = SPARE.take();
        Memory {
            stack,
            known,
            data: vec![vec![0; to_usize(DATA_BYTES)]; symbols],
        }
    }

    /// Adds a frame of `size` bytes and gives its offset from the stack's bottom, a multiple of
    /// `align`. All of it is out of bounds until [`Memory::open`].
    ///
    /// # Errors
    /// When the stack would be larger than [`STACK_BYTES`].
    pub fn push(&mut self, size: u64, align: u64) -> Result<u64, String> {
        let base = (self.stack.len() as u64).next_multiple_of(align);
        let end = base.saturating_add(size);
        if end > STACK_BYTES {
            return Err(format!("stack use over {STACK_BYTES} bytes"));
        }
        self.stack.resize(to_usize(end), 0);
        self.known.resize(to_usize(end), Byte::Gap);
        Ok(base)
    }

    /// Lets the program use the `size` bytes of stack at `offset` from the bottom.
    pub fn open(&mut self, offset: u64, size: u64) {
        self.known[to_usize(offset)..to_usize(offset + size)].fill(Byte::Unwritten);
    }

    /// Removes what lies at or above `base`.
    pub fn pop(&mut self, base: u64) {
        self.stack.truncate(to_usize(base));
        self.known.truncate(to_usize(base));
    }

    /// Loads `size` bytes, at most 16, from `address`.
    ///
    /// # Errors
    /// When they are out of bounds, or stack that nothing wrote.
    pub fn load(&self, address: u64, size: u32) -> Result<[u8; 16], String> {
        let size = size as usize;
        let mut bytes = [0; 16];
        match self.locate(address, size) {
            Some(Place::Stack(at)) => {
                if self.known[at..at + size].contains(&Byte::Unwritten) {
                    return Err(format!("load of {size} bytes of stack that nothing wrote"));
                }
                bytes[..size].copy_from_slice(&self.stack[at..at + size]);
            }
            Some(Place::Data(symbol, at)) => {
                bytes[..size].copy_from_slice(&self.data[symbol][at..at + size]);
            }
            None => return Err(outside("load", address, size)),
        }
        Ok(bytes)
    }

    /// Stores `bytes` at `address`.
    ///
    /// # Errors
    /// When they are out of bounds.
    pub fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), String> {
        let size = bytes.len();
        match self.locate(address, size) {
            Some(Place::Stack(at)) => {
                self.stack[at..at + size].copy_from_slice(bytes);
                self.known[at..at + size].fill(Byte::Written);
            }
            Some(Place::Data(symbol, at)) => {
                self.data[symbol][at..at + size].copy_from_slice(bytes);
            }
            None => return Err(outside("store", address, size)),
        }
        Ok(())
    }

    /// Copies `size` bytes from `address` to `offset` on the stack, unwritten ones as such.
    ///
    /// # Errors
    /// When the source is out of bounds.
    pub fn copy_to_stack(&mut self, address: u64, offset: u64, size: u64) -> Result<(), String> {
        let (size, to) = (to_usize(size), to_usize(offset));
        match self.locate(address, size) {
            Some(Place::Stack(at)) => {
                self.stack.copy_within(at..at + size, to);
                self.known.copy_within(at..at + size, to);
            }
            Some(Place::Data(symbol, at)) => {
                self.stack[to..to + size].copy_from_slice(&self.data[symbol][at..at + size]);
                self.known[to..to + size].fill(Byte::Written);
            }
            None => return Err(outside("copy", address, size)),
        }
        Ok(())
    }

    /// Contents of the data symbols, trailing zeros cut off.
    pub fn into_data(mut self) -> Vec<Vec<u8>> {
        let mut data = std::mem::take(&mut self.data);
        for bytes in &mut data {
            let used = bytes.iter().rposition(|byte| *byte != 0);
            bytes.truncate(used.map_or(0, |last| last + 1));
        }
        data
    }

    fn locate(&self, address: u64, size: usize) -> Option<Place> {
        let bounded = |start: u64, length: usize| {
            let start = usize::try_from(start).ok()?;
            (start.checked_add(size)? <= length).then_some(start)
        };
        match Pointer::of(address)? {
            Pointer::Stack(offset) => {
                let start = bounded(offset, self.stack.len())?;
                let gap = self.known[start..start + size].contains(&Byte::Gap);
                (!gap).then_some(Place::Stack(start))
            }
            Pointer::Data { symbol, offset } => {
                let bytes = self.data.get(symbol as usize)?;
                Some(Place::Data(symbol as usize, bounded(offset, bytes.len())?))
            }
            Pointer::Function(_) | Pointer::Hostcall(_) => None,
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let (mut stack, mut known) = (
            std::mem::take(&mut self.stack),
            std::mem::take(&mut self.known),
        );
        if stack.capacity() <= SPARE_BYTES {
            stack.clear();
            known.clear();
            SPARE.replace((stack, known));
        }
    }
}

/// As a routine of the runtime library sees it.
impl RoutineMemory for Memory {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), String> {
        for (at, byte) in (address..).zip(buffer) {
            *byte = self.load(at, 1)?[0];
        }
        Ok(())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), String> {
        self.store(address, bytes)
    }
}

fn outside(what: &str, address: u64, size: usize) -> String {
    format!("{what} of {size} bytes at {address:#x}, which is out of bounds")
}
