//! Two correct runs of a specimen, one live and one NOPed, for tests that then corrupt them.

use super::Specimen;
use crate::isa::Isa;
use crate::machine::{
    Event, Exit, Pass, PassEnd, RegisterChange, RegisterTable, RunEvidence, Scrutiny, StackChange,
};
use crate::oracle::{Discrepancy, Evidence, Oracle, Run, Subject, Verdict};
use crate::program::{
    CallConv, DataDecl, Expected, HostcallDecl, Owner, PredictedEvent, PredictedExit, Prediction,
    SiteId, Ty, Value,
};

/// Index of the pass in the events of a run.
pub const PASS: usize = 0;
/// The run with the site live.
pub const LIVE: usize = 0;
/// The run with the site NOPed.
pub const NOPPED: usize = 1;

pub fn value(bits: u128) -> Value {
    Value::new(Ty::int(64), bits)
}

impl Specimen {
    /// `%main` passes site0 once, with `arguments` as many arguments of its hook, and calls the
    /// host. Program memory and the hooks' own have something in them.
    pub fn with_runs(isa: Isa, conv: CallConv, arguments: usize) -> Specimen {
        let mut specimen = Specimen::build(isa, conv, arguments);
        let entry = specimen.interface.functions[0].signature.clone();
        specimen.interface.hostcalls = vec![HostcallDecl {
            name: "%host_log".to_owned(),
            signature: entry.clone(),
        }];
        specimen.interface.data = [("%memory", Owner::Program), ("%log", Owner::Hooks)]
            .map(|(name, owner)| DataDecl {
                name: name.to_owned(),
                owner,
            })
            .into();
        let args: Vec<Value> = (0..arguments).map(|i| value(70 + i as u128)).collect();
        specimen.runs = [true, false]
            .map(|live| run(entry.clone(), live, &args))
            .into();
        specimen
    }

    /// The pass of a run.
    pub fn pass(&mut self, run: usize) -> &mut Pass {
        match &mut self.runs[run].evidence.events[PASS] {
            Event::Pass(pass) => pass,
            other => panic!("{other:?}"),
        }
    }

    /// What changed over the pass of a run.
    pub fn end(&mut self, run: usize) -> &mut PassEnd {
        self.pass(run).end.as_mut().expect("the pass ended")
    }

    /// Lets a register change by the bits of `changed` over the pass of a run.
    pub fn change(&mut self, run: usize, register: &str, changed: u128) {
        let change = self.register_change(register, changed);
        self.end(run).registers.push(change);
    }

    pub fn register_change(&self, register: &str, changed: u128) -> RegisterChange {
        let table = RegisterTable::of(self.image.isa);
        RegisterChange {
            register: table.by_name(register).expect("the table has it"),
            before: 0,
            after: changed,
        }
    }

    /// Lets bytes of the stack change over the pass of a run.
    pub fn change_stack(&mut self, run: usize, offset: u64, bytes: usize) {
        self.end(run).stack.push(StackChange {
            offset,
            before: vec![0; bytes],
            after: vec![1; bytes],
        });
    }

    /// The discrepancies.
    pub fn found(&self, oracle: &dyn Oracle) -> Vec<Discrepancy> {
        match self.judge(oracle) {
            Verdict::Fail(list) => list,
            Verdict::Pass => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    /// Asserts that `oracle` finds exactly this.
    pub fn assert_finds(&self, oracle: &dyn Oracle, expected: &[(Option<u32>, Subject)]) {
        let found = self.found(oracle);
        let seen: Vec<_> = found
            .iter()
            .map(|d| (d.check, d.site, d.subject.clone()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(site, subject)| (oracle.check(), site.map(SiteId), subject.clone()))
            .collect();
        assert_eq!(seen, expected, "{}: {found:#?}", self.image.isa);
        assert!(found.iter().all(|d| !d.message.is_empty()));
    }

    /// The evidence as it is. Oracles of runs do not look at decoded code.
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence {
            interface: &self.interface,
            image: &self.image,
            code: &[],
            runs: &self.runs,
        }
    }
}

fn run(entry: crate::program::Signature, live: bool, args: &[Value]) -> Run {
    let sites_live = vec![live, true, true];
    let mut events = vec![Event::Pass(Pass {
        site: SiteId(0),
        live,
        args: args.to_vec(),
        sp: 0x1000,
        end: Some(PassEnd {
            registers: Vec::new(),
            stack: Vec::new(),
        }),
        low_arrival: None,
        rebuilt_sp: None,
    })];
    if live {
        events.push(Event::HookEntry {
            function: 1,
            site: Some(SiteId(0)),
            args: args.to_vec(),
        });
    }
    events.push(Event::Hostcall {
        hostcall: 0,
        args: vec![value(9)],
        results: vec![value(3)],
    });
    let log = if live { vec![3] } else { Vec::new() };
    let data = vec![vec![1, 2], log];
    let prediction = Prediction {
        exit: PredictedExit::Returned(vec![value(5)]),
        events: vec![
            PredictedEvent::Pass {
                site: SiteId(0),
                live,
                args: args.to_vec(),
            },
            PredictedEvent::Hostcall {
                hostcall: 0,
                args: vec![value(9)],
                results: vec![value(3)],
            },
        ],
        data: data.clone(),
        sites_live: sites_live.clone(),
        instructions: 1,
    };
    Run {
        scenario: if live { "live" } else { "nopped:0" }.to_owned(),
        invocation: 0,
        entry,
        entry_pops: 0,
        sites_live: sites_live.clone(),
        evidence: RunEvidence {
            exit: Exit::Returned,
            results: vec![value(5)],
            events,
            registers: Vec::new(),
            data,
            code_differs: Vec::new(),
            sites_live,
            fuel_used: 1,
            full: false,
            scrutiny: Scrutiny {
                overwritten: Some(1),
                full_width: true,
            },
        },
        prediction: Ok(prediction),
        expected: Some(Expected {
            equal: true,
            values: vec![value(5)],
        }),
    }
}
