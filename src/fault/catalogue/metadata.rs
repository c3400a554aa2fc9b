//! Patch metadata that does not name exactly the bytes of its call.

use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use crate::codegen::{Compiled, CompiledFunction, CompiledSite};
use crate::isa::Isa;

const fn fault(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Metadata,
        means: Means::Image,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "range-shifted",
            "the call's offset is taken before or behind another instruction",
            shifted,
        ),
        fault(
            "range-longer-or-shorter",
            "the length counts too few or too many bytes of the call sequence",
            resized,
        ),
        fault(
            "length-untileable",
            "the length is no whole number of NOP units",
            untileable,
        ),
        fault("site-missing", "the call's metadata is lost", |_| {
            first(|function| {
                function.sites.remove(0);
                true
            })
        }),
        fault(
            "site-doubled",
            "the call's metadata is emitted twice",
            |_| {
                first(|function| {
                    let site = function.sites[0].clone();
                    function.sites.insert(0, site);
                    true
                })
            },
        ),
        fault(
            "sites-overlap",
            "a range begins in the range before it",
            |_| {
                first(|function| {
                    let [before, site, ..] = &mut function.sites[..] else {
                        return false;
                    };
                    site.len = site.ret_addr - before.ret_addr + before.len / 2;
                    true
                })
            },
        ),
        fault(
            "range-of-another-call",
            "an ordinary call is emitted with the patchable call's metadata",
            |_| first(other_call),
        ),
        fault(
            "range-of-no-call",
            "the metadata is that of the instructions in front of the call",
            |_| {
                first(|function| {
                    let site = &mut function.sites[0];
                    site.ret_addr = site.ret_addr.saturating_sub(site.len);
                    site.ret_addr >= site.len
                })
            },
        ),
        fault(
            "range-across-functions",
            "the offset counts from another function's start",
            |_| first(across),
        ),
        fault(
            "sites-out-of-order",
            "sites are listed in the order of lowering, not of addresses",
            |_| {
                first(|function| {
                    let two = function.sites.len() > 1;
                    function.sites.reverse();
                    two
                })
            },
        ),
        fault(
            "sites-exchanged",
            "the metadata of two calls is mixed up",
            |_| first(exchanged),
        ),
        fault(
            "site-without-call",
            "metadata is emitted for an instruction that is no patchable call",
            |_| {
                first(|function| {
                    function.sites[0].site = None;
                    true
                })
            },
        ),
    ]
}

/// One instance: `change` at the first function with sites where it applies.
fn first(change: impl Fn(&mut CompiledFunction) -> bool + Send + Sync + 'static) -> On {
    On::Instances(vec![Instance::new("", move |subject| {
        Placement::compiled(at_first(subject, &change))
    })])
}

fn at_first(subject: &Subject, change: &dyn Fn(&mut CompiledFunction) -> bool) -> Option<Compiled> {
    (0..subject.compiled.functions.len()).find_map(|index| {
        let mut compiled = subject.compiled.clone();
        let function = &mut compiled.functions[index];
        (!function.sites.is_empty() && change(function)).then_some(compiled)
    })
}

/// Bytes by which a range may be wrong: one, and one unit of the ISA's code.
fn steps(isa: Isa) -> Vec<i64> {
    let unit = i64::try_from(isa.code_alignment()).unwrap_or(1);
    if unit == 1 { vec![1] } else { vec![1, unit] }
}

fn moved(site: &mut CompiledSite, ret_addr: i64, len: i64) -> bool {
    let new = (
        u32::try_from(i64::from(site.ret_addr) + ret_addr),
        u32::try_from(i64::from(site.len) + len),
    );
    let (Ok(new_ret_addr), Ok(new_len)) = new else {
        return false;
    };
    (site.ret_addr, site.len) = (new_ret_addr, new_len);
    new_len > 0 && new_len <= new_ret_addr
}

fn shifted(isa: Isa) -> On {
    let steps = steps(isa).into_iter().flat_map(|step| [-step, step]);
    let instances = steps.map(|step| {
        Instance::new(format!("{step:+} bytes"), move |subject: &Subject| {
            let change = |function: &mut CompiledFunction| moved(&mut function.sites[0], step, 0);
            Placement::compiled(at_first(subject, &change))
        })
    });
    On::Instances(instances.collect())
}

fn resized(isa: Isa) -> On {
    let mut instances = Vec::new();
    for step in steps(isa).into_iter().flat_map(|step| [-step, step]) {
        for (end, ret_addr) in [("start", 0), ("end", step)] {
            let label = format!("{step:+} bytes at the {end}");
            instances.push(Instance::new(label, move |subject: &Subject| {
                let change =
                    |function: &mut CompiledFunction| moved(&mut function.sites[0], ret_addr, step);
                Placement::compiled(at_first(subject, &change))
            }));
        }
    }
    On::Instances(instances)
}

fn untileable(isa: Isa) -> On {
    if isa.code_alignment() == 1 {
        return On::Never("NOP units of one byte tile every length");
    }
    first(|function| moved(&mut function.sites[0], 0, -1))
}

fn other_call(function: &mut CompiledFunction) -> bool {
    let own: Vec<u32> = function.sites.iter().map(|site| site.ret_addr).collect();
    let other = function
        .call_returns
        .iter()
        .find(|at| !own.contains(at) && !own.iter().any(|own| own.abs_diff(**at) < 12));
    match other {
        Some(&at) if at >= function.sites[0].len => {
            function.sites[0].ret_addr = at;
            function.sites.sort_by_key(|site| site.ret_addr);
            true
        }
        _ => false,
    }
}

fn across(function: &mut CompiledFunction) -> bool {
    let end = u32::try_from(function.bytes.len());
    match (end, function.sites.last_mut()) {
        (Ok(end), Some(site)) => {
            site.ret_addr = end + site.len / 2;
            true
        }
        _ => false,
    }
}

fn exchanged(function: &mut CompiledFunction) -> bool {
    let [first, second, ..] = &mut function.sites[..] else {
        return false;
    };
    std::mem::swap(&mut first.site, &mut second.site);
    first.site != second.site
}
