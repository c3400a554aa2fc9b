//! Unicorn: executes x86-64, AArch64, RV64GC and z/Architecture code.
//!
//! An engine costs most when it is made, and translating code costs more than running it. So
//! an engine is made once a thread and ISA, its resident hooks (fuel by basic block, stubs,
//! faults, exceptions) stay, and a new image removes translations of exactly the bytes that
//! it replaces. Only the hooks on an image's own breakpoints are exchanged with it: a hook on
//! one address costs nothing elsewhere, and reaches code that is translated after it is set.
//!
//! Writing memory does nothing to code that has been translated. Every write of code is
//! therefore followed by removing the translations of exactly the written bytes; a permanent
//! test an ISA (`tests/code_writes.rs`) watches that this is so.
//!
//! Translations that were removed keep their room in the engine's buffer, a gigabyte, until all are
//! forgotten. So they are, every few images: a campaign would otherwise touch all of that buffer, and
//! never the same part of it twice.
//!
//! Most of the stack is mapped when it is first touched and unmapped after the run, so that
//! every run finds zeros there without paying for megabytes that few programs use.

mod aarch64;
mod cpu;
mod registers;
mod riscv64;
mod riscv64_gaps;
mod run;
mod s390x;
pub mod s390x_gaps;
mod setup;
mod soft_float;
mod stack;
mod x86_64;

use unicorn_engine::{HookType, MemType, UcHookId, Unicorn};

use super::{Cpu, Exit, Flow, Machine, MachineError, Session};
use crate::image::{CodeImage, Layout};
use crate::isa::Isa;
use crate::program::DATA_BYTES;
use cpu::UnicornCpu;

/// As many zeros.
static ZEROS: &[u8] = &[0; 64 << 10];

/// Images after which all translations are forgotten. Few enough that the part of the buffer that is
/// in use stays in the host's cache, and enough that forgetting costs nothing against translating.
const IMAGES_PER_FLUSH: u32 = 16;

/// What the hooks of an engine share.
struct Shared {
    isa: Isa,
    session: Option<Session>,
    /// Why the run ended, when a hook knows.
    exit: Option<Exit>,
    /// Last access outside of memory: kind and address.
    fault: Option<(MemType, u64)>,
    /// What is mapped of the deep part of the stack.
    deep_stack: stack::Deep,
}

/// An engine for one ISA. See the module.
pub struct UnicornMachine {
    engine: Unicorn<'static, Shared>,
    isa: Isa,
    layout: Layout,
    loaded: Option<CodeImage>,
    breakpoints: Vec<UcHookId>,
    data_mapped: usize,
    data_used: usize,
    /// Images since all translations were forgotten.
    images: u32,
}

/// Anything that Unicorn refuses is the suite's fault.
fn broken(what: &str) -> impl Fn(unicorn_engine::uc_error) -> MachineError + '_ {
    move |error| MachineError(format!("unicorn: {what}: {error:?}"))
}

impl UnicornMachine {
    /// An engine for `isa`, with the guest's regions mapped.
    ///
    /// # Errors
    /// When Unicorn cannot be set up, or does not know the ISA.
    pub fn new(isa: Isa) -> Result<UnicornMachine, MachineError> {
        let shared = Shared {
            isa,
            session: None,
            exit: None,
            fault: None,
            deep_stack: stack::Deep::default(),
        };
        let engine = setup::engine(isa, shared)?;
        let layout = Layout::of(isa);
        Ok(UnicornMachine {
            engine,
            isa,
            layout,
            loaded: None,
            breakpoints: Vec::new(),
            data_mapped: 0,
            data_used: 0,
            images: 0,
        })
    }

    fn map_data(&mut self, count: usize) -> Result<(), MachineError> {
        while self.data_mapped < count {
            let address = self.layout.data_symbol(self.data_mapped);
            let prot = unicorn_engine::Prot::READ | unicorn_engine::Prot::WRITE;
            self.engine
                .mem_map(address, DATA_BYTES, prot)
                .map_err(broken("mapping data"))?;
            self.data_mapped += 1;
        }
        Ok(())
    }

