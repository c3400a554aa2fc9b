//! Guests that do what a miscompiled program may do: each ends with the right exit on every
//! ISA, and leaves the machine as if it had never run.

mod guests;

use guests::{Runner, TARGETS, executable, guest, image, job, plant};
use patchproof::image::{CodeImage, Layout};
use patchproof::isa::Isa;
use patchproof::machine::{Exit, RunEvidence};
use patchproof::program::Program;

/// Reads memory and stack before it writes them, and rounds: leftovers of an earlier guest, its
/// rounding mode too, change the result.
fn good() -> Program {
    guest(
        "gv0 = symbol %memory\nfn1 = %host_random(i64) -> i64 system_v\nss0 = explicit_slot 4096\n",
        "v2 = symbol_value.i64 gv0
         v3 = load.i64 v2+8
         v20 = stack_addr.i64 ss0+64
         v4 = load.i64 v20
         v5 = iconst.i64 77
         store v5, v2+8
         store v5, v20
         call fn0()
         v6 = call fn1(v0)
         v7 = bor v3, v4
         v8 = iadd v7, v1
         v9 = f64const 0x1.0p0
         v13 = f64const 0x1.8p1
         v14 = fdiv v9, v13
         v10 = bitcast.i64 v14
         v15 = iconst.i64 0x3fd5555555555553
         v11 = isub v10, v15
         v12 = iadd v8, v11
         return v12",
        "run: %main(3, 40) == 42",
    )
}

fn check_good(runner: &mut Runner, isa: Isa, after: &str) {
    let program = good();
    let seen = runner.run_one(job(&program, image(&program, isa)));
    assert_eq!(seen.exit, Exit::Returned, "{isa} after {after}");
    assert_eq!(seen.results[0].bits, 42, "{isa} after {after}");
    assert_eq!(seen, fresh(isa), "{isa} after {after}");
}

/// What the good guest does on a machine that nothing else has run on.
fn fresh(isa: Isa) -> RunEvidence {
    let program = good();
    Runner::new(isa).run_one(job(&program, image(&program, isa)))
}

/// Runs a guest on every ISA, `expect`s its evidence, and runs the good one behind it.
fn hostile(
    name: &str,
    declarations: &str,
    body: &str,
    expect: impl Fn(Isa, &CodeImage, &RunEvidence),
) {
    let program = guest(declarations, body, "run: %main(7, 0) == 0");
    for isa in executable() {
        let mut runner = Runner::new(isa);
        check_good(&mut runner, isa, "nothing");
        let image = image(&program, isa);
        let seen = runner.run_one(job(&program, image.clone()));
        let again = runner.run_one(job(&program, image.clone()));
        assert_eq!(seen, again, "{isa} {name}: the same again");
        println!("{isa} {name}: {} (fuel {})", seen.exit, seen.fuel_used);
        expect(isa, &image, &seen);
        check_good(&mut runner, isa, name);
    }
}

fn in_main(image: &CodeImage, pc: u64) -> bool {
    image.function_at(pc).is_some_and(|f| f.name == "%main")
}

#[test]
fn a_loop_without_end_runs_out_of_fuel() {
    let body = "jump block1\nblock1:\n call fn0()\n jump block1";
    hostile("loop", "", body, |isa, _, seen| {
        assert_eq!(seen.exit, Exit::OutOfFuel, "{isa}");
    });
    hostile(
        "empty loop",
        "",
        "call fn0()\n jump block1\nblock1:\n jump block1",
        |isa, _, seen| {
            assert_eq!(seen.exit, Exit::OutOfFuel, "{isa}");
        },
    );
}

fn wild_call(name: &str, address: impl Fn(Layout) -> u64) {
    // The layout of all ISAs here is the same.
    let target = address(Layout::of(Isa::X86_64)).cast_signed();
    let body =
        format!("call fn0()\n v2 = iconst.i64 {target}\n call_indirect sig0, v2()\n return v0");
    hostile(name, "", &body, |isa, _, seen| {
        let fetch = matches!(&seen.exit, Exit::Fault { address, access, .. }
            if *address == target.cast_unsigned() && access == "fetch");
        assert!(fetch, "{isa} {name}: {:?}", seen.exit);
    });
}

