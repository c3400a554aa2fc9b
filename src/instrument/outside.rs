//! Names that a file calls and does not define.
//!
//! A routine of Cranelift's runtime library, by Cranelift's name for it or by C's, is that
//! routine. Any other name is a function of the host that logs what it is given: whatever it
//! does, it does the same with and without sites.

use std::collections::BTreeMap;

use cranelift_codegen::ir::{ExternalName, Function, LibCall, UserFuncName};

use super::run_lines;
use crate::program::symbol_name;

/// C's names of runtime routines (ISO C17, 7.12.9, 7.12.13 and 7.24). `rint` and `nearbyint`
/// round as `nearest` does where nobody changes the rounding mode, which CLIF cannot.
const C_NAMES: [(&str, LibCall); 16] = [
    ("memcpy", LibCall::Memcpy),
    ("memmove", LibCall::Memmove),
    ("memset", LibCall::Memset),
    ("memcmp", LibCall::Memcmp),
    ("ceil", LibCall::CeilF64),
    ("ceilf", LibCall::CeilF32),
    ("floor", LibCall::FloorF64),
    ("floorf", LibCall::FloorF32),
    ("trunc", LibCall::TruncF64),
    ("truncf", LibCall::TruncF32),
    ("nearbyint", LibCall::NearestF64),
    ("nearbyintf", LibCall::NearestF32),
    ("rint", LibCall::NearestF64),
    ("rintf", LibCall::NearestF32),
    ("fma", LibCall::FmaF64),
    ("fmaf", LibCall::FmaF32),
];

/// What Cranelift's own runner has for exceptions; the interpreter has nothing like it.
const UNWINDERS: [&str; 1] = ["%__cranelift_throw"];

/// A name without the signs that only some names may have.
pub fn plain(name: &str) -> String {
    let sign = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    name.trim_start_matches('%').chars().map(sign).collect()
}

/// Gives every name that `functions` call a meaning, and every function a name that a run line
/// can spell.
///
/// # Errors
/// When a function sets sites by their numbers, which more sites would change, or two functions
/// would have one name.
pub fn give_meaning(functions: &mut [Function]) -> Result<(), String> {
    let mut defined = BTreeMap::new();
    for function in functions.iter_mut() {
        let old = function.name.to_string();
        let renamed = run_lines::renamed(function);
        let name = match renamed {
            Some((_, ExternalName::TestCase(name))) => {
                function.name = UserFuncName::Testcase(name.clone());
                ExternalName::TestCase(name)
            }
            _ => match &function.name {
                UserFuncName::Testcase(name) => ExternalName::TestCase(name.clone()),
                UserFuncName::User(_) => return Err(format!("function {old} has no name")),
            },
        };
        if defined.insert(old.clone(), name).is_some() {
            return Err(format!("function {old} is defined twice"));
        }
    }
    for function in functions {
        let references: Vec<_> = function.dfg.ext_funcs.keys().collect();
        for reference in references {
            let called = symbol_name(function, &function.dfg.ext_funcs[reference].name);
            if called.starts_with("%patch_") {
                return Err(format!("calls {called}: more sites have other numbers"));
            }
            if UNWINDERS.contains(&&*called) {
                return Err(format!("calls {called}: nothing unwinds the guest's stack"));
            }
            if let Some(name) = meaning(&called, &defined) {
                function.dfg.ext_funcs[reference].name = name;
            }
        }
    }
    Ok(())
}

/// The name to call instead of `called`; `None` where it has a meaning already.
fn meaning(called: &str, defined: &BTreeMap<String, ExternalName>) -> Option<ExternalName> {
    if let Some(own) = defined.get(called) {
        return Some(own.clone());
    }
    let bare = called.trim_start_matches('%');
    if bare.parse::<LibCall>().is_ok() || bare.starts_with("host_") {
        return None;
    }
    let routine = C_NAMES.iter().find(|(name, _)| *name == bare);
    Some(match routine {
        Some((_, routine)) => ExternalName::LibCall(*routine),
        None => ExternalName::testcase(format!("host_{}", plain(called))),
    })
}
