//! Registers and memory of a test.

use super::super::Registers;

/// All that a gap can see or change. `cc` stays `None` until it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) gpr: [u64; 16],
    pub(super) vr: [u128; 32],
    pub(super) cc: Option<u8>,
    /// One doubleword of memory, and its address.
    pub(super) memory: (u64, [u8; 8]),
}

impl State {
    /// Every register holds a value of its own, so that a wrong number shows.
    pub(super) fn new() -> Self {
        State {
            gpr: std::array::from_fn(|n| 0x1111_2222_3333_4400 + n as u64),
            vr: std::array::from_fn(|n| 0x5555_6666_7777_8888_9999_aaaa_bbbb_cc00 + n as u128),
            cc: None,
            memory: (0, [0; 8]),
        }
    }

    pub(super) fn with_gpr(mut self, n: usize, value: u64) -> Self {
        self.gpr[n] = value;
        self
    }

    pub(super) fn with_vr(mut self, n: usize, value: u128) -> Self {
        self.vr[n] = value;
        self
    }

    pub(super) fn with_cc(mut self, cc: u8) -> Self {
        self.cc = Some(cc);
        self
    }
}

impl Registers for State {
    fn gpr(&self, n: u8) -> u64 {
        self.gpr[usize::from(n)]
    }

    fn set_gpr(&mut self, n: u8, value: u64) {
        self.gpr[usize::from(n)] = value;
    }

    fn vr(&self, n: u8) -> u128 {
        self.vr[usize::from(n)]
    }

    fn set_vr(&mut self, n: u8, value: u128) {
        self.vr[usize::from(n)] = value;
    }

    fn set_cc(&mut self, cc: u8) {
        self.cc = Some(cc);
    }

    fn load(&self, address: u64, bytes: u8) -> Option<u64> {
        let offset = usize::try_from(address.checked_sub(self.memory.0)?).ok()?;
        let part = self.memory.1.get(offset..offset + usize::from(bytes))?;
        Some(
            part.iter()
                .fold(0, |value, &byte| value << 8 | u64::from(byte)),
        )
    }
}
