//! The machines of this process: one for each ISA of Unicorn's, and one Pulley machine, because a
//! process has room for no more.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::isa::Isa;
use crate::machine::pulley::PulleyMachine;
use crate::machine::unicorn::UnicornMachine;
use crate::machine::{Machine, RunEvidence};
use crate::scenario::{Job, JobError, execute};

/// A machine for `isa` in this process.
///
/// # Errors
/// When the machine cannot be set up.
pub fn machine(isa: Isa) -> Result<Box<dyn Machine>, JobError> {
    if isa.is_pulley() {
        Ok(Box::new(PulleyMachine::new(isa)?))
    } else {
        Ok(Box::new(UnicornMachine::new(isa)?))
    }
}

/// Machines that are made when they are first needed, and kept.
#[derive(Default)]
pub struct Local {
    unicorn: HashMap<Isa, UnicornMachine>,
    pulley: Option<PulleyMachine>,
}

impl Local {
    /// Executes a job in this process.
    ///
    /// # Errors
    /// When a machine cannot be made, or is broken.
    pub fn execute(&mut self, job: &Job) -> Result<Vec<RunEvidence>, JobError> {
        execute(self.machine(job.image.isa)?, job)
    }

    fn machine(&mut self, isa: Isa) -> Result<&mut dyn Machine, JobError> {
        if isa.is_pulley() {
            return Ok(match &mut self.pulley {
                Some(machine) => {
                    machine.become_one_for(isa)?;
                    machine
                }
                none => none.insert(PulleyMachine::new(isa)?),
            });
        }
        Ok(match self.unicorn.entry(isa) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(UnicornMachine::new(isa)?),
        })
    }
}
