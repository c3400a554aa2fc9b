//! The pipeline as a code generator.

use cranelift_codegen::ir::{self, Function, GlobalValueData};
use cranelift_codegen::verify_function;
use regalloc2::{Algorithm, MachineEnv, RegallocOptions};

use super::aarch64::Aarch64;
use super::arch::Arch;
use super::call::{CallLayout, Location, Part, Place};
use super::emit::{emit, written};
use super::frame::{Frame, LimitStep, Needs, StackLimit};
use super::legalize::legalize;
use super::limit::Refusal;
use super::lower::{Facts, lower};
use super::options::{Settings, SiteOptions};
use super::pulley::Pulley;
use super::riscv64::Riscv64;
use super::s390x::S390x;
use super::sites::switch_off;
use super::vcode::{MachineInst, VCode};
use super::x86_64::X64;
use crate::codegen::{CodeGenerator, CodegenError, Compiled, CompiledFunction};
use crate::isa::Isa;
use crate::program::{Program, Target};

/// The own code generator, in one of its variants.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    name: &'static str,
    sites: SiteOptions,
    check_allocation: bool,
}

impl Own {
    /// Sites as Cranelift has them: live, anywhere.
    pub const PLAIN: Own = Own::variant(PLAIN_NAME, false, false);

    /// Sites that start off.
    pub const OFF: Own = Own::variant(OFF_NAME, true, false);

    /// Sites that one store switches, where the ISA makes that possible.
    pub const ATOMIC: Own = Own::variant(ATOMIC_NAME, false, true);

    /// Both.
    pub const OFF_ATOMIC: Own = Own::variant(OFF_ATOMIC_NAME, true, true);

    const fn variant(name: &'static str, off_by_default: bool, atomic: bool) -> Own {
        Own {
            name,
            sites: SiteOptions {
                off_by_default,
                atomic,
            },
            check_allocation: cfg!(test),
        }
    }
}

const RELEASE: &str = concat!("@", env!("CARGO_PKG_VERSION"));
const PLAIN_NAME: &str = const_format::concatcp!("own", RELEASE);
const OFF_NAME: &str = const_format::concatcp!("own-off", RELEASE);
const ATOMIC_NAME: &str = const_format::concatcp!("own-atomic", RELEASE);
const OFF_ATOMIC_NAME: &str = const_format::concatcp!("own-off-atomic", RELEASE);

impl CodeGenerator for Own {
    fn name(&self) -> &str {
        self.name
    }

    fn compile(&self, program: &Program, target: &Target) -> Result<Compiled, CodegenError> {
        verify(program, target)?;
        let settings = Settings::new(&*target.clif, self.sites, self.check_allocation);
        match target.isa {
            Isa::Aarch64 => compile(&Aarch64::new(&settings), program, &settings),
            Isa::Pulley64 | Isa::Pulley64be | Isa::Pulley32 | Isa::Pulley32be => {
                compile(&Pulley::new(target.isa, &settings), program, &settings)
            }
            Isa::X86_64 => compile(&X64::new(&settings), program, &settings),
            Isa::S390x => compile(&S390x::new(), program, &settings),
            Isa::Riscv64gc => compile(&Riscv64::new(&settings), program, &settings),
        }
    }
}

/// Lowering takes for granted what CLIF's verifier holds functions to; `enable_verifier=false` says
/// that it has.
fn verify(program: &Program, target: &Target) -> Result<(), CodegenError> {
    if !target.clif.flags().enable_verifier() {
        return Ok(());
    }
    for function in &program.functions {
        verify_function(function, &*target.clif).map_err(|errors| CodegenError::Failed {
            function: function.name.to_string(),
            message: format!("the verifier refuses it: {errors}"),
        })?;
    }
    Ok(())
}

fn compile<A: Arch>(
    arch: &A,
    program: &Program,
    settings: &Settings,
) -> Result<Compiled, CodegenError> {
    let mut functions = Vec::with_capacity(program.functions.len());
    for function in &program.functions {
        let compiled = compile_function(arch, function, settings);
        functions.push(compiled.map_err(|refusal| CodegenError::Unsupported {
            function: function.name.to_string(),
            reason: refusal.to_string(),
        })?);
    }
    Ok(Compiled {
        functions,
        nop_units: arch.nop_units(),
        extensions: settings.isa_flags.clone(),
        scratch: arch.scratch().iter().map(|&name| name.to_owned()).collect(),
        bytecode: crate::releases::Bytecode::NEWEST,
    })
}

