//! The suite itself, blind where it claims to see.

use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use crate::isa::Isa;
use crate::machine::RegisterTable;
use crate::machine::tampering::{PatcherFault, SuiteFault, Tampering};

const fn fault(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Suite,
        means: Means::Suite,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "hook-silently-not-run",
            "live sites hold NOPs, so that live is compared with live",
            |_| tampered(Tampering::patcher(PatcherFault::NeverLive)),
        ),
        fault(
            "hook-entries-unseen",
            "the entries of hooks are not recorded",
            |_| tampered(Tampering::suite(SuiteFault::HookEntriesUnseen)),
        ),
        fault(
            "host-not-hostile",
            "the host leaves every register alone at hostcalls",
            |_| {
                On::Instances(vec![Instance::new("", |subject: &Subject| {
                    let called = !subject.program.interface.hostcalls.is_empty();
                    let tampering = Tampering::suite(SuiteFault::FriendlyHost);
                    Placement::run(called.then_some(tampering))
                })])
            },
        ),
        fault(
            "states-recorded-at-half-width",
            "only the lower halves of registers are recorded",
            half_width,
        ),
    ]
}

fn half_width(isa: Isa) -> On {
    let wide = |bytes| SuiteFault::HalfWidth(bytes);
    let instance = |label: &str, bytes| {
        Instance::new(label, move |_: &Subject| {
            Placement::run(Some(Tampering::suite(wide(bytes))))
        })
    };
    let mut instances = vec![instance("all registers", 0)];
    let table = RegisterTable::of(isa);
    if table.registers.iter().any(|info| info.bytes > 8) {
        instances.push(instance("registers of more than 64 bits", 8));
    }
    On::Instances(instances)
}

fn tampered(tampering: Tampering) -> On {
    On::Instances(vec![Instance::new("", move |_: &Subject| {
        Placement::run(Some(tampering.clone()))
    })])
}
