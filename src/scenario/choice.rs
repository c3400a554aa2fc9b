//! Which of a program's scenarios are run.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::Scenario;

/// Which scenarios to run of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioChoice {
    /// [`Scenario::all`].
    All,
    /// Only this one.
    One(Scenario),
    /// Only these.
    These(Vec<Scenario>),
    /// Live, NOPed, and four of the others, drawn by this number alone. As they are among all
    /// of them, a verification with [`ScenarioChoice::All`] replays what they found.
    Drawn(u64),
}

/// Scenarios drawn beside live and NOPed.
const DRAWN: usize = 4;

impl ScenarioChoice {
    /// The scenarios of a program with `count` sites, in the order of [`Scenario::all`].
    pub fn of(&self, count: usize) -> Vec<Scenario> {
        match self {
            ScenarioChoice::All => Scenario::all(count),
            ScenarioChoice::One(scenario) => vec![scenario.clone()],
            ScenarioChoice::These(scenarios) => scenarios.clone(),
            ScenarioChoice::Drawn(draw) => {
                let mut others = Scenario::all(count);
                let mut list: Vec<Scenario> = others.drain(..2).collect();
                let mut places: Vec<usize> = (0..others.len()).collect();
                let mut random = SplitMix64::seed_from_u64(*draw);
                for turn in 0..DRAWN.min(others.len()) {
                    let left = (places.len() - turn) as u64;
                    let step = random.next_u64() % left;
                    places.swap(turn, turn + usize::try_from(step).unwrap_or(0));
                }
                places.truncate(DRAWN);
                places.sort_unstable();
                list.extend(places.into_iter().map(|place| others[place].clone()));
                list
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_are_drawn_and_all_of_them_come_up() {
        let all = Scenario::all(9);
        let mut seen = std::collections::HashSet::new();
        for draw in 0..200 {
            let list = ScenarioChoice::Drawn(draw).of(9);
            assert_eq!(list[..2], all[..2]);
            assert_eq!(list.len(), 6);
            assert_eq!(list, ScenarioChoice::Drawn(draw).of(9));
            seen.extend(list);
        }
        assert_eq!(seen.len(), all.len());
    }

    #[test]
    fn where_there_are_few_all_are_run() {
        for count in [1, 2] {
            assert_eq!(ScenarioChoice::Drawn(7).of(count), Scenario::all(count));
        }
    }
}
