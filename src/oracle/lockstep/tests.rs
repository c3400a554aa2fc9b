//! What a hook of each ABI may change over a site, and what it may not.

use super::Lockstep;
use crate::image::Rebuild;
use crate::isa::Isa;
use crate::machine::{Event, Exit, RegisterTable, StackChange};
use crate::oracle::Subject;
use crate::oracle::specimen::Specimen;
use crate::oracle::specimen::runs::{LIVE, NOPPED, PASS};
use crate::program::CallConv;

use CallConv::{PreserveAll, SystemV};

fn executable() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_executable())
}

fn register(name: &str) -> (Option<u32>, Subject) {
    (Some(0), Subject::Register(name.to_owned()))
}

fn changed(isa: Isa, conv: CallConv, run: usize, name: &str, bits: u128) -> Specimen {
    let mut specimen = Specimen::with_runs(isa, conv, 0);
    specimen.change(run, name, bits);
    specimen
}

fn is_free(isa: Isa, conv: CallConv, name: &str, bits: u128) {
    changed(isa, conv, LIVE, name, bits).assert_finds(&Lockstep, &[]);
    // A NOPed site changes nothing whatsoever.
    changed(isa, conv, NOPPED, name, bits).assert_finds(&Lockstep, &[register(name)]);
}

fn is_kept(isa: Isa, conv: CallConv, name: &str, bits: u128) {
    for run in [LIVE, NOPPED] {
        changed(isa, conv, run, name, bits).assert_finds(&Lockstep, &[register(name)]);
    }
}

#[test]
fn nothing_changed_is_fine() {
    for isa in executable() {
        for conv in [PreserveAll, SystemV] {
            Specimen::with_runs(isa, conv, 0).assert_finds(&Lockstep, &[]);
        }
    }
}

#[test]
fn a_site_that_is_reached_with_a_misaligned_stack_is_found() {
    for isa in executable() {
        for run in [LIVE, NOPPED] {
            let mut specimen = Specimen::with_runs(isa, PreserveAll, 0);
            let by = if isa == Isa::S390x { 4 } else { 8 };
            let Event::Pass(pass) = &mut specimen.runs[run].evidence.events[PASS] else {
                panic!("the first event is the pass");
            };
            pass.sp -= by;
            specimen.assert_finds(&Lockstep, &[register("sp")]);
        }
    }
}

#[test]
fn half_a_vector_is_preserved_where_the_abi_says_so() {
    const TOP: u128 = 1 << 127;
    is_free(Isa::Aarch64, SystemV, "v8", TOP);
    is_free(Isa::Aarch64, SystemV, "v15", 1 << 64);
    is_kept(Isa::Aarch64, SystemV, "v8", 1 << 63);
    is_free(Isa::Aarch64, SystemV, "v16", 1);
    is_kept(Isa::Aarch64, PreserveAll, "v8", TOP);
    // f8 is the leftmost half of v8.
    is_kept(Isa::S390x, SystemV, "v8", 1 << 64);
    is_free(Isa::S390x, SystemV, "v8", 1 << 63);
    is_free(Isa::S390x, SystemV, "v16", TOP);
    is_kept(Isa::S390x, PreserveAll, "v16", 1);
    is_free(Isa::X86_64, SystemV, "xmm15", TOP);
    is_kept(Isa::X86_64, PreserveAll, "xmm15", TOP);
}

#[test]
fn general_registers_are_preserved_as_the_abi_says() {
    for (isa, free, kept) in [
        (Isa::X86_64, "r11", "r12"),
        (Isa::Aarch64, "x18", "x19"),
        (Isa::Riscv64gc, "t6", "s11"),
        (Isa::S390x, "r5", "r6"),
        (Isa::Pulley64, "x15", "x16"),
        (Isa::Pulley64be, "f31", "x29"),
    ] {
        is_free(isa, SystemV, free, 1 << 63);
        is_kept(isa, SystemV, kept, 1 << 63);
        is_kept(isa, PreserveAll, free, 1);
    }
}

#[test]
fn the_stack_pointer_is_kept_and_the_link_register_and_flags_are_the_calls() {
    for isa in executable() {
        let table = RegisterTable::of(isa);
        for conv in [PreserveAll, SystemV] {
            is_kept(isa, conv, table.info(table.sp).name, 8);
            if let Some(link) = table.link {
                is_free(isa, conv, table.info(link).name, 1);
            }
        }
    }
    for (isa, flags) in [
        (Isa::X86_64, "rflags"),
        (Isa::Aarch64, "nzcv"),
        (Isa::S390x, "cc"),
    ] {
        is_free(isa, PreserveAll, flags, 1);
    }
}

