//! Generated programs. A bug hides where properties meet that nobody would write into one test:
//! so a program is drawn property by property, each with a weight of its own.
//!
//! A strategy of proptest draws a plan (`plan`), whose names and places are raw numbers; the
//! builder (`build`) counts them around in what the program has and prints CLIF. So each plan
//! is a valid program, and so is each smaller plan that proptest's shrinking makes of it.

mod build;
mod coverage;
mod isas;
pub(crate) mod operations;
mod plan;
mod settings;
mod strategies;
#[cfg(test)]
mod tests;
mod traits;
pub(crate) mod types;

pub use coverage::Coverage;
pub use traits::Trait;

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use plan::ProgramPlan;

/// A generated program.
#[derive(Clone, Debug)]
pub struct Generated {
    /// Seed and number, like `s0123456789abcdef-42`.
    pub name: String,
    /// The complete file.
    pub text: String,
    /// What it has.
    pub traits: Vec<Trait>,
}

thread_local! {
    static PROGRAMS: BoxedStrategy<ProgramPlan> = strategies::programs();
}

/// Program number `k` of seed `seed`: the same text whatever else happens.
pub fn program(seed: u64, k: u64) -> Generated {
    let plan = tree(seed, k).current();
    let (text, traits) = build::build(&plan, &title(seed, k));
    Generated {
        name: format!("s{seed:016x}-{k}"),
        text,
        traits,
    }
}

/// Simplifies program `k` of seed `seed` by proptest's own shrinking while `fails` holds, with
/// at most `budget` calls of it. The smallest text that fails; `None` when the program itself
/// does not.
pub fn shrink(
    seed: u64,
    k: u64,
    budget: usize,
    fails: &mut dyn FnMut(&str) -> bool,
) -> Option<String> {
    let mut tree = tree(seed, k);
    let title = format!("{}, simplified.", title(seed, k).trim_end_matches('.'));
    let (mut best, _) = build::build(&tree.current(), &title);
    if budget == 0 || !fails(&best) {
        return None;
    }
    let mut left = budget - 1;
    let mut moved = tree.simplify();
    while moved && left > 0 {
        let (text, _) = build::build(&tree.current(), &title);
        // Raw numbers that count around to the same thing give the same program.
        let same = text == best;
        left -= usize::from(!same);
        if same || fails(&text) {
            best = text;
            moved = tree.simplify();
        } else {
            moved = tree.complicate();
        }
    }
    Some(best)
}

fn title(seed: u64, k: u64) -> String {
    format!("Generated: program {k} of seed 0x{seed:016x}.")
}

fn tree(seed: u64, k: u64) -> Box<dyn ValueTree<Value = ProgramPlan>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&k.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let tree = PROGRAMS.with(|programs| programs.new_tree(&mut runner));
    tree.expect("no strategy rejects what it draws")
}
