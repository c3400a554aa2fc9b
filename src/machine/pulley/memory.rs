//! Guest memory at its fixed addresses in this process.
//!
//! Pulley's loads and stores take host pointers, and the guest's addresses must not differ from
//! those of the other ISAs. So the whole of [`Layout`] is reserved as one inaccessible mapping,
//! in which the regions are made accessible. What lies between them, and a margin on either
//! side, stays inaccessible: a stray access is a segmentation fault.
//!
//! Code and stubs are read-only for the guest. Data symbols that the image does not have are
//! inaccessible.
#![expect(unsafe_code, reason = "maps memory at fixed addresses and accesses it")]

use std::ffi::c_void;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

use crate::image::Layout;
use crate::machine::{MachineError, MemoryFault};
use crate::program::DATA_BYTES;

/// Inaccessible bytes below the first region and above the last one. More than a displacement of
/// 16 bits reaches.
const MARGIN: u64 = 1 << 20;

/// Whether the addresses are in use in this process.
static CLAIMED: AtomicBool = AtomicBool::new(false);

/// The right to the fixed addresses; given up when dropped.
struct Claim;

impl Claim {
    fn new() -> Option<Claim> {
        let free = CLAIMED.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
        free.is_ok().then_some(Claim)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMED.store(false, Ordering::Release);
    }
}

/// The guest's memory.
///
/// Invariant: from `base`, for the whole of [`reserved`], there is a mapping that belongs to this
/// value alone, and exactly what [`GuestMemory::region`] tells is readable.
pub(super) struct GuestMemory {
    layout: Layout,
    /// Where the mapping starts.
    base: NonNull<c_void>,
    /// Bytes of the image.
    code_len: u64,
    /// Data symbols of the image.
    data_symbols: usize,
    // Dropped after the mapping, whose removal is in `Drop`.
    _claim: Claim,
}

/// All addresses that are reserved.
fn reserved(layout: Layout) -> Range<u64> {
    layout.code - MARGIN..layout.stack_top() + MARGIN
}

/// The lengths of regions fit the host's pointers: only 64-bit Pulley runs, on 64-bit hosts.
fn host_len(bytes: u64) -> usize {
    usize::try_from(bytes).expect("the guest's memory fits a 64-bit host")
}

impl GuestMemory {
    /// Maps the memory of `layout`, all zero, no code, no data symbols.
    ///
    /// # Errors
    /// When another value of this process has the addresses, the host has something else there,
    /// or its pages are larger than the layout's 4 KiB.
    pub(super) fn new(layout: Layout) -> Result<GuestMemory, MachineError> {
        let claim = Claim::new()
            .ok_or_else(|| MachineError("this process has a Pulley machine already".into()))?;
        let base = reserve(&reserved(layout))?;
        let memory = GuestMemory {
            layout,
            base,
            code_len: 0,
            data_symbols: 0,
            _claim: claim,
        };
        memory.protect(memory.code_area(), MprotectFlags::READ)?;
        memory.protect(memory.stubs_area(), MprotectFlags::READ)?;
        memory.protect(
            memory.stack_area(),
            MprotectFlags::READ | MprotectFlags::WRITE,
        )?;
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
        self.protect(self.code_area(), MprotectFlags::READ | MprotectFlags::WRITE)?;
        self.copy_in(self.layout.code, code);
        self.copy_in(self.layout.code + code_len, &vec![0; host_len(stale)]);
        self.protect(self.code_area(), MprotectFlags::READ)?;
        self.code_len = code_len;

        let writable = MprotectFlags::READ | MprotectFlags::WRITE;
        for index in self.data_symbols..data_symbols {
            self.protect(self.data_symbol(index), writable)?;
        }
        for index in data_symbols..self.data_symbols {
            self.protect(self.data_symbol(index), MprotectFlags::empty())?;
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
            self.copy_in(self.layout.data_symbol(index), &[0; DATA_BYTES as usize]);
        }
        // Mapping anew costs in proportion to the pages that were touched, not to the 4 MiB.
        let stack = self.stack_area();
        // SAFETY: the stack is a part of the mapping that is this value's own, and no Rust
        // reference ever points into it.
        unsafe {
            mmap_anonymous(
                self.pointer(stack.start).cast(),
                host_len(stack.end - stack.start),
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED,
            )
        }
        .map_err(|errno| MachineError(format!("mapping the stack anew: {errno}")))?;
        Ok(())
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
        // SAFETY: `check` has found the bytes to lie in a readable region of the mapping, and
        // `buffer` is a Rust object, which never lies there.
        unsafe {
            self.pointer(address)
                .copy_to_nonoverlapping(buffer.as_mut_ptr(), buffer.len());
        }
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
        self.copy_in(address, bytes);
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
        if bytes.is_empty() {
            return Ok(());
        }
        let code = self.code();
        if !code.contains(&address) {
            return Err(MemoryFault { address });
        }
        if bytes.len() as u64 > code.end - address {
            return Err(MemoryFault { address: code.end });
        }
        let refused = |_| MemoryFault { address };
        let writable = MprotectFlags::READ | MprotectFlags::WRITE;
        self.protect(self.code_area(), writable).map_err(refused)?;
        self.copy_in(address, bytes);
        self.protect(self.code_area(), MprotectFlags::READ)
            .map_err(refused)
    }

