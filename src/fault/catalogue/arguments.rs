//! Arguments that are not in their places when a site is reached.

use super::super::{Instance, On, Placement, Subject};
use super::call_site::at;
use super::registers;
use crate::isa::Isa;
use crate::machine::RegisterId;
use crate::machine::abi::{Part, call_layout};
use crate::machine::tampering::{Act, Change, Moment, SiteState, Tampering};
use crate::program::{CallConv, SiteId};

/// Each argument register of the platform, at the sites whose hook has an argument in it.
pub fn overwritten(isa: Isa, moment: Moment) -> On {
    let after = moment == Moment::AfterSite;
    each_argument(isa, move |subject, register| {
        let (sites, mask) = with_argument(subject, register, after);
        let state = if after {
            SiteState::Live
        } else {
            SiteState::Any
        };
        at(
            sites,
            moment.clone(),
            state,
            Change::Flip { register, mask },
        )
    })
}

/// Wrong in front of NOPed sites, right again behind them. One bit that changes twice is back.
pub fn missing_while_nopped(isa: Isa) -> On {
    each_argument(isa, |subject, register| {
        let (sites, mask) = with_argument(subject, register, false);
        let act = |moment| Act {
            moment,
            sites: sites.clone(),
            state: SiteState::Nopped,
            skip: 0,
            change: Change::Flip { register, mask },
        };
        let acts = vec![act(Moment::BeforeSite), act(Moment::BehindSite)];
        let tampering = Tampering {
            acts,
            ..Tampering::default()
        };
        Placement::run((!sites.is_empty()).then_some(tampering))
    })
}

fn each_argument(
    isa: Isa,
    place: impl Fn(&Subject, RegisterId) -> Placement + Clone + Send + Sync + 'static,
) -> On {
    let registers = registers::arguments(isa).into_iter();
    let instances = registers.map(|(register, info)| {
        let place = place.clone();
        Instance::new(info.name, move |subject: &Subject| place(subject, register))
    });
    On::Instances(instances.collect())
}

/// The sites whose hook has an argument in a register, and a bit of it; `kept` are only those
/// whose hook must preserve the register.
pub fn with_argument(subject: &Subject, register: RegisterId, kept: bool) -> (Vec<SiteId>, u128) {
    let interface = &subject.program.interface;
    let mut found = (Vec::new(), 0);
    for site in &interface.sites {
        let signature = interface.site_signature(site.id);
        if kept && signature.call_conv != CallConv::PreserveAll {
            continue;
        }
        if let Some(mask) = part_in(subject.isa(), signature, register) {
            found.0.push(site.id);
            found.1 = mask;
        }
    }
    found
}

/// The lowest bit of the argument in a register.
fn part_in(isa: Isa, signature: &crate::program::Signature, id: RegisterId) -> Option<u128> {
    let layout = call_layout(isa, signature).ok()?;
    let mut parts = layout.params.iter().flat_map(|place| &place.parts);
    parts.find_map(|part| match part {
        Part::Register {
            register, shift, ..
        } if *register == id => Some(1 << shift),
        _ => None,
    })
}

/// The lowest byte of the first argument on the stack.
pub fn stack(subject: &Subject) -> Placement {
    let interface = &subject.program.interface;
    let on_stack = interface.sites.iter().find_map(|site| {
        let layout = call_layout(subject.isa(), interface.site_signature(site.id)).ok()?;
        let mut parts = layout.params.iter().flat_map(|place| &place.parts);
        let offset = parts.find_map(|part| match part {
            Part::Stack {
                offset,
                bytes,
                big_endian,
            } if *big_endian => Some(offset + u64::from(*bytes) - 1),
            Part::Stack { offset, .. } => Some(*offset),
            _ => None,
        })?;
        Some((site.id, i64::try_from(offset).ok()?))
    });
    match on_stack {
        Some((site, offset)) => {
            let change = Change::FlipMemory { offset };
            at(vec![site], Moment::BeforeSite, SiteState::Any, change)
        }
        None => Placement::NoPlace,
    }
}
