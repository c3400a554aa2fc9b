//! What verification costs: machines, runs, toggles, all scenarios of a program, the whole
//! corpus, and beside it what Cranelift's own compile of the same program costs. Ratios, peak
//! memory and the rates of campaigns are printed at the end, from one run, so that they do not depend
//! on the day. `cargo bench --profile dev --bench suite -- campaigns` measures those alone.
//!
//! `cargo bench --profile dev` shares the build with `cargo test`.

#[path = "suite/backend.rs"]
mod backend;
#[path = "suite/campaigns.rs"]
mod campaigns;
#[path = "suite/instrumented.rs"]
mod instrumented;
#[path = "suite/ratio.rs"]
mod ratio;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use patchproof::code_generators;
use patchproof::codegen::{CodeGenerator, Cranelift};
use patchproof::corpus::{self, Case};
use patchproof::image::{CodeImage, link};
use patchproof::isa::Isa;
use patchproof::judge::{Plan, options};
use patchproof::machine::tampering::Tampering;
use patchproof::machine::unicorn::UnicornMachine;
use patchproof::program::{Program, Target};
use patchproof::scenario::{Call, Job, execute};
use patchproof::verify::{Options, Verifier};

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The ISAs that Unicorn executes.
const UNICORN: [Isa; 4] = [Isa::X86_64, Isa::Aarch64, Isa::Riscv64gc, Isa::S390x];
/// The program that most benches run.
const PROGRAM: &str = "site-in-loop";
/// Another one in turn with it, so that no translation is left from the load before.
const OTHER_PROGRAM: &str = "site-in-leaf";
/// Programs whose ratio to their compile is printed.
const RATIOS: [&str; 9] = [
    "site-in-loop",
    "site-in-leaf",
    "sites-thirty",
    "live-forty-i64",
    "live-forty-i64x2",
    "hook-uses-every-vector-register",
    "arguments-on-stack-tail",
    "toggle-disable-in-loop",
    "site-in-br-table-arms",
];
/// Blocks after which a run ends.
const FUEL: u64 = 1_000_000;

/// The middle one of some measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn program(name: &str) -> Program {
    let file = root().join("corpus/pass").join(name).with_extension("clif");
    Program::load(&file).unwrap_or_else(|error| panic!("{error}"))
}

fn target(program: &Program, isa: Isa) -> &Target {
    let mut targets = program.targets_of(isa);
    targets.next().expect("the benches' programs name all ISAs")
}

fn image(program: &Program, isa: Isa) -> CodeImage {
    let compiled = Cranelift.compile(program, target(program, isa));
    let compiled = compiled.expect("the benches' programs compile");
    link(isa, &program.interface, &compiled).expect("the benches' programs link")
}

fn standard_options() -> Options {
    options(PathBuf::from(env!("CARGO_BIN_EXE_patchproof")))
}

/// `count` calls of the first invocation, live and NOPed in turn, on freshly loaded code.
fn job(program: &Program, image: &CodeImage, count: usize) -> Job {
    let invocation = &program.invocations[0];
    let calls = (0..count).map(|index| Call {
        function: invocation.function,
        args: invocation.args.clone(),
        sites_live: vec![index % 2 == 0; program.interface.sites.len()],
    });
    Job {
        image: Arc::new(image.clone()),
        interface: Arc::clone(&program.interface),
        calls: calls.collect(),
        fuel: FUEL,
        tampering: Tampering::default(),
    }
}

fn machines(criterion: &mut Criterion) {
    let programs = [program(PROGRAM), program(OTHER_PROGRAM)];
    let mut group = criterion.benchmark_group("machine");
    for isa in UNICORN {
        group.bench_function(BenchmarkId::new("create", isa), |bench| {
            bench.iter(|| black_box(UnicornMachine::new(isa).is_ok()));
        });
        let mut machine = UnicornMachine::new(isa).expect("Unicorn has this ISA");
        let images = programs.each_ref().map(|program| image(program, isa));
        for (name, count) in [("load and run", 1), ("toggle and run", 64)] {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(name, isa), |bench| {
                let mut turn = 0;
                bench.iter(|| {
                    turn = 1 - turn;
                    let job = job(&programs[turn], &images[turn], count);
                    execute(&mut machine, &job).is_ok()
                });
            });
        }
    }
    group.finish();
}

fn programs(criterion: &mut Criterion) {
    let program = program(PROGRAM);
    let mut verifier = Verifier::new(standard_options());
    let mut group = criterion.benchmark_group("program");
    for isa in Isa::ALL {
        let target = target(&program, isa);
        group.bench_function(BenchmarkId::new("compile", isa), |bench| {
            bench.iter(|| Cranelift.compile(&program, target).is_ok());
        });
        group.bench_function(BenchmarkId::new("all scenarios", isa), |bench| {
            bench.iter(|| verifier.verify(&program, isa, &Cranelift).is_ok());
        });
    }
    group.finish();
}

fn corpus_cases() -> Vec<Case> {
    let (files, _) = corpus::find(&[root().join("corpus")]);
    corpus::load(&files).into_iter().flatten().collect()
}

fn whole_corpus(criterion: &mut Criterion) {
    let cases = corpus_cases();
    let plan = Plan {
        isas: Isa::ALL.to_vec(),
        generators: code_generators::ALL.to_vec(),
        options: standard_options(),
        findings: corpus::Findings::load(&corpus::default_folder()).0,
    };
    let mut group = criterion.benchmark_group("corpus");
    group.sample_size(10);
    group.bench_function("all ISAs, all scenarios", |bench| {
        bench.iter(|| plan.judge_all(&cases, || {}).len());
    });
    group.finish();
}

/// Whether the command line asks for the measurement of that name, which is none of Criterion's,
/// so that its filter does not know it.
fn is_wanted(name: &str) -> bool {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    wanted.is_none_or(|word| name.contains(&word))
}

fn generators(_: &mut Criterion) {
    if is_wanted("backend") {
        backend::print();
    }
}

fn campaigns(_: &mut Criterion) {
    if is_wanted("campaigns") {
        campaigns::print(&standard_options());
    }
}

fn instrumented(_: &mut Criterion) {
    if is_wanted("instrumented") {
        instrumented::print(&root().join("tests/outside"), standard_options());
    }
}

fn ratios(_: &mut Criterion) {
    if !is_wanted("ratios") {
        return;
    }
    let programs = RATIOS.map(program);
    ratio::print_medians(&programs, &UNICORN, &standard_options);
    let passing = corpus_cases()
        .into_iter()
        .filter_map(|case| case.program.ok());
    let passing: Vec<Program> = passing.collect();
    ratio::print_first_meetings(&program(PROGRAM), &passing, &UNICORN, &standard_options);
    if let Some(peak) = peak_memory() {
        println!("peak memory: {peak}");
    }
}

/// The kernel's word for the largest resident set, where it has one.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}

criterion_group!(
    benches,
    machines,
    programs,
    whole_corpus,
    generators,
    instrumented,
    ratios,
    campaigns
);
criterion_main!(benches);
