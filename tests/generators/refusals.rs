//! Input beyond the own generator's limits: an error that names the function and the limit, or code
//! that is right; never a panic.

use cranelift_codegen::ir::{Function, InstructionData, Opcode};
use patchproof::backend::Own;
use patchproof::codegen::{CodeGenerator, CodegenError, Compiled};
use patchproof::image::link;
use patchproof::isa::Isa;
use patchproof::program::Program;

use crate::guests::{TARGETS, executable, guest};
use crate::rig::Rig;

type Damage = fn(&mut Function);
type Outcome = Result<Compiled, CodegenError>;

fn compile(program: &Program, isa: Isa) -> Outcome {
    let target = program.targets_of(isa).next();
    Own::PLAIN.compile(program, target.expect("all ISAs are targets"))
}

fn parse(text: &str) -> Program {
    let text = format!("{TARGETS}{text}");
    Program::parse("limits", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// The refusal names the function and says something of the kind.
#[track_caller]
fn assert_refused(outcome: &Outcome, words: &[&str], what: &str) {
    match outcome {
        Err(CodegenError::Unsupported { function, reason }) => {
            assert_eq!(function, "%main", "{what}: {reason}");
            let named = words.iter().any(|word| reason.contains(word));
            assert!(named, "{what}: '{reason}' names none of {words:?}");
        }
        other => panic!("{what}: {:?}", other.as_ref().map(|_| "code")),
    }
}

/// What is right, if there is any code, gives the result.
#[track_caller]
fn assert_runs(program: &Program, isa: Isa, compiled: &Compiled, result: u128) {
    let image = link(isa, &program.interface, compiled).unwrap_or_else(|e| panic!("{isa}: {e}"));
    let live = vec![true; program.interface.sites.len()];
    let seen = Rig::new(program, image).run(&live);
    assert_eq!(
        seen.results.first().map(|v| v.bits),
        Some(result),
        "{isa} {}",
        seen.exit
    );
}

#[test]
fn what_the_verifier_refuses_is_refused_by_name() {
    let body = "v2 = iadd v0, v1\n call fn0()\n v3 = icmp eq v2, v0\n
        brif v3, block1, block2(v2)\n block1:\n return v0\n block2(v4: i64):\n return v4";
    let whole = guest("", body, "run: %main(1, 2) == 3");
    let damages: [(&str, Damage); 4] = [
        ("no terminator", |function| {
            let block = function.layout.last_block().expect("there are blocks");
            let last = function
                .layout
                .last_inst(block)
                .expect("it has a terminator");
            function.layout.remove_inst(last);
        }),
        ("a value of another type", |function| {
            let add = find(function, Opcode::Iadd);
            let bit = function.dfg.first_result(find(function, Opcode::Icmp));
            function.dfg.inst_args_mut(add)[1] = bit;
        }),
        ("a value before its definition", |function| {
            let add = find(function, Opcode::Iadd);
            let itself = function.dfg.first_result(add);
            function.dfg.inst_args_mut(add)[0] = itself;
        }),
        ("too few results", |function| {
            let last = find(function, Opcode::Return);
            let InstructionData::MultiAry { args, .. } = &mut function.dfg.insts[last] else {
                panic!("returns have arguments");
            };
            *args = Default::default();
        }),
    ];
    for (what, damage) in damages {
        let mut program = whole.clone();
        damage(program.functions.last_mut().expect("there is %main"));
        for isa in executable() {
            match compile(&program, isa) {
                Err(CodegenError::Failed { function, message }) => {
                    assert_eq!(function, "%main", "{what} on {isa}: {message}");
                    assert!(message.contains("verifier"), "{what} on {isa}: {message}");
                }
                other => panic!("{what} on {isa}: {:?}", other.map(|_| "code")),
            }
        }
    }
}

fn find(function: &Function, opcode: Opcode) -> cranelift_codegen::ir::Inst {
    let blocks = function.layout.blocks();
    let mut insts = blocks.flat_map(|block| function.layout.block_insts(block));
    let found = insts.find(|inst| function.dfg.insts[*inst].opcode() == opcode);
    found.expect("the guest has one")
}

/// A guest with slots of these sizes, which it stores to and loads from at both ends.
fn frame(sizes: &[u32]) -> Program {
    let slots: Vec<String> = (0..)
        .zip(sizes)
        .map(|(n, size)| format!("ss{n} = explicit_slot {size}"))
        .collect();
    let mut body = "call fn0()\n".to_owned();
    for (n, size) in sizes.iter().enumerate() {
        let last = size - 8;
        let (low, high) = (10 + 2 * n, 11 + 2 * n);
        body += &format!(
            "v{low} = stack_addr.i64 ss{n}\n store v0, v{low}\n \
             v{high} = iconst.i64 {last}\n v{} = iadd v{low}, v{high}\n store v1, v{}\n",
            100 + n,
            100 + n
        );
    }
    body += "v200 = load.i64 v10\n v201 = load.i64 v100\n v202 = iadd v200, v201\n return v202";
    guest(&slots.join("\n"), &body, "run: %main(30, 12) == 42")
}

#[test]
fn a_frame_is_right_or_refused_with_its_size() {
    for isa in executable() {
        for size in [1 << 12, 1 << 16, 1 << 20, 3 << 20] {
            let program = frame(&[size]);
            let compiled = compile(&program, isa).unwrap_or_else(|e| panic!("{isa} {size}: {e}"));
            assert_runs(&program, isa, &compiled, 42);
        }
        // No guest has such a stack: code, or a refusal.
        for sizes in [
            &[1 << 30][..],
            &[0x7fff_ffe0],
            &[0x8000_0000],
            &[1 << 30, 1 << 30],
        ] {
            if compile(&frame(sizes), isa).is_err() {
                let what = format!("{isa} {sizes:x?}");
                assert_refused(&compile(&frame(sizes), isa), &["frame", "stack"], &what);
            }
        }
        for sizes in [
            &[u32::MAX - 7, u32::MAX - 7][..],
            &[u32::MAX - 7; 5],
            &[1 << 31; 2],
        ] {
            let what = format!("{isa} {sizes:x?}");
            assert_refused(&compile(&frame(sizes), isa), &["frame", "stack"], &what);
        }
    }
}

/// A callee with so many arguments, and who calls it.
fn arguments(count: usize, conv: &str) -> Program {
    let list = |one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(", ");
    let params = list(&|n| format!("v{n}: i64"));
    let types = list(&|_| "i64".to_owned());
    let args = list(&|n| if n + 1 == count { "v1" } else { "v0" }.to_owned());
    let last = count - 1;
    parse(&format!(
        "function %hook({types}) {conv} {{\nblock0({params}):\n return\n}}\n
        function %callee({types}) -> i64 {conv} {{\nblock0({params}):\n v1000000 = iadd v0, v{last}\n return v1000000\n}}\n
        function %main(i64, i64) -> i64 system_v {{
            fn0 = colocated patchable %hook({types}) {conv}
            fn1 = colocated %callee({types}) -> i64 {conv}
        block0(v0: i64, v1: i64):
            call fn0({args})
            v2 = call fn1({args})
            return v2
        }}\n; run: %main(40, 2) == 42\n"
    ))
}

#[test]
fn arguments_of_any_number_travel_or_are_refused() {
    for conv in ["system_v", "tail"] {
        for count in [100, 1_000] {
            let program = arguments(count, conv);
            for isa in executable() {
                let compiled = compile(&program, isa);
                let compiled = compiled.unwrap_or_else(|e| panic!("{isa} {count} {conv}: {e}"));
                assert_runs(&program, isa, &compiled, 42);
            }
        }
        let program = arguments(9_000, conv);
        for isa in executable() {
            match compile(&program, isa) {
                Ok(compiled) => assert_runs(&program, isa, &compiled, 42),
                Err(CodegenError::Unsupported { function, reason }) => {
                    let named = program
                        .functions
                        .iter()
                        .any(|f| f.name.to_string() == function);
                    assert!(named, "{function}");
                    let limit = ["argument", "bytes", "stack", "register allocation"];
                    assert!(
                        limit.iter().any(|l| reason.contains(l)),
                        "{isa} {conv}: {reason}"
                    );
                }
                Err(error) => panic!("{isa} {conv}: {error}"),
            }
        }
    }
}

/// A jump table of `count` entries between three blocks.
fn table(count: usize) -> Program {
    let blocks = ["block1", "block2", "block3"];
    let entries: Vec<&str> = (0..count).map(|n| blocks[n * 7 % 3]).collect();
    let entries = entries.join(", ");
    let body = format!(
        "call fn0()\n v2 = ireduce.i32 v0\n br_table v2, block4, [{entries}]\n
         block1:\n v3 = iconst.i64 1\n return v3\n
         block2:\n v4 = iconst.i64 2\n return v4\n
         block3:\n v5 = iconst.i64 3\n return v5\n
         block4:\n return v1"
    );
    guest("", &body, &format!("run: %main({}, 9) == 1", count - 1))
}

#[test]
fn a_jump_table_of_any_length_is_right_or_refused() {
    for count in [1, 300, 20_000, 200_000] {
        let program = table(count);
        let last = [1, 2, 3][(count - 1) * 7 % 3];
        for isa in executable() {
            match compile(&program, isa) {
                Ok(compiled) => assert_runs(&program, isa, &compiled, last),
                refused => {
                    assert!(count > 16_384, "{isa} {count}: {:?}", refused.err());
                    assert_refused(
                        &refused,
                        &["table", "range", "reach"],
                        &format!("{isa} {count}"),
                    );
                }
            }
        }
    }
}

/// A branch over so many additions, and one back.
fn far(count: usize) -> Program {
    let mut sum = 3;
    let mut body = "call fn0()\n v2 = icmp eq v0, v1\n brif v2, block3(v0), block1\n block1:\n
        v3 = iadd v0, v1\n"
        .to_owned();
    for _ in 0..count {
        body += &format!(" v{} = imul v{sum}, v1\n", sum + 1);
        sum += 1;
    }
    body += &format!(
        " brif v2, block1, block2\n block2:\n jump block3(v{sum})\n block3(v9000000: i64):\n return v9000000"
    );
    guest("", &body, "run: %main(5, 1) == 6")
}

/// 20,000 multiplications are beyond what the short branches of every ISA reach: 32 KiB on AArch64,
/// 4 KiB on RISC-V, 64 KiB on s390x, 128 bytes on x86-64.
#[test]
fn a_branch_reaches_any_block() {
    for count in [10, 1_000, 20_000] {
        let program = far(count);
        for isa in executable() {
            let compiled = compile(&program, isa);
            let compiled = compiled.unwrap_or_else(|e| panic!("{isa} {count}: {e}"));
            assert_runs(&program, isa, &compiled, 6);
        }
    }
}

/// The verifier has nothing to say of it.
#[test]
fn a_function_without_blocks_is_refused() {
    let mut program = guest("", "call fn0()\n return v0", "run: %main(1, 2) == 1");
    let function = program.functions.last_mut().expect("there is %main");
    while let Some(block) = function.layout.last_block() {
        while let Some(inst) = function.layout.last_inst(block) {
            function.layout.remove_inst(inst);
        }
        function.layout.remove_block(block);
    }
    for isa in executable() {
        assert_refused(&compile(&program, isa), &["block", "BB"], isa.name());
    }
}

#[test]
fn results_that_find_no_register_are_refused_unless_asked_for() {
    let many = ["i64"; 17].join(", ");
    let values = ["v0"; 17].join(", ");
    let returned = format!(
        "function %hook() system_v {{\nblock0:\n return\n}}\n
         function %main(i64) -> {many} system_v {{\n fn0 = colocated patchable %hook() system_v\n
         block0(v0: i64):\n call fn0()\n return {values}\n}}\n; print: %main(1)\n"
    );
    let results: Vec<String> = (1..18).map(|n| format!("v{n}")).collect();
    let called = format!(
        "function %hook() system_v {{\nblock0:\n return\n}}\n
         function %main(i64) -> i64 system_v {{\n sig0 = () -> {many} system_v\n
         fn0 = colocated patchable %hook() system_v\n
         block0(v0: i64):\n call fn0()\n {} = call_indirect sig0, v0()\n return v17\n}}\n
         ; print: %main(1)\n",
        results.join(", ")
    );
    for text in [&returned, &called] {
        let refused = parse(text);
        let set = "test run\nset enable_multi_ret_implicit_sret\n";
        let asked = format!("{}{text}", TARGETS.replacen("test run\n", set, 1));
        let asked = Program::parse("asked", &asked).expect("it is the same program");
        for isa in refused.targets.iter().map(|target| target.isa) {
            let outcome = compile(&refused, isa);
            assert_refused(&outcome, &["more results than registers"], isa.name());
            assert!(compile(&asked, isa).is_ok(), "{isa}");
        }
    }
}

#[test]
fn operations_on_half_floats_and_atomics_of_the_other_byte_order_are_refused() {
    let compared = "v2 = ireduce.i16 v0\n v3 = bitcast.f16 v2\n v4 = fcmp lt v3, v3\n call fn0()\n
        brif v4, block1, block2\n block1:\n return v0\n block2:\n return v1";
    let promoted = "v2 = ireduce.i16 v0\n v3 = bitcast.f16 v2\n v4 = fpromote.f64 v3\n call fn0()\n
        v5 = bitcast.i64 v4\n return v5";
    let swapped = "v2 = ireduce.i16 v1\n call fn0()\n v3 = atomic_cas.i16 big v0, v2, v2\n
        v4 = uextend.i64 v3\n return v4";
    for (body, word, isas) in [
        (
            compared,
            "fcmp",
            &[Isa::Aarch64, Isa::S390x, Isa::X86_64, Isa::Riscv64gc][..],
        ),
        (
            promoted,
            "fpromote",
            &[Isa::Aarch64, Isa::S390x, Isa::X86_64, Isa::Riscv64gc],
        ),
        (swapped, "atomic_cas", &[Isa::Aarch64]),
    ] {
        let program = guest("", body, "print: %main(1, 2)");
        for &isa in isas {
            assert_refused(&compile(&program, isa), &[word], isa.name());
        }
    }
}
