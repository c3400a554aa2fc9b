//! What the own code generator costs beside Cranelift at `opt_level=none`: time to compile and
//! bytes of code and constants, over the same generated programs, each as often by one as by the
//! other and in turn, so that another load on the machine meets both. Neither runs CLIF's
//! verifier, each copies the functions, which it changes, and Cranelift is called without what the
//! suite's adapter adds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use patchproof::backend::Own;
use patchproof::codegen::CodeGenerator;
use patchproof::generator;
use patchproof::isa::Isa;
use patchproof::panic_guard;
use patchproof::program::{Program, Target};

/// Generated programs of the seed.
const PROGRAMS: u64 = 250;
/// The seed.
const SEED: u64 = 1;
/// Compiles of each program by each of the two, of which the fastest counts.
const TURNS: usize = 7;

/// A program's time and size.
type Cost = (Duration, usize);

/// Program `number` with `opt_level=none` and without the verifier, whatever its header says.
fn program(number: u64) -> Option<Program> {
    let made = generator::program(SEED, number);
    let ours = |line: &&str| {
        let set = line.trim().strip_prefix("set ");
        !set.is_some_and(|set| {
            ["opt_level", "enable_verifier"]
                .iter()
                .any(|s| set.starts_with(s))
        })
    };
    let mut lines: Vec<&str> = made.text.lines().filter(ours).collect();
    let at = lines.iter().position(|line| line.starts_with("test "))?;
    lines.splice(
        at + 1..=at,
        ["set opt_level=none", "set enable_verifier=false"],
    );
    Program::parse(&made.name, &lines.join("\n")).ok()
}

/// Code and constants of all functions; `None` where a function is refused.
fn cranelift(program: &Program, target: &Target) -> Option<Cost> {
    let start = Instant::now();
    let mut bytes = 0;
    for function in &program.functions {
        let mut context = Context::for_function(function.clone());
        let code = panic_guard::catch(|| {
            let code = context.compile(&*target.clif, &mut ControlPlane::default());
            code.ok().map(|code| code.buffer.data().len())
        });
        bytes += code.ok().flatten()?;
    }
    Some((start.elapsed(), black_box(bytes)))
}

fn own(program: &Program, target: &Target) -> Option<Cost> {
    let start = Instant::now();
    let compiled = Own::PLAIN.compile(program, target).ok()?;
    let took = start.elapsed();
    let sizes = compiled
        .functions
        .iter()
        .map(|function| function.bytes.len());
    Some((took, sizes.sum()))
}

/// The fastest of the turns of each.
fn both(program: &Program, target: &Target) -> Option<[Cost; 2]> {
    let mut best: Option<[Cost; 2]> = None;
    for _ in 0..TURNS {
        let turn = [own(program, target)?, cranelift(program, target)?];
        best = Some(match best {
            None => turn,
            Some(before) => [before[0].min(turn[0]), before[1].min(turn[1])],
        });
    }
    best
}

fn median<T: PartialOrd + Copy>(mut list: Vec<T>) -> Option<T> {
    list.sort_by(|a, b| a.partial_cmp(b).expect("no cost is a NaN"));
    list.get(list.len() / 2).copied()
}

/// Prints, for each ISA, the medians of both and of the programs' ratios.
pub fn print() {
    println!(
        "own code generator beside Cranelift at opt_level=none, medians over programs of seed \
         {SEED}, the fastest of {TURNS} compiles:"
    );
    println!("| ISA | programs | own | Cranelift | time | own | Cranelift | size |");
    println!("|---|---|---|---|---|---|---|---|");
    let programs: Vec<Program> = (0..PROGRAMS).filter_map(program).collect();
    for isa in Isa::ALL {
        let targets = programs.iter().map(|p| (p, p.targets_of(isa).next()));
        let costs = targets.filter_map(|(program, target)| both(program, target?));
        let costs: Vec<[Cost; 2]> = costs.collect();
        let times = |who: usize| median(costs.iter().map(|c| c[who].0).collect());
        let sizes = |who: usize| median(costs.iter().map(|c| c[who].1).collect());
        let time = costs
            .iter()
            .map(|[own, other]| own.0.as_secs_f64() / other.0.as_secs_f64());
        let size = costs
            .iter()
            .map(|[own, other]| own.1 as f64 / other.1 as f64);
        let (Some(time), Some(size)) = (median(time.collect()), median(size.collect())) else {
            continue;
        };
        println!(
            "| {isa} | {} | {:.0?} | {:.0?} | {time:.2} | {} B | {} B | {size:.2} |",
            costs.len(),
            times(0).unwrap_or_default(),
            times(1).unwrap_or_default(),
            sizes(0).unwrap_or_default(),
            sizes(1).unwrap_or_default(),
        );
    }
}
