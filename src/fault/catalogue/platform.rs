//! Functions of the platform's ABIs that lose a callee-saved register: as a hook, as a function
//! that the program calls, and as the entry.

use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use super::call_site::at;
use super::registers;
use crate::disasm::direct_call;
use crate::isa::Isa;
use crate::machine::abi::preserved;
use crate::machine::tampering::{Act, Change, Moment, SiteState, Tampering};
use crate::machine::{RegisterId, RegisterTable};
use crate::program::{CallConv, FunctionDecl};

const HALF: &str = "the platform's ABI does not preserve this half of the register";
const WINCH: &str = "no callee-saved register but the frame pointer";

const fn fault(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Platform,
        means: Means::Run,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "hook-loses-callee-saved",
            "a hook of the platform's ABI does not save a register that it must",
            |isa| each(isa, hook),
        ),
        fault(
            "function-loses-callee-saved",
            "a function does not save a register that it must",
            |isa| each(isa, function),
        ),
        fault(
            "entry-loses-callee-saved",
            "an entry does not save a register that it must",
            |isa| each(isa, entry),
        ),
        fault(
            "rounding-mode-lost-by-function",
            "a function sets the rounding mode and does not set it back",
            rounding,
        ),
    ]
}

/// The bits of a register that a function loses.
#[derive(Clone, Copy)]
struct Lost {
    register: RegisterId,
    mask: u128,
}

impl Lost {
    /// Whether a function of that convention must preserve all of them.
    fn matters(self, isa: Isa, conv: CallConv) -> bool {
        preserved(isa, conv).mask(self.register) & self.mask == self.mask
    }

    fn change(self) -> Change {
        Change::Flip {
            register: self.register,
            mask: self.mask,
        }
    }
}

/// An instance for each callee-saved register whole and for each of its halves.
fn each(isa: Isa, place: fn(&Subject, Lost) -> Placement) -> On {
    let kept = preserved(isa, CallConv::SystemV);
    let mut instances = Vec::new();
    for (register, info) in registers::values(isa) {
        let mask = kept.mask(register);
        if mask == 0 {
            continue;
        }
        let whole = std::iter::once(("all of it", mask));
        for (part, part_mask) in whole.chain(registers::halves(info)) {
            let label = format!("{}, {part}", info.name);
            let lost = Lost {
                register,
                mask: part_mask,
            };
            let equivalent = part_mask & mask == 0;
            instances.push(Instance::new(label, move |subject: &Subject| {
                if equivalent {
                    return Placement::Equivalent(HALF);
                }
                place(subject, lost)
            }));
        }
    }
    if instances.is_empty() {
        return On::Never(WINCH);
    }
    On::Instances(instances)
}

fn hook(subject: &Subject, lost: Lost) -> Placement {
    let concerned = |hook: &FunctionDecl| {
        let conv = hook.signature.call_conv;
        conv != CallConv::PreserveAll && lost.matters(subject.isa(), conv)
    };
    let sites = subject.sites(concerned);
    at(sites, Moment::AfterSite, SiteState::Live, lost.change())
}

/// Behind the direct calls of functions that are no hooks.
fn function(subject: &Subject, lost: Lost) -> Placement {
    let image = &subject.image;
    let interface = &subject.program.interface;
    let callee = |target: u64| {
        let mut functions = interface.functions.iter();
        functions.find(|f| image.symbols.get(&f.name) == Some(&target))
    };
    let mut places = Vec::new();
    for code in &subject.code {
        let list: Vec<_> = code.instructions.values().cloned().collect();
        for (index, first) in list.iter().enumerate() {
            let Some(call) = direct_call(&list[index..list.len().min(index + 2)]) else {
                continue;
            };
            let Some(end) = list.get(index + call.instructions - 1).map(|i| i.end()) else {
                continue;
            };
            let patchable = image
                .sites
                .iter()
                .any(|s| s.range().contains(&first.address));
            let concerned = callee(call.target)
                .is_some_and(|f| lost.matters(subject.isa(), f.signature.call_conv));
            if concerned && !patchable && !places.contains(&end) {
                places.push(end);
            }
        }
    }
    let tampering = Tampering::act(Act {
        moment: Moment::At(places.clone()),
        sites: Vec::new(),
        state: SiteState::Any,
        skip: 0,
        change: lost.change(),
    });
    Placement::run((!places.is_empty()).then_some(tampering))
}

fn entry(subject: &Subject, lost: Lost) -> Placement {
    let mut entries = subject.program.invocations.iter().map(|invocation| {
        let function = usize::try_from(invocation.function).unwrap_or(usize::MAX);
        subject.program.interface.functions.get(function)
    });
    let concerned =
        entries.all(|f| f.is_some_and(|f| lost.matters(subject.isa(), f.signature.call_conv)));
    let tampering = Tampering::act(Act {
        moment: Moment::EntryReturn,
        sites: Vec::new(),
        state: SiteState::Any,
        skip: 0,
        change: lost.change(),
    });
    Placement::run(concerned.then_some(tampering))
}

fn rounding(isa: Isa) -> On {
    let table = RegisterTable::of(isa);
    let registers = registers::rounding(isa);
    if registers.is_empty() {
        return On::Never("Pulley has no rounding mode");
    }
    let instances = registers.into_iter().filter_map(|(name, mask)| {
        let register = table.by_name(name)?;
        Some(Instance::new(name, move |subject: &Subject| {
            entry(subject, Lost { register, mask })
        }))
    });
    On::Instances(instances.collect())
}
