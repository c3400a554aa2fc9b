//! A patcher that writes the wrong bytes, too few of them, or too late.

use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use crate::isa::Isa;
use crate::machine::tampering::{PatcherFault, Tampering};
use crate::program::{HostcallKind, SiteId};

const fn fault(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Patch,
        means: Means::Suite,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        Fault {
            means: Means::Image,
            ..fault(
                "live-bytes-before-relocation",
                "the linker captures the live bytes before it relocates them",
                |_| On::Instances(vec![Instance::new("", captured_early)]),
            )
        },
        fault(
            "restores-unrelocated-bytes",
            "the patcher restores what the object file holds",
            |_| {
                On::Instances(vec![Instance::new("", |subject: &Subject| {
                    let stale = unrelocated(subject);
                    let fault = (!stale.is_empty()).then_some(PatcherFault::Restores(stale));
                    Placement::run(fault.map(Tampering::patcher))
                })])
            },
        ),
        fault(
            "never-restores",
            "enabling a site again is forgotten",
            |_| always(PatcherFault::NeverRestores),
        ),
        fault(
            "fill-in-part",
            "the last or first bytes of the range are not written",
            fills,
        ),
        fault(
            "fill-shortest-first",
            "the range is filled with the shortest units first",
            |_| On::Instances(vec![Instance::new("", shortest_first)]),
        ),
        fault(
            "only-first-of-several",
            "a batch of patches ends after its first",
            |_| several(PatcherFault::OnlyFirst),
        ),
        fault(
            "only-last-of-several",
            "each patch of a batch undoes the one before it",
            |_| several(PatcherFault::OnlyLast),
        ),
        fault(
            "no-invalidation",
            "code is written and the instruction cache is not told",
            |isa| {
                if isa.is_pulley() {
                    return On::Never("Pulley's interpreter reads the bytes at each step");
                }
                always(PatcherFault::NoInvalidation)
            },
        ),
        fault(
            "toggled-one-pass-late",
            "a site that changes while the program runs does so after the next pass",
            |_| On::Instances(vec![Instance::new("", late)]),
        ),
    ]
}

fn always(fault: PatcherFault) -> On {
    On::Instances(vec![Instance::new("", move |_| {
        Placement::run(Some(Tampering::patcher(fault.clone())))
    })])
}

fn several(fault: PatcherFault) -> On {
    On::Instances(vec![Instance::new("", move |subject: &Subject| {
        let enough = subject.image.sites.len() > 1;
        Placement::run(enough.then(|| Tampering::patcher(fault.clone())))
    })])
}

/// The bytes of each site as compiled, where linking changes them.
fn unrelocated(subject: &Subject) -> Vec<(SiteId, Vec<u8>)> {
    let mut found = Vec::new();
    for site in &subject.image.sites {
        let index = usize::try_from(site.function).unwrap_or(usize::MAX);
        let (Some(id), Some(function), Some(linked)) = (
            site.id,
            subject.compiled.functions.get(index),
            subject.image.functions.get(index),
        ) else {
            continue;
        };
        let offset = |address: u64| usize::try_from(address.checked_sub(linked.start)?).ok();
        let bytes = offset(site.start()).zip(offset(site.ret_addr));
        let bytes = bytes.and_then(|(start, end)| function.bytes.get(start..end));
        if let Some(bytes) = bytes.filter(|bytes| **bytes != site.live[..]) {
            found.push((id, bytes.to_vec()));
        }
    }
    found
}

fn captured_early(subject: &Subject) -> Placement {
    let stale = unrelocated(subject);
    let mut image = (*subject.image).clone();
    for (id, bytes) in &stale {
        for site in image.sites.iter_mut().filter(|site| site.id == Some(*id)) {
            site.live.clone_from(bytes);
        }
    }
    Placement::image((!stale.is_empty()).then_some(image))
}

fn fills(_: Isa) -> On {
    let instance = |label: &str, fault: fn(u32) -> PatcherFault| {
        Instance::new(label, move |subject: &Subject| {
            let shortest = subject.image.sites.iter().map(|site| site.len).min();
            let shortest = shortest.filter(|len| *len > 1).map(fault);
            let matters = shortest.filter(|fault| leaves_live_bytes(subject, fault));
            Placement::run(matters.map(Tampering::patcher))
        })
    };
    On::Instances(vec![
        instance("all but the last byte", |len| {
            PatcherFault::FillStart(len - 1)
        }),
        instance("only the first byte", |_| PatcherFault::FillStart(1)),
        instance("all but the first byte", |_| PatcherFault::FillEnd(1)),
        instance("nothing", |_| PatcherFault::FillStart(0)),
    ])
}

/// Whether some site's bytes that are not written differ from the NOPs: s390x's `brasl` and its
/// six-byte NOP have the first byte in common.
fn leaves_live_bytes(subject: &Subject, fault: &PatcherFault) -> bool {
    let (start, end) = match fault {
        PatcherFault::FillStart(written) => (*written, u32::MAX),
        PatcherFault::FillEnd(skipped) => (0, *skipped),
        _ => return false,
    };
    subject.image.sites.iter().any(|site| {
        let nops = subject.image.nop_bytes(site).unwrap_or_default();
        let pairs = (0..).zip(site.live.iter().zip(&nops));
        let mut left = pairs.filter(|(at, _)| (start..end).contains(at));
        left.any(|(_, (live, nop))| live != nop)
    })
}

fn shortest_first(subject: &Subject) -> Placement {
    let mut lengths: Vec<usize> = subject.image.nop_units.iter().map(Vec::len).collect();
    lengths.sort_unstable();
    lengths.dedup();
    if lengths.len() < 2 {
        return Placement::Equivalent("the generator offers units of one length only");
    }
    let mixed = subject.image.sites.iter().any(|site| {
        let len = usize::try_from(site.len).unwrap_or(0);
        lengths
            .last()
            .is_some_and(|longest| len > *longest && !len.is_multiple_of(*longest))
    });
    if !mixed && subject.isa().is_pulley() {
        return Placement::Never(
            "a call takes five bytes and taking its arguments back five more: units of that \
             length fill every range",
        );
    }
    Placement::run(mixed.then(|| Tampering::patcher(PatcherFault::ShortestFirst)))
}

/// Where the program itself patches.
fn late(subject: &Subject) -> Placement {
    let mut hostcalls = subject.program.interface.hostcalls.iter();
    let patches =
        hostcalls.any(|decl| matches!(HostcallKind::of(decl), Ok(HostcallKind::Patch(_))));
    Placement::run(patches.then(|| Tampering::patcher(PatcherFault::OnePassLate)))
}