#[test]
fn control_bits_are_kept_and_sticky_status_is_not() {
    for conv in [PreserveAll, SystemV] {
        is_free(Isa::X86_64, conv, "mxcsr", 0x3f);
        is_kept(Isa::X86_64, conv, "mxcsr", 0x2000);
        is_kept(Isa::X86_64, conv, "fpcw", 0x400);
        is_free(Isa::Aarch64, conv, "fpsr", 0x9f);
        is_kept(Isa::Aarch64, conv, "fpcr", 1 << 22);
        is_free(Isa::Riscv64gc, conv, "fcsr", 0x1f);
        is_kept(Isa::Riscv64gc, conv, "fcsr", 0x20);
        is_free(Isa::S390x, conv, "fpc", 0x00f8_0000);
        is_kept(Isa::S390x, conv, "fpc", 1);
    }
}

#[test]
fn declared_scratch_registers_are_exempt_while_live_only() {
    for (isa, name) in [
        (Isa::Riscv64gc, "t6"),
        (Isa::S390x, "r1"),
        (Isa::Aarch64, "x16"),
    ] {
        is_kept(isa, PreserveAll, name, 1);
        for (run, found) in [(LIVE, vec![]), (NOPPED, vec![register(name)])] {
            let mut specimen = changed(isa, PreserveAll, run, name, 1);
            specimen.image.scratch = vec![name.to_owned()];
            specimen.assert_finds(&Lockstep, &found);
        }
    }
}

/// A hook that pops its arguments, with the stack pointer put right behind its site.
fn popping(isa: Isa, rises: u64, rebuilt: Option<u64>) -> Specimen {
    let mut specimen = Specimen::with_runs(isa, CallConv::Tail, 20);
    let table = RegisterTable::of(isa);
    let name = table.info(table.sp).name;
    let popped = u32::try_from(pops(isa)).unwrap();
    specimen.image.sites[0].rebuild = Some(Rebuild { popped, len: 4 });
    for run in [LIVE, NOPPED] {
        let pass = specimen.pass(run);
        pass.rebuilt_sp = Some(pass.sp);
    }
    let pass = specimen.pass(LIVE);
    pass.rebuilt_sp = rebuilt.map(|off| pass.sp + off);
    if rises != 0 {
        specimen.change(LIVE, name, rises.into());
    }
    specimen
}

fn pops(isa: Isa) -> u64 {
    let specimen = Specimen::with_runs(isa, CallConv::Tail, 20);
    let hook = &specimen.interface.functions[1].signature;
    crate::machine::abi::call_layout(isa, hook)
        .unwrap()
        .callee_pops
}

#[test]
fn behind_a_live_site_that_is_put_right_the_stack_pointer_is_as_high_as_the_abi_says() {
    for isa in executable() {
        let table = RegisterTable::of(isa);
        let sp = table.info(table.sp).name;
        let pops = pops(isa);
        popping(isa, pops, Some(0)).assert_finds(&Lockstep, &[]);
        for rises in [0, 8, pops - 8, pops + 8] {
            popping(isa, rises, Some(0)).assert_finds(&Lockstep, &[register(sp)]);
        }
        // The metadata's own number does not count.
        let mut specimen = popping(isa, pops + 8, Some(0));
        specimen.image.sites[0].rebuild.as_mut().unwrap().popped += 8;
        specimen.assert_finds(&Lockstep, &[register(sp)]);
        // Without such code it has to be in its place at once.
        let mut specimen = popping(isa, pops, Some(0));
        specimen.image.sites[0].rebuild = None;
        specimen.assert_finds(&Lockstep, &[register(sp)]);
        // NOPed it stays.
        let mut specimen = popping(isa, pops, Some(0));
        specimen.change(NOPPED, sp, pops.into());
        specimen.assert_finds(&Lockstep, &[register(sp)]);
    }
}

