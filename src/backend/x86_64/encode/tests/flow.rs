//! Calls, jumps, traps, NOPs.

use super::super::{Cond, Size, flow, nop};
use super::{Referee, few_addresses, gpr, gprs, memory};
use crate::disasm::{Kind, decode};
use crate::isa::Isa;

const FAR: [i32; 7] = [0, 1, 0x7f, 0x80, -1, 0x7fff_ff00, -0x7fff_ff00];

/// Where a displacement leads from the end of an instruction of `len` bytes at address 0.
fn target(len: i64, disp: i64) -> String {
    format!("{:#x}", (len + disp).cast_unsigned())
}

/// Keystone picks the shortest branch, and cannot be made to take another.
#[test]
fn jumps_and_calls_lead_where_they_say() {
    let mut referee = Referee::default();
    for disp in FAR {
        let to = target(5, disp.into());
        referee.decoded(&format!("call {to}"), |out| flow::call(out, disp));
        referee.decoded(&format!("jmp {to}"), |out| flow::jump(out, disp));
        for cond in Cond::ALL {
            let text = format!("j{cond:?} {}", target(6, disp.into())).to_lowercase();
            referee.decoded(&text, |out| flow::branch(out, cond, disp));
        }
    }
    for disp in i8::MIN..=i8::MAX {
        let to = target(2, disp.into());
        referee.decoded(&format!("jmp {to}"), |out| flow::jump_short(out, disp));
        for cond in Cond::ALL {
            let text = format!("j{cond:?} {to}").to_lowercase();
            referee.decoded(&text, |out| flow::branch_short(out, cond, disp));
        }
    }
    // Where there is but one choice.
    for disp in [0x100, 0x7fff_ff00] {
        let to = target(5, disp.into());
        referee.check(&format!("call {to}"), |out| flow::call(out, disp));
        referee.check(&format!("jmp {to}"), |out| flow::jump(out, disp));
        for cond in Cond::ALL {
            let text = format!("j{cond:?} {}", target(6, disp.into())).to_lowercase();
            referee.check(&text, |out| flow::branch(out, cond, disp));
        }
    }
    referee.finish(17 * 256 + 18 * 7);
}

#[test]
fn indirect_flow_agrees() {
    let mut referee = Referee::default();
    for reg in gprs() {
        let name = gpr(reg, Size::B8);
        referee.check(&format!("call {name}"), |out| flow::call_indirect(out, reg));
        referee.check(&format!("jmp {name}"), |out| flow::jump_indirect(out, reg));
    }
    for mem in few_addresses() {
        let place = memory(mem, 8);
        referee.check(&format!("call {place}"), |out| {
            flow::call_indirect(out, mem)
        });
        referee.check(&format!("jmp {place}"), |out| flow::jump_indirect(out, mem));
    }
    referee.check("ret", flow::ret);
    for bytes in [0, 8, 0x100, u16::MAX] {
        referee.check(&format!("ret {bytes:#x}"), |out| {
            flow::ret_popping(out, bytes);
        });
    }
    referee.check("ud2", flow::trap);
    referee.check("int3", flow::breakpoint);
    referee.finish(32 + 2 * 16);
}

#[test]
fn a_nop_of_every_length_is_one_instruction() {
    assert_eq!((nop::nop(0), nop::nop(nop::LONGEST + 1)), (None, None));
    for len in 1..=nop::LONGEST {
        let bytes = nop::nop(len).expect("there is one of each length");
        assert_eq!(bytes.len(), len);
        let decoded = decode(Isa::X86_64, &bytes, 0).expect("there are bytes");
        assert_eq!(
            (&decoded.kind, decoded.bytes.len()),
            (&Kind::Nop, len),
            "{bytes:02x?}"
        );
    }
}
