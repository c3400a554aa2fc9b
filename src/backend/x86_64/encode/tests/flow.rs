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

/// What an instruction may change.
#[derive(Debug, PartialEq)]
struct State {
    general: Vec<u64>,
    flags: u64,
    vectors: Vec<u128>,
    memory: Vec<u8>,
    end: u64,
}

/// Runs `code` on registers and flags that are all different.
fn run(code: &[u8]) -> (State, State) {
    use unicorn_engine::{Arch, Mode, Prot, RegisterX86, Unicorn};
    const CODE: u64 = 0x1_0000;
    const DATA: u64 = 0x2_0000;
    let mut engine = Unicorn::new(Arch::X86, Mode::MODE_64).expect("an engine");
    engine.mem_map(CODE, 0x2_0000, Prot::ALL).expect("memory");
    engine.mem_write(CODE, code).expect("code in memory");
    engine.mem_write(DATA, &[0xa5; 0x1000]).expect("data");
    let general: Vec<i32> = [
        RegisterX86::RAX,
        RegisterX86::RBX,
        RegisterX86::RCX,
        RegisterX86::RDX,
        RegisterX86::RSI,
        RegisterX86::RDI,
        RegisterX86::RBP,
        RegisterX86::RSP,
    ]
    .into_iter()
    .chain([
        RegisterX86::R8,
        RegisterX86::R9,
        RegisterX86::R10,
        RegisterX86::R11,
        RegisterX86::R12,
        RegisterX86::R13,
        RegisterX86::R14,
        RegisterX86::R15,
    ])
    .map(i32::from)
    .collect();
    for (register, value) in general.iter().zip(0x1111..) {
        // rax and its kin are the base of the address that a long NOP names.
        engine.reg_write(*register, DATA + value).expect("register");
    }
    engine.reg_write(RegisterX86::RFLAGS, 0x8d7).expect("flags");
    let xmm = |n: u8| i32::from(RegisterX86::XMM0) + i32::from(n);
    for n in 0..16_u8 {
        let bytes = [n.wrapping_mul(17).wrapping_add(1); 16];
        engine.reg_write_long(xmm(n), &bytes).expect("vector");
    }
    let state = |engine: &Unicorn<'_, ()>| State {
        general: general
            .iter()
            .map(|r| engine.reg_read(*r).expect("register"))
            .collect(),
        flags: engine.reg_read(RegisterX86::RFLAGS).expect("flags"),
        vectors: (0..16)
            .map(|n| {
                let bytes = engine.reg_read_long(xmm(n)).expect("vector");
                u128::from_le_bytes(bytes[..16].try_into().expect("16 bytes"))
            })
            .collect(),
        memory: engine.mem_read_as_vec(DATA, 0x1000).expect("data"),
        end: engine.reg_read(RegisterX86::RIP).expect("rip"),
    };
    let mut before = state(&engine);
    let end = CODE + u64::try_from(code.len()).expect("it is short");
    engine.emu_start(CODE, end, 0, 1).expect("it runs");
    before.end = end;
    (before, state(&engine))
}

#[test]
fn a_nop_of_every_length_changes_nothing_but_the_instruction_pointer() {
    for len in 1..=nop::LONGEST {
        let bytes = nop::nop(len).expect("there is one of each length");
        let (before, after) = run(&bytes);
        assert_eq!(before, after, "{bytes:02x?}");
    }
    // The check sees what is no NOP: `mov al, al` with a REX prefix is, `inc al` is not.
    let (before, after) = run(&[0xfe, 0xc0]);
    assert_ne!(before, after);
}

/// Keystone has no words for prefixes and leaves out displacements of zero. Its long NOP is
/// another one: `0f 18 20`, which the manual reserves for hints (volume 2, PREFETCHh).
#[test]
fn short_nops_are_what_keystone_assembles() {
    let assembled = |text| crate::assemble::assemble(Isa::X86_64, text, 0);
    for (len, text) in [(1, "nop"), (2, "xchg ax, ax")] {
        let bytes = nop::nop(len).expect("there is one of each length");
        assert_eq!(assembled(text).as_deref(), Ok(&bytes[..]), "{text}");
    }
    let long = assembled("nop dword ptr [rax]");
    assert_eq!(long.as_deref(), Ok(&[0x0f, 0x18, 0x20][..]));
}