#[test]
fn behind_the_code_that_puts_it_right_the_stack_pointer_is_in_its_place() {
    for isa in executable() {
        let table = RegisterTable::of(isa);
        let sp = table.info(table.sp).name;
        let pops = pops(isa);
        for rebuilt in [Some(8), Some(pops), None] {
            let mut specimen = popping(isa, pops, rebuilt);
            specimen.assert_finds(&Lockstep, &[register(sp)]);
            // A run that ended on the way tells nothing.
            specimen.runs[LIVE].evidence.exit = Exit::OutOfFuel;
            let found = if rebuilt.is_some() { 1 } else { 0 };
            assert_eq!(specimen.found(&Lockstep).len(), found, "{isa}");
        }
        let mut specimen = popping(isa, pops, Some(0));
        let pass = specimen.pass(NOPPED);
        pass.rebuilt_sp = Some(pass.sp - 16);
        specimen.assert_finds(&Lockstep, &[register(sp)]);
    }
}

fn stack(isa: Isa, arguments: usize, run: usize, range: (u64, u64), found: Option<(u64, u64)>) {
    let mut specimen = Specimen::with_runs(isa, SystemV, arguments);
    specimen.change_stack(run, range.0, usize::try_from(range.1 - range.0).unwrap());
    let found = found.map(|(start, end)| (Some(0), Subject::Stack { start, end }));
    specimen.assert_finds(&Lockstep, found.as_slice());
}

#[test]
fn no_stack_byte_changes_but_the_hooks_own_arguments() {
    for isa in executable().filter(|isa| *isa != Isa::S390x) {
        for run in [LIVE, NOPPED] {
            stack(isa, 0, run, (0, 8), Some((0, 8)));
            stack(isa, 0, run, (1000, 1001), Some((1000, 1001)));
        }
    }
    // Eight arguments of x86-64: two of them on the stack.
    stack(Isa::X86_64, 8, LIVE, (0, 16), None);
    stack(Isa::X86_64, 8, LIVE, (0, 17), Some((16, 17)));
    stack(Isa::X86_64, 8, NOPPED, (0, 16), Some((0, 16)));
}

#[test]
fn the_save_area_of_s390x_is_the_callees_behind_the_back_chain() {
    stack(Isa::S390x, 0, LIVE, (16, 160), None);
    stack(Isa::S390x, 0, LIVE, (0, 160), Some((0, 16)));
    stack(Isa::S390x, 0, LIVE, (15, 160), Some((15, 16)));
    stack(Isa::S390x, 0, LIVE, (159, 161), Some((160, 161)));
    stack(Isa::S390x, 6, LIVE, (160, 168), None);
    stack(Isa::S390x, 6, LIVE, (160, 169), Some((168, 169)));
    stack(Isa::S390x, 0, NOPPED, (16, 160), Some((16, 160)));
}

#[test]
fn what_an_s390x_hook_pops_is_its_own_and_the_back_chain_lies_above() {
    let pops = pops(Isa::S390x);
    for (range, found) in [
        ((0, pops), None),
        ((0, pops + 1), Some((pops, pops + 1))),
        ((pops + 15, pops + 16), Some((pops + 15, pops + 16))),
        ((pops + 16, pops + 160), None),
        ((pops + 16, pops + 161), Some((pops + 160, pops + 161))),
    ] {
        let mut specimen = popping(Isa::S390x, pops, Some(0));
        specimen.change_stack(LIVE, range.0, usize::try_from(range.1 - range.0).unwrap());
        let found = found.map(|(start, end)| (Some(0), Subject::Stack { start, end }));
        specimen.assert_finds(&Lockstep, found.as_slice());
    }
}

#[test]
fn stack_that_appears_or_vanishes_is_a_change() {
    let mut specimen = Specimen::with_runs(Isa::X86_64, SystemV, 0);
    specimen.end(LIVE).stack.push(StackChange {
        offset: 0,
        before: vec![1; 32],
        after: Vec::new(),
    });
    specimen.assert_finds(
        &Lockstep,
        &[(Some(0), Subject::Stack { start: 0, end: 32 })],
    );
}

#[test]
fn a_pass_without_end_is_a_lost_stack_pointer_unless_the_run_ended_there() {
    let mut specimen = Specimen::with_runs(Isa::Aarch64, SystemV, 0);
    specimen.pass(NOPPED).end = None;
    specimen.assert_finds(&Lockstep, &[register("sp")]);
    specimen.pass(NOPPED).low_arrival = Some(0xff0);
    let found = specimen.found(&Lockstep);
    assert!(found[0].seen.contains("0xff0"), "{found:?}");
    specimen.runs[NOPPED].evidence.exit = Exit::OutOfFuel;
    specimen.assert_finds(&Lockstep, &[]);
}
