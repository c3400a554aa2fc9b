//! Keystone's opinion: the same call and the same NOPs from text.
//!
//! A call has one encoding on the ISAs that Keystone knows, so its bytes must be equal. A NOP
//! may have several (x86-64's long NOPs take any operand), so that Keystone's may differ in
//! bytes where both decode to the same mnemonic.

use super::super::wording::Findings;
use crate::assemble::{assemble_call, assemble_nop, call_text, foresee_calls, nop_text};
use crate::disasm::{DirectCall, Instruction, decode, decode_all, direct_call, hex};
use crate::image::{CodeImage, PatchSite};

/// Has Keystone assemble all calls of the image at once.
pub fn foresee(image: &CodeImage) {
    let calls = image.sites.iter().filter_map(|site| {
        let start = site.start();
        let instructions = decode_all(image.isa, &site.live, start);
        Some((direct_call(&instructions)?.target, start))
    });
    foresee_calls(image.isa, calls);
}

/// Fails when Keystone assembles the same call to other bytes than `bytes`.
pub fn compare_call(findings: &mut Findings, site: &PatchSite, call: DirectCall, bytes: &[u8]) {
    let isa = findings.image().isa;
    // A call that Keystone cannot express is no evidence against the generator.
    let Ok(expected) = assemble_call(isa, call.target, site.start()) else {
        return;
    };
    if expected != bytes {
        let text = call_text(isa, call.target, site.start()).unwrap_or_default();
        let seen = format!("the call is [{}]", hex(bytes));
        let expected = format!("[{}] as Keystone assembles '{text}'", hex(&expected));
        findings.fail_code(site, expected, seen);
    }
}

/// Fails when Keystone's NOP of that length is another instruction than `nop`.
pub fn compare_nop(findings: &mut Findings, site: &PatchSite, nop: &Instruction) {
    let isa = findings.image().isa;
    let Some(Ok(expected)) = assemble_nop(isa, nop.bytes.len()) else {
        return;
    };
    if expected == nop.bytes {
        return;
    }
    let same = decode(isa, &expected, nop.address)
        .is_some_and(|other| other.kind == nop.kind && other.mnemonic == nop.mnemonic);
    if !same {
        let text = nop_text(isa, nop.bytes.len()).unwrap_or_default();
        let seen = format!("the NOP is [{}] ({})", hex(&nop.bytes), nop.plain_text());
        let expected = format!("[{}] as Keystone assembles '{text}'", hex(&expected));
        findings.fail_code(site, expected, seen);
    }
}
