//! NOP units: each is one instruction that changes nothing but the program counter, for whoever
//! disassembles, assembles and executes it, and a disabled site costs as few as there can be.

use std::collections::BTreeMap;
use std::path::Path;

use patchproof::assemble::assemble;
use patchproof::backend::Own;
use patchproof::codegen::{CodeGenerator, nop_fill};
use patchproof::disasm::{Kind, decode, decode_all, direct_call};
use patchproof::image::{CodeImage, Layout};
use patchproof::isa::Isa;
use patchproof::machine::{Exit, RegisterRole, RegisterTable};
use patchproof::program::Program;

use crate::guests::{TARGETS, executable, guest, image_by};
use crate::rig::{Rig, generators};

/// Room below and above the stack pointer that is filled and compared.
const AROUND: u64 = 2048;

/// Each ISA, RISC-V once more with compressed instructions.
fn guests() -> Vec<(Isa, Program)> {
    let body = "call fn0()\n return v0";
    let plain = guest("", body, "run: %main(1, 2) == 1");
    let compressed = TARGETS.replace("riscv64gc", "riscv64gc has_zca has_zcd");
    let text = plain.text.replace(TARGETS, &compressed);
    assert_ne!(text, *plain.text);
    let compressed = Program::parse("compressed", &text).expect("it parses");
    let all = executable().map(|isa| (isa, plain.clone()));
    all.chain([(Isa::Riscv64gc, compressed)]).collect()
}

/// The units of all generators for one of the guests.
fn units(isa: Isa, program: &Program) -> Vec<Vec<u8>> {
    let mut units: Vec<Vec<u8>> = generators()
        .flat_map(|generator| image_by(generator, program, isa).nop_units)
        .collect();
    units.sort();
    units.dedup();
    units
}

#[test]
fn each_unit_is_one_nop_to_the_disassembler() {
    for (isa, program) in guests() {
        let units = units(isa, &program);
        assert!(!units.is_empty(), "{isa}");
        for unit in units {
            let decoded = decode(isa, &unit, 0).expect("there are bytes");
            let seen = (&decoded.kind, decoded.bytes.len());
            assert_eq!(seen, (&Kind::Nop, unit.len()), "{isa} {unit:02x?}");
        }
    }
}

/// Text of the units that Keystone knows. Of x86's long ones it makes a hint, it has no `bc`, and
/// neither RISC-V nor Pulley.
fn text(unit: &[u8]) -> Option<&'static str> {
    Some(match unit {
        [0x90] => "nop",
        [0x66, 0x90] => "xchg ax, ax",
        [0x1f, 0x20, 0x03, 0xd5] => "nop",
        [0x07, 0x07] => "bcr 0, %r7",
        [0xc0, 0x04, 0, 0, 0, 0] => "brcl 0, 0",
        _ => return None,
    })
}

