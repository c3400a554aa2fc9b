//! Which hook a site calls, and what it looks like.
//!
//! Without hooks of the user's own, a site hands up to [`MOST_ARGUMENTS`] live values to a hook of
//! their types.
//! There are as many hooks as combinations of types that come up, up to [`MOST_HOOKS`]; beyond,
//! arguments are left out until the rest is a combination that there is.

use std::collections::BTreeSet;
use std::fmt::Write;

use cranelift_codegen::ir::{AbiParam, Function, Signature, Type, UserFuncName, Value, types};
use cranelift_codegen::isa::CallConv;
use cranelift_reader::{ParseOptions, parse_test};

use super::{error, made};
use crate::program::{ProgramError, symbol_name, ty_from_clif};

/// Most arguments that a site gives to a hook of the suite's.
const MOST_ARGUMENTS: usize = 4;
/// Most hooks of the suite's in a file: each takes a hostcall, and the guest has room for 128.
const MOST_HOOKS: usize = 64;

/// A file with hooks: its functions that none of the others calls are those that sites call.
#[derive(Clone, Debug)]
pub struct HookFile {
    text: String,
    hooks: Vec<(String, Signature)>,
    names: Vec<String>,
}

impl HookFile {
    /// Reads hooks from text in the same format; its header and run lines do not count.
    ///
    /// # Errors
    /// When it cannot be read, or has no function that may be a hook.
    pub fn parse(text: &str) -> Result<HookFile, ProgramError> {
        let read = ParseOptions {
            default_calling_convention: CallConv::PreserveAll,
            ..ParseOptions::default()
        };
        let start = text
            .lines()
            .take_while(|line| !line.starts_with("function"));
        let header: usize = start.map(|line| line.len() + 1).sum();
        let blank: String = text
            .lines()
            .take_while(|l| !l.starts_with("function"))
            .map(|_| '\n')
            .collect();
        let body = format!("{blank}{}", text.get(header..).unwrap_or_default());
        let file = parse_test(&body, read)
            .map_err(|parse| error(Some(parse.location.line_number), parse.message))?;
        let called: BTreeSet<String> = (file.functions.iter())
            .flat_map(|(function, _)| {
                let callees = function.dfg.ext_funcs.values();
                callees.map(|callee| symbol_name(function, &callee.name))
            })
            .collect();
        let mut hooks = Vec::new();
        let mut printed = String::new();
        let mut names = Vec::new();
        for (function, details) in &file.functions {
            let name = function.name.to_string();
            let line = Some(details.location.line_number);
            if !matches!(function.name, UserFuncName::Testcase(_)) {
                return Err(error(
                    line,
                    format!("hook {name}: expected a name like %hook"),
                ));
            }
            let _ = write!(printed, "\n{}", function.display());
            names.push(name.clone());
            if called.contains(&name) {
                continue;
            }
            if !function.signature.returns.is_empty() {
                return Err(error(line, format!("hook {name} returns something")));
            }
            hooks.push((name, function.signature.clone()));
        }
        if hooks.is_empty() {
            return Err(error(
                None,
                "no hook: each function is called by another".to_owned(),
            ));
        }
        // Those that want most come first, so that the first that fits is the best.
        hooks.sort_by_key(|(_, signature)| std::cmp::Reverse(signature.params.len()));
        Ok(HookFile {
            text: printed,
            hooks,
            names,
        })
    }
}

/// Where hooks come from.
#[derive(Clone, Debug, Default)]
pub enum HookKind {
    /// The suite's, each of which computes with its arguments and calls nothing. A hook that calls
    /// hits what releases are known to get wrong on some ISAs before anything else is seen.
    #[default]
    Leaf,
    /// The suite's, each of which hands its arguments to the host: the host is hostile, and the
    /// hook must save all registers.
    Host,
    /// The user's.
    File(HookFile),
}

/// The hooks of one file.
pub struct Hooks<'a> {
    kind: &'a HookKind,
    made: Vec<Vec<Type>>,
    for_riscv: bool,
    prefix: String,
}

/// A call of a hook: its name, its signature, its arguments.
pub type Chosen = (String, Signature, Vec<Value>);

