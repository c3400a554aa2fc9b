//! Check 2: a live range is one call of the right hook and nothing else, a NOPed one is nothing
//! but NOPs, and no instruction exceeds the ISA that was asked for.
//!
//! Metadata that is consistent with itself (check 1) can still name the wrong bytes. Here the
//! bytes are decoded, and where Keystone knows the ISA the same call is assembled from text and
//! compared: two tools that share no code with the generator.
//!
//! Where the hook pops its own stack arguments (`tail`), the caller takes the popped area back
//! by moving the stack pointer down right behind the call. A disabled call pops nothing, so
//! that this instruction must be disabled with it: it is the only one that a range may hold
//! besides the call, and it must not be left outside. Or the range is the call alone, and code
//! behind it, which the metadata has to name, sets the stack pointer from another register,
//! whether the call ran or not.

mod keystone;

use std::collections::BTreeMap;

use super::extensions::{Requirement, missing};
use super::wording::Findings;
use super::{Check, Evidence, Oracle, Subject, Verdict};
use crate::disasm::{DirectCall, Instruction, Kind, decode, decode_all, direct_call, hex, text};
use crate::image::{PatchSite, Rebuild};
use crate::isa::Isa;
use crate::machine::abi::call_layout;
use crate::program::FunctionDecl;

/// The check.
#[derive(Clone, Copy, Debug, Default)]
pub struct Code;

impl Oracle for Code {
    fn check(&self) -> Check {
        Check::Code
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut findings = Findings::new(Check::Code, evidence);
        keystone::foresee(evidence.image);
        for site in &evidence.image.sites {
            boundaries(&mut findings, site);
            live(&mut findings, site);
            nopped(&mut findings, site);
        }
        extensions(&mut findings);
        findings.verdict()
    }
}

/// Decoded along the flow of the function, the range starts and ends between instructions.
fn boundaries(findings: &mut Findings, site: &PatchSite) {
    let index = usize::try_from(site.function).ok();
    let Some(code) = index.and_then(|index| findings.code.get(index)) else {
        return;
    };
    for at in [site.start(), site.ret_addr] {
        if code.is_boundary(at) {
            continue;
        }
        let words = match code.covering(at) {
            Some(i) => {
                let text = text(i, findings.symbols());
                format!("{} is inside of '{text}'", findings.place(at))
            }
            None => format!("no flow of control leads to {}", findings.place(at)),
        };
        if code.undecoded.is_empty() {
            findings.fail_code(site, "a range between instruction boundaries", words);
        } else {
            let site = findings.site(site);
            findings.doubt(format!(
                "{site}: {words}, behind code that the disassembler does not know"
            ));
        }
    }
}

/// The live range is the call of its hook and, where the hook's ABI asks for it, the reclaim.
fn live(findings: &mut Findings, site: &PatchSite) {
    let image = findings.image();
    let Some(decl) = findings.declaration(site) else {
        return;
    };
    let Some(hook) = findings.hook(decl) else {
        return;
    };
    let instructions = decode_all(image, &site.live, site.start());
    let unknown = instructions.iter().find(|i| i.kind == Kind::Unknown);
    let Some(call) = direct_call(&instructions) else {
        return match unknown {
            Some(unknown) => {
                let (site, bytes) = (findings.site(site), hex(&unknown.bytes));
                findings.doubt(format!("{site}: the disassembler does not know [{bytes}]"));
            }
            None => {
                let seen = format!("the bytes are {}", findings.listing(&instructions));
                findings.fail_code(site, format!("a direct call of {}", hook.name), seen);
            }
        };
    };
    target(findings, site, hook, call);
    let rest = instructions.get(call.instructions..).unwrap_or_default();
    match site.rebuild {
        Some(code) => rebuild(findings, site, hook, rest, code),
        None => reclaim(findings, site, hook, rest),
    }
    let own = instructions.get(..call.instructions).unwrap_or_default();
    let bytes: Vec<u8> = own.iter().flat_map(|i| &i.bytes).copied().collect();
    keystone::compare_call(findings, site, call, &bytes);
}

