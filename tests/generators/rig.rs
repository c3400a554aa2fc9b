//! A machine with an image in it, of which a test changes code, registers and memory by itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use patchproof::code_generators;
use patchproof::codegen::CodeGenerator;
use patchproof::image::CodeImage;
use patchproof::machine::{Cpu, Event, Exit, Machine, Plan, RunEvidence, Session};
use patchproof::program::{Program, SiteId};
use patchproof::worker::machine;

/// A process has room for one Pulley machine.
static ALONE: Mutex<()> = Mutex::new(());

/// All generators and their variants.
pub fn generators() -> impl Iterator<Item = &'static dyn CodeGenerator> {
    let all = code_generators::ALL.iter();
    all.chain(code_generators::VARIANTS).copied()
}

pub struct Rig {
    machine: Box<dyn Machine>,
    plan: Arc<Plan>,
    program: Program,
    _alone: Option<MutexGuard<'static, ()>>,
}

impl Rig {
    pub fn new(program: &Program, image: CodeImage) -> Rig {
        let pulley = image.isa.is_pulley();
        let alone = pulley.then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        let mut machine = machine(image.isa).expect("the machine can be made");
        let entries: Vec<u32> = program.invocations.iter().map(|i| i.function).collect();
        let interface = Arc::clone(&program.interface);
        let plan = Plan::new(Arc::new(image), interface, &entries).expect("it has a layout");
        let data = plan.interface().data.len();
        machine
            .load(plan.image(), data, &plan.breakpoints())
            .expect("it loads");
        Rig {
            machine,
            plan: Arc::new(plan),
            program: program.clone(),
            _alone: alone,
        }
    }

    pub fn image(&self) -> &CodeImage {
        self.plan.image()
    }

    /// Puts other code in, without breakpoints.
    pub fn load(&mut self, image: &CodeImage) {
        self.machine.load(image, 0, &[]).expect("it loads");
    }

    pub fn cpu<T>(&mut self, work: impl FnOnce(&mut dyn Cpu) -> T) -> T {
        let (mut work, mut result) = (Some(work), None);
        self.machine.with_cpu(&mut |cpu| {
            if let Some(work) = work.take() {
                result = Some(work(cpu));
            }
        });
        result.expect("a machine lets the work run once")
    }

    pub fn write(&mut self, address: u64, bytes: &[u8]) {
        self.cpu(|cpu| cpu.write_code(address, bytes))
            .expect("it is code");
    }

    pub fn read(&mut self, address: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.cpu(|cpu| cpu.load(address, &mut bytes))
            .expect("it is memory");
        bytes
    }

    /// Runs from an address with registers and memory as they are.
    pub fn run_from(&mut self, address: u64) -> Exit {
        let live = vec![true; self.program.interface.sites.len()];
        let session = Session::new(Arc::clone(&self.plan), live, 1_000);
        self.machine.run(address, session).0
    }

    /// Runs the first invocation with the code as it is; `live` is what the session is told.
    pub fn run(&mut self, live: &[bool]) -> RunEvidence {
        self.machine.clear_memory().expect("memory is there");
        let mut session = Session::new(Arc::clone(&self.plan), live.to_vec(), 100_000);
        let invocation = self.program.invocations[0].clone();
        let entry = self.cpu(|cpu| session.enter(cpu, invocation.function, &invocation.args));
        let entry = entry.expect("a stack").expect("an entry");
        let (exit, session) = self.machine.run(entry, session);
        self.cpu(|cpu| session.finish(cpu, exit))
    }
}

/// Which hook each entry from a site was into, by name.
pub fn entered(program: &Program, seen: &RunEvidence) -> Vec<(SiteId, String)> {
    let name = |function: &u32| {
        let index = usize::try_from(*function).expect("functions are few");
        program.interface.functions[index].name.clone()
    };
    let entries = seen.events.iter().filter_map(|event| match event {
        Event::HookEntry {
            function,
            site: Some(site),
            ..
        } => Some((*site, name(function))),
        _ => None,
    });
    entries.collect()
}
