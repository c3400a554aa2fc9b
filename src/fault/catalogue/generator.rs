//! What else a code generator gets wrong, where other checks would look the other way.

use super::super::{Class, Fault, Injected, Instance, Means, On, Placement, Subject};
use super::{arguments, registers};
use crate::isa::Isa;
use crate::machine::abi::{Part, call_layout};
use crate::machine::tampering::{Act, Change, Moment, SiteState, Tampering};
use crate::machine::{Exit, RegisterRole, RunEvidence};
use crate::program::Program;

const fn fault(name: &'static str, means: Means, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Generator,
        means,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "valid-input-fails",
            Means::Image,
            "the generator panics at a program that the verifier accepts",
            |_| {
                On::Instances(vec![Instance::new("", |_: &Subject| {
                    let message = "panicked: no rule matched".to_owned();
                    Placement::of(Some(Injected::Failed(message)))
                })])
            },
        ),
        fault(
            "wrong-result",
            Means::Run,
            "an instruction is lowered to another one, with hooks and without",
            |_| On::Instances(vec![Instance::new("", |s: &Subject| wrong_result(s))]),
        ),
        fault(
            "wrong-argument-without-reference",
            Means::Run,
            "an argument is computed wrongly, in a program of which the reference says nothing",
            |_| {
                On::Instances(vec![Instance::new("", |subject: &Subject| {
                    if subject.predicted {
                        return Placement::NoPlace;
                    }
                    wrong_argument(subject)
                })])
            },
        ),
        fault(
            "extension-not-stated",
            Means::Image,
            "an instruction is emitted whose extension the target does not have",
            |isa| {
                if isa.is_pulley() {
                    return On::Never("Pulley has no extensions");
                }
                On::Instances(vec![Instance::new("", |subject: &Subject| {
                    let mut compiled = subject.compiled.clone();
                    compiled.extensions.clear();
                    Placement::compiled(uses_flags(subject).then_some(compiled))
                })])
            },
        ),
        fault(
            "value-in-scratch-register",
            Means::Image,
            "the allocator hands out a register that is declared as scratch",
            |isa| {
                let arguments = registers::arguments(isa).into_iter();
                let ints = arguments.filter(|(_, i)| matches!(i.role, RegisterRole::Int(_)));
                let instances = ints.map(|(register, info)| {
                    Instance::new(info.name, move |subject: &Subject| {
                        // An argument is a value that lives in it up to the site.
                        let (sites, _) = arguments::with_argument(subject, register, false);
                        let mut compiled = subject.compiled.clone();
                        compiled.scratch.push(info.name.to_owned());
                        Placement::compiled((!sites.is_empty()).then_some(compiled))
                    })
                });
                On::Instances(instances.collect())
            },
        ),
        fault(
            "trap-records-lost",
            Means::Image,
            "an instruction that traps has no record, so that the trap is a crash",
            |_| {
                On::Instances(vec![Instance::new("", |subject: &Subject| {
                    let mut compiled = subject.compiled.clone();
                    let trapped = |run: &RunEvidence| matches!(run.exit, Exit::Trap { .. });
                    let any = subject.evidence.iter().any(trapped);
                    compiled.functions.iter_mut().for_each(|f| f.traps.clear());
                    Placement::compiled(any.then_some(compiled))
                })])
            },
        ),
    ]
}

/// Whether the flags of the subject's target make other code of it than the baseline's.
fn uses_flags(subject: &Subject) -> bool {
    if subject.target.flags.trim().is_empty() {
        return false;
    }
    let baseline = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["target", isa, ..] => format!("target {isa}"),
        _ => line.to_owned(),
    };
    let lines: Vec<String> = subject.program.text.lines().map(baseline).collect();
    let program = Program::parse(&subject.program.name, &lines.join("\n"));
    let compiled = program.ok().and_then(|program| {
        let target = program.targets_of(subject.isa()).next()?.clone();
        subject.generator.compile(&program, &target).ok()
    });
    compiled.is_none_or(|baseline| baseline.functions != subject.compiled.functions)
}

/// The lowest bit of the first result becomes its opposite.
fn wrong_result(subject: &Subject) -> Placement {
    let place = subject.program.invocations.first().and_then(|invocation| {
        let index = usize::try_from(invocation.function).ok()?;
        let signature = &subject.program.interface.functions.get(index)?.signature;
        let layout = call_layout(subject.isa(), signature).ok()?;
        let mut parts = layout.returns.iter().flat_map(|place| place.parts.clone());
        parts.find_map(|part| match part {
            Part::Register {
                register, shift, ..
            } => Some((register, 1 << shift)),
            _ => None,
        })
    });
    let act = place.map(|(register, mask)| Act {
        moment: Moment::EntryReturn,
        sites: Vec::new(),
        state: SiteState::Any,
        skip: 0,
        change: Change::Flip { register, mask },
    });
    Placement::run(act.map(Tampering::act))
}

/// The lowest bit of a hook's first argument becomes its opposite, at all sites of that hook.
fn wrong_argument(subject: &Subject) -> Placement {
    let interface = &subject.program.interface;
    let place = interface.functions.iter().find_map(|function| {
        let layout = call_layout(subject.isa(), &function.signature).ok()?;
        let mut parts = layout.params.iter().flat_map(|place| place.parts.clone());
        let part = parts.find_map(|part| match part {
            Part::Register {
                register, shift, ..
            } => Some((register, 1 << shift)),
            _ => None,
        })?;
        let sites = subject.sites(|hook| hook.name == function.name);
        (!sites.is_empty()).then_some((sites, part))
    });
    let act = place.map(|(sites, (register, mask))| Act {
        moment: Moment::BeforeSite,
        sites,
        state: SiteState::Any,
        skip: 0,
        change: Change::Flip { register, mask },
    });
    Placement::run(act.map(Tampering::act))
}