#[test]
fn a_call_to_nowhere_is_a_fetch_fault_there() {
    wild_call("nowhere", |_| 0x4000_0000);
    wild_call("null", |_| 0);
    wild_call("far", |_| 0x7fff_ffff_f000);
    wild_call("a stub without hostcall", |layout| layout.stub(100));
    wild_call("the stack", |layout| layout.stack_top() - 4096);
    wild_call("the deep stack", |layout| layout.stack + 4096);
    wild_call("behind the code", |layout| layout.code + Layout::CODE_BYTES);
}

#[test]
fn a_call_into_the_middle_of_a_stub_is_a_fetch_fault() {
    wild_call("the middle of a stub", |layout| layout.stub(0) + 8);
    wild_call("right before the exit", |layout| layout.exit() - 8);
}

#[test]
fn a_stack_overflow_ends_at_the_guard() {
    let recursion = guest_recursion();
    for isa in executable() {
        let mut runner = Runner::new(isa);
        let image = image(&recursion, isa);
        let seen = runner.run_one(job(&recursion, image));
        let below = Layout::of(isa).stack;
        match &seen.exit {
            Exit::Fault {
                address, access, ..
            } => {
                assert!(
                    (below - 65536..below).contains(address),
                    "{isa}: {:?}",
                    seen.exit
                );
                assert_eq!(access, "write", "{isa}");
            }
            Exit::Trap { code, .. } => {
                assert!(isa.is_pulley() && code == "stk_ovf", "{isa} {code}")
            }
            other => panic!("{isa}: {other:?}"),
        }
        check_good(&mut runner, isa, "stack overflow");
    }
}

fn guest_recursion() -> Program {
    let text = "function %hook() preserve_all {\nblock0:\n return\n}\n
        function %down(i64) -> i64 system_v {
            ss0 = explicit_slot 2000
            fn0 = colocated %down(i64) -> i64 system_v
        block0(v0: i64):
            v9 = stack_addr.i64 ss0
            store notrap v0, v9
            v8 = iconst.i64 1
            v1 = iadd v0, v8
            v2 = call fn0(v1)
            v3 = load.i64 v9
            v4 = iadd v2, v3
            return v4
        }
        function %main() -> i64 system_v {
            fn0 = colocated %down(i64) -> i64 system_v
            fn1 = colocated patchable %hook() preserve_all
        block0:
            call fn1()
            v0 = iconst.i64 1
            v1 = call fn0(v0)
            return v1
        }
        ; run: %main() == 0";
    Program::parse("recursion", &format!("{TARGETS}{text}")).unwrap()
}

#[test]
fn recursion_through_sites_ends_before_the_hosts_memory_does() {
    let text = "function %hook(i64) preserve_all {
            fn0 = colocated patchable %hook(i64) preserve_all
        block0(v0: i64):
            v2 = iconst.i64 1
            v1 = iadd v0, v2
            call fn0(v1)
            return
        }
        function %main() system_v {
            fn0 = colocated patchable %hook(i64) preserve_all
        block0:
            v0 = iconst.i64 1
            call fn0(v0)
            return
        }";
    let program = Program::parse("recursion", &format!("{TARGETS}{text}")).unwrap();
    for isa in executable() {
        let mut runner = Runner::new(isa);
        let mut job = job(&program, image(&program, isa));
        job.fuel = 10_000_000;
        let seen = runner.run_one(job);
        println!("{isa}: {} events, {}", seen.events.len(), seen.exit);
        assert!(matches!(
            seen.exit,
            Exit::OutOfFuel | Exit::Fault { .. } | Exit::Trap { .. }
        ));
        check_good(&mut runner, isa, "recursion through sites");
    }
}

