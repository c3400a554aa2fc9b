// The adapter for one release of Cranelift, included into a module for each release (`mod.rs`),
// where `cranelift_codegen` and `cranelift_reader` are the crates of that release and `nop_units`
// reads the NOP metadata in its form. A file that is included has no documentation of its own, and
// names the types of no particular release outside of itself.

use std::cell::Cell;
use std::collections::BTreeSet;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable, SetError};
use cranelift_codegen::{
    CodegenError as ClifError, CompiledCode, Context, FinalizedMachExceptionHandler,
    FinalizedRelocTarget,
};

use target_lexicon::Triple;

use crate::codegen::CodegenError;
use crate::codegen::compiled::{
    Compiled, CompiledFunction, CompiledSite, Handler, RelocKind, RelocTarget, Relocation,
    TrapRecord,
};
use crate::codegen::cranelift::flags::{Flag, Flags, TELL_BLOCKS};
use crate::codegen::cranelift::spelling::FunctionText;
use crate::codegen::cranelift::words::says_unsupported;
use crate::panic_guard;
use crate::program::SiteId;

/// The release's number, `0.135.8`.
pub const VERSION: &str = cranelift_codegen::VERSION;

/// Compiles functions whose patchable calls have their numbers as source locations. Says nothing
/// of scratch registers and bytecode.
pub fn compile(
    functions: &[Function],
    triple: Triple,
    flags: &Flags,
) -> Result<Compiled, CodegenError> {
    let isa = target(triple, flags).map_err(|reason| CodegenError::Unsupported {
        function: functions
            .first()
            .map_or_else(String::new, |f| f.name.to_string()),
        reason,
    })?;
    let mut compiled = Compiled {
        extensions: extensions(&*isa),
        ..Compiled::default()
    };
    for function in functions {
        let code = compile_function(function, &*isa)?;
        compiled.nop_units = nop_units(&code);
        compiled.functions.push(deliver(function, &code));
    }
    Ok(compiled)
}

/// As [`compile`], for functions that travel as text.
#[allow(dead_code, reason = "the newest release's do not travel, but in tests")]
pub fn compile_texts(
    texts: &[FunctionText],
    triple: Triple,
    flags: &Flags,
) -> Result<Compiled, CodegenError> {
    let mut functions = Vec::with_capacity(texts.len());
    for FunctionText { name, text } in texts {
        let unsupported = |reason| CodegenError::Unsupported {
            function: name.clone(),
            reason,
        };
        let read = cranelift_reader::parse_functions(text)
            .map_err(|error| unsupported(format!("not read: {}", error.message)))?;
        let isa = target(triple.clone(), flags).map_err(unsupported)?;
        for function in read {
            cranelift_codegen::verify_function(&function, &*isa)
                .map_err(|errors| unsupported(format!("not verified: {errors}")))?;
            functions.push(function);
        }
    }
    compile(&functions, triple, flags)
}

/// The target of that triple, which also tells where blocks start.
///
/// # Errors
/// In the release's words, when it does not know a flag that the newest release has off its
/// default, or a value.
fn target(triple: Triple, flags: &Flags) -> Result<OwnedTargetIsa, String> {
    let mut shared = settings::builder();
    for flag in &flags.shared {
        set(&mut shared, flag)?;
    }
    shared.enable(TELL_BLOCKS).map_err(|e| e.to_string())?;
    let mut builder = isa::lookup(triple).map_err(|e| e.to_string())?;
    for flag in &flags.isa {
        set(&mut builder, flag)?;
    }
    builder
        .finish(settings::Flags::new(shared))
        .map_err(|e| e.to_string())
}

fn set(builder: &mut impl Configurable, flag: &Flag) -> Result<(), String> {
    match builder.set(flag.name, &flag.value) {
        Err(SetError::BadName(_)) if flag.is_default => Ok(()),
        other => other.map_err(|error| format!("{} = {}: {error}", flag.name, flag.value)),
    }
}

thread_local! {
    /// Cranelift's working memory, which it asks to be reused. Lost with a panic.
    static CONTEXT: Cell<Option<Box<Context>>> = const { Cell::new(None) };
}

fn compile_function(
    original: &Function,
    isa: &dyn TargetIsa,
) -> Result<CompiledCode, CodegenError> {
    let function = original.name.to_string();
    let failed = |message| CodegenError::Failed {
        function: function.clone(),
        message,
    };
    let unsupported = |reason| CodegenError::Unsupported {
        function: function.clone(),
        reason,
    };
    let outcome = panic_guard::catch(|| {
        let mut context = CONTEXT.take().unwrap_or_else(|| Box::new(Context::new()));
        context.clear();
        context.func.clone_from(original);
        let outcome = context.compile(isa, &mut ControlPlane::default());
        let outcome = outcome.map(|_| ()).map_err(|error| error.inner);
        let code = context.take_compiled_code();
        CONTEXT.set(Some(context));
        outcome.map(|()| code.expect("what was compiled is there"))
    });
    match outcome {
        Ok(Ok(code)) => Ok(code),
        Ok(Err(ClifError::Unsupported(reason))) => Err(unsupported(reason)),
        Ok(Err(error @ (ClifError::ImplLimitExceeded | ClifError::CodeTooLarge))) => {
            Err(unsupported(error.to_string()))
        }
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(panic) if says_unsupported(&panic.message) => Err(unsupported(panic.message)),
        Err(panic) => Err(failed(format!("panicked at {}: {panic}", panic.place))),
    }
}

