//! What a run means.
use super::{Cpu, Event, Flow};

/// One run.
pub struct Session {
    fuel: u64,
    /// Seen so far.
    pub events: Vec<Event>,
}

impl Session {
    /// Called by a machine when the guest is about to execute the instruction at `address`,
    /// which is one of the breakpoints or a hostcall stub.
    pub fn breakpoint(&mut self, _cpu: &mut dyn Cpu, _address: u64) -> Flow {
        Flow::Continue
    }

    /// Uses up `amount` of fuel; false when there is none left and the run must end.
    pub fn burn(&mut self, amount: u64) -> bool {
        match self.fuel.checked_sub(amount) {
            Some(rest) => {
                self.fuel = rest;
                true
            }
            None => false,
        }
    }
}
