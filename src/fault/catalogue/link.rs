//! Relocations that lead elsewhere.

use super::super::{Class, Fault, Instance, Means, On, Placement, Subject};
use crate::codegen::{Compiled, CompiledFunction, RelocKind, RelocTarget, Relocation};
use crate::isa::Isa;

const fn fault(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Link,
        means: Means::Image,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "call-relocation-off",
            "the addend does not fit where the field lies in the call",
            |isa| {
                let unit = i64::try_from(isa.code_alignment()).unwrap_or(1);
                off(unit, true)
            },
        ),
        fault(
            "call-of-wrong-symbol",
            "the call names another function",
            |_| wrong_symbol(true),
        ),
        fault(
            "address-relocation-off",
            "the addend of an address is off by a word",
            |_| off(8, false),
        ),
        fault(
            "address-of-wrong-symbol",
            "an address names another symbol",
            |_| wrong_symbol(false),
        ),
    ]
}

/// Whether a relocation is that of a patchable call.
fn is_sites(function: &CompiledFunction, relocation: &Relocation) -> bool {
    let at = relocation.offset;
    let mut sites = function.sites.iter();
    sites.any(|site| site.ret_addr.saturating_sub(site.len) <= at && at < site.ret_addr)
}

fn off(unit: i64, of_site: bool) -> On {
    let instances = [-unit, unit].into_iter().map(|amount| {
        Instance::new(format!("{amount:+} bytes"), move |subject: &Subject| {
            Placement::compiled(moved(subject, amount, of_site))
        })
    });
    On::Instances(instances.collect())
}

/// The first symbol that such a relocation names.
fn first_symbol(
    compiled: &Compiled,
    of_site: bool,
    usable: &dyn Fn(&Relocation, &str) -> bool,
) -> Option<String> {
    compiled.functions.iter().find_map(|function| {
        let own = function
            .relocations
            .iter()
            .filter(|r| is_sites(function, r) == of_site);
        let mut symbols = own.filter_map(|relocation| match &relocation.target {
            RelocTarget::Symbol(name) if usable(relocation, name) => Some(name.clone()),
            _ => None,
        });
        symbols.next()
    })
}

/// All parts of the first address move together: high and low halves.
fn moved(subject: &Subject, amount: i64, of_site: bool) -> Option<Compiled> {
    let mut compiled = subject.compiled.clone();
    let symbol = first_symbol(&compiled, of_site, &|relocation, _| moves(relocation.kind))?;
    let mut changed = false;
    for function in &mut compiled.functions {
        let own: Vec<usize> = (0..function.relocations.len())
            .filter(|&i| {
                let relocation = &function.relocations[i];
                is_sites(function, relocation) == of_site
                    && relocation.target == RelocTarget::Symbol(symbol.clone())
            })
            .collect();
        for index in own {
            changed |= add(function, index, amount);
        }
    }
    changed.then_some(compiled)
}

/// Whether the addend says where the relocation leads. One to a slot of the global offset table
/// leads there whatever it is, and a low part to where its high part does.
fn moves(kind: RelocKind) -> bool {
    !matches!(
        kind,
        RelocKind::PulleyHostcall
            | RelocKind::Aarch64AdrGotPage21
            | RelocKind::Aarch64Ld64GotLo12
            | RelocKind::RiscvGotHi20
            | RelocKind::RiscvPcRelLo12I
    )
}

fn add(function: &mut CompiledFunction, index: usize, amount: i64) -> bool {
    let relocation = &mut function.relocations[index];
    match relocation.kind {
        kind if !moves(kind) => false,
        RelocKind::PulleyPcRel => {
            // What the field holds is its addend.
            let at = usize::try_from(relocation.offset).unwrap_or(usize::MAX);
            let field = function
                .bytes
                .get_mut(at..)
                .and_then(|b| b.first_chunk_mut::<4>());
            let (Some(field), Ok(amount)) = (field, i32::try_from(amount)) else {
                return false;
            };
            *field = i32::from_le_bytes(*field)
                .wrapping_add(amount)
                .to_le_bytes();
            true
        }
        _ => {
            relocation.addend += amount;
            true
        }
    }
}

fn wrong_symbol(of_site: bool) -> On {
    On::Instances(vec![Instance::new("", move |subject: &Subject| {
        Placement::compiled(renamed(subject, of_site))
    })])
}

/// Another symbol of the same sort.
fn other<'a>(subject: &'a Subject, name: &str) -> Option<&'a str> {
    let interface = &subject.program.interface;
    let functions: Vec<&str> = interface
        .functions
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    let hostcalls: Vec<&str> = interface
        .hostcalls
        .iter()
        .map(|h| h.name.as_str())
        .collect();
    let data: Vec<&str> = interface.data.iter().map(|d| d.name.as_str()).collect();
    let sorts = [functions, hostcalls, data];
    let sort = sorts.into_iter().find(|sort| sort.contains(&name))?;
    sort.into_iter().find(|other| *other != name)
}

fn renamed(subject: &Subject, of_site: bool) -> Option<Compiled> {
    let mut compiled = subject.compiled.clone();
    let usable = |_: &Relocation, name: &str| other(subject, name).is_some();
    let symbol = first_symbol(&compiled, of_site, &usable)?;
    let other = other(subject, &symbol)?.to_owned();
    let (old, new) = (RelocTarget::Symbol(symbol), RelocTarget::Symbol(other));
    for function in &mut compiled.functions {
        let sites = function.clone();
        for relocation in &mut function.relocations {
            if is_sites(&sites, relocation) == of_site && relocation.target == old {
                relocation.target = new.clone();
            }
        }
    }
    Some(compiled)
}
