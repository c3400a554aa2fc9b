//! What a run is worth behind a site that derails it.
//!
//! A lost register shows at the site, and then anywhere: in results, memory and arguments, in a loop
//! that does not end, in a stack that is read at the wrong place. Patterns for all of that would excuse
//! it in runs that have nothing to do with it as well. So a finding that `derails` excuses checks 3
//! and 4 in those scenarios in which a site that shows it was live (or NOPed, as it says), and check
//! 5 of sites whose hook runs through such a site; of a program that sets sites itself, also which of
//! them are live in the end. Other runs, first of all the one without any live
//! site, are held to all that was promised; so is every site by itself.

use std::collections::BTreeSet;

use crate::oracle::{Check, Discrepancy, Subject};
use crate::program::{HostcallKind, Program, SiteId, symbol_name};
use crate::scenario::Scenario;

/// The state of a site in which it derails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derails {
    /// As emitted.
    Live,
    /// Filled with NOPs.
    Nopped,
}

impl Derails {
    /// The state of that name.
    pub(super) fn named(name: &str) -> Option<Derails> {
        match name {
            "live" => Some(Derails::Live),
            "nopped" => Some(Derails::Nopped),
            _ => None,
        }
    }
}

/// What is excused in a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Aftermath {
    derails: Option<Derails>,
    /// Sites that show the finding.
    sites: BTreeSet<SiteId>,
    /// Sites whose hooks run through one of those.
    outer: BTreeSet<SiteId>,
    /// Whether the program sets sites itself, in any scenario.
    patches: bool,
    /// Sites of the program.
    count: usize,
}

impl Aftermath {
    /// Of a finding that shows at `sites` of `program`; without a program nothing is excused.
    pub fn of(
        derails: Option<Derails>,
        sites: BTreeSet<SiteId>,
        program: Option<&Program>,
    ) -> Aftermath {
        let (Some(_), Some(program)) = (derails, program) else {
            return Aftermath::default();
        };
        let interface = &program.interface;
        let is_patch = |kind| matches!(kind, Ok(HostcallKind::Patch(_)));
        let mut hostcalls = interface.hostcalls.iter().map(HostcallKind::of);
        let leads_to = |hook: u32| {
            let reached = reached_from(program, hook);
            let mut inner = interface.sites.iter();
            inner.any(|site| sites.contains(&site.id) && reached.contains(&site.function))
        };
        let outer = interface.sites.iter().filter(|site| leads_to(site.hook));
        Aftermath {
            derails,
            outer: outer.map(|site| site.id).collect(),
            patches: hostcalls.any(is_patch),
            count: interface.sites.len(),
            sites,
        }
    }

    /// Whether nothing else was to be expected.
    pub fn excuses(&self, discrepancy: &Discrepancy) -> bool {
        let in_reach = match discrepancy.check {
            Check::State | Check::HookLog => true,
            Check::Lockstep => discrepancy.site.is_some_and(|s| self.outer.contains(&s)),
            // A program that goes wrong sets other sites than was predicted.
            Check::Toggle => self.patches && discrepancy.subject == Subject::Metadata,
            _ => false,
        };
        let scenario = discrepancy.scenario.as_deref();
        in_reach && scenario.is_some_and(|scenario| self.is_derailed(scenario))
    }

    fn is_derailed(&self, scenario: &str) -> bool {
        let (Some(derails), Ok(scenario)) = (self.derails, scenario.parse::<Scenario>()) else {
            return false;
        };
        let wanted = derails == Derails::Live;
        let phases = scenario.phases(self.count);
        let has_state = |site: &SiteId| {
            let mut states = phases
                .iter()
                .map(|phase| phase.as_slice().get(site.0 as usize));
            states.any(|live| live == Some(&wanted))
        };
        !self.sites.is_empty() && (self.patches || self.sites.iter().any(has_state))
    }
}

