//! What a run means: one session a run, the same for every machine.
//!
//! The session hears of each breakpoint and hostcall, and turns registers and memory into
//! [events](super::Event). It also is the hostile host: at each hostcall it overwrites all
//! that the callee's ABI gives it. It records and never judges.
//!
//! A pass through a site begins at the first byte of its range and ends behind its last. The
//! session keeps the open passes as a stack, because a hook may pass sites itself. An arrival
//! behind a site ends the innermost open pass of that site whose stack pointer it has reached
//! again; an arrival deeper in the stack is another activation that jumped there, or a call
//! that lost the stack, and is kept aside in [`super::Pass::low_arrival`].

mod entry;
mod hostile;
mod lockstep;
mod plan;
mod stack;
mod tamper;
mod volume;

pub use entry::CallError;
pub use plan::{Plan, PlanError};

use std::sync::Arc;

use super::abi::{self, Junk};
use super::registers::RegisterTable;
use super::tampering::{Moment, SuiteFault};
use super::{Cpu, Event, Exit, Flow, Pass, Registers, RunEvidence, Scrutiny};
use crate::image::PatchSite;
use crate::program::{HostcallKind, RoutineMemory, SiteId, Value, hostcall_results};
use lockstep::Snapshot;
use plan::Breakpoint;
use tamper::Narrow;

/// A pass that has begun and not ended.
struct OpenPass {
    event: usize,
    site: SiteId,
    /// Whether its hook has been entered: a hook that the hook tail-calls has the same return
    /// address and is another matter.
    entered: bool,
    ret_addr: u64,
    before: Snapshot,
}

/// One run of one invocation.
pub struct Session {
    plan: Arc<Plan>,
    fuel: u64,
    fuel_used: u64,
    junk: Junk,
    sites_live: Vec<bool>,
    events: Vec<Event>,
    /// Bytes that the events take.
    volume: usize,
    /// Whether there was no room left for evidence.
    full: bool,
    open: Vec<OpenPass>,
    /// The event of the pass that has just ended, and where its stack pointer is right again.
    rebuilding: Option<(usize, u64)>,
    at_call: Option<Registers>,
    function: u32,
    /// Registers that the first hostcall overwrote.
    overwritten: Option<u32>,
    /// How often the moment of each act of the plan's tampering has passed.
    passed_acts: Vec<u32>,
    /// Changes of sites that a faulty patcher makes late, and whether a pass has begun since.
    delayed: Vec<(SiteId, bool, bool)>,
}

impl Session {
    /// A run of `plan` with the sites as `sites_live` says, which is how the machine's code must
    /// be already, and at most `fuel` of fuel.
    pub fn new(plan: Arc<Plan>, sites_live: Vec<bool>, fuel: u64) -> Session {
        Session {
            plan,
            fuel,
            fuel_used: 0,
            junk: Junk::new(0),
            sites_live,
            events: Vec::new(),
            volume: 0,
            full: false,
            open: Vec::new(),
            rebuilding: None,
            at_call: None,
            function: 0,
            overwritten: None,
            passed_acts: Vec::new(),
            delayed: Vec::new(),
        }
    }

    /// State of each site; `true` is live.
    pub fn sites_live(&self) -> &[bool] {
        &self.sites_live
    }

    /// Uses up `amount` of fuel; false when there is none left and the run must end.
    pub fn burn(&mut self, amount: u64) -> bool {
        self.fuel_used = self.fuel_used.saturating_add(amount);
        self.fuel_used <= self.fuel
    }

    /// Called by a machine when the guest is about to execute the instruction at `address`,
    /// which is one of the breakpoints or a hostcall stub. It asks for the end of the run at a
    /// stub that belongs to no hostcall.
    pub fn breakpoint(&mut self, cpu: &mut dyn Cpu, address: u64) -> Flow {
        match self.recorded_in_part() {
            Some(wider) => self.at_breakpoint(&mut Narrow { cpu, wider }, address),
            None => self.at_breakpoint(cpu, address),
        }
    }

    fn at_breakpoint(&mut self, cpu: &mut dyn Cpu, address: u64) -> Flow {
        let plan = Arc::clone(&self.plan);
        // Nothing that is heard of happens on the way there.
        let rebuilding = self.rebuilding.take();
        if let Some(hostcall) = plan.hostcall_at(address) {
            return match self.hostcall(cpu, hostcall) {
                Some(()) => Flow::Continue,
                None => Flow::Stop,
            };
        }
        if plan.is_stub(address) {
            return Flow::Stop;
        }
        for breakpoint in plan.breakpoints_at(address) {
            match *breakpoint {
                Breakpoint::SiteEnd => self.site_end(cpu, address),
                Breakpoint::Rebuilt => {
                    let pass = self.rebuilding.take().or(rebuilding);
                    self.rebuilt(cpu, pass.filter(|(_, at)| *at == address));
                }
                Breakpoint::SiteStart { site, ret_addr } => self.site_start(cpu, site, ret_addr),
                Breakpoint::HookEntry { function } => self.hook_entry(cpu, function),
                Breakpoint::Tamper => self.tamper_at(cpu, address),
            }
        }
        Flow::Continue
    }

