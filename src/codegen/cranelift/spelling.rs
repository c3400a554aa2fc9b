//! How a release spells what the newest one reads: the one place that translates programs.
//!
//! | releases | spelling |
//! |---|---|
//! | all | flags of atomic operations are printed, which Cranelift's own printer leaves out |
//! | before 0.129 | `blendv` is `x86_blendv` |
//! | before 0.128 | `preserve_all` is `patchable`; a call is patchable by its opcode, `patchable_call`, and not by its callee's declaration |
//!
//! Only the spelling: what a release cannot do is refused by its own reader and verifier, or here
//! where it states a limit and does not check it: 0.127's `patchable_call` "can only call functions
//! with the `patchable` ABI" (`shared/instructions.rs` of cranelift-codegen-meta).

use cranelift_codegen::ir::{ExtFuncData, Function, InstructionData, Opcode};
use cranelift_codegen::isa::CallConv;

use crate::codegen::CodegenError;
use crate::program::function_text;

/// A function on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionText {
    /// Its name.
    pub name: String,
    /// Its text, with source locations.
    pub text: String,
}

/// The functions as `release` spells them.
///
/// # Errors
/// When the release has no word for something, as unsupported.
pub fn texts(functions: &[Function], release: &str) -> Result<Vec<FunctionText>, CodegenError> {
    let minor = release.split('.').nth(1).and_then(|n| n.parse().ok());
    let minor = minor.unwrap_or(u32::MAX);
    let each = functions.iter().map(|function| {
        let name = function.name.to_string();
        match spelled(function, minor) {
            Ok(text) => Ok(FunctionText { name, text }),
            Err(reason) => Err(CodegenError::Unsupported {
                function: name,
                reason,
            }),
        }
    });
    each.collect()
}

fn spelled(function: &Function, minor: u32) -> Result<String, String> {
    let mut text = function_text(function);
    if minor < 129 {
        text = by_words(&text, |_, words| replace(words, "blendv", "x86_blendv"));
    }
    if minor < 128 {
        within_patchable(function)?;
        let patchable = patchable_names(function);
        text = by_words(&text, |line, words| {
            replace(words, "preserve_all", "patchable");
            if let [_, "=", "colocated", "patchable", ..] = words[..] {
                words.remove(3);
            }
            let calls = |word: &str| patchable.iter().any(|name| word.starts_with(name));
            if let Some(at) = words.iter().position(|word| *word == "call")
                && words.get(at + 1).is_some_and(|callee| calls(callee))
                && !line.starts_with("function")
            {
                words[at] = "patchable_call";
            }
        });
    }
    Ok(text)
}

/// Beginnings of the operands that name a patchable callee: `fn0(`.
fn patchable_names(function: &Function) -> Vec<String> {
    let callees = function.dfg.ext_funcs.iter();
    let patchable = callees.filter(|(_, data)| data.patchable);
    patchable.map(|(name, _)| format!("{name}(")).collect()
}

/// Checks the limits that 0.127 states for patchable calls and does not check.
fn within_patchable(function: &Function) -> Result<(), String> {
    let callee = |data: &ExtFuncData| {
        let convention = function.dfg.signatures[data.signature].call_conv;
        if data.patchable && convention != CallConv::PreserveAll {
            return Err(format!(
                "patchable_call is for callees of the patchable ABI only, not of {convention}"
            ));
        }
        Ok(())
    };
    function.dfg.ext_funcs.values().try_for_each(callee)?;
    let blocks = function.layout.blocks();
    for inst in blocks.flat_map(|block| function.layout.block_insts(block)) {
        if let InstructionData::TryCall { func_ref, .. } = function.dfg.insts[inst]
            && function.dfg.ext_funcs[func_ref].patchable
        {
            return Err(format!("no patchable {}", Opcode::TryCall));
        }
    }
    Ok(())
}

fn replace<'a>(words: &mut Vec<&'a str>, from: &str, to: &'a str) {
    for word in words {
        if *word == from {
            *word = to;
        }
    }
}

/// `text` with the words of each line changed, its indentation kept. Names have a sigil, so that
/// no word of another kind looks like them.
fn by_words(text: &str, change: impl Fn(&str, &mut Vec<&str>)) -> String {
    let mut changed = String::with_capacity(text.len());
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let mut words: Vec<&str> = line.split_whitespace().collect();
        change(line, &mut words);
        changed.push_str(&line[..indent]);
        changed.push_str(&words.join(" "));
        changed.push('\n');
    }
    changed
}
