//! Check 1: patch metadata names each patchable call once, in ranges that can be patched.
//!
//! All else stands on this: a run can only patch what the metadata names, so a call without a
//! site is never tested, and a range that is not quite the call's is patched all the same.

mod presence;

use std::collections::BTreeMap;

use super::wording::Findings;
use super::{Check, Evidence, Oracle, Subject, Verdict};
use crate::disasm::{Kind, decode, direct_call, hex};
use crate::image::{CodeImage, ImageFunction, PatchSite};
use crate::isa::Isa;

/// The check.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sites;

impl Oracle for Sites {
    fn check(&self) -> Check {
        Check::Sites
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut findings = Findings::new(Check::Sites, evidence);
        nop_units(&mut findings);
        for decl in &evidence.interface.sites {
            presence::one_site(&mut findings, evidence, decl);
        }
        for site in &evidence.image.sites {
            identity(&mut findings, evidence, site);
            if let Some(function) = extent(&mut findings, site) {
                interior(&mut findings, site, function);
            }
        }
        order(&mut findings);
        findings.verdict()
    }
}

/// Each NOP unit is exactly one NOP.
fn nop_units(findings: &mut Findings) {
    let image = findings.image();
    for unit in &image.nop_units {
        let decoded = decode(image, unit, image.base);
        let whole = decoded
            .as_ref()
            .is_some_and(|i| i.kind == Kind::Nop && i.bytes.len() == unit.len());
        if whole {
            continue;
        }
        let seen = decoded.map_or_else(|| "nothing".to_owned(), |i| i.plain_text());
        let message = format!(
            "NOP unit [{}] of {} does not decode to exactly one NOP but starts with '{seen}'",
            hex(unit),
            image.isa
        );
        findings.fail(None, Subject::Metadata, "exactly one NOP", seen, message);
    }
}

/// The site belongs to a call of the program, in the function that the call is in.
fn identity(findings: &mut Findings, evidence: &Evidence, site: &PatchSite) {
    let Some(decl) = findings.declaration(site) else {
        let seen = "the metadata names code that belongs to none";
        return findings.fail_site(site, "a patchable call of the program", seen);
    };
    let declared = usize::try_from(decl.function)
        .ok()
        .and_then(|index| evidence.interface.functions.get(index))
        .map_or("", |f| f.name.as_str());
    let named = naming_function(evidence.image, site).map_or("no function", |f| f.name.as_str());
    if declared != named {
        let seen = format!("the metadata of {named} names it");
        findings.fail_site(site, format!("metadata of {declared}"), seen);
    }
}

/// The function whose metadata names `site`.
fn naming_function<'a>(image: &'a CodeImage, site: &PatchSite) -> Option<&'a ImageFunction> {
    let index = usize::try_from(site.function).ok()?;
    image.functions.get(index)
}

/// The range is not empty, aligned, a whole number of NOP units, as linked, and inside of its
/// function, which is returned if so.
fn extent<'a>(findings: &mut Findings<'a>, site: &PatchSite) -> Option<&'a ImageFunction> {
    let image = findings.image();
    if site.len == 0 {
        findings.fail_site(site, "at least one byte to patch", "the range is empty");
        return None;
    }
    let alignment = image.isa.code_alignment();
    if !site.start().is_multiple_of(alignment) || !site.ret_addr.is_multiple_of(alignment) {
        let expected = format!("a range on multiples of {alignment} bytes");
        let seen = format!("it is {:#x}..{:#x}", site.start(), site.ret_addr);
        findings.fail_site(site, expected, seen);
    }
    if let Err(error) = image.nop_bytes(site) {
        let seen = format!("{error}: the call cannot be disabled");
        findings.fail_site(site, "a whole number of NOP units", seen);
    }
    let function = naming_function(image, site)?;
    let len = u64::from(site.len);
    let start = site
        .ret_addr
        .checked_sub(len)
        .filter(|&start| function.contains(start));
    if start.is_none() || site.ret_addr > function.end {
        let expected = format!(
            "a range inside of {}, {:#x}..{:#x}",
            function.name, function.start, function.end
        );
        let seen = format!("it is {:#x}..{:#x}", site.start(), site.ret_addr);
        findings.fail_site(site, expected, seen);
        return None;
    }
    state(findings, site);
    if image.slice(site.range()) != Some(site.live.as_slice()) {
        let seen = format!("the site would restore [{}]", hex(&site.live));
        findings.fail_site(site, "live bytes as linked", seen);
    }
    Some(function)
}

