//! How far a deviation from the platform's ABI reaches in a program.
//!
//! The suite lays out arguments by the ABI's document where it stands at one end of a call: it
//! calls the entry, it is called as the host, and it reads a hook's arguments. A generator that
//! deviates does so at both ends of all other calls, and nobody sees it. So a finding about a rule
//! excuses everything where an entry or a hostcall has a signature that the rule touches, and
//! elsewhere only what is read of a hook with such a signature.

use crate::isa::Isa;
use crate::machine::abi::{Deviation, deviates};
use crate::oracle::{Check, Discrepancy, Subject};
use crate::program::{FunctionDecl, Program, SiteDecl, SiteId};

/// The discrepancies that a finding may be behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All of them.
    All,
    /// Those about the arguments of hooks.
    Hooks {
        /// Sites that call them.
        sites: Vec<SiteId>,
        /// Their names.
        names: Vec<String>,
    },
}

impl Reach {
    /// How far the deviation reaches in a program; without one, the finding's patterns are all that
    /// limits it. It reaches nowhere in what is no program.
    pub fn of(deviation: Option<Deviation>, isa: Isa, program: Option<&Program>) -> Reach {
        let Some(deviation) = deviation else {
            return Reach::All;
        };
        let nowhere = Reach::Hooks {
            sites: Vec::new(),
            names: Vec::new(),
        };
        program.map_or(nowhere, |program| within(program, deviation, isa))
    }

    /// Whether `discrepancy` is within it.
    pub fn covers(&self, discrepancy: &Discrepancy) -> bool {
        let Reach::Hooks { sites, names } = self else {
            return true;
        };
        let is_of_hook = |name: &String| {
            let call = format!("an ordinary call of {name} with");
            discrepancy.seen.starts_with(&call) && discrepancy.expected.starts_with(&call)
        };
        match (&discrepancy.subject, discrepancy.site) {
            (Subject::Argument(_), Some(site)) => sites.contains(&site),
            (Subject::Event(_), None) if discrepancy.check == Check::HookLog => {
                names.iter().any(is_of_hook)
            }
            _ => false,
        }
    }
}

fn within(program: &Program, deviation: Deviation, isa: Isa) -> Reach {
    let interface = &program.interface;
    let touches = |function: &FunctionDecl| deviates(isa, &function.signature, deviation);
    let mut entries = program.invocations.iter().map(|one| one.function as usize);
    let mut hostcalls = interface.hostcalls.iter();
    if entries.any(|entry| interface.functions.get(entry).is_some_and(touches))
        || hostcalls.any(|hostcall| deviates(isa, &hostcall.signature, deviation))
    {
        return Reach::All;
    }
    let is_touched = |site: &&SiteDecl| touches(interface.hook_of(site.id));
    let sites = interface.sites.iter().filter(is_touched);
    let hooks = interface
        .functions
        .iter()
        .filter(|f| f.is_hook && touches(f));
    Reach::Hooks {
        sites: sites.map(|site| site.id).collect(),
        names: hooks.map(|hook| hook.name.clone()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: &str = "(i64, i64, i64, i64, i64, i64, i64, i128, i64)";
    const ARGS: &str = "v0, v0, v0, v0, v0, v0, v0, v1, v0";

    /// A program whose hook, hostcall and entry take these.
    fn text(hook: bool, hostcall: bool, entry: bool) -> String {
        let types = |wide| if wide { WIDE } else { "(i64)" };
        let args = |wide| if wide { ARGS } else { "v0" };
        let params = |wide: bool, first: u32| {
            let list = types(wide).trim_matches(['(', ')']).split(", ");
            let numbered = list.zip(first..).map(|(ty, n)| format!("v{n}: {ty}"));
            numbered.collect::<Vec<_>>().join(", ")
        };
        format!(
            "test run\ntarget aarch64\n\
             function %plain(i64) system_v {{\nblock0(v0: i64):\n return\n}}\n\
             function %hook{} system_v {{\nblock0({}):\n return\n}}\n\
             function %main{} system_v {{\n\
             fn0 = colocated patchable %plain(i64) system_v\n\
             fn1 = colocated patchable %hook{} system_v\n\
             fn2 = %host_x{} system_v\n\
             block0({}):\n v0 = iconst.i64 1\n v1 = iconcat v0, v0\n\
             call fn0(v0)\n call fn1({})\n call fn2({})\n return\n}}\n\
             ; print: %main({})\n",
            types(hook),
            params(hook, 0),
            types(entry),
            types(hook),
            types(hostcall),
            params(entry, 10),
            args(hook),
            args(hostcall),
            if entry {
                "0, 0, 0, 0, 0, 0, 0, 0, 0"
            } else {
                "0"
            },
        )
    }

    fn reach(text: &str) -> Reach {
        let program = Program::parse("reach", text).expect("it is a program");
        Reach::of(Some(Deviation::UsesLeftOver), Isa::Aarch64, Some(&program))
    }

    fn discrepancy(subject: Subject, site: Option<SiteId>, seen: &str) -> Discrepancy {
        Discrepancy {
            check: Check::HookLog,
            site,
            subject,
            expected: seen.to_owned(),
            seen: seen.to_owned(),
            scenario: None,
            message: String::new(),
        }
    }

    #[test]
    fn a_rule_reaches_everything_only_from_entries_and_hostcalls() {
        assert_eq!(reach(&text(false, true, false)), Reach::All);
        assert_eq!(reach(&text(false, false, true)), Reach::All);
        let result = discrepancy(Subject::Result(0), None, "");
        assert!(Reach::All.covers(&result));
        assert!(!reach(&text(true, false, false)).covers(&result));
        // Without a rule the patterns are all there is.
        assert_eq!(Reach::of(None, Isa::Aarch64, None), Reach::All);
    }

    #[test]
    fn of_hooks_a_rule_reaches_the_arguments_of_those_that_it_touches() {
        let argument = |site| discrepancy(Subject::Argument(0), Some(SiteId(site)), "");
        let call = |name: &str| {
            let seen = format!("an ordinary call of {name} with []");
            discrepancy(Subject::Event(0), None, &seen)
        };
        let touched = reach(&text(true, false, false));
        assert!(touched.covers(&argument(1)) && !touched.covers(&argument(0)));
        assert!(touched.covers(&call("%hook")) && !touched.covers(&call("%plain")));
        let untouched = reach(&text(false, false, false));
        assert!(!untouched.covers(&argument(1)) && !untouched.covers(&call("%hook")));
    }
}