fn compile_function<A: Arch>(
    arch: &A,
    function: &Function,
    settings: &Settings,
) -> Result<CompiledFunction, Refusal> {
    let mut function = function.clone();
    legalize(&mut function, arch, settings)?;
    let (lowered, facts) = lower(arch, &function, settings)?;
    let vcode = VCode::new(lowered, arch.spill_slots());
    let environment = arch.environment(facts.anchored);
    let output = allocate(environment, &vcode, settings)?;
    let mut written = written::<A>(&vcode, &output);
    let spill_slots = u32::try_from(output.num_spillslots).expect("spill slots are few");
    let bytes = [
        facts.slots,
        facts.outgoing,
        facts.tail,
        facts.layout.argument_bytes,
        spill_slots.saturating_mul(8),
        // Room for what comes to it: saved registers and alignment.
        1024,
    ];
    let bytes = bytes.into_iter().fold(0, u32::saturating_add);
    written.union_from(arch.also_written(&function, settings, bytes));
    if let Some(anchor) = arch.anchor().filter(|_| facts.anchored) {
        written.add(anchor);
    }
    let conv = function.signature.call_conv;
    let callee_saved = arch.callee_saved(conv);
    let saved = callee_saved
        .into_iter()
        .filter(|(reg, _)| written.contains(*reg));
    let saved: Vec<_> = saved.collect();
    let has_record = facts.makes_calls || arch.frame_record_pays(&saved);
    let needs = Needs {
        saved,
        spill_slots,
        slots: facts.slots,
        outgoing: facts.outgoing,
        tail: facts.tail,
        popped: facts.layout.popped,
        setup: arch.setup_bytes(settings, has_record),
        return_address: A::RETURN_ADDRESS_BYTES,
        alignment: A::STACK_ALIGNMENT,
        makes_calls: facts.makes_calls,
        anchored: facts.anchored,
    };
    let frame = Frame::new(&needs, stack_limit(&function, &facts)?)?;
    let (finished, blocks) = emit(arch, vcode, &output, &frame, settings, &function)?;
    let mut compiled = CompiledFunction {
        name: function.name.to_string(),
        bytes: finished.bytes,
        alignment: A::FUNCTION_ALIGNMENT,
        relocations: finished.relocations,
        sites: finished.sites,
        traps: finished.traps,
        call_returns: finished.call_returns,
        handlers: finished.handlers,
        stack_maps: Vec::new(),
        blocks,
    };
    if settings.sites.off_by_default {
        switch_off(&mut compiled, &arch.nop_units())?;
    }
    Ok(compiled)
}

fn allocate<I: MachineInst>(
    environment: &MachineEnv,
    vcode: &VCode<I>,
    settings: &Settings,
) -> Result<regalloc2::Output, Refusal> {
    let options = RegallocOptions {
        verbose_log: false,
        validate_ssa: settings.check_allocation,
        algorithm: if settings.single_pass {
            Algorithm::Fastalloc
        } else {
            Algorithm::Ion
        },
    };
    let output = regalloc2::run(&vcode.problem, environment, &options)
        .map_err(|error| Refusal::limit(format!("register allocation: {error}")))?;
    if settings.check_allocation {
        let mut checker = regalloc2::checker::Checker::new(&vcode.problem, environment);
        checker.prepare(&output);
        if let Err(errors) = checker.run() {
            panic!("regalloc2's checker: {errors:?}");
        }
    }
    Ok(output)
}

/// The chain that leads to the function's stack limit.
fn stack_limit(function: &Function, facts: &Facts) -> Result<Option<StackLimit>, Refusal> {
    let Some(mut value) = function.stack_limit else {
        return Ok(None);
    };
    let mut steps = Vec::new();
    let base = loop {
        match &function.global_values[value] {
            GlobalValueData::Load { base, offset, .. } => {
                steps.push(LimitStep::Load((*offset).into()));
                value = *base;
            }
            GlobalValueData::IAddImm { base, offset, .. } => {
                steps.push(LimitStep::Add((*offset).into()));
                value = *base;
            }
            GlobalValueData::VMContext => break ir::ArgumentPurpose::VMContext,
            other => {
                return Err(Refusal::uncovered(format!("a stack limit from {other}")));
            }
        }
    };
    steps.reverse();
    let place = function.signature.special_param_index(base);
    let base = place.and_then(|index| register_of(&facts.layout, index));
    let base = base.ok_or_else(|| Refusal::uncovered("a stack limit not from a register"))?;
    Ok(Some(StackLimit { base, steps }))
}

fn register_of(layout: &CallLayout, index: usize) -> Option<regalloc2::PReg> {
    match layout.params.get(index)? {
        Place::Parts(parts) => match parts.as_slice() {
            [
                Part {
                    location: Location::Reg(reg),
                    ..
                },
            ] => Some(*reg),
            _ => None,
        },
        Place::Reference { .. } => None,
    }
}