#[test]
fn a_guest_that_overwrites_its_return_address_is_caught_where_it_lands() {
    let declarations = "ss0 = explicit_slot 16";
    let body = "call fn0()
        v2 = stack_addr.i64 ss0
        v3 = iconst.i64 0x4000000040
        v4 = iconst.i64 0
        jump block1(v4)
    block1(v5: i64):
        v6 = iadd v2, v5
        store notrap v3, v6
        v9 = iconst.i64 8
        v10 = iconst.i64 256
        v7 = iadd v5, v9
        v8 = icmp ult v7, v10
        brif v8, block1(v7), block2
    block2:
        return v0";
    hostile("smashed stack", declarations, body, |isa, _, seen| {
        let landed = matches!(&seen.exit, Exit::Fault { address: 0x40_0000_0040 | 0x4000_0000_4000_0000, access, .. } if access == "fetch");
        // A guest that keeps its return address in a register returns, with other registers lost.
        let lost = seen.exit == Exit::Returned && !seen.registers.is_empty();
        assert!(landed || lost, "{isa}: {:?}", seen.exit);
    });
}

#[test]
fn a_stray_access_is_a_fault_of_its_instruction() {
    for (name, op, access) in [
        ("read", "v3 = load.i64 notrap v2", "read"),
        ("write", "store notrap v0, v2", "write"),
    ] {
        let body = format!("call fn0()\n v2 = iconst.i64 0x40000010\n {op}\n return v0");
        hostile(name, "", &body, |isa, image, seen| match &seen.exit {
            Exit::Fault {
                pc,
                address,
                access: kind,
            } => {
                assert_eq!((*address, kind.as_str()), (0x4000_0010, access), "{isa}");
                assert!(in_main(image, *pc), "{isa} {pc:#x}");
            }
            other => panic!("{isa}: {other:?}"),
        });
    }
}

#[test]
fn a_store_to_code_or_stubs_is_a_fault_and_changes_nothing() {
    for target in ["code", "stub", "behind the code"] {
        let layout = Layout::of(Isa::X86_64);
        let value = match target {
            "code" => "v2 = func_addr.i64 fn0".to_owned(),
            "stub" => format!("v2 = iconst.i64 {}", layout.stub(0)),
            _ => format!("v2 = iconst.i64 {}", layout.code + 0x10000),
        };
        let body = format!("call fn0()\n {value}\n store notrap v0, v2\n return v0");
        hostile(target, "", &body, |isa, image, seen| match &seen.exit {
            Exit::Fault { pc, access, .. } => {
                assert_eq!(access, "write", "{isa}");
                assert!(in_main(image, *pc), "{isa} {pc:#x}");
                assert!(seen.code_differs.is_empty(), "{isa}");
            }
            other => panic!("{isa} {target}: {other:?}"),
        });
    }
}

fn trap(name: &str, declarations: &str, body: &str, wanted: &str) {
    hostile(name, declarations, body, |isa, image, seen| {
        match &seen.exit {
            Exit::Trap { pc, code } => {
                assert_eq!(code, wanted, "{isa}");
                if isa.is_pulley() {
                    // Its interpreter names divisions itself.
                    return;
                }
                // On s390x the record of an instruction that exists to trap is on its last byte.
                let behind = if isa == Isa::S390x { 6 } else { 1 };
                let mut records = image.traps.range(pc..&(pc + behind));
                assert_eq!(
                    records.next().map(|(_, code)| code.as_str()),
                    Some(wanted),
                    "{isa}"
                );
            }
            other => panic!(
                "{isa} {name}: {other:?} with {:x?} {:x?}",
                image.traps, image.functions
            ),
        }
    });
}

#[test]
fn traps_have_the_code_of_their_record() {
    trap("user", "", "call fn0()\n trap user7", "user7");
    trap(
        "conditional",
        "",
        "call fn0()\n trapz v1, user3\n return v0",
        "user3",
    );
    trap(
        "divide",
        "",
        "call fn0()\n v2 = sdiv v0, v1\n return v2",
        "int_divz",
    );
    trap(
        "unsigned",
        "",
        "call fn0()\n v2 = udiv v0, v1\n return v2",
        "int_divz",
    );
    trap(
        "remainder",
        "",
        "call fn0()\n v2 = urem v0, v1\n return v2",
        "int_divz",
    );
    trap(
        "overflow",
        "",
        "call fn0()\n v2 = iconst.i64 0x8000000000000000\n v5 = iconst.i64 -1\n v3 = iadd v1, v5\n v4 = sdiv v2, v3\n return v4",
        "int_ovf",
    );
    trap(
        "load",
        "",
        "call fn0()\n v2 = load.i64 v0+0x40000000\n return v2",
        "heap_oob",
    );
    trap(
        "store",
        "",
        "call fn0()\n store v0, v0+0x40000000\n return v0",
        "heap_oob",
    );
}