impl<'a> Hooks<'a> {
    /// No hook is needed yet. `for_riscv` leaves out arguments that RISC-V cannot pass.
    ///
    /// # Errors
    /// When a function of `functions` has the name of one in `own`.
    pub fn new(
        kind: &'a HookKind,
        functions: &[Function],
        for_riscv: bool,
    ) -> Result<Hooks<'a>, String> {
        let own = match kind {
            HookKind::File(own) => Some(own),
            HookKind::Leaf | HookKind::Host => None,
        };
        let names: BTreeSet<String> = functions.iter().map(|f| f.name.to_string()).collect();
        let clash = own.and_then(|own| own.names.iter().find(|name| names.contains(*name)));
        if let Some(name) = clash {
            return Err(format!("function {name} has the name of a hook"));
        }
        let mut prefix = "hook".to_owned();
        while names
            .iter()
            .any(|name| name.starts_with(&format!("%{prefix}_")))
        {
            prefix.push('_');
        }
        Ok(Hooks {
            kind,
            made: Vec::new(),
            for_riscv,
            prefix,
        })
    }

    /// The hook for a point where these values may be given away; `None` when none fits. `turn`
    /// counts the points, so that not always the same values go.
    pub fn choose(&mut self, values: &[(Value, Type)], turn: usize) -> Option<Chosen> {
        let fit: Vec<(Value, Type)> = values
            .iter()
            .filter(|(_, ty)| is_argument(*ty) && (*ty != types::F128 || !self.for_riscv))
            .copied()
            .collect();
        match self.kind {
            HookKind::File(own) => own.hooks.iter().find_map(|(name, signature)| {
                let args = fill(signature, &fit, turn)?;
                Some((name.clone(), signature.clone(), args))
            }),
            HookKind::Leaf | HookKind::Host => Some(self.make(&fit, turn)),
        }
    }

    fn make(&mut self, fit: &[(Value, Type)], turn: usize) -> Chosen {
        let mut picked: Vec<(Value, Type)> = rotated(fit, turn).take(MOST_ARGUMENTS).collect();
        // One order of types, so that there are fewer hooks.
        picked.sort_by_key(|(_, ty)| (ty.bits(), ty.to_string()));
        let types = |picked: &[(Value, Type)]| picked.iter().map(|p| p.1).collect::<Vec<_>>();
        while self.made.len() >= MOST_HOOKS && !self.made.contains(&types(&picked)) {
            if picked.pop().is_none() {
                break;
            }
        }
        let wanted = types(&picked);
        let known = self.made.iter().position(|made| *made == wanted);
        let number = known.unwrap_or_else(|| {
            self.made.push(wanted.clone());
            self.made.len() - 1
        });
        let mut signature = Signature::new(CallConv::PreserveAll);
        signature.params = wanted.into_iter().map(AbiParam::new).collect();
        let args = picked.into_iter().map(|(value, _)| value).collect();
        (format!("%{}_{number}", self.prefix), signature, args)
    }

    /// The hooks as CLIF, each with its name; those of a file together, without one.
    pub fn texts(&self) -> Vec<(String, String)> {
        if let HookKind::File(own) = self.kind {
            return vec![(String::new(), own.text.clone())];
        }
        let made = self.made.iter().enumerate();
        let hooks = made.map(|(number, types)| {
            let text = match self.kind {
                HookKind::Host => made::host(&self.prefix, number, types),
                _ => made::leaf(&self.prefix, number, types),
            };
            (format!("%{}_{number}", self.prefix), text)
        });
        hooks.collect()
    }
}

/// Whether every ISA that knows the type at all passes values of it. Only RISC-V has values that
/// its convention for registers of 64 bits has no place for.
fn is_argument(ty: Type) -> bool {
    ty_from_clif(ty).is_some() && (!ty.is_vector() || ty.bits() == 128)
}

fn rotated<T: Copy>(list: &[T], turn: usize) -> impl Iterator<Item = T> {
    let at = turn.checked_rem(list.len()).unwrap_or(0);
    list[at..].iter().chain(&list[..at]).copied()
}

/// An argument for each parameter, no value twice while there is another; `None` when a type is
/// missing.
fn fill(signature: &Signature, values: &[(Value, Type)], turn: usize) -> Option<Vec<Value>> {
    let mut left: Vec<(Value, Type)> = rotated(values, turn).collect();
    let params = signature.params.iter();
    params
        .map(|param| {
            let of_type =
                |list: &[(Value, Type)]| list.iter().position(|v| v.1 == param.value_type);
            match of_type(&left) {
                Some(at) => Some(left.remove(at).0),
                None => of_type(values).map(|at| values[at].0),
            }
        })
        .collect()
}
