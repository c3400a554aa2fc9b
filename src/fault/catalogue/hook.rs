//! A hook of the no-clobber ABI that does not give back what it found.

use super::super::code::{self, Surgery};
use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use super::call_site::at;
use super::registers;
use crate::isa::Isa;
use crate::machine::abi::{call_layout, preserved};
use crate::machine::tampering::{Act, Change, Moment, SiteState, Tampering};
use crate::machine::{RegisterId, RegisterInfo, RegisterRole, RegisterTable};
use crate::program::{CallConv, FunctionDecl, SiteId};

const SCRATCH: &str = "the generator declares the register as scratch: no value lives in one \
                       across an instruction, which the session holds it to by overwriting it in \
                       front of every site";
const FLAGS: &str = "no ABI preserves condition flags over a call: a value in them is not kept \
                     across one";
const STATUS: &str = "sticky status bits are no caller's: every ABI document leaves them \
                      undefined after a call";

const fn run(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Hook,
        means: Means::Run,
        bug,
        on,
    }
}

const fn image(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        means: Means::Image,
        ..run(name, bug, on)
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        run(
            "register-not-saved",
            "the clobber list lacks a register",
            |isa| {
                each(isa, |register, info| {
                    lost(register, registers::full(info), 0)
                })
            },
        ),
        run(
            "register-half-saved",
            "a register is saved with half of its width",
            |isa| each_half(isa, |register, mask| lost(register, mask, 0)),
        ),
        run(
            "register-from-other-slot",
            "a register is restored from its neighbour's slot",
            |isa| neighbours(isa, |into, from| Change::Copy { into, from }),
        ),
        run(
            "slots-overlap",
            "save slots are closer than they are wide",
            overlaps,
        ),
        run(
            "register-lost-on-one-path",
            "one of several returns skips a restore",
            |isa| {
                each(isa, |register, info| {
                    lost(register, registers::full(info), 1)
                })
            },
        ),
        run(
            "register-clobbered-before-save",
            "the prologue computes in a register that it has not saved yet",
            |isa| {
                each(isa, |register, info| {
                    let mask = registers::full(info);
                    act(Moment::HookEntry, 0, Change::Flip { register, mask })
                })
            },
        ),
        run(
            "rounding-mode-lost",
            "a hook sets the rounding mode and does not set it back",
            rounding,
        ),
        run("flags-lost", "a hook leaves other condition flags", |isa| {
            control(
                isa,
                |role| role == RegisterRole::Flags,
                FLAGS,
                "the ISA has no flags",
            )
        }),
        run(
            "status-bits-lost",
            "a hook leaves sticky floating-point status bits",
            |isa| {
                // Where the ABI protects the whole register it has no status bits.
                let role =
                    |role| matches!(role, RegisterRole::Control(mask) if mask & 0xffff != 0xffff);
                control(isa, role, STATUS, "the ISA has no floating-point status")
            },
        ),
        run(
            "save-above-frame",
            "a save slot lies in the caller's frame",
            |_| On::Instances(vec![Instance::new("", above_frame)]),
        ),
        image("save-dropped", "the prologue lacks a save", |isa| {
            surgery(isa, Surgery::DropSave)
        }),
        image("restore-dropped", "the epilogue lacks a restore", |isa| {
            surgery(isa, Surgery::DropRestore)
        }),
        image(
            "save-half-width",
            "a save stores half of the register",
            |isa| surgery(isa, Surgery::HalfSave),
        ),
        image(
            "restore-from-other-slot",
            "a restore loads from another register's slot",
            |isa| surgery(isa, Surgery::OtherSlot),
        ),
        image(
            "save-below-frame",
            "a save slot lies below the stack pointer, where callees write",
            |isa| surgery(isa, Surgery::BelowFrame),
        ),
    ]
}

fn no_clobber(hook: &FunctionDecl) -> bool {
    hook.signature.call_conv == CallConv::PreserveAll
}

/// What is done to a register at the no-clobber sites.
type Doing = (Moment, u32, Change);

fn act(moment: Moment, skip: u32, change: Change) -> Doing {
    (moment, skip, change)
}

fn lost(register: RegisterId, mask: u128, skip: u32) -> Doing {
    act(Moment::AfterSite, skip, Change::Flip { register, mask })
}

fn done(subject: &Subject, register: RegisterId, (moment, skip, change): Doing) -> Placement {
    let name = RegisterTable::of(subject.isa()).info(register).name;
    if subject.image.scratch.iter().any(|scratch| scratch == name) {
        return Placement::Equivalent(SCRATCH);
    }
    let sites: Vec<SiteId> = subject.sites(no_clobber);
    let tampering = Tampering::act(Act {
        moment,
        sites: sites.clone(),
        state: SiteState::Live,
        skip,
        change,
    });
    Placement::run((!sites.is_empty()).then_some(tampering))
}

