//! Guest memory at its fixed addresses in this process.
//!
//! Pulley's loads and stores take host pointers, and the guest's addresses must not differ from
//! those of the other ISAs. So the whole of [`Layout`] is reserved as one inaccessible mapping,
//! in which the regions are made accessible. What lies between them, and a margin on either
//! side, stays inaccessible: a stray access is a segmentation fault.
//!
//! Code and stubs are read-only for the guest. Data symbols that the image does not have are
//! inaccessible.

use std::ops::Range;

use super::engine::Access as GuestAccess;
use super::reservation::{Access, Reservation};
use crate::image::Layout;
use crate::machine::{MachineError, MemoryFault};
use crate::program::DATA_BYTES;

/// Inaccessible bytes below the first region and above the last one. More than a displacement of
/// 16 bits reaches.
const MARGIN: u64 = 1 << 20;

/// The guest's memory. Exactly what [`GuestMemory::region`] tells is readable.
pub(super) struct GuestMemory {
    layout: Layout,
    reservation: Reservation,
    /// Bytes of the image.
    code_len: u64,
    /// Data symbols of the image.
    data_symbols: usize,
}

impl GuestMemory {
    /// Maps the memory of `layout`, all zero, no code, no data symbols.
    ///
    /// # Errors
    /// When another value of this process has the addresses, the host has something else there,
    /// or its pages are larger than the layout's 4 KiB.
    pub(super) fn new(layout: Layout) -> Result<GuestMemory, MachineError> {
        let reserved = layout.code - MARGIN..layout.stack_top() + MARGIN;
        let memory = GuestMemory {
            layout,
            reservation: Reservation::new(reserved)?,
            code_len: 0,
            data_symbols: 0,
        };
        memory.protect(&memory.code_area(), Access::Read)?;
        memory.protect(&memory.stubs_area(), Access::Read)?;
        memory.protect(&memory.stack_area(), Access::Write)?;
        Ok(memory)
    }

    /// Where things lie.
    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    fn code_area(&self) -> Range<u64> {
        self.layout.code..self.layout.code + Layout::CODE_BYTES
    }

    fn stubs_area(&self) -> Range<u64> {
        self.layout.stubs..self.layout.stubs + Layout::STUBS_BYTES
    }

    fn stack_area(&self) -> Range<u64> {
        self.layout.stack..self.layout.stack_top()
    }

    fn data_symbol(&self, index: usize) -> Range<u64> {
        let start = self.layout.data_symbol(index);
        start..start + DATA_BYTES
    }

    /// Whether `address` is among the stubs.
    pub(super) fn is_stub(&self, address: u64) -> bool {
        self.stubs_area().contains(&address)
    }

    /// Addresses of the image's code.
    pub(super) fn code(&self) -> Range<u64> {
        self.layout.code..self.layout.code + self.code_len
    }

    /// Replaces code and the number of data symbols.
    ///
    /// # Errors
    /// When they exceed the layout, or the host refuses to change protections.
    pub(super) fn load(&mut self, code: &[u8], data_symbols: usize) -> Result<(), MachineError> {
        let code_len = code.len() as u64;
        if code_len > Layout::CODE_BYTES || data_symbols > Layout::MAX_DATA {
            return Err(MachineError(format!(
                "{code_len} bytes of code and {data_symbols} data symbols are too much"
            )));
        }
        let stale = self.code_len.saturating_sub(code_len);
        let stale = usize::try_from(stale).expect("code is at most as long as its area");
        self.protect(&self.code_area(), Access::Write)?;
        self.reservation.copy_in(self.layout.code, code);
        self.reservation
            .copy_in(self.layout.code + code_len, &vec![0; stale]);
        self.protect(&self.code_area(), Access::Read)?;
        self.code_len = code_len;

        for index in self.data_symbols..data_symbols {
            self.protect(&self.data_symbol(index), Access::Write)?;
        }
        for index in data_symbols..self.data_symbols {
            self.protect(&self.data_symbol(index), Access::None)?;
        }
        self.data_symbols = data_symbols;
        Ok(())
    }

    /// Zeroes data symbols and stack.
    ///
    /// # Errors
    /// When the host refuses to map the stack anew.
    pub(super) fn clear(&mut self) -> Result<(), MachineError> {
        for index in 0..self.data_symbols {
            let address = self.layout.data_symbol(index);
            self.reservation.copy_in(address, &[0; DATA_BYTES as usize]);
        }
        self.reservation
            .renew(&self.stack_area())
            .map_err(|errno| MachineError(format!("mapping the stack anew: {errno}")))
    }