/// Bytes that are no instruction, or that stop without a trap record.
fn stops(isa: Isa) -> Vec<(&'static str, Vec<u8>)> {
    match isa {
        Isa::X86_64 => vec![("ud2", vec![0x0f, 0x0b]), ("int3", vec![0xcc])],
        Isa::Aarch64 => vec![("udf", vec![0, 0, 0, 0]), ("brk", vec![0, 0, 0x20, 0xd4])],
        Isa::Riscv64gc => vec![
            ("unimp", vec![0, 0]),
            ("ebreak", vec![0x73, 0, 0x10, 0]),
            ("ecall", vec![0x73, 0, 0, 0]),
        ],
        Isa::S390x => vec![
            ("0x0001", vec![0, 1]),
            ("zeros", vec![0, 0]),
            ("branch into itself", vec![0xa7, 0xf4, 0, 1]),
            ("svc", vec![0x0a, 1]),
        ],
        _ => vec![("none", vec![0xff]), ("extended", vec![0xdc, 0xff, 0xff])],
    }
}

#[test]
fn an_undefined_instruction_ends_the_run_at_its_address() {
    let program = good();
    for isa in executable() {
        let mut runner = Runner::new(isa);
        for (name, bytes) in stops(isa) {
            let mut image = image(&program, isa);
            let at = plant(&mut image, "%main", &bytes);
            let seen = runner.run_one(job(&program, image));
            println!("{isa} {name}: {}", seen.exit);
            let at = if name == "branch into itself" {
                at + 2
            } else {
                at
            };
            match seen.exit {
                Exit::Illegal { pc, .. } | Exit::Exception { pc, .. } => {
                    assert_eq!(pc, at, "{isa} {name}")
                }
                other => panic!("{isa} {name}: {other:?}"),
            }
            check_good(&mut runner, isa, name);
        }
    }
}

#[test]
fn a_call_that_kills_the_child_leaves_the_others_their_evidence() {
    let program = guest(
        "",
        "call fn0()\n store notrap v0, v0+0x40000000\n return v0",
        "run: %main(0, 0) == 0\n",
    );
    let layout = Layout::of(Isa::Pulley64);
    for isa in [Isa::Pulley64, Isa::Pulley64be] {
        let mut job = job(&program, image(&program, isa));
        let mut fine = job.calls[0].clone();
        fine.args[0].bits = u128::from(layout.stack_top() - 64 - 0x4000_0000);
        // It runs over the end of the stack.
        let mut fatal = fine.clone();
        fatal.args[0].bits += 60;
        job.calls = vec![fine.clone(), fatal, fine];
        let mut runner = Runner::new(isa);
        let seen = runner.run(job);
        assert_eq!(seen[0].exit, Exit::Returned, "{isa}");
        assert!(matches!(seen[1].exit, Exit::Crashed { .. }), "{isa}");
        assert_eq!(seen[2], seen[0], "{isa}");
        check_good(&mut runner, isa, "a crash");
    }
}

#[test]
fn the_host_sees_untouched_stack_as_zeros_and_every_run_begins_with_it() {
    for isa in executable().filter(|isa| !isa.is_pulley()) {
        let mut machine = patchproof::worker::machine(isa).expect("the machine can be made");
        let layout = Layout::of(isa);
        for address in [layout.stack, layout.stack_top() - (64 << 10) - 32] {
            for _ in 0..2 {
                machine.clear_memory().expect("memory is there");
                machine.with_cpu(&mut |cpu| {
                    let mut bytes = [1; 64];
                    cpu.load(address, &mut bytes).expect("it is stack");
                    assert_eq!(bytes, [0; 64], "{isa} {address:#x}");
                    cpu.store(address, &[7; 64]).expect("it is stack");
                });
            }
        }
        machine.with_cpu(&mut |cpu| {
            assert!(cpu.load(layout.stack - 8, &mut [0; 16]).is_err(), "{isa}");
            assert!(
                cpu.store(layout.stack_top() - 8, &[0; 16]).is_err(),
                "{isa}"
            );
        });
    }
}
