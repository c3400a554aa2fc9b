//! Carries out a `Tampering`: the one place where a session does wrong on purpose. Without
//! one, nothing here does anything.

use std::sync::Arc;

use super::super::abi;
use super::super::registers::RegisterTable;
use super::super::tampering::{Act, Change, Moment, PatcherFault, SiteState, SuiteFault};
use super::super::{Cpu, MemoryFault, RegisterId, Registers};
use super::{Session, low64};
use crate::isa::Isa;
use crate::program::SiteId;

/// A site and whether it was live when it was reached.
pub type Reached = Option<(SiteId, bool)>;

impl Session {
    /// Whether the suite is to do this wrong.
    pub(super) fn suite_fault(&self, fault: SuiteFault) -> bool {
        self.plan.tampering().suite == Some(fault)
    }

    /// The number of bytes beyond which only lower halves of registers are to be recorded.
    pub(super) fn recorded_in_part(&self) -> Option<u8> {
        match self.plan.tampering().suite {
            Some(SuiteFault::HalfWidth(wider)) => Some(wider),
            _ => None,
        }
    }

    /// Makes the changes that belong to this moment.
    pub(super) fn tamper(&mut self, cpu: &mut dyn Cpu, moment: &Moment, site: Reached) {
        if self.plan.tampering().acts.is_empty() {
            return;
        }
        let plan = Arc::clone(&self.plan);
        for (index, act) in plan.tampering().acts.iter().enumerate() {
            if act.moment == *moment && concerns(act, site) {
                self.count_and_change(cpu, index, act);
            }
        }
    }

    /// Makes the changes that belong to the address of a breakpoint.
    pub(super) fn tamper_at(&mut self, cpu: &mut dyn Cpu, address: u64) {
        if self.plan.tampering().acts.is_empty() {
            return;
        }
        let plan = Arc::clone(&self.plan);
        for (index, act) in plan.tampering().acts.iter().enumerate() {
            if matches!(&act.moment, Moment::At(places) if places.contains(&address)) {
                self.count_and_change(cpu, index, act);
            }
        }
    }

    fn count_and_change(&mut self, cpu: &mut dyn Cpu, index: usize, act: &Act) {
        if self.passed_acts.len() <= index {
            self.passed_acts.resize(index + 1, 0);
        }
        let passed = &mut self.passed_acts[index];
        *passed = passed.saturating_add(1);
        if *passed > act.skip {
            change(cpu, &act.change);
        }
    }

    /// The site of the innermost open pass that a return address belongs to.
    pub(super) fn arriving(&self, ret_addr: u64) -> Reached {
        let open = self.open.iter().rfind(|open| open.ret_addr == ret_addr)?;
        match self.events.get(open.event) {
            Some(super::Event::Pass(pass)) => Some((pass.site, pass.live)),
            _ => None,
        }
    }

    /// Before the run: live sites that hold NOPs all the same.
    pub(super) fn silence_sites(&mut self, cpu: &mut dyn Cpu) {
        if self.plan.tampering().patcher != Some(PatcherFault::NeverLive) {
            return;
        }
        for (number, live) in (0..).zip(&self.sites_live) {
            if *live {
                // A site that cannot be written stays as it is.
                let _unwritten = self.plan.write_site(cpu, SiteId(number), true);
            }
        }
    }

    /// Whether this change of a site must wait for the end of the next pass.
    pub(super) fn delays(&mut self, site: SiteId, live: bool) -> bool {
        let late = self.plan.tampering().patcher == Some(PatcherFault::OnePassLate);
        if late {
            self.delayed.push((site, live, false));
        }
        late
    }

    /// A pass begins: changes from before it are made when it ends.
    pub(super) fn ripen_delayed(&mut self) {
        self.delayed
            .iter_mut()
            .for_each(|(_, _, ripe)| *ripe = true);
    }

    /// Makes the changes that have waited for a pass.
    pub(super) fn make_delayed(&mut self, cpu: &mut dyn Cpu) {
        for (site, live, ripe) in std::mem::take(&mut self.delayed) {
            if ripe {
                let _unwritten = self.plan.write_site(cpu, site, live);
            } else {
                self.delayed.push((site, live, ripe));
            }
        }
    }
}

