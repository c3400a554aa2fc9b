//! Patch metadata that does not name exactly the bytes of its call.

use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use crate::codegen::{Compiled, CompiledFunction, CompiledSite, Rebuild, nop_fill};
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
            "rebuild-not-there",
            "the metadata says that the stack pointer is put right behind a hook that pops \
             nothing, or by other bytes than it pops",
            |_| first(rebuild_claimed),
        ),
        fault(
            "rebuild-not-stated",
            "what puts the stack pointer right behind the range is left out of the metadata",
            |_| first(|function| with_rebuild(function, |site| site.rebuild = None)),
        ),
        fault(
            "rebuild-not-emitted",
            "nothing puts the stack pointer right behind the range",
            |_| {
                On::Instances(vec![Instance::new("", |subject: &Subject| {
                    let units = subject.compiled.nop_units.clone();
                    let change = move |f: &mut CompiledFunction| rebuild_nopped(f, &units);
                    Placement::compiled(at_first(subject, &change))
                })])
            },
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

/// Claims a rebuild, or claims another one than there is.
fn rebuild_claimed(function: &mut CompiledFunction) -> bool {
    let site = &mut function.sites[0];
    let Rebuild { popped, len } = site.rebuild.unwrap_or(Rebuild { popped: 8, len: 4 });
    site.rebuild = Some(Rebuild {
        popped: popped + 8,
        len,
    });
    true
}

/// `change` at the first site that has a rebuild.
fn with_rebuild(function: &mut CompiledFunction, change: impl Fn(&mut CompiledSite)) -> bool {
    let site = function.sites.iter_mut().find(|s| s.rebuild.is_some());
    site.map(change).is_some()
}

/// NOPs instead of the first rebuild.
fn rebuild_nopped(function: &mut CompiledFunction, units: &[Vec<u8>]) -> bool {
    let mut sites = function.sites.iter();
    let range = sites.find_map(|site| {
        let start = usize::try_from(site.ret_addr).ok()?;
        let len = usize::try_from(site.rebuild?.len).ok()?;
        Some(start..start + len)
    });
    let bytes = range.and_then(|range| function.bytes.get_mut(range));
    let Some(bytes) = bytes else { return false };
    match nop_fill(units, bytes.len()) {
        Ok(nops) => {
            bytes.copy_from_slice(&nops);
            true
        }
        Err(_) => false,
    }
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