#[test]
fn keystone_assembles_the_units_that_it_knows() {
    let mut seen = 0;
    for (isa, program) in guests() {
        for unit in units(isa, &program) {
            if let Some(text) = text(&unit) {
                assert_eq!(assemble(isa, text, 0).as_ref(), Ok(&unit), "{isa} {text}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 5);
}

/// An instruction that ends the run where it stands.
fn stop(isa: Isa) -> &'static [u8] {
    match isa {
        Isa::X86_64 => &[0x0f, 0x0b],
        Isa::Aarch64 | Isa::Riscv64gc | Isa::S390x => &[0; 4],
        // `trap`.
        _ => &[0xdc, 0, 0],
    }
}

/// Registers but for the program counter, and the stack.
type State = (Vec<(&'static str, u128)>, Vec<u8>);

fn state(rig: &mut Rig, sp: u64) -> State {
    let isa = rig.image().isa;
    let table = RegisterTable::of(isa);
    let registers = rig.cpu(|cpu| cpu.registers());
    let names = table.ids().filter(|id| *id != table.pc);
    let named = names.map(|id| (table.info(id).name, registers.get(id)));
    let size = usize::try_from(2 * AROUND).expect("it is small");
    (named.collect(), rig.read(sp - AROUND, size))
}

/// Everything different from everything else; flags all clear, or all set.
fn prepare(rig: &mut Rig, flags: bool) -> u64 {
    let isa = rig.image().isa;
    let table = RegisterTable::of(isa);
    let sp = Layout::of(isa).stack_top() - 2 * AROUND;
    rig.cpu(|cpu| {
        for (id, number) in table.ids().zip(1_u128..) {
            let info = table.info(id);
            let junk = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835 ^ ((number * 0x0101) << 61);
            let value = match (info.role, info.name) {
                (RegisterRole::Pc, _) | (_, "zero") => continue,
                _ if id == table.sp => sp.into(),
                (RegisterRole::Flags, _) => match (isa, flags) {
                    (Isa::X86_64, _) => 2 | if flags { 0x8d5 } else { 0 },
                    (_, false) => 0,
                    (Isa::Aarch64, true) => 0xf000_0000,
                    (_, true) => 3,
                },
                // Another rounding mode, exceptions masked.
                (_, "mxcsr") => 0x3f80,
                (_, "fpcw") => 0x77f,
                (_, "fpcr") => 1 << 22,
                (_, "fcsr") => 0x2a,
                (RegisterRole::Control(_), _) => 1,
                _ => junk & (u128::MAX >> (128 - 8 * u32::from(info.bytes))),
            };
            cpu.write(id, value);
        }
        let stack: Vec<u8> = (0..2 * AROUND)
            .map(|at| (at * 7 + 3).to_le_bytes()[0])
            .collect();
        cpu.store(sp - AROUND, &stack).expect("it is the stack");
    });
    sp
}

/// Runs `code` and the stop behind it: states before and after, and how far it came.
fn execute(rig: &mut Rig, code: &[u8], flags: bool) -> (State, State, Option<u64>) {
    let mut image = CodeImage {
        sites: Vec::new(),
        ..rig.image().clone()
    };
    image.traps.clear();
    let planted = [code, stop(image.isa)].concat();
    image.bytes = vec![0; planted.len().max(64)];
    image.bytes[..planted.len()].copy_from_slice(&planted);
    rig.load(&image);
    let sp = prepare(rig, flags);
    let before = state(rig, sp);
    let exit = rig.run_from(image.base);
    let pc = match exit {
        Exit::Illegal { pc, .. } | Exit::Exception { pc, .. } => Some(pc - image.base),
        _ => None,
    };
    (before, state(rig, sp), pc)
}

/// Whether an execution changes nothing and comes to its end.
fn is_nop(rig: &mut Rig, code: &[u8]) -> bool {
    [false, true].into_iter().all(|flags| {
        let (before, after, behind) = execute(rig, code, flags);
        before == after && behind == Some(code.len() as u64)
    })
}

#[test]
fn each_unit_changes_nothing_but_the_program_counter() {
    for (isa, program) in guests() {
        let units = units(isa, &program);
        let mut rig = Rig::new(&program, image_by(&Own::PLAIN, &program, isa));
        for unit in units {
            for flags in [false, true] {
                let (before, after, behind) = execute(&mut rig, &unit, flags);
                assert_eq!(before, after, "{isa} {unit:02x?}");
                assert_eq!(behind, Some(unit.len() as u64), "{isa} {unit:02x?}");
            }
        }
    }
}

/// Instructions that come near to doing nothing: of each kind of state one.
fn near(isa: Isa) -> &'static [&'static [u8]] {
    match isa {
        // `mov eax, eax`, `cmc`, `and byte [rsp], 0`.
        Isa::X86_64 => &[&[0x8b, 0xc0], &[0xf5], &[0x80, 0x24, 0x24, 0]],
        // `mov w0, w0`, `cmp x0, x0`, `strb wzr, [sp]`, `fmov d0, d0`.
        Isa::Aarch64 => &[
            &[0xe0, 0x03, 0x00, 0x2a],
            &[0x1f, 0, 0, 0xeb],
            &[0xff, 0x03, 0, 0x39],
            &[0, 0x40, 0x60, 0x1e],
        ],
        // `sext.w a0, a0`, `csrwi fflags, 0`, `sb zero, 0(sp)`.
        Isa::Riscv64gc => &[
            &[0x1b, 0x05, 0x05, 0],
            &[0x73, 0x50, 0x10, 0],
            &[0x23, 0, 0x01, 0],
        ],
        // `llgfr %r2, %r2`, `cr %r1, %r1` (equal: condition code 0), `mvi 0(%r15), 0`.
        Isa::S390x => &[&[0xb9, 0x16, 0, 0x22], &[0x19, 0x11], &[0x92, 0, 0xf0, 0]],
        // `xconst8 x0, 1`, `push_frame`.
        _ => &[&[0x44, 0, 1], &[0xa8]],
    }
}

#[test]
fn what_is_no_nop_is_seen() {
    let program = guest("", "call fn0()\n return v0", "run: %main(1, 2) == 1");
    for isa in executable() {
        let mut rig = Rig::new(&program, image_by(&Own::PLAIN, &program, isa));
        for code in near(isa) {
            assert!(!is_nop(&mut rig, code), "{isa} {code:02x?}");
        }
    }
}

/// Fewest instructions that fill `len` bytes: of 4 bytes on AArch64 and RISC-V, there also of 2 if
/// compressed, of 2, 4 or 6 on s390x; of Pulley none has two (the next test). On x86-64 there are
/// some of up to 15, but units are no longer than a call, or a fill of a longer range would have no
/// instruction where the call returns to.
fn fewest(isa: Isa, len: usize) -> usize {
    match isa {
        Isa::X86_64 => len.div_ceil(5),
        Isa::Aarch64 | Isa::Riscv64gc => len / 4 + (len % 4) / 2,
        Isa::S390x => len.div_ceil(6),
        _ => match len {
            1 | 3 | 5 => 1,
            2 => 2,
            10 => 2,
            other => panic!("a range of {other} bytes on {isa}: what fills it?"),
        },
    }
}

#[test]
fn a_disabled_site_costs_as_few_instructions_as_there_can_be() {
    let mut ranges = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pass");
    for file in std::fs::read_dir(folder).expect("the corpus is there") {
        let program = Program::load(&file.expect("it is listed").path()).expect("it loads");
        for isa in executable() {
            let Some(target) = program.targets_of(isa).next() else {
                continue;
            };
            let Ok(compiled) = Own::PLAIN.compile(&program, target) else {
                continue;
            };
            for function in &compiled.functions {
                for site in &function.sites {
                    let [start, end] = [site.ret_addr - site.len, site.ret_addr]
                        .map(|at| usize::try_from(at).expect("it fits"));
                    let live = decode_all(isa, &function.bytes[start..end], 0);
                    let call = direct_call(&live).expect("a site starts with a call");
                    let call: usize = live[..call.instructions]
                        .iter()
                        .map(|i| i.bytes.len())
                        .sum();
                    let nops = nop_fill(&compiled.nop_units, end - start).expect("it is tiled");
                    let count = decode_all(isa, &nops, 0).len();
                    ranges.insert((isa, call, end - start - call), count);
                }
            }
        }
    }
    for ((isa, call, rest), count) in &ranges {
        assert_eq!(*rest, 0, "{isa}: a site is the call alone");
        assert_eq!(*count, fewest(*isa, *call), "{isa}: a call of {call} bytes");
    }
    assert!(executable().all(|isa| ranges.keys().any(|(of, ..)| *of == isa)));
}

/// So a range of two bytes needs two.
#[test]
fn pulley_has_no_nop_of_two_bytes() {
    let isa = Isa::Pulley64;
    let program = guest("", "call fn0()\n return v0", "run: %main(1, 2) == 1");
    let mut rig = Rig::new(&program, image_by(&Own::PLAIN, &program, isa));
    let mut tried = 0;
    for word in 0..=u16::MAX {
        let bytes = word.to_le_bytes();
        let decoded = decode(isa, &bytes, 0).expect("there are bytes");
        if decoded.kind == Kind::Unknown || decoded.bytes.len() != 2 {
            continue;
        }
        tried += 1;
        assert!(!is_nop(&mut rig, &bytes), "{}", decoded.plain_text());
    }
    assert!(tried > 64, "{tried}");
}