    /// Copies code from `address` on, as far as the image goes; gives the number of bytes.
    pub(super) fn fetch(&self, address: u64, buffer: &mut [u8]) -> usize {
        let code = self.code();
        if !code.contains(&address) {
            return 0;
        }
        let available = host_len(code.end - address).min(buffer.len());
        match self.read(address, &mut buffer[..available]) {
            Ok(()) => available,
            Err(_) => 0,
        }
    }

    /// A pointer to `address`, which must be one of [`reserved`].
    fn pointer(&self, address: u64) -> *mut u8 {
        let offset = address - reserved(self.layout).start;
        assert!(reserved(self.layout).contains(&address));
        // SAFETY: the mapping covers all of `reserved`, and `address` is in there.
        unsafe { self.base.as_ptr().cast::<u8>().add(host_len(offset)) }
    }

    /// Copies `bytes` to a place that the caller has found to be writable.
    fn copy_in(&mut self, address: u64, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let last = address + (bytes.len() as u64 - 1);
        assert!(reserved(self.layout).contains(&last));
        // SAFETY: source and destination are both valid for the length: the latter is in the
        // mapping by the assertion and `pointer`. They do not overlap, since no Rust object
        // lies in the mapping. Were it not writable, the process would die with no harm done.
        unsafe {
            self.pointer(address)
                .copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
    }

    fn protect(&self, area: Range<u64>, flags: MprotectFlags) -> Result<(), MachineError> {
        // SAFETY: the area is a part of the mapping that is this value's own, and no Rust
        // reference ever points into it.
        unsafe {
            mprotect(
                self.pointer(area.start).cast(),
                host_len(area.end - area.start),
                flags,
            )
        }
        .map_err(|errno| MachineError(format!("protecting {area:#x?}: {errno}")))
    }
}

impl Drop for GuestMemory {
    fn drop(&mut self) {
        let range = reserved(self.layout);
        // SAFETY: the mapping is this value's own and is not used any more.
        let result = unsafe { munmap(self.base.as_ptr(), host_len(range.end - range.start)) };
        debug_assert!(result.is_ok(), "removing an existing mapping succeeds");
    }
}

/// Reserves exactly `range`, inaccessible.
fn reserve(range: &Range<u64>) -> Result<NonNull<c_void>, MachineError> {
    let wanted = host_len(range.start);
    let len = host_len(range.end - range.start);
    let mut flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
    // Without this flag, and on Linux before 4.17, the address is a hint: hence the check below.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        flags |= MapFlags::FIXED_NOREPLACE;
    }
    // SAFETY: without `MAP_FIXED` nothing that exists is replaced.
    let mapped = unsafe {
        mmap_anonymous(
            std::ptr::without_provenance_mut(wanted),
            len,
            ProtFlags::empty(),
            flags,
        )
    }
    .map_err(|errno| MachineError(format!("reserving {range:#x?}: {errno}")))?;
    // The interpreter makes pointers out of integers, which needs their provenance exposed.
    if mapped.expose_provenance() != wanted {
        // SAFETY: the mapping was made above and nobody knows of it.
        let _ = unsafe { munmap(mapped, len) };
        return Err(MachineError(format!(
            "the host has something else in {range:#x?}"
        )));
    }
    NonNull::new(mapped).ok_or_else(|| MachineError("the guest's memory is at null".into()))
}