fn concerns(act: &Act, site: Reached) -> bool {
    let Some((site, live)) = site else {
        return matches!(act.moment, Moment::EntryReturn);
    };
    let state = match act.state {
        SiteState::Live => live,
        SiteState::Nopped => !live,
        SiteState::Any => true,
    };
    state && act.sites.contains(&site)
}

fn change(cpu: &mut dyn Cpu, change: &Change) {
    let isa = cpu.isa();
    let table = RegisterTable::of(isa);
    match *change {
        Change::Flip { register, mask } => {
            let old = cpu.read(register);
            let amount = (mask & (u128::MAX / 3)) | (mask & mask.wrapping_neg());
            let new = old.wrapping_add(amount) & mask;
            cpu.write(register, (old & !mask) | new);
        }
        Change::Copy { into, from } => {
            let value = cpu.read(from);
            cpu.write(into, value);
        }
        Change::Overlap { into, from, bytes } => {
            let width = 8 * u32::from(table.info(into).bytes);
            let shared = (8 * u32::from(bytes)).min(width);
            let low = u128::MAX >> (128 - shared);
            let (old, other) = (cpu.read(into), cpu.read(from));
            // The last bytes of the first slot are the first ones of the second.
            let value = if isa.is_big_endian() {
                (old & !low) | (other >> (width - shared)) & low
            } else {
                let high = low << (width - shared);
                (old & !high) | (other & low) << (width - shared)
            };
            cpu.write(into, value);
        }
        Change::Add { register, amount } => {
            let bits = 8 * u32::from(table.info(register).bytes);
            let sum = cpu.read(register).wrapping_add_signed(amount.into());
            cpu.write(register, sum & (u128::MAX >> (128 - bits)));
        }
        Change::ReturnAddress(amount) => return_address(cpu, amount),
        Change::FlipMemory { offset } => {
            let sp = low64(cpu.read(table.sp));
            let address = sp.wrapping_add_signed(offset);
            let mut byte = [0];
            // Where nothing is, nothing is overwritten.
            if cpu.load(address, &mut byte).is_ok() {
                let _unwritable = cpu.store(address, &[!byte[0]]);
            }
        }
    }
}

fn return_address(cpu: &mut dyn Cpu, amount: i64) {
    let table = RegisterTable::of(cpu.isa());
    match table.link {
        Some(link) => {
            let address = low64(cpu.read(link)).wrapping_add_signed(amount);
            cpu.write(link, address.into());
        }
        None => {
            debug_assert_eq!(abi::return_address_bytes(cpu.isa()), 8);
            let sp = low64(cpu.read(table.sp));
            let mut bytes = [0; 8];
            if cpu.load(sp, &mut bytes).is_ok() {
                let address = u64::from_le_bytes(bytes).wrapping_add_signed(amount);
                let _unwritable = cpu.store(sp, &address.to_le_bytes());
            }
        }
    }
}

/// A guest whose registers of more than `wider` bytes are recorded with half of their width.
pub struct Narrow<'a> {
    pub cpu: &'a mut dyn Cpu,
    pub wider: u8,
}

impl Cpu for Narrow<'_> {
    fn isa(&self) -> Isa {
        self.cpu.isa()
    }
    fn registers(&mut self) -> Registers {
        let table = RegisterTable::of(self.cpu.isa());
        let mut all = self.cpu.registers();
        for (value, info) in all.0.iter_mut().zip(table.registers) {
            if info.bytes > self.wider {
                *value &= u128::MAX >> (128 - 4 * u32::from(info.bytes));
            }
        }
        all
    }
    fn read(&mut self, register: RegisterId) -> u128 {
        self.cpu.read(register)
    }
    fn write(&mut self, register: RegisterId, value: u128) {
        self.cpu.write(register, value);
    }
    fn load(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        self.cpu.load(address, buffer)
    }
    fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.cpu.store(address, bytes)
    }
    fn write_code(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.cpu.write_code(address, bytes)
    }
    fn write_code_pieces(&mut self, pieces: &[(u64, Vec<u8>)]) -> Result<(), MemoryFault> {
        self.cpu.write_code_pieces(pieces)
    }
    fn pending_moves(&mut self) -> Vec<(RegisterId, u128)> {
        self.cpu.pending_moves()
    }
}
