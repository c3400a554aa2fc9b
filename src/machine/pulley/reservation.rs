//! One mapping at fixed addresses, the only memory of this process that a guest may reach.
#![expect(unsafe_code, reason = "maps memory at fixed addresses and accesses it")]

use std::ffi::c_void;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};

use crate::machine::MachineError;

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

/// What is possible with a part of the mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Nothing: an access is a segmentation fault.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

impl From<Access> for MprotectFlags {
    fn from(access: Access) -> MprotectFlags {
        match access {
            Access::None => MprotectFlags::empty(),
            Access::Read => MprotectFlags::READ,
            Access::Write => MprotectFlags::READ | MprotectFlags::WRITE,
        }
    }
}

/// A mapping at fixed addresses.
///
/// Invariants: the mapping covers all of `range` and belongs to this value alone; no Rust
/// reference points into it, ever.
pub(super) struct Reservation {
    range: Range<u64>,
    base: NonNull<c_void>,
    // Dropped after the mapping, whose removal is in `Drop`.
    _claim: Claim,
}

/// The guest's sizes fit the host's pointers: only 64-bit Pulley runs, on 64-bit hosts.
fn host_size(bytes: u64) -> usize {
    usize::try_from(bytes).expect("the guest's memory fits a 64-bit host")
}

fn len(range: &Range<u64>) -> usize {
    host_size(range.end - range.start)
}

impl Reservation {
    /// Reserves exactly `range`, inaccessible and zero.
    ///
    /// # Errors
    /// When there is another reservation in this process, or the host has something else there.
    pub(super) fn new(range: Range<u64>) -> Result<Reservation, MachineError> {
        let claim = Claim::new()
            .ok_or_else(|| MachineError("this process has a Pulley machine already".into()))?;
        let base = map(&range)?;
        Ok(Reservation {
            range,
            base,
            _claim: claim,
        })
    }

    /// A pointer to `address`, where `bytes` bytes are in the range.
    fn pointer(&self, address: u64, bytes: usize) -> *mut u8 {
        let room = self.range.end.checked_sub(address);
        assert!(
            self.range.start <= address && room.is_some_and(|room| bytes as u64 <= room),
            "{bytes} bytes at {address:#x} are in the reservation"
        );
        // SAFETY: the mapping covers all of the range, and the address is in there.
        unsafe {
            self.base
                .as_ptr()
                .cast::<u8>()
                .add(host_size(address - self.range.start))
        }
    }

    /// Sets what is possible with `area`, whose ends are multiples of the host's page size.
    pub(super) fn protect(&self, area: &Range<u64>, access: Access) -> Result<(), Errno> {
        // SAFETY: `pointer` has checked that the area is in the mapping, to which no Rust
        // reference points.
        unsafe {
            mprotect(
                self.pointer(area.start, len(area)).cast(),
                len(area),
                access.into(),
            )
        }
    }

    /// Makes `area` zero, for reading and writing. The cost is that of the pages that were
    /// touched, not of the whole area.
    pub(super) fn renew(&mut self, area: &Range<u64>) -> Result<(), Errno> {
        // SAFETY: what is replaced is in the mapping, as `pointer` has checked, and no Rust
        // reference points there.
        unsafe {
            mmap_anonymous(
                self.pointer(area.start, len(area)).cast(),
                len(area),
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED,
            )
        }
        .map(|_| ())
    }

    /// Copies out of the mapping. The caller knows the bytes to be readable; if they were not,
    /// the process would die.
    pub(super) fn copy_out(&self, address: u64, buffer: &mut [u8]) {
        let from = self.pointer(address, buffer.len());
        // SAFETY: both are valid for the length, by `pointer` and by being a slice. They do not
        // overlap: no Rust object lies in the mapping.
        unsafe { from.copy_to_nonoverlapping(buffer.as_mut_ptr(), buffer.len()) };
    }

    /// Copies into the mapping. The caller knows the bytes to be writable; if they were not,
    /// the process would die.
    pub(super) fn copy_in(&mut self, address: u64, bytes: &[u8]) {
        let to = self.pointer(address, bytes.len());
        // SAFETY: as in `copy_out`.
        unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own and is not used any more.
        let result = unsafe { munmap(self.base.as_ptr(), len(&self.range)) };
        debug_assert!(result.is_ok(), "removing an existing mapping succeeds");
    }
}

/// Maps exactly `range`, inaccessible.
fn map(range: &Range<u64>) -> Result<NonNull<c_void>, MachineError> {
    let wanted = host_size(range.start);
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
    // Elsewhere, and on Linux before 4.17, the address is a hint: hence the check below.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let flags = flags | MapFlags::FIXED_NOREPLACE;
    // SAFETY: without `MAP_FIXED` nothing that exists is replaced.
    let mapped = unsafe {
        mmap_anonymous(
            std::ptr::without_provenance_mut(wanted),
            len(range),
            ProtFlags::empty(),
            flags,
        )
    }
    .map_err(|errno| MachineError(format!("reserving {range:#x?}: {errno}")))?;
    // The interpreter makes pointers out of integers, which needs their provenance exposed.
    if mapped.expose_provenance() != wanted {
        // SAFETY: the mapping was made above and nobody knows of it.
        let _ = unsafe { munmap(mapped, len(range)) };
        return Err(MachineError(format!(
            "the host has something else in {range:#x?}"
        )));
    }
    NonNull::new(mapped).ok_or_else(|| MachineError("the guest's memory is at null".into()))
}