fn deliver(function: &Function, code: &CompiledCode) -> CompiledFunction {
    let buffer = &code.buffer;
    CompiledFunction {
        name: function.name.to_string(),
        bytes: buffer.data().to_vec(),
        alignment: buffer.alignment,
        relocations: buffer
            .relocs()
            .iter()
            .map(|reloc| Relocation {
                offset: reloc.offset,
                kind: reloc_kind(reloc.kind),
                target: match &reloc.target {
                    FinalizedRelocTarget::ExternalName(name) => {
                        RelocTarget::Symbol(name.display(Some(&function.params)).to_string())
                    }
                    FinalizedRelocTarget::Func(offset) => RelocTarget::Local(*offset),
                },
                addend: reloc.addend,
            })
            .collect(),
        sites: sites(code),
        traps: buffer
            .traps()
            .iter()
            .map(|trap| TrapRecord {
                offset: trap.offset,
                code: trap.code.to_string(),
            })
            .collect(),
        call_returns: buffer.call_sites().map(|call| call.ret_addr).collect(),
        handlers: handlers(code),
        stack_maps: buffer
            .user_stack_maps()
            .iter()
            .map(|(offset, ..)| *offset)
            .collect(),
        blocks: blocks(code),
    }
}

fn handlers(code: &CompiledCode) -> Vec<Handler> {
    let mut all = Vec::new();
    for call in code.buffer.call_sites() {
        for handler in call.exception_handlers {
            let (tag, target) = match handler {
                FinalizedMachExceptionHandler::Tag(tag, target) => (Some(tag.as_u32()), *target),
                FinalizedMachExceptionHandler::Default(target) => (None, *target),
                FinalizedMachExceptionHandler::Context(_) => continue,
            };
            let ret_addr = call.ret_addr;
            all.push(Handler {
                ret_addr,
                tag,
                target,
            });
        }
    }
    all
}

/// Where blocks start. Neither list will do alone: `bb_edges` lacks edges where blocks are gone
/// or cold, and the last of `bb_starts` may be a block whose only jump was removed at last, so
/// that data starts there. No call returns behind such a block.
fn blocks(code: &CompiledCode) -> Vec<u32> {
    let last_return = code.buffer.call_sites().map(|call| call.ret_addr).max();
    let starts = code.bb_starts.iter().copied();
    let starts = starts.filter(|&start| last_return.is_some_and(|last| start < last));
    let targets = code.bb_edges.iter().map(|&(_, target)| target);
    let all: BTreeSet<u32> = starts.chain(targets).collect();
    all.into_iter().collect()
}

/// The patch metadata, each tied to its patchable call by the source location of its first byte.
fn sites(code: &CompiledCode) -> Vec<CompiledSite> {
    let locations = code.buffer.get_srclocs_sorted();
    let site_at = |offset: u32| {
        let range = locations
            .iter()
            .find(|l| l.start <= offset && offset < l.end)?;
        (!range.loc.is_default()).then(|| SiteId(range.loc.bits()))
    };
    let sites = code.buffer.patchable_call_sites();
    sites
        .map(|site| {
            let id = site.ret_addr.checked_sub(site.len).and_then(site_at);
            CompiledSite::live(site.ret_addr, site.len, id)
        })
        .collect()
}

/// Names of the boolean ISA flags that are on.
fn extensions(isa: &dyn TargetIsa) -> Vec<String> {
    let flags = isa.isa_flags();
    flags
        .iter()
        .filter(|f| f.as_bool() == Some(true))
        .map(|f| f.name.to_owned())
        .collect()
}

fn reloc_kind(kind: Reloc) -> RelocKind {
    match kind {
        Reloc::Abs4 => RelocKind::Abs4,
        Reloc::Abs8 => RelocKind::Abs8,
        Reloc::X86PCRel4 | Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4 => RelocKind::X86PcRel4,
        Reloc::X86GOTPCRel4 => RelocKind::X86GotPcRel4,
        Reloc::Arm64Call => RelocKind::Aarch64Call26,
        Reloc::Aarch64AdrGotPage21 => RelocKind::Aarch64AdrGotPage21,
        Reloc::Aarch64Ld64GotLo12Nc => RelocKind::Aarch64Ld64GotLo12,
        Reloc::Aarch64AdrPrelPgHi21 => RelocKind::Aarch64AdrPage21,
        Reloc::Aarch64AddAbsLo12Nc => RelocKind::Aarch64AddLo12,
        Reloc::RiscvCallPlt => RelocKind::RiscvCall,
        Reloc::RiscvGotHi20 => RelocKind::RiscvGotHi20,
        Reloc::RiscvPCRelHi20 => RelocKind::RiscvPcRelHi20,
        Reloc::RiscvPCRelLo12I => RelocKind::RiscvPcRelLo12I,
        Reloc::S390xPCRel32Dbl | Reloc::S390xPLTRel32Dbl => RelocKind::S390xPc32Dbl,
        Reloc::PulleyPcRel => RelocKind::PulleyPcRel,
        Reloc::X86SecRel => RelocKind::Unsupported("X86SecRel"),
        Reloc::PulleyCallIndirectHost => RelocKind::PulleyHostcall,
        _ => RelocKind::Unsupported("thread-local storage"),
    }
}