    /// Exchanges the hooks on breakpoints.
    fn set_breakpoints(&mut self, addresses: &[u64]) -> Result<(), MachineError> {
        for hook in self.breakpoints.drain(..) {
            self.engine
                .remove_hook(hook)
                .map_err(broken("removing a hook"))?;
        }
        for &address in addresses {
            let hook = self
                .engine
                .add_code_hook(address, address, |engine, address, _| {
                    breakpoint(engine, address);
                });
            self.breakpoints
                .push(hook.map_err(broken("adding a hook"))?);
        }
        Ok(())
    }
}

/// Lets the session look at the guest.
fn breakpoint(engine: &mut Unicorn<Shared>, address: u64) {
    let Some(mut session) = engine.get_data_mut().session.take() else {
        return;
    };
    let flow = session.breakpoint(&mut UnicornCpu { engine }, address);
    engine.get_data_mut().session = Some(session);
    if flow == Flow::Stop {
        let access = "fetch".to_owned();
        stop(
            engine,
            Exit::Fault {
                pc: address,
                address,
                access,
            },
        );
    }
}

/// Ends the run, for the first reason that is given.
fn stop(engine: &mut Unicorn<Shared>, exit: Exit) {
    engine.get_data_mut().exit.get_or_insert(exit);
    // Stopping an engine that runs cannot fail; one that does not run needs no stopping.
    let _not_running = engine.emu_stop();
}

impl Machine for UnicornMachine {
    fn with_cpu(&mut self, work: &mut dyn FnMut(&mut dyn Cpu)) {
        work(&mut UnicornCpu {
            engine: &mut self.engine,
        });
    }

    fn load(
        &mut self,
        image: &CodeImage,
        data_symbols: usize,
        breakpoints: &[u64],
    ) -> Result<(), MachineError> {
        self.set_breakpoints(breakpoints)?;
        let hooks = match self.isa {
            Isa::S390x => s390x::hook_miscomputed(&mut self.engine, image),
            Isa::Aarch64 => aarch64::hook_miscomputed(&mut self.engine, image),
            Isa::X86_64 => x86_64::hook_miscomputed(&mut self.engine, image),
            Isa::Riscv64gc => riscv64::hook_silent(&mut self.engine, image),
            _ => Ok(Vec::new()),
        };
        self.breakpoints
            .extend(hooks.map_err(broken("adding a hook"))?);
        let old = self.loaded.as_ref().map_or(image.base, CodeImage::end);
        let end = old.max(image.end());
        let mut bytes = image.emitted().into_owned();
        bytes.resize(
            usize::try_from(end - image.base).expect("the code area is small"),
            0,
        );
        self.engine
            .mem_write(image.base, &bytes)
            .map_err(broken("writing code"))?;
        self.engine
            .ctl_remove_cache(image.base, end)
            .map_err(broken("forgetting translations"))?;
        self.images += 1;
        if self.images == IMAGES_PER_FLUSH {
            self.images = 0;
            self.engine
                .ctl_flush_tb()
                .map_err(broken("forgetting all translations"))?;
        }
        self.map_data(data_symbols)?;
        self.data_used = self.data_used.max(data_symbols);
        self.loaded = Some(image.clone());
        Ok(())
    }

    fn clear_memory(&mut self) -> Result<(), MachineError> {
        let shallow = self.layout.stack_top() - stack::SHALLOW_BYTES;
        self.engine
            .mem_write(shallow, ZEROS)
            .map_err(broken("clearing the stack"))?;
        stack::unmap(&mut self.engine).map_err(broken("unmapping the stack"))?;
        let page = usize::try_from(DATA_BYTES).expect("4 KiB");
        for index in 0..self.data_used {
            let address = self.layout.data_symbol(index);
            self.engine
                .mem_write(address, &ZEROS[..page])
                .map_err(broken("clearing data"))?;
        }
        Ok(())
    }

    fn run(&mut self, entry: u64, session: Session) -> (Exit, Session) {
        let shared = self.engine.get_data_mut();
        shared.session = Some(session);
        shared.exit = None;
        shared.fault = None;
        let outcome = self.engine.emu_start(entry, self.layout.exit(), 0, 0);
        let exit = run::exit(self, outcome);
        let session = self.engine.get_data_mut().session.take();
        (exit, session.expect("every hook gives the session back"))
    }
}

/// Kinds of accesses that leave memory or its permissions.
fn outside() -> HookType {
    HookType::MEM_UNMAPPED | HookType::MEM_PROT
}
