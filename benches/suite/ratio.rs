//! What a live plus NOPed pair, two runs of one invocation, costs beside the compile that it
//! checks: linking, predicting, executing both runs and all oracles, everything but compiling,
//! over Cranelift's compile of the same program. Of a program's invocations it is the one that
//! passes most sites. Medians of one run, compile and pair in turn, so that neither the day nor
//! another load on the machine shows in the ratio.
//!
//! The median is what a program costs among many of its like. What the very first meeting with
//! a program costs, when neither its instructions nor its calls have been seen by that thread,
//! is measured over all programs in turn.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchproof::codegen::{CodeGenerator, CodegenError, Compiled, Cranelift};
use patchproof::isa::Isa;
use patchproof::program::{Invocation, Program, Target};
use patchproof::reference::Reference;
use patchproof::scenario::{Scenario, ScenarioChoice};
use patchproof::verify::{Options, Verifier};

/// Instructions that the reference may execute.
const FUEL: u64 = 1_000_000;
/// Compiles and pairs of which the median is taken.
const TURNS: usize = 101;

/// Gives what was compiled before: verifying with it costs all but the compile.
struct Precompiled(Vec<(String, Compiled)>);

impl Precompiled {
    /// Compiles `program` for all targets of `isa`, and how long that took.
    fn of(program: &Program, isa: Isa) -> (Option<Precompiled>, Duration) {
        let start = Instant::now();
        let compiled: Result<Vec<Compiled>, _> = program
            .targets_of(isa)
            .map(|target| Cranelift.compile(program, target))
            .collect();
        let took = start.elapsed();
        let names = program.targets_of(isa).map(|target| format!("{target:?}"));
        let compiled = compiled.ok().filter(|all| !all.is_empty());
        (
            compiled.map(|all| Precompiled(names.zip(all).collect())),
            took,
        )
    }
}

impl CodeGenerator for Precompiled {
    fn name(&self) -> &str {
        Cranelift.name()
    }

    fn compile(&self, _: &Program, target: &Target) -> Result<Compiled, CodegenError> {
        let name = format!("{target:?}");
        let same = self.0.iter().find(|(known, _)| *known == name);
        Ok(same.expect("all targets were compiled").1.clone())
    }
}

/// One compile and one pair. `None` when the generator refuses the program.
fn once(program: &Program, isa: Isa, verifier: &mut Verifier) -> Option<(Duration, Duration)> {
    // A verifier knows the predictions of the text that it verified last.
    let mut program = program.clone();
    program.text = Arc::from(&*program.text);
    let (precompiled, compile) = Precompiled::of(&program, isa);
    let precompiled = precompiled?;
    let start = Instant::now();
    black_box(verifier.verify(&program, isa, &precompiled).is_ok());
    Some((compile, start.elapsed()))
}

/// `program` with only the invocation that has most to compare.
fn with_one_invocation(program: &Program) -> Program {
    let mut program = program.clone();
    let live = vec![true; program.interface.sites.len()];
    let reference = Reference::new(&program);
    let events = |invocation: &Invocation| {
        let prediction = reference.predict(invocation, &live, FUEL);
        prediction.map_or(0, |prediction| prediction.events.len())
    };
    let busiest = program.invocations.iter().max_by_key(|i| events(i));
    let busiest = busiest.cloned().into_iter().collect();
    program.invocations = busiest;
    program
}

fn ratio((compile, rest): (Duration, Duration)) -> f64 {
    rest.as_secs_f64() / compile.as_secs_f64()
}

fn pairs(options: Options) -> Verifier {
    Verifier::new(Options {
        scenarios: ScenarioChoice::One(Scenario::Pair),
        ..options
    })
}

/// Prints the ratio of each program on each ISA.
pub fn print_medians(programs: &[Program], isas: &[Isa], options: &dyn Fn() -> Options) {
    println!("live and NOPed, all but compiling, over Cranelift's compile, medians of {TURNS}:");
    let mut verifier = pairs(options());
    for program in programs {
        let program = with_one_invocation(program);
        for &isa in isas {
            let turns = (0..TURNS).filter_map(|_| once(&program, isa, &mut verifier));
            let (mut compiles, mut rests): (Vec<_>, Vec<_>) = turns.unzip();
            compiles.sort();
            rests.sort();
            let middle = compiles.len() / 2;
            let (Some(&compile), Some(&rest)) = (compiles.get(middle), rests.get(middle)) else {
                continue;
            };
            let (name, ratio) = (&program.name, ratio((compile, rest)));
            println!("  {name:<24} {isa:<10} {rest:>9.1?} / {compile:>9.1?} = {ratio:.2}");
        }
    }
}

/// Prints, for each ISA, the ratio over all programs that are met for the first time, and for the
/// second. `warm` is verified before, so that the machines exist.
pub fn print_first_meetings(
    warm: &Program,
    programs: &[Program],
    isas: &[Isa],
    options: &(dyn Fn() -> Options + Sync),
) {
    println!(
        "the same over {} programs, each once, one after another:",
        programs.len()
    );
    let programs: Vec<Program> = programs.iter().map(with_one_invocation).collect();
    // What a thread has met before, a new one has not.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut verifier = pairs(options());
            for &isa in isas {
                once(warm, isa, &mut verifier);
                let mut round = || {
                    let all = programs.iter().filter_map(|p| once(p, isa, &mut verifier));
                    let sum = all.reduce(|a, b| (a.0 + b.0, a.1 + b.1));
                    let (compile, rest) = sum.unwrap_or_default();
                    format!("{rest:.1?} / {compile:.1?} = {:.2}", ratio((compile, rest)))
                };
                println!("  {isa:<10} first {}, second {}", round(), round());
            }
        });
    });
}