/// Register that receives the return address by the platform's ABI, where a call could name
/// another: AAPCS64 (x30), RISC-V psABI (x1), s390x ELF ABI (r14).
fn link_register(isa: Isa) -> Option<u8> {
    match isa {
        Isa::Aarch64 => Some(30),
        Isa::Riscv64gc => Some(1),
        Isa::S390x => Some(14),
        _ => None,
    }
}

fn target(findings: &mut Findings, site: &PatchSite, hook: &FunctionDecl, call: DirectCall) {
    let image = findings.image();
    let expected = image.symbols.get(&hook.name).copied();
    if expected != Some(call.target) {
        let seen = format!(
            "the call leads to {} ({:#x})",
            findings.symbols().name(call.target),
            call.target
        );
        findings.fail_code(site, format!("a call of {}", hook.name), seen);
    }
    if call.link != link_register(image.isa) {
        let expected = "the return address in the ABI's link register";
        let seen = format!("register {:?} receives it", call.link.unwrap_or_default());
        findings.fail_code(site, expected, seen);
    }
}

/// What follows the call in the range takes back exactly what the hook pops.
fn reclaim(findings: &mut Findings, site: &PatchSite, hook: &FunctionDecl, rest: &[Instruction]) {
    // A signature that no ABI document covers: any amount will do.
    let pops = call_layout(findings.image().isa, &hook.signature)
        .map(|l| l.callee_pops)
        .ok();
    let seen = match (pops, rest) {
        (Some(0) | None, []) => return,
        (Some(pops), []) => {
            let expected = format!("a call and the reclaim of the {pops} bytes that the hook pops");
            let seen = format!(
                "the range holds no reclaim, so that the stack pointer behind it differs by \
                 {pops} bytes between the enabled and the disabled call; behind it follows {}",
                next(findings, site)
            );
            return findings.fail_code(site, expected, seen);
        }
        (Some(0), _) => {
            let expected = "exactly one call: the hook's ABI pops no stack arguments";
            let seen = format!("behind the call it holds {}", findings.listing(rest));
            return findings.fail_code(site, expected, seen);
        }
        (Some(pops), [only]) if amount_back(only) == Some(pops) => return,
        (None, [only]) if amount_back(only).is_some() => return,
        // Too large for an immediate: a constant in a register first.
        (_, [constant @ .., last]) if last.kind == Kind::AdjustSpByRegister => {
            if constant.iter().all(|i| i.kind == Kind::Other) {
                return;
            }
            findings.listing(constant)
        }
        _ => findings.listing(rest),
    };
    let amount = pops.map_or("the bytes".to_owned(), |pops| format!("the {pops} bytes"));
    let expected = format!("behind the call only the reclaim of {amount} that the hook pops");
    findings.fail_code(site, expected, format!("there it holds {seen}"));
}

/// The range ends with the call, and right behind it the stack pointer is set from another
/// register: by the last of the instructions that the metadata names, which may need a constant or
/// a special register first.
fn rebuild(
    findings: &mut Findings,
    site: &PatchSite,
    hook: &FunctionDecl,
    rest: &[Instruction],
    code: Rebuild,
) {
    let image = findings.image();
    let pops =
        call_layout(image.isa, &hook.signature).map_or(code.popped.into(), |l| l.callee_pops);
    if pops == 0 || pops != u64::from(code.popped) {
        let expected = format!("metadata of a hook that pops {pops} bytes");
        let seen = format!("it says that {} bytes are put right behind it", code.popped);
        return findings.fail_code(site, expected, seen);
    }
    if !rest.is_empty() {
        let expected = "exactly one call: the stack pointer is put right behind it";
        let seen = format!("behind the call it holds {}", findings.listing(rest));
        return findings.fail_code(site, expected, seen);
    }
    let end = site.rebuilt_at().unwrap_or(site.ret_addr);
    let bytes = image.slice(site.ret_addr..end).unwrap_or_default();
    let instructions = decode_all(image.isa, bytes, site.ret_addr);
    if let [constant @ .., last] = instructions.as_slice()
        && last.kind == Kind::SetSp
        && constant.iter().all(|i| i.kind == Kind::Other)
    {
        return;
    }
    let expected = "code right behind it that sets the stack pointer from another register";
    let seen = format!("there is {}", findings.listing(&instructions));
    findings.fail_code(site, expected, seen);
}

