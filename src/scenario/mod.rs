//! Scenarios: how sites are set during one run of a program.
//!
//! A scenario is a row of phases; each phase is one run of the loaded image with its own set
//! of live sites, so that live, NOPed and live again is one scenario of three phases. Toggling
//! *during* a run is the program's own doing, by its patch hostcalls.

mod choice;
mod execute;
mod shared;

pub use choice::ScenarioChoice;
pub use execute::{Call, Job, JobError, execute};

use std::fmt;
use std::str::FromStr;

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// Which sites are live: bit i is site i.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SiteSet(Vec<bool>);

impl SiteSet {
    /// All of `count` sites live.
    pub fn all(count: usize) -> SiteSet {
        SiteSet(vec![true; count])
    }

    /// None of `count` sites live.
    pub fn none(count: usize) -> SiteSet {
        SiteSet(vec![false; count])
    }

    /// Only the sites for which `live` says so.
    pub fn from_fn(count: usize, live: impl FnMut(usize) -> bool) -> SiteSet {
        SiteSet((0..count).map(live).collect())
    }

    /// State of each site.
    pub fn as_slice(&self) -> &[bool] {
        &self.0
    }
}

/// How sites are set. Names and replays a run completely: its text is what `--scenario` takes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scenario {
    /// All sites live.
    Live,
    /// These sites NOPed, all others live; `None` is all sites.
    Nopped(Option<Vec<u32>>),
    /// One run after another on the same loaded code: live, NOPed, live.
    Toggled,
    /// The first two of those: the least that compares anything. Not among
    /// [`Scenario::all`], which has more.
    Pair,
}

/// Sites beyond which subsets are drawn rather than enumerated.
const ALL_SUBSETS_UP_TO: usize = 6;
/// Subsets drawn beyond.
const DRAWN_SUBSETS: usize = 16;

impl Scenario {
    /// The scenarios of a program with `count` sites: all live, all NOPed, each site alone NOPed
    /// and alone live, every subset up to six sites and sixteen drawn ones beyond, and live to
    /// NOPed to live.
    pub fn all(count: usize) -> Vec<Scenario> {
        let mut list = vec![Scenario::Live, Scenario::Nopped(None)];
        let nopped = |set: Vec<u32>| Scenario::Nopped(Some(set));
        let ids = 0..u32::try_from(count).expect("sites are instructions");
        if count <= ALL_SUBSETS_UP_TO {
            let last = (1u32 << count) - 1;
            list.extend(
                (1..last).map(|set| nopped(ids.clone().filter(|i| set >> i & 1 == 1).collect())),
            );
        } else {
            list.extend(ids.clone().map(|i| nopped(vec![i])));
            list.extend(
                ids.clone()
                    .map(|i| nopped(ids.clone().filter(|j| *j != i).collect())),
            );
            list.extend((0..DRAWN_SUBSETS).map(|draw| nopped(drawn(ids.clone(), draw as u64))));
        }
        list.push(Scenario::Toggled);
        list
    }

    /// The runs of the scenario, each with its live sites.
    pub fn phases(&self, count: usize) -> Vec<SiteSet> {
        match self {
            Scenario::Live => vec![SiteSet::all(count)],
            Scenario::Nopped(None) => vec![SiteSet::none(count)],
            Scenario::Nopped(Some(sites)) => {
                let live = |i: usize| !sites.iter().any(|&site| site as usize == i);
                vec![SiteSet::from_fn(count, live)]
            }
            Scenario::Pair => vec![SiteSet::all(count), SiteSet::none(count)],
            Scenario::Toggled => {
                vec![
                    SiteSet::all(count),
                    SiteSet::none(count),
                    SiteSet::all(count),
                ]
            }
        }
    }
}

/// A subset that depends on the draw's number alone.
fn drawn(ids: std::ops::Range<u32>, draw: u64) -> Vec<u32> {
    let coin = |i: u32| {
        let seed = draw << 32 | u64::from(i);
        SplitMix64::seed_from_u64(seed).next_u64() & 1 == 1
    };
    ids.filter(|&i| coin(i)).collect()
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scenario::Live => f.write_str("live"),
            Scenario::Nopped(None) => f.write_str("nopped"),
            Scenario::Nopped(Some(sites)) => {
                let list: Vec<String> = sites.iter().map(u32::to_string).collect();
                write!(f, "nopped:{}", list.join(","))
            }
            Scenario::Toggled => f.write_str("toggled"),
            Scenario::Pair => f.write_str("pair"),
        }
    }
}

/// A text that names no scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown scenario '{0}': expected live, nopped, nopped:0,2,..., toggled or pair")]
pub struct UnknownScenario(pub String);

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownScenario(text.to_owned());
        match text {
            "live" => Ok(Scenario::Live),
            "nopped" => Ok(Scenario::Nopped(None)),
            "toggled" => Ok(Scenario::Toggled),
            "pair" => Ok(Scenario::Pair),
            _ => {
                let list = text.strip_prefix("nopped:").ok_or_else(unknown)?;
                let numbers = list
                    .split(',')
                    .filter(|word| !word.is_empty())
                    .map(str::parse);
                let sites = numbers
                    .collect::<Result<Vec<u32>, _>>()
                    .map_err(|_| unknown())?;
                Ok(Scenario::Nopped(Some(sites)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_replay() {
        for count in [0, 1, 3, 6, 9] {
            for scenario in Scenario::all(count) {
                assert_eq!(scenario.to_string().parse(), Ok(scenario));
            }
        }
        assert!("nopped:x".parse::<Scenario>().is_err());
        assert!("dead".parse::<Scenario>().is_err());
    }

    #[test]
    fn few_sites_have_every_subset_and_many_have_each_alone() {
        // 2^3 subsets (live and NOPed among them) and the toggled one.
        assert_eq!(Scenario::all(3).len(), 8 + 1);
        // Live, NOPed, each site NOPed alone and live alone, the drawn ones, toggled.
        assert_eq!(Scenario::all(10).len(), 2 + 20 + 16 + 1);
    }

    #[test]
    fn phases_set_what_the_name_says() {
        let set = |text: &str| text.parse::<Scenario>().unwrap().phases(3);
        assert_eq!(set("nopped:0,2")[0].as_slice(), [false, true, false]);
        assert_eq!(set("toggled").len(), 3);
        assert_eq!(set("pair"), set("toggled")[..2]);
        assert_eq!(Scenario::Pair.to_string(), "pair");
        assert_eq!(set("toggled")[1].as_slice(), [false; 3]);
    }
}