    fn record(&mut self, event: Event) {
        self.take_room(volume::of_event(&event));
        self.events.push(event);
    }

    /// Takes room for evidence; where there is none left, the fuel is used up.
    fn take_room(&mut self, bytes: usize) {
        self.volume = self.volume.saturating_add(bytes);
        if self.volume > volume::EVENT_BYTES {
            self.run_full();
        }
    }

    /// Ends the run for lack of room.
    fn run_full(&mut self) {
        self.fuel_used = self.fuel;
        self.full = true;
    }

    fn sp(&self, cpu: &mut dyn Cpu) -> u64 {
        low64(cpu.read(RegisterTable::of(self.plan.isa()).sp))
    }

    fn site_start(&mut self, cpu: &mut dyn Cpu, site: SiteId, ret_addr: u64) {
        hostile::spoil_scratch(cpu, &self.plan.image().scratch, &mut self.junk);
        hostile::spoil_dead_stack(cpu, &mut self.junk);
        let reached = Some((site, self.sites_live[site.0 as usize]));
        self.tamper(cpu, &Moment::BeforeSite, reached);
        self.ripen_delayed();
        let sp = self.sp(cpu);
        let moves = cpu.pending_moves();
        let layout = self.plan.site_layout(site);
        let args = read_all(cpu, &layout.params, sp, &moves);
        let live = self.sites_live[site.0 as usize];
        let before = Snapshot::take(cpu, sp, self.plan.stack_top());
        let held: usize = self.open.iter().map(|open| open.before.stack_bytes()).sum();
        if held > volume::OPEN_STACK_BYTES {
            self.run_full();
        }
        let event = self.events.len();
        self.record(Event::Pass(Pass {
            site,
            live,
            args,
            sp,
            end: None,
            low_arrival: None,
            rebuilt_sp: None,
        }));
        self.open.push(OpenPass {
            event,
            site,
            entered: false,
            ret_addr,
            before,
        });
    }

    fn site_end(&mut self, cpu: &mut dyn Cpu, ret_addr: u64) {
        let reached = self.arriving(ret_addr);
        self.tamper(cpu, &Moment::AfterSite, reached);
        let sp = self.sp(cpu);
        let of_site = |open: &OpenPass| open.ret_addr == ret_addr;
        if let Some(index) = self
            .open
            .iter()
            .rposition(|o| of_site(o) && sp >= o.before.sp)
        {
            let open = self.open.swap_remove(index);
            self.open.truncate(index);
            let end = open.before.compare(cpu, self.plan.stack_top());
            self.take_room(volume::of_end(&end));
            if let Event::Pass(pass) = &mut self.events[open.event] {
                pass.end = Some(end);
            }
            let site = self.plan.image().site(open.site);
            let rebuilt_at = site.and_then(PatchSite::rebuilt_at);
            self.rebuilding = rebuilt_at.map(|at| (open.event, at));
        } else if let Some(open) = self.open.iter().rfind(|o| of_site(o))
            && let Event::Pass(pass) = &mut self.events[open.event]
        {
            pass.low_arrival = Some(sp);
        }
        self.tamper(cpu, &Moment::BehindSite, reached);
        self.make_delayed(cpu);
    }

    fn rebuilt(&mut self, cpu: &mut dyn Cpu, pass: Option<(usize, u64)>) {
        let sp = self.sp(cpu);
        if let Some((event, _)) = pass
            && let Event::Pass(pass) = &mut self.events[event]
        {
            pass.rebuilt_sp = Some(sp);
        }
    }

    fn hook_entry(&mut self, cpu: &mut dyn Cpu, function: u32) {
        if self.suite_fault(SuiteFault::HookEntriesUnseen) {
            return;
        }
        let isa = self.plan.isa();
        let sp = self.sp(cpu);
        let return_address = match RegisterTable::of(isa).link {
            Some(link) => low64(cpu.read(link)),
            None => {
                let mut bytes = [0; 8];
                // An unreadable stack leaves 0, which is no site's.
                let _unreadable = cpu.load(sp, &mut bytes);
                u64::from_le_bytes(bytes)
            }
        };
        let site = self.plan.site_returning_to(return_address).filter(|&site| {
            let open = self.open.iter_mut().rfind(|open| open.site == site);
            open.is_none_or(|open| !std::mem::replace(&mut open.entered, true))
        });
        let area = sp.wrapping_add(abi::return_address_bytes(isa));
        let args = read_all(cpu, &self.plan.function_layout(function).params, area, &[]);
        self.record(Event::HookEntry {
            function,
            site,
            args,
        });
        self.tamper(cpu, &Moment::HookEntry, site.map(|site| (site, true)));
    }