/// How far the stack pointer moves down, if that is all that `instruction` does.
fn amount_back(instruction: &Instruction) -> Option<u64> {
    match instruction.kind {
        Kind::AdjustSp(amount) if amount < 0 => Some(amount.unsigned_abs()),
        _ => None,
    }
}

/// The instruction behind the range.
fn next(findings: &Findings, site: &PatchSite) -> String {
    let image = findings.image();
    let decoded = image
        .function_at(site.ret_addr)
        .and_then(|f| image.slice(site.ret_addr..f.end.min(image.end())))
        .and_then(|bytes| decode(image, bytes, site.ret_addr));
    match decoded {
        Some(next) => findings.listing(&[next]),
        None => "nothing".to_owned(),
    }
}

/// Filled with NOPs, the range is nothing but NOPs. That it can be filled is check 1's business.
fn nopped(findings: &mut Findings, site: &PatchSite) {
    let image = findings.image();
    let Ok(bytes) = image.nop_bytes(site) else {
        return;
    };
    let instructions = decode_all(image, &bytes, site.start());
    let other = instructions.iter().find(|i| i.kind != Kind::Nop);
    if let Some(other) = other {
        let seen = format!(
            "filled with NOP units it holds {}",
            findings.listing(std::slice::from_ref(other))
        );
        return findings.fail_code(site, "nothing but NOPs when disabled", seen);
    }
    for nop in &instructions {
        keystone::compare_nop(findings, site, nop);
    }
}

/// No instruction needs an extension that the target's flags do not enable. One finding for
/// each function and extension, at the first such instruction: a prologue may hold dozens.
fn extensions(findings: &mut Findings) {
    let image = findings.image();
    let mut beyond: BTreeMap<(usize, &str), (Instruction, Requirement, usize)> = BTreeMap::new();
    for (index, code) in findings.code.iter().enumerate() {
        for instruction in code.instructions.values() {
            if let Some(needed) = missing(image.isa, instruction, &image.extensions) {
                let first = || (instruction.clone(), needed, 0);
                let entry = beyond.entry((index, needed.extension));
                entry.or_insert_with(first).2 += 1;
            }
        }
    }
    for (instruction, needed, count) in beyond.into_values() {
        exceeds(findings, &instruction, needed, count);
    }
}

fn exceeds(findings: &mut Findings, first: &Instruction, needed: Requirement, count: usize) {
    let enabled = match findings.image().extensions.join(", ") {
        none if none.is_empty() => "none".to_owned(),
        some => some,
    };
    let others = match count.saturating_sub(1) {
        0 => String::new(),
        1 => ", and so does one more instruction of the function".to_owned(),
        more => format!(", and so do {more} more instructions of the function"),
    };
    let message = format!(
        "{}: {} needs {} ({}){others}; the target's flags enable {enabled}",
        findings.place(first.address),
        findings.listing(std::slice::from_ref(first)),
        needed.extension,
        needed.flags(),
    );
    let name = if first.kind == Kind::Unknown {
        hex(&first.bytes)
    } else {
        first.mnemonic.clone()
    };
    findings.fail(
        None,
        Subject::Instruction(name),
        format!("only what the flags enable: {enabled}"),
        format!("{} ({})", needed.extension, needed.flags()),
        message,
    );
}

#[cfg(test)]
mod tests;
