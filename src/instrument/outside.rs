//! Names that a file calls and does not define.
//!
//! A routine of Cranelift's runtime library, by Cranelift's name for it or by C's, is that
//! routine. Any other name is a function of the host that logs what it is given: whatever it
//! does, it does the same with and without sites. Where the host cannot be called like that, it is a
//! function that does nothing.

use std::collections::BTreeMap;

use cranelift_codegen::ir::{ExternalName, Function, LibCall, Signature, UserFuncName};

use super::{run_lines, stand_ins};
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
/// When a function sets sites by their numbers, which more sites would change, two functions
/// would have one name, or nothing can be called as the file does.
pub fn give_meaning(functions: &mut Vec<Function>) -> Result<(), String> {
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
    let mut outside = Outside::default();
    for function in functions.iter_mut() {
        let references: Vec<_> = function.dfg.ext_funcs.keys().collect();
        for reference in references {
            let called = symbol_name(function, &function.dfg.ext_funcs[reference].name);
            if called.starts_with("%patch_") {
                return Err(format!("calls {called}: more sites have other numbers"));
            }
            if UNWINDERS.contains(&&*called) {
                return Err(format!("calls {called}: nothing unwinds the guest's stack"));
            }
            let signature = function.dfg.ext_funcs[reference].signature;
            // The reader fills up numbers that a file leaves out with what nothing can call.
            let Some(signature) = function.dfg.signatures.get(signature) else {
                continue;
            };
            if let Some(name) = meaning(&called, &defined, signature, &mut outside)? {
                function.dfg.ext_funcs[reference].name = name;
            }
        }
    }
    functions.append(&mut outside.stand_ins);
    Ok(())
}

/// Names that have no meaning but the one that the file's calls give them.
#[derive(Default)]
struct Outside {
    /// The signatures that each is called with: a name of the guest has one.
    signatures: BTreeMap<String, Vec<Signature>>,
    stand_ins: Vec<Function>,
}

impl Outside {
    /// The name for `called` with that signature.
    fn name(&mut self, called: &str, signature: &Signature) -> Result<ExternalName, String> {
        let is_hosts = stand_ins::is_hosts(signature.call_conv);
        let plain = format!(
            "{}_{}",
            if is_hosts { "host" } else { "outside" },
            plain(called)
        );
        let known = self.signatures.entry(plain.clone()).or_default();
        let place = known.iter().position(|one| one == signature);
        let number = place.unwrap_or(known.len());
        let name = match number {
            0 => plain,
            number => format!("{plain}_{number}"),
        };
        if place.is_none() {
            known.push(signature.clone());
            if !is_hosts {
                self.stand_ins.push(stand_ins::stand_in(&name, signature)?);
            }
        }
        Ok(ExternalName::testcase(name))
    }
}

/// The name to call instead of `called`; `None` where it has a meaning already.
fn meaning(
    called: &str,
    defined: &BTreeMap<String, ExternalName>,
    signature: &Signature,
    outside: &mut Outside,
) -> Result<Option<ExternalName>, String> {
    if let Some(own) = defined.get(called) {
        return Ok(Some(own.clone()));
    }
    let bare = called.trim_start_matches('%');
    if bare.parse::<LibCall>().is_ok() || bare.starts_with("host_") {
        return Ok(None);
    }
    let routine = C_NAMES.iter().find(|(name, _)| *name == bare);
    Ok(Some(match routine {
        Some((_, routine)) => ExternalName::LibCall(*routine),
        None => outside.name(called, signature)?,
    }))
}