/// What is emitted is the state that the metadata names, in the word that it promises.
fn state(findings: &mut Findings, site: &PatchSite) {
    let nops = findings.image().nop_bytes(site).ok();
    if !site.starts_live && nops.as_ref() != Some(&site.emitted) {
        let seen = format!("it starts as [{}]", hex(&site.emitted));
        findings.fail_site(site, "NOPs in a site that starts off", seen);
    }
    if let Some(word) = site.atomic_word.map(u64::from) {
        let largest = word_at_once(findings.image().isa);
        if word > largest {
            let expected =
                format!("a word of at most {largest} bytes, which the ISA stores at once");
            let seen = format!("the metadata promises one of {word}");
            findings.fail_site(site, expected, seen);
        }
        let last = site.ret_addr.saturating_sub(1);
        if word == 0 || site.start() / word != last / word {
            let expected = format!("a range inside one aligned word of {word} bytes");
            let seen = format!("it is {:#x}..{:#x}", site.start(), site.ret_addr);
            findings.fail_site(site, expected, seen);
        }
    }
}

/// Bytes of the largest aligned word that one store changes under the eyes of a core that executes
/// it: Intel SDM volume 3, "Guaranteed Atomic Operations"; Arm ARM, "Concurrent modification and
/// execution of instructions", single instructions; Principles of Operation, "Block-Concurrent
/// References". RISC-V's call is two instructions, with a core between them, and Pulley's
/// interpreter reads byte by byte.
fn word_at_once(isa: Isa) -> u64 {
    match isa {
        Isa::X86_64 | Isa::S390x => 8,
        Isa::Aarch64 => 4,
        _ => 0,
    }
}

/// Nothing that refers to the code refers to the middle of the range.
fn interior(findings: &mut Findings, site: &PatchSite, function: &ImageFunction) {
    let image = findings.image();
    let own_return = own_return(image, site);
    let inside = |address: u64| site.start() < address && address < site.ret_addr;
    relocations(findings, site, function, own_return);
    for (&address, code) in image.traps.range(site.range()) {
        let seen = format!("{} may trap with {code}", findings.place(address));
        findings.fail_site(site, "no trap record in the range", seen);
    }
    for &address in function.stack_maps.iter().filter(|&&at| inside(at)) {
        if Some(address) != own_return {
            let seen = format!("there is one at {}", findings.place(address));
            findings.fail_site(site, "no stack map but the call's own in the range", seen);
        }
    }
    for &address in function.blocks.iter().filter(|&&at| inside(at)) {
        let seen = format!("a block starts at {}", findings.place(address));
        findings.fail_site(site, "no branch target inside of the range", seen);
    }
    let branches: BTreeMap<u64, u64> = findings
        .code
        .iter()
        .flat_map(|code| &code.targets)
        .filter(|&(&target, _)| inside(target))
        .filter_map(|(&target, sources)| Some((target, *sources.first()?)))
        .collect();
    for (target, source) in branches {
        let (source, target) = (findings.place(source), findings.place(target));
        let seen = format!("the branch at {source} leads to {target}");
        findings.fail_site(site, "no branch target inside of the range", seen);
    }
}

/// Where the call that the range starts with returns to.
fn own_return(image: &CodeImage, site: &PatchSite) -> Option<u64> {
    let bytes = image.slice(site.range())?;
    let instructions = crate::disasm::decode_all(image, bytes, site.start());
    let call = direct_call(&instructions)?;
    let last = instructions.get(call.instructions.checked_sub(1)?)?;
    Some(last.end())
}

/// Relocated fields are outside of the range or are the call's own, of which there is one.
fn relocations(
    findings: &mut Findings,
    site: &PatchSite,
    function: &ImageFunction,
    own_return: Option<u64>,
) {
    let own_end = own_return.unwrap_or(site.ret_addr);
    let mut own = 0_u32;
    for &(start, len) in &function.relocations {
        let end = start.saturating_add(u64::from(len));
        if end <= site.start() || site.ret_addr <= start {
            continue;
        }
        let is_own = site.start() <= start && end <= own_end;
        own = own.saturating_add(u32::from(is_own));
        if is_own && own == 1 {
            continue;
        }
        let seen = format!("{} has one of {len} bytes", findings.place(start));
        findings.fail_site(
            site,
            "no relocated field in the range but the call's own",
            seen,
        );
    }
}

/// Sites are listed function by function in ascending order, and share no byte.
fn order(findings: &mut Findings) {
    let sites = &findings.image().sites;
    for pair in sites.windows(2) {
        let [before, site] = pair else { continue };
        let later_function = before.function < site.function;
        let ascending = before.function == site.function && before.start() < site.start();
        if !later_function && !ascending {
            let seen = format!("it is listed behind {}", findings.site(before));
            findings.fail_site(site, "sites in ascending order of addresses", seen);
        }
    }
    let mut by_address: Vec<&PatchSite> = sites.iter().filter(|site| site.len > 0).collect();
    by_address.sort_by_key(|site| (site.start(), site.ret_addr));
    for pair in by_address.windows(2) {
        let [before, site] = pair else { continue };
        if site.start() < before.ret_addr {
            let seen = format!("it shares bytes with {}", findings.site(before));
            findings.fail_site(site, "a range of its own", seen);
        }
    }
}

#[cfg(test)]
mod tests;
