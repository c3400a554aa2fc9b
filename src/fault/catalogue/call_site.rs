//! Code around a patchable call that does not keep what the call needs, or needs what the call
//! does not keep.

use super::super::{Class, Fault, Injected, Instance, Means, On, Placement, Subject};
use super::{arguments, registers};
use crate::isa::Isa;
use crate::machine::abi::{Part, call_layout};
use crate::machine::tampering::{Act, Change, Moment, SiteState, Tampering};
use crate::machine::{RegisterId, RegisterTable};
use crate::program::{CallConv, Program, SiteId};

const fn fault(name: &'static str, means: Means, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::CallSite,
        means,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "argument-overwritten-before",
            Means::Run,
            "a later argument is computed in the register of an earlier one",
            |isa| arguments::overwritten(isa, Moment::BeforeSite),
        ),
        fault(
            "argument-overwritten-after",
            Means::Run,
            "the call sequence leaves junk in an argument register that the hook's ABI preserves",
            |isa| arguments::overwritten(isa, Moment::AfterSite),
        ),
        fault(
            "argument-missing-while-nopped",
            Means::Run,
            "an argument's move is inside of the range, so that it goes with the call",
            arguments::missing_while_nopped,
        ),
        fault(
            "stack-argument-overwritten",
            Means::Run,
            "a spill goes to the outgoing argument area",
            |_| On::Instances(vec![Instance::new("", arguments::stack)]),
        ),
        fault(
            "value-in-clobbered-register",
            Means::Image,
            "the allocator takes the hook's ABI for the no-clobber one, and keeps values in \
             registers that the hook may overwrite",
            |_| On::Instances(vec![Instance::new("", wrong_convention)]),
        ),
        fault(
            "stack-pointer-off",
            Means::Run,
            "the stack arguments are popped twice or not at all",
            |isa| {
                let sp = RegisterTable::of(isa).sp;
                let off = |amount: i64| {
                    Instance::new(format!("{amount:+} bytes"), move |subject| {
                        let change = Change::Add {
                            register: sp,
                            amount,
                        };
                        everywhere(subject, Moment::AfterSite, SiteState::Live, change)
                    })
                };
                On::Instances(vec![off(-8), off(8)])
            },
        ),
        fault(
            "stack-misaligned",
            Means::Run,
            "the frame's size is no multiple of the stack's alignment",
            |isa| On::Instances(vec![misaligned(isa)]),
        ),
        fault(
            "return-address-off",
            Means::Run,
            "the return address is that of another instruction",
            |isa| {
                let unit = i64::try_from(isa.code_alignment()).unwrap_or(1);
                let off = |amount: i64| {
                    Instance::new(format!("{amount:+} bytes"), move |subject| {
                        let change = Change::ReturnAddress(amount);
                        everywhere(subject, Moment::HookEntry, SiteState::Live, change)
                    })
                };
                On::Instances(vec![off(-unit), off(unit)])
            },
        ),
        fault(
            "nopped-site-changes-register",
            Means::Run,
            "an instruction of the call sequence outside of the range writes a register",
            |isa| registers_of(isa, false),
        ),
        fault(
            "nopped-site-changes-flags",
            Means::Run,
            "a NOP unit sets condition flags",
            |isa| registers_of(isa, true),
        ),
    ]
}

/// One change at all sites.
pub fn everywhere(
    subject: &Subject,
    moment: Moment,
    state: SiteState,
    change: Change,
) -> Placement {
    at(subject.sites(|_| true), moment, state, change)
}

/// One change at these sites, if there are any.
pub fn at(sites: Vec<SiteId>, moment: Moment, state: SiteState, change: Change) -> Placement {
    let act = |sites| {
        Tampering::act(Act {
            moment,
            sites,
            state,
            skip: 0,
            change,
        })
    };
    Placement::run((!sites.is_empty()).then(|| act(sites)))
}