    fn protect(&self, area: &Range<u64>, access: Access) -> Result<(), MachineError> {
        self.reservation
            .protect(area, access)
            .map_err(|errno| MachineError(format!("protecting {area:#x?}: {errno}")))
    }

    /// The accessible region that `address` lies in.
    fn region(&self, address: u64) -> Option<Range<u64>> {
        let fixed = [self.code_area(), self.stubs_area(), self.stack_area()];
        if let Some(region) = fixed.into_iter().find(|r| r.contains(&address)) {
            return Some(region);
        }
        let stride = self.layout.data_symbol(1) - self.layout.data;
        let index = usize::try_from(address.checked_sub(self.layout.data)? / stride).ok()?;
        let symbol = self.data_symbol(index);
        (index < self.data_symbols && symbol.contains(&address)).then_some(symbol)
    }

    /// Whether the guest may touch the first byte of an access. Code and stubs it may only read.
    pub(super) fn admits(&self, access: GuestAccess) -> bool {
        let region = self.region(access.address);
        region.is_some_and(|region| {
            !access.writes || (region != self.code_area() && region != self.stubs_area())
        })
    }

    /// Whether `len` bytes from `address` lie in one of the regions. No two regions touch, so
    /// that no access can span them.
    fn check(&self, address: u64, len: usize) -> Result<Range<u64>, MemoryFault> {
        let region = self.region(address).ok_or(MemoryFault { address })?;
        if len as u64 > region.end - address {
            return Err(MemoryFault {
                address: region.end,
            });
        }
        Ok(region)
    }

    /// Reads code, stubs, data or stack.
    pub(super) fn read(&self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        if buffer.is_empty() {
            return Ok(());
        }
        self.check(address, buffer.len())?;
        self.reservation.copy_out(address, buffer);
        Ok(())
    }

    /// Reads an integer in the host's byte order, which is that of the interpreter's own pushes.
    pub(super) fn read_u64(&self, address: u64) -> Result<u64, MemoryFault> {
        let mut bytes = [0; 8];
        self.read(address, &mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    /// Writes data or stack. Code and stubs are not writable, as they are not for the guest.
    pub(super) fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        if bytes.is_empty() {
            return Ok(());
        }
        let region = self.check(address, bytes.len())?;
        if region == self.code_area() || region == self.stubs_area() {
            return Err(MemoryFault { address });
        }
        self.reservation.copy_in(address, bytes);
        Ok(())
    }

    /// Writes an integer in the host's byte order.
    pub(super) fn write_u64(&mut self, address: u64, value: u64) -> Result<(), MemoryFault> {
        self.write(address, &value.to_ne_bytes())
    }

    /// Writes bytes of the image.
    ///
    /// # Errors
    /// When they lie outside of the image, or the host refuses to make its code writable.
    pub(super) fn write_code(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.write_code_pieces([(address, bytes)])
    }

    /// As [`GuestMemory::write_code`] for several pieces, of which none is written when one lies
    /// outside: changing protections costs more than writing.
    pub(super) fn write_code_pieces<'b>(
        &mut self,
        pieces: impl IntoIterator<Item = (u64, &'b [u8])> + Clone,
    ) -> Result<(), MemoryFault> {
        let code = self.code();
        let mut first = None;
        for (address, bytes) in pieces.clone() {
            if bytes.is_empty() {
                continue;
            }
            if !code.contains(&address) {
                return Err(MemoryFault { address });
            }
            if bytes.len() as u64 > code.end - address {
                return Err(MemoryFault { address: code.end });
            }
            first.get_or_insert(address);
        }
        let Some(address) = first else {
            return Ok(());
        };
        let refused = |_| MemoryFault { address };
        let area = self.code_area();
        self.protect(&area, Access::Write).map_err(refused)?;
        for (address, bytes) in pieces {
            if !bytes.is_empty() {
                self.reservation.copy_in(address, bytes);
            }
        }
        self.protect(&area, Access::Read).map_err(refused)
    }

    /// Copies code from `address` on, as far as the image goes; gives the number of bytes.
    pub(super) fn fetch(&self, address: u64, buffer: &mut [u8]) -> usize {
        let code = self.code();
        if !code.contains(&address) {
            return 0;
        }
        let rest = usize::try_from(code.end - address).unwrap_or(usize::MAX);
        let available = rest.min(buffer.len());
        match self.read(address, &mut buffer[..available]) {
            Ok(()) => available,
            Err(_) => 0,
        }
    }
}
