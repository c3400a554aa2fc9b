//! One run for people: what it did, and where the state that it left differs from that of the
//! same run with all sites live.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::isa::Isa;
use crate::machine::{Event, RegisterId, RegisterTable};
use crate::oracle::{Run, Verdict};
use crate::program::{Owner, PredictedExit, Program, SiteId, Value};

/// The run, and how it differs from `live`.
pub fn render(program: &Program, isa: Isa, run: &Run, live: Option<&Run>) -> String {
    let mut text = heading(program, run);
    text += &events(program, run);
    if let Ok(prediction) = &run.prediction {
        let predicted = match &prediction.exit {
            PredictedExit::Returned(values) => format!("returned {}", list(values)),
            PredictedExit::Trap(code) => format!("trap {code}"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    reference  {predicted}");
    }
    let Some(live) = live else {
        return text;
    };
    let differences = differences(program, isa, run, live);
    if differences.is_empty() {
        text += "    no state differs from the live run\n";
    }
    for difference in differences {
        let _ = writeln!(text, "    differs    {difference}");
    }
    text
}

/// The verdict on the scenario, with its reasons.
pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pass => "pass\n".to_owned(),
        Verdict::Inconclusive(why) => format!("inconclusive: {why}\n"),
        Verdict::Unsupported(why) => format!("unsupported: {why}\n"),
        Verdict::Fail(discrepancies) => discrepancies
            .iter()
            .map(|d| {
                let site = d.site.map_or(String::new(), |site| format!(" at {site}"));
                format!("FAIL {}{site}: {}\n", d.check, d.message)
            })
            .collect(),
    }
}

fn heading(program: &Program, run: &Run) -> String {
    let entry = program.invocations.get(run.invocation).map_or_else(
        || "entry".to_owned(),
        |invocation| {
            let function = invocation.function as usize;
            let name = program.interface.functions.get(function).map(|f| &*f.name);
            format!("{}({})", name.unwrap_or("entry"), list(&invocation.args))
        },
    );
    let state = |live: &bool| if *live { "live" } else { "NOPed" };
    let sites: Vec<&str> = run.sites_live.iter().map(state).collect();
    let evidence = &run.evidence;
    format!(
        "{}: {entry} with sites {}\n    {}  {}\n",
        run.scenario,
        sites.join(", "),
        evidence.exit,
        list(&evidence.results),
    )
}

fn list(values: &[Value]) -> String {
    let values: Vec<String> = values.iter().map(Value::to_string).collect();
    values.join(", ")
}

/// How often each site was passed, and how often hooks and the host were called.
fn events(program: &Program, run: &Run) -> String {
    let mut passes: BTreeMap<(SiteId, bool), usize> = BTreeMap::new();
    let (mut hooks, mut hostcalls) = (0, 0);
    for event in &run.evidence.events {
        match event {
            Event::Pass(pass) => *passes.entry((pass.site, pass.live)).or_default() += 1,
            Event::HookEntry { .. } => hooks += 1,
            Event::Hostcall { .. } => hostcalls += 1,
        }
    }
    let mut text = String::new();
    for ((site, live), count) in passes {
        let state = if live { "live" } else { "NOPed" };
        let decl = program.interface.sites.get(site.0 as usize);
        let call = decl.map_or("", |decl| &*decl.text);
        let _ = writeln!(text, "    {site}      passed {state} {count} times: {call}");
    }
    let _ = writeln!(text, "    hooks      entered {hooks} times");
    let _ = writeln!(text, "    host       called {hostcalls} times");
    text
}

fn differences(program: &Program, isa: Isa, run: &Run, live: &Run) -> Vec<String> {
    let mut found = Vec::new();
    let (here, there) = (&run.evidence, &live.evidence);
    if here.exit != there.exit {
        found.push(format!("exit: {}, live {}", here.exit, there.exit));
    }
    if here.results != there.results {
        let (here, there) = (list(&here.results), list(&there.results));
        found.push(format!("results: {here}, live {there}"));
    }
    let table = RegisterTable::of(isa);
    for (register, here, there) in registers(run, live) {
        let name = table.info(register).name;
        found.push(format!("{name}: {here:#x}, live {there:#x}"));
    }
    for (index, decl) in program.interface.data.iter().enumerate() {
        let bytes = |run: &Run| run.evidence.data.get(index).cloned().unwrap_or_default();
        let (here, there) = (bytes(run), bytes(live));
        let at = |bytes: &[u8], i: usize| bytes.get(i).copied().unwrap_or(0);
        let last = here.len().max(there.len());
        let Some(first) = (0..last).find(|&i| at(&here, i) != at(&there, i)) else {
            continue;
        };
        let owner = match decl.owner {
            Owner::Program => "",
            Owner::Hooks => " (the hooks' own: may differ)",
        };
        found.push(format!(
            "{}+{first:#x}: {:#04x}, live {:#04x}{owner}",
            decl.name,
            at(&here, first),
            at(&there, first),
        ));
    }
    found
}

/// Registers whose value at the end differs. A register that a run does not list is as it was
/// at the entry, which is the same in both.
fn registers(run: &Run, live: &Run) -> Vec<(RegisterId, u128, u128)> {
    let changes = |run: &Run| {
        let list = run.evidence.registers.iter();
        list.map(|change| (change.register, (change.before, change.after)))
            .collect::<BTreeMap<_, _>>()
    };
    let (here, there) = (changes(run), changes(live));
    let all: std::collections::BTreeSet<RegisterId> =
        here.keys().chain(there.keys()).copied().collect();
    all.into_iter()
        .filter_map(|register| {
            let (a, b) = (here.get(&register), there.get(&register));
            let before = a.or(b)?.0;
            let end = |change: Option<&(u128, u128)>| change.map_or(before, |c| c.1);
            (end(a) != end(b)).then(|| (register, end(a), end(b)))
        })
        .collect()
}