/// Functions that a call of `function` may run, itself included.
pub(super) fn reached_from(program: &Program, function: u32) -> BTreeSet<u32> {
    let mut reached = BTreeSet::new();
    let mut todo = vec![function];
    while let Some(index) = todo.pop() {
        if !reached.insert(index) {
            continue;
        }
        let Some(body) = program.functions.get(index as usize) else {
            continue;
        };
        let mentioned = body.dfg.ext_funcs.values();
        let names = mentioned.map(|callee| symbol_name(body, &callee.name));
        todo.extend(names.filter_map(|name| program.interface.function_index(&name)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Subject;

    /// site0 in %outer calls %inner; in %main site1 calls %outer and site2 %inner.
    const TEXT: &str = "\
test run
function %inner(i64) preserve_all {
block0(v0: i64):
    return
}
function %outer(i64) preserve_all {
    fn0 = colocated patchable %inner(i64) preserve_all
block0(v0: i64):
    call fn0(v0)
    return
}
function %main(i64) -> i64 system_v {
    fn0 = colocated patchable %outer(i64) preserve_all
    fn1 = colocated patchable %inner(i64) preserve_all
block0(v0: i64):
    call fn0(v0)
    call fn1(v0)
    return v0
}
; run: %main(1) == 1
";

    fn aftermath(derails: Derails, shown: u32, text: &str) -> Aftermath {
        let program = Program::parse("aftermath", text).expect("it is a program");
        Aftermath::of(
            Some(derails),
            BTreeSet::from([SiteId(shown)]),
            Some(&program),
        )
    }

    fn seen(check: Check, site: Option<u32>, scenario: &str) -> Discrepancy {
        Discrepancy {
            check,
            site: site.map(SiteId),
            subject: Subject::Exit,
            expected: String::new(),
            seen: String::new(),
            scenario: Some(scenario.to_owned()),
            message: String::new(),
        }
    }

    #[test]
    fn runs_in_which_the_site_was_in_that_state_are_excused() {
        for (derails, scenario, excused) in [
            (Derails::Live, "live", true),
            (Derails::Live, "toggled", true),
            (Derails::Live, "nopped:0,1", true),
            (Derails::Live, "nopped:2", false),
            (Derails::Live, "nopped", false),
            (Derails::Nopped, "live", false),
            (Derails::Nopped, "nopped:2", true),
            (Derails::Nopped, "nopped:0,1", false),
            (Derails::Nopped, "nopped", true),
            (Derails::Nopped, "toggled", true),
            (Derails::Live, "no scenario", false),
        ] {
            let aftermath = aftermath(derails, 2, TEXT);
            for check in [Check::State, Check::HookLog] {
                let list = seen(check, None, scenario);
                assert_eq!(aftermath.excuses(&list), excused, "{derails:?} {scenario}");
            }
            for check in [Check::Code, Check::Toggle, Check::Vacuity, Check::Lockstep] {
                assert!(
                    !aftermath.excuses(&seen(check, Some(2), scenario)),
                    "{check}"
                );
            }
        }
    }

    #[test]
    fn a_program_that_sets_its_sites_may_have_any_state_in_any_run() {
        let text = TEXT.replace(
            "function %inner(i64) preserve_all {\n",
            "function %inner(i64) preserve_all {\n    fn0 = %patch_enable(i32) system_v\n",
        );
        let text = text.replace(
            "block0(v0: i64):\n    return\n",
            "block0(v0: i64):\n    v1 = iconst.i32 0\n    call fn0(v1)\n    return\n",
        );
        let excuses = |text: &str| {
            let aftermath = aftermath(Derails::Live, 2, text);
            aftermath.excuses(&seen(Check::State, None, "nopped"))
        };
        assert!(excuses(&text));
        assert!(!excuses(TEXT));
    }

    #[test]
    fn of_other_sites_only_those_around_one_that_shows_it_are_excused() {
        let of = |shown, site| {
            let aftermath = aftermath(Derails::Live, shown, TEXT);
            aftermath.excuses(&seen(Check::Lockstep, Some(site), "live"))
        };
        assert!(of(0, 1), "site1 calls %outer, which has site0");
        for (shown, site) in [
            (0, 0),
            (0, 2),
            (1, 0),
            (1, 1),
            (1, 2),
            (2, 0),
            (2, 1),
            (2, 2),
        ] {
            assert!(!of(shown, site), "{shown} {site}");
        }
    }

    #[test]
    fn without_a_site_or_a_program_nothing_is_excused() {
        let state = seen(Check::State, None, "live");
        let one = BTreeSet::from([SiteId(0)]);
        let program = Program::parse("aftermath", TEXT).expect("it is a program");
        let live = Some(Derails::Live);
        assert!(Aftermath::of(live, one.clone(), Some(&program)).excuses(&state));
        assert!(!Aftermath::of(live, one.clone(), None).excuses(&state));
        assert!(!Aftermath::of(None, one, Some(&program)).excuses(&state));
        assert!(!Aftermath::of(live, BTreeSet::new(), Some(&program)).excuses(&state));
    }
}