/// Callers compiled as if the platform's hooks were of the no-clobber ABI. The hooks themselves
/// stay as they are.
fn wrong_convention(subject: &Subject) -> Placement {
    let interface = &subject.program.interface;
    let platform = |conv| matches!(conv, CallConv::SystemV | CallConv::Fast);
    let hooks: Vec<&str> = interface
        .functions
        .iter()
        .filter(|f| f.is_hook && platform(f.signature.call_conv))
        .map(|f| f.name.as_str())
        .collect();
    let text: Vec<String> = subject
        .program
        .text
        .lines()
        .map(|line| believed(line, &hooks))
        .collect();
    let text = text.join("\n");
    if text == *subject.program.text {
        return Placement::NoPlace;
    }
    let other = Program::parse(&subject.program.name, &text).ok();
    let other = other.and_then(|program| {
        let target = program.targets_of(subject.isa()).next()?.clone();
        subject.generator.compile(&program, &target).ok()
    });
    let Some(mut compiled) = other else {
        return Placement::NoPlace;
    };
    for (wrong, right) in compiled
        .functions
        .iter_mut()
        .zip(&subject.compiled.functions)
    {
        if hooks.contains(&wrong.name.as_str()) {
            *wrong = right.clone();
        }
    }
    let changed = compiled != subject.compiled;
    Placement::of(changed.then_some(Injected::Compiled(compiled)))
}

/// A line of CLIF that declares or defines one of `hooks`, with the no-clobber convention.
fn believed(line: &str, hooks: &[&str]) -> String {
    let names = |hook: &&&str| line.contains(&format!("{hook}("));
    let declares = line.contains("patchable ") || line.starts_with("function ");
    if !declares || !hooks.iter().any(|hook| names(&hook)) || line.contains("->") {
        return line.to_owned();
    }
    let line = line.replace(" system_v", " preserve_all");
    line.replace(" fast", " preserve_all")
}

/// Half a unit of alignment before the site, taken back behind it.
fn misaligned(isa: Isa) -> Instance {
    let sp = RegisterTable::of(isa).sp;
    let half = i64::try_from(crate::machine::abi::stack_alignment(isa) / 2).unwrap_or(8);
    Instance::new(format!("by {half} bytes"), move |subject: &Subject| {
        let on_stack = |part: &Part| matches!(part, Part::Stack { .. });
        let sites = subject.sites(|hook| {
            call_layout(isa, &hook.signature).is_ok_and(|layout| {
                let mut parts = layout.params.iter().flat_map(|place| &place.parts);
                layout.callee_pops == 0 && !parts.any(on_stack)
            })
        });
        let act = |moment, amount| Act {
            moment,
            sites: sites.clone(),
            state: SiteState::Any,
            skip: 0,
            change: Change::Add {
                register: sp,
                amount,
            },
        };
        let acts = vec![
            act(Moment::BeforeSite, -half),
            act(Moment::BehindSite, half),
        ];
        let tampering = Tampering {
            acts,
            ..Tampering::default()
        };
        Placement::run((!sites.is_empty()).then_some(tampering))
    })
}

/// Each register, or the flags, changed over NOPed sites.
fn registers_of(isa: Isa, flags: bool) -> On {
    let table = RegisterTable::of(isa);
    let registers: Vec<(RegisterId, &str, u128)> = if flags {
        let flags = table
            .ids()
            .filter(|id| table.info(*id).role == crate::machine::RegisterRole::Flags);
        // Carry on x86-64, overflow on AArch64, the low bit of the condition code.
        let mask = if isa == Isa::Aarch64 { 1 << 28 } else { 1 };
        flags.map(|id| (id, table.info(id).name, mask)).collect()
    } else {
        registers::values(isa)
            .into_iter()
            .map(|(id, info)| (id, info.name, 1))
            .collect()
    };
    if registers.is_empty() {
        return On::Never("the ISA has no flags");
    }
    let instances = registers.into_iter().map(|(register, name, mask)| {
        Instance::new(name, move |subject: &Subject| {
            let change = Change::Flip { register, mask };
            everywhere(subject, Moment::AfterSite, SiteState::Nopped, change)
        })
    });
    On::Instances(instances.collect())
}
