//! Guests for tests of the machines: CLIF compiled by the real Cranelift, linked, and run where
//! the suite would run it, Unicorn here and Pulley in a child.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::PathBuf;
use std::sync::Arc;

use patchproof::codegen::{CodeGenerator, Cranelift};
use patchproof::image::{CodeImage, link};
use patchproof::isa::Isa;
use patchproof::machine::tampering::Tampering;
use patchproof::machine::{Machine, RunEvidence};
use patchproof::program::Program;
use patchproof::scenario::{Call, Job, execute};
use patchproof::worker::{Remote, machine};

/// Every ISA that something executes.
pub fn executable() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_executable())
}

/// The command that serves as the child.
pub fn command() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_patchproof"))
}

/// The header of a program with 64-bit addresses.
pub const TARGETS: &str = "test run\ntarget x86_64\ntarget aarch64\ntarget riscv64gc\n\
    target s390x\ntarget pulley64\ntarget pulley64be\n\n";

/// A program with a hook that does nothing and this body of `%main`, which has the arguments
/// `v0` and `v1`, the hook as `fn0` and `sig0 = () system_v`.
pub fn guest(declarations: &str, body: &str, run: &str) -> Program {
    let text = format!(
        "{TARGETS}function %hook() preserve_all {{\nblock0:\n    return\n}}\n\n\
         function %main(i64, i64) -> i64 system_v {{\n\
         sig0 = () system_v\n\
         fn0 = colocated patchable %hook() preserve_all\n{declarations}\n\
         block0(v0: i64, v1: i64):\n{body}\n}}\n; {run}\n"
    );
    Program::parse("guest", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The program as linked code.
pub fn image(program: &Program, isa: Isa) -> CodeImage {
    image_by(&Cranelift, program, isa)
}

/// The program as linked code of that generator.
pub fn image_by(generator: &dyn CodeGenerator, program: &Program, isa: Isa) -> CodeImage {
    let target = program
        .targets_of(isa)
        .next()
        .expect("all ISAs are targets");
    let compiled = generator.compile(program, target);
    let compiled = compiled.unwrap_or_else(|e| panic!("{} on {isa}: {e}", generator.name()));
    link(isa, &program.interface, &compiled).expect("it links")
}

/// All invocations of the program, sites live.
pub fn job(program: &Program, image: CodeImage) -> Job {
    let calls = program.invocations.iter().map(|invocation| Call {
        function: invocation.function,
        args: invocation.args.clone(),
        sites_live: vec![true; program.interface.sites.len()],
    });
    Job {
        calls: calls.collect(),
        image: Arc::new(image),
        interface: Arc::clone(&program.interface),
        fuel: 100_000,
        tampering: Tampering::default(),
    }
}

/// Runs jobs of one ISA, all on the same machine.
pub enum Runner {
    Here(Box<dyn Machine>),
    Child(Remote),
}

impl Runner {
    pub fn new(isa: Isa) -> Runner {
        if isa.is_pulley() {
            Runner::Child(Remote::new(command()))
        } else {
            Runner::Here(machine(isa).expect("the machine can be made"))
        }
    }

    pub fn run(&mut self, job: Job) -> Vec<RunEvidence> {
        match self {
            Runner::Here(machine) => execute(machine.as_mut(), &job),
            Runner::Child(remote) => remote.execute(&job),
        }
        .expect("no guest breaks a machine")
    }

    /// The evidence of the only call.
    pub fn run_one(&mut self, job: Job) -> RunEvidence {
        let mut list = self.run(job);
        assert_eq!(list.len(), 1);
        list.remove(0)
    }
}

/// Puts `bytes` over the first ones of a function.
pub fn plant(image: &mut CodeImage, function: &str, bytes: &[u8]) -> u64 {
    let address = image.symbols[function];
    let at = usize::try_from(address - image.base).expect("code is small");
    image.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    address
}