    /// What the host does; `None` when it faults.
    fn hostcall(&mut self, cpu: &mut dyn Cpu, hostcall: u32) -> Option<()> {
        let plan = Arc::clone(&self.plan);
        let (kind, decl, layout) = plan.hostcall(hostcall)?;
        let area = self
            .sp(cpu)
            .wrapping_add(abi::return_address_bytes(plan.isa()));
        let args = read_all(cpu, &layout.params, area, &[]);
        let results = match kind {
            HostcallKind::Library(routine) => {
                let returns = &decl.signature.returns;
                routine.call(&args, returns, &mut GuestMemory(cpu)).ok()?
            }
            _ => hostcall_results(decl, &args),
        };
        if let (HostcallKind::Patch(action), Some(site)) = (kind, args.first()) {
            let live = usize::try_from(site.bits)
                .ok()
                .and_then(|i| self.sites_live.get(i).copied());
            if let (Some(live), Ok(number)) = (live, u32::try_from(site.bits)) {
                self.set_site(cpu, SiteId(number), action.apply(live));
            }
        }
        let before = self.overwritten.is_none().then(|| cpu.registers());
        if !self.suite_fault(SuiteFault::FriendlyHost) {
            hostile::clobber(cpu, decl.signature.call_conv, layout, area, &mut self.junk);
        }
        if let Some(before) = before {
            self.overwritten = u32::try_from(lockstep::register_changes(cpu, &before).len()).ok();
        }
        let mut spare = area.wrapping_sub(hostile::DEAD_STACK_BYTES);
        for (place, value) in layout.returns.iter().zip(&results) {
            // Results lie in registers, which are always there.
            let _unreachable = abi::write(cpu, place, *value, area, &mut spare, &mut self.junk);
        }
        if !matches!(kind, HostcallKind::Library(_)) {
            self.record(Event::Hostcall {
                hostcall,
                args,
                results,
            });
        }
        Some(())
    }

    fn set_site(&mut self, cpu: &mut dyn Cpu, site: SiteId, live: bool) {
        if self.delays(site, live) || self.plan.write_site(cpu, site, live).is_ok() {
            self.sites_live[site.0 as usize] = live;
        }
    }

    /// The evidence, when the machine has stopped.
    pub fn finish(self, cpu: &mut dyn Cpu, exit: Exit) -> RunEvidence {
        match self.recorded_in_part() {
            Some(wider) => self.evidence(&mut Narrow { cpu, wider }, exit),
            None => self.evidence(cpu, exit),
        }
    }

    fn evidence(mut self, cpu: &mut dyn Cpu, exit: Exit) -> RunEvidence {
        if exit == Exit::Returned {
            self.tamper(cpu, &Moment::EntryReturn, None);
        }
        let plan = Arc::clone(&self.plan);
        let results = if exit == Exit::Returned {
            let places = &plan.function_layout(self.function).returns;
            read_all(cpu, places, 0, &[])
        } else {
            Vec::new()
        };
        let registers = match &self.at_call {
            Some(before) if exit == Exit::Returned => lockstep::register_changes(cpu, before),
            _ => Vec::new(),
        };
        let sites_live = std::mem::take(&mut self.sites_live);
        RunEvidence {
            exit,
            results,
            events: self.events,
            registers,
            data: plan.data(cpu),
            code_differs: plan.code_differences(cpu, &sites_live),
            sites_live,
            fuel_used: self.fuel_used,
            full: self.full,
            scrutiny: Scrutiny {
                overwritten: self.overwritten,
                full_width: self
                    .at_call
                    .as_ref()
                    .is_some_and(|call| lockstep::shows_full_width(plan.isa(), call)),
            },
        }
    }
}

/// The guest's memory as a routine sees it.
struct GuestMemory<'a>(&'a mut dyn Cpu);

impl RoutineMemory for GuestMemory<'_> {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), String> {
        self.0
            .load(address, buffer)
            .map_err(|fault| fault.to_string())
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), String> {
        self.0
            .store(address, bytes)
            .map_err(|fault| fault.to_string())
    }
}

/// The values at `places`; none at all when one of them cannot be read.
fn read_all(
    cpu: &mut dyn Cpu,
    places: &[abi::Place],
    area: u64,
    overlay: &[(super::RegisterId, u128)],
) -> Vec<Value> {
    let values = places.iter().filter(|place| !place.opaque);
    values
        .map(|place| abi::read(cpu, place, area, overlay))
        .collect::<Result<Vec<Value>, _>>()
        .unwrap_or_default()
}

/// The low half of a register that is 64 bits wide.
fn low64(value: u128) -> u64 {
    u64::try_from(value & u128::from(u64::MAX)).expect("masked to 64 bits")
}

#[cfg(test)]
mod tests;