/// An instance for each register.
fn each(isa: Isa, doing: fn(RegisterId, &'static RegisterInfo) -> Doing) -> On {
    let instances = registers::values(isa).into_iter().map(|(register, info)| {
        Instance::new(info.name, move |subject: &Subject| {
            done(subject, register, doing(register, info))
        })
    });
    On::Instances(instances.collect())
}

/// An instance for each half of each register.
fn each_half(isa: Isa, doing: fn(RegisterId, u128) -> Doing) -> On {
    let mut instances = Vec::new();
    for (register, info) in registers::values(isa) {
        for (half, mask) in registers::halves(info) {
            let label = format!("{}, {half}", info.name);
            instances.push(Instance::new(label, move |subject: &Subject| {
                done(subject, register, doing(register, mask))
            }));
        }
    }
    On::Instances(instances)
}

/// An instance for each register and the next one of its file.
fn neighbours(isa: Isa, change: fn(RegisterId, RegisterId) -> Change) -> On {
    let mut instances = Vec::new();
    for file in registers::files(isa) {
        for (index, &(into, info)) in file.iter().enumerate() {
            let (from, other) = file[(index + 1) % file.len()];
            let label = format!("{} from {}", info.name, other.name);
            instances.push(Instance::new(label, move |subject: &Subject| {
                done(subject, into, act(Moment::AfterSite, 0, change(into, from)))
            }));
        }
    }
    On::Instances(instances)
}

/// An instance for each number of bytes that two slots of a file can share, each at other
/// registers.
fn overlaps(isa: Isa) -> On {
    let mut instances = Vec::new();
    for file in registers::files(isa) {
        let width = file[0].1.bytes;
        for bytes in 1..=width {
            let index = usize::from(bytes) % (file.len() - 1);
            let ((into, info), (from, other)) = (file[index], file[index + 1]);
            let label = format!("{} and {} by {bytes} bytes", info.name, other.name);
            instances.push(Instance::new(label, move |subject: &Subject| {
                let change = Change::Overlap { into, from, bytes };
                done(subject, into, act(Moment::AfterSite, 0, change))
            }));
        }
    }
    On::Instances(instances)
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
            done(subject, register, lost(register, mask, 0))
        }))
    });
    On::Instances(instances.collect())
}

/// What no ABI protects.
fn control(
    isa: Isa,
    role: fn(RegisterRole) -> bool,
    reason: &'static str,
    never: &'static str,
) -> On {
    let table = RegisterTable::of(isa);
    let found = table
        .ids()
        .map(|id| table.info(id))
        .filter(|info| role(info.role));
    let instances: Vec<Instance> = found
        .map(|info| Instance::new(info.name, move |_| Placement::Equivalent(reason)))
        .collect();
    if instances.is_empty() {
        On::Never(never)
    } else {
        On::Instances(instances)
    }
}

/// The first byte above the hook's own argument area.
fn above_frame(subject: &Subject) -> Placement {
    let place = subject.program.interface.sites.iter().find_map(|site| {
        let signature = subject.program.interface.site_signature(site.id);
        let layout = call_layout(subject.isa(), signature).ok()?;
        let above = layout.argument_area.max(layout.reserved.end);
        let wanted = signature.call_conv == CallConv::PreserveAll && layout.callee_pops == 0;
        wanted.then_some((site.id, i64::try_from(above).ok()?))
    });
    match place {
        Some((site, offset)) => {
            let change = Change::FlipMemory { offset };
            at(vec![site], Moment::AfterSite, SiteState::Live, change)
        }
        None => Placement::NoPlace,
    }
}

/// An instance for each register whose save or restore an instruction of some hook is.
fn surgery(isa: Isa, surgery: Surgery) -> On {
    let table = RegisterTable::of(isa);
    let mut registers = registers::values(isa);
    registers.extend(table.link.map(|link| (link, table.info(link))));
    let instances = registers.into_iter().map(|(register, info)| {
        Instance::new(info.name, move |subject: &Subject| {
            if let Some(reason) = code::impossible(isa, info.name, surgery) {
                return Placement::Never(reason);
            }
            if subject
                .image
                .scratch
                .iter()
                .any(|scratch| scratch == info.name)
            {
                return Placement::Equivalent(SCRATCH);
            }
            // A store of a register that the hook may clobber is a spill and no save.
            let saves = |hook: &FunctionDecl| {
                let conv = hook.signature.call_conv;
                let is_link = Some(register) == table.link;
                is_link || preserved(isa, conv).mask(register) == registers::full(info)
            };
            code::operate(subject, &saves, info.name, surgery)
        })
    });
    On::Instances(instances.collect())
}
