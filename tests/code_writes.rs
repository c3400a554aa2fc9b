//! Code that has run is overwritten, and the new code takes effect: without that, live would be
//! compared with live, and everything would pass.

mod guests;

use std::sync::{Arc, Mutex, PoisonError};

use guests::{executable, guest, image, job};
use patchproof::isa::Isa;
use patchproof::machine::{Cpu, Event, Machine, Plan, RunEvidence, Session};
use patchproof::program::SiteId;
use patchproof::worker::machine;

/// A process has room for one Pulley machine.
static ALONE: Mutex<()> = Mutex::new(());

struct Rig {
    machine: Box<dyn Machine>,
    plan: Arc<Plan>,
    entry: u32,
    args: Vec<patchproof::program::Value>,
}

impl Rig {
    fn new(isa: Isa, declarations: &str, body: &str) -> Rig {
        let program = guest(declarations, body, "run: %main(1, 2) == 1");
        let job = job(&program, image(&program, isa));
        let entry = job.calls[0].function;
        let (image, interface) = (job.image, job.interface);
        let plan = Plan::new(image, interface, &[entry]).expect("integers have a place");
        let mut machine = machine(isa).expect("the machine can be made");
        let data = plan.interface().data.len();
        machine
            .load(plan.image(), data, &plan.breakpoints())
            .expect("it loads");
        Rig {
            machine,
            plan: Arc::new(plan),
            entry,
            args: job.calls[0].args.clone(),
        }
    }

    fn with_cpu(&mut self, mut work: impl FnMut(&mut dyn Cpu, &Plan)) {
        let plan = Arc::clone(&self.plan);
        self.machine.with_cpu(&mut |cpu| work(cpu, &plan));
    }

    /// Runs with the code as it is; `live` is what the session is told.
    fn run(&mut self, live: bool) -> RunEvidence {
        self.machine.clear_memory().expect("memory is there");
        let live = vec![live; self.plan.interface().sites.len()];
        let mut session = Session::new(Arc::clone(&self.plan), live, 10_000);
        let (mut entry, args, function) = (None, self.args.clone(), self.entry);
        self.with_cpu(|cpu, _| entry = session.enter(cpu, function, &args).expect("a stack"));
        let (exit, session) = self.machine.run(entry.expect("an entry"), session);
        let (mut session, mut seen) = (Some(session), None);
        self.with_cpu(|cpu, _| {
            seen = session
                .take()
                .map(|session| session.finish(cpu, exit.clone()));
        });
        seen.expect("it finished")
    }
}

fn entries(seen: &RunEvidence) -> usize {
    let entry = |event: &&Event| matches!(event, Event::HookEntry { .. });
    seen.events.iter().filter(entry).count()
}

fn on_each(isas: impl Iterator<Item = Isa>, test: impl Fn(Isa)) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    isas.for_each(test);
}

const ONE_CALL: &str = "call fn0()\n return v0";

#[test]
fn code_written_between_runs_takes_effect() {
    on_each(executable(), |isa| {
        let mut rig = Rig::new(isa, "", ONE_CALL);
        for live in [true, false, false, true, true, false, true] {
            rig.with_cpu(|cpu, plan| plan.write_site(cpu, SiteId(0), live).expect("it is code"));
            let seen = rig.run(live);
            assert_eq!(entries(&seen), usize::from(live), "{isa} {live}");
            assert!(seen.code_differs.is_empty(), "{isa} {live}");
        }
    });
}

#[test]
fn code_written_during_a_run_takes_effect_from_the_next_pass_on() {
    let body = "v2 = iconst.i64 0
         v3 = iconst.i64 6
         v9 = iconst.i32 0
         v10 = iconst.i64 1
         jump block1(v2)
     block1(v4: i64):
         call fn0()
         call fn1(v9)
         v5 = iadd v4, v10
         v6 = icmp ult v5, v3
         brif v6, block1(v5), block2
     block2:
         return v0";
    on_each(executable(), |isa| {
        let mut rig = Rig::new(isa, "fn1 = %patch_toggle(i32) system_v", body);
        for _ in 0..2 {
            let seen = rig.run(true);
            let passes: Vec<bool> = seen
                .events
                .iter()
                .filter_map(|event| match event {
                    Event::Pass(pass) => Some(pass.live),
                    _ => None,
                })
                .collect();
            assert_eq!(passes, [true, false, true, false, true, false], "{isa}");
            assert_eq!(entries(&seen), 3, "{isa}");
            assert!(
                seen.code_differs.is_empty() && seen.sites_live == [true],
                "{isa}"
            );
        }
    });
}

#[test]
fn code_in_front_of_which_the_guest_stands_is_not_executed_stale() {
    // The site is toggled by the hostcall right before it, in the same basic block.
    let body = "v9 = iconst.i32 0\n call fn1(v9)\n call fn0()\n return v0";
    on_each(executable(), |isa| {
        let mut rig = Rig::new(isa, "fn1 = %patch_toggle(i32) system_v", body);
        for live in [true, false, true, false] {
            assert_eq!(entries(&rig.run(live)), usize::from(!live), "{isa} {live}");
        }
    });
}

#[test]
fn a_hook_that_disables_its_own_site_returns_behind_it() {
    let text = "function %hook() system_v {
            fn0 = %patch_disable(i32) system_v
        block0:
            v0 = iconst.i32 0
            call fn0(v0)
            return
        }
        function %main(i64) -> i64 system_v {
            fn0 = colocated patchable %hook() system_v
        block0(v0: i64):
            call fn0()
            return v0
        }
        ; run: %main(5) == 5";
    let text = format!("{}{text}", guests::TARGETS);
    let program = patchproof::program::Program::parse("own", &text).expect("it parses");
    for isa in executable() {
        let seen = guests::Runner::new(isa).run_one(job(&program, image(&program, isa)));
        assert_eq!(seen.exit, patchproof::machine::Exit::Returned, "{isa}");
        assert_eq!(seen.results[0].bits, 5, "{isa}");
        assert_eq!(
            (entries(&seen), &seen.sites_live[..]),
            (1, &[false][..]),
            "{isa}"
        );
    }
}

/// Should this fail because a store alone takes effect, the emulator has become better, and
/// this test may go.
#[test]
fn unicorn_keeps_executing_stale_code_unless_its_translation_is_removed() {
    on_each(executable().filter(|isa| !isa.is_pulley()), |isa| {
        let mut rig = Rig::new(isa, "", ONE_CALL);
        assert_eq!(entries(&rig.run(true)), 1, "{isa}");
        rig.with_cpu(|cpu, plan| {
            let site = plan.image().site(SiteId(0)).expect("there is one");
            let nops = plan.image().nop_bytes(site).expect("it can be tiled");
            cpu.store(site.start(), &nops).expect("it is memory");
        });
        let stale = rig.run(false);
        assert_eq!(
            entries(&stale),
            1,
            "{isa}: memory has NOPs, and the hook still runs"
        );
        assert!(stale.code_differs.is_empty(), "{isa}: memory has NOPs");
        rig.with_cpu(|cpu, plan| plan.write_site(cpu, SiteId(0), false).expect("it is code"));
        assert_eq!(entries(&rig.run(false)), 0, "{isa}");
    });
}
