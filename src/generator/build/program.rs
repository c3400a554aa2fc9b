//! A program: its functions in the order in which they may call each other, its header, its
//! run lines.

use std::fmt::Write as _;

use super::super::isas;
use super::super::plan::{FunctionPlan, ProgramPlan, Role};
use super::super::settings::Needs;
use super::super::traits::{Trait, TraitSet};
use super::super::types::{FLOATS, T, VECTORS};
use super::calls::Built;
use super::function::{Fun, float_constant};
use super::signature::{Conv, Param, Sig, Terms};

/// What the functions of a program share.
pub struct Whole {
    /// What there is.
    pub terms: Terms,
    /// Hostcalls, and whether each is declared as near.
    pub hosts: Vec<(Sig, bool)>,
    /// Functions that are finished.
    pub built: Vec<Built>,
    /// Sites so far.
    pub sites: u32,
    /// Whether a function has a huge frame.
    pub huge: bool,
    /// What the header must set.
    pub needs: Needs,
    /// What the program has.
    pub traits: TraitSet,
    text: String,
}

/// The text of a program and what it has.
pub fn build(plan: &ProgramPlan, title: &str) -> (String, Vec<Trait>) {
    let functions = std::iter::once(&plan.hook).chain(&plan.others);
    let mut hooks = functions.filter(|function| function.role == Role::Hook);
    let limit = hooks.any(|hook| hook.stack_limit && !hook.empty);
    let terms = Terms::of(&plan.profile, &plan.settings, limit);
    let hosts = plan.hosts.iter();
    let hosts = hosts.map(|host| (terms.signature(host, Role::Program, true), host.near));
    let mut cx = Whole {
        terms,
        hosts: hosts.collect(),
        built: Vec::new(),
        sites: 0,
        huge: false,
        needs: Needs {
            frame_pointers: false,
            llvm_abi: plan.profile.wide,
        },
        traits: TraitSet::default(),
        text: String::new(),
    };
    function(&mut cx, &plan.hook, "%hook0".to_owned(), None);
    for (index, other) in plan.others.iter().enumerate() {
        let name = match other.role {
            Role::Hook => format!("%hook{}", index + 1),
            _ => format!("%callee{index}"),
        };
        function(&mut cx, other, name, None);
    }
    let main = cx.terms.signature(&plan.main.signature, Role::Main, false);
    let invocations: Vec<Vec<String>> = plan
        .invocations
        .iter()
        .map(|raws| arguments(&main, raws))
        .collect();
    let trap = trap_condition(&main, &invocations).filter(|_| plan.trap);
    function(&mut cx, &plan.main, "%main".to_owned(), trap);
    cx.note_whole();
    let mut out = format!("; {title}\ntest run\n");
    plan.settings
        .write(&mut out, terms.isas, cx.needs, &mut cx.traits);
    out.push_str(&numbered(&cx.text, cx.sites));
    for arguments in &invocations {
        let _ = writeln!(out, "; print: %main({})", arguments.join(", "));
    }
    (out, cx.traits.list())
}

/// One function, appended to the program.
fn function(cx: &mut Whole, plan: &FunctionPlan, name: String, trap: Option<(usize, String)>) {
    let role = plan.role;
    let mut sig = cx.terms.signature(&plan.signature, role, false);
    let empty = plan.empty && role == Role::Hook;
    let recursive = plan.recursive && role != Role::Main && !empty;
    sig.limit = plan.stack_limit
        && role == Role::Hook
        && !empty
        && cx.terms.memory
        && !matches!(sig.conv, Conv::Winch | Conv::Windows | Conv::Apple);
    if recursive {
        sig.params.insert(
            0,
            Param {
                ty: T::I32,
                extension: "",
            },
        );
    }
    let mut f = Fun::new(cx, name, sig.clone(), role);
    f.recursive = recursive;
    let entry = f.block();
    let limit: Option<u32> = sig.limit.then(|| f.fresh());
    let types: Vec<T> = sig.params.iter().map(|param| param.ty).collect();
    let params = f.open(entry, &types, false);
    if let Some(limit) = limit {
        let (before, after) = if params.is_empty() {
            ("block0:", ")")
        } else {
            ("block0(", ", ")
        };
        f.body = f
            .body
            .replacen(before, &format!("block0(v{limit}: i64{after}"), 1);
        if params.is_empty() {
            f.body = f.body.replacen("i64)", "i64):", 1);
        }
        let pointer = f.global("vmctx".to_owned());
        let loaded = f.global(format!("load.i64 notrap aligned gv{pointer}"));
        let _ = writeln!(f.head, "    stack_limit = gv{loaded}");
    }
    if role == Role::Hook {
        f.note_hook();
    }
    if empty {
        f.line("return");
        f.note(Trait::HookEmpty);
    } else {
        fill(&mut f, plan, &params, trap);
    }
    let built = Built {
        name: f.name.clone(),
        sig,
        role,
        cost: (f.cost + 2) * if recursive { 4 } else { 1 },
        recursive,
        touches_own: f.touches_own,
        sites: 0,
    };
    let text = format!(
        "\nfunction {}{} {{\n{}{}{}}}\n",
        built.name,
        built.sig.text(),
        f.first,
        f.head,
        f.body.trim_start_matches('\n')
    );
    cx.text.push_str(&text);
    cx.built.push(built);
}

fn fill(f: &mut Fun<'_>, plan: &FunctionPlan, params: &[u32], trap: Option<(usize, String)>) {
    let before = f.cx.traits;
    if plan.site_first && f.site(0, u16::from(plan.keep)) {
        f.note(Trait::SiteAtEntry);
    }
    f.open_slots(&plan.slots);
    f.run(&plan.body);
    if f.role == Role::Main && !f.sure_site {
        f.times = 1;
        let saved = std::mem::take(&mut f.cost);
        if !f.site(0, 1) {
            f.site_at_any_cost(1);
        }
        f.cost += saved;
    }
    if let Some((index, value)) = trap {
        let ty = f.sig.params[index].ty.name();
        let last = f.hidden(format_args!("iconst.{ty} {value}"));
        let met = f.hidden(format_args!("icmp eq v{}, v{last}", params[index]));
        f.line(format_args!("trapnz v{met}, user9"));
        f.note(Trait::TrapReached);
    }
    if f.role == Role::Hook {
        let made = f.cx.traits.list();
        let news = |one: Trait| made.contains(&one) && !before.list().contains(&one);
        let text = &f.body;
        for (condition, one) in [
            (
                text.contains(" f") && text.contains(" = f"),
                Trait::HookFloatWork,
            ),
            (
                text.contains("x4") || text.contains("x2") || text.contains("x16"),
                Trait::HookVectorWork,
            ),
            (!text.contains("call"), Trait::HookLeaf),
        ] {
            if condition || news(one) {
                f.cx.traits.insert(one);
            }
        }
    }
    f.end(plan, f.recursive.then(|| params[0]));
}

impl Whole {
    fn note_whole(&mut self) {
        let sites = self.built.iter().map(|built| built.sites);
        let used = sites.clone().filter(|count| *count > 0).count();
        for (condition, one) in [
            (self.sites == 1, Trait::SiteOne),
            ((2..10).contains(&self.sites), Trait::SitesFew),
            (self.sites >= 10, Trait::SitesMany),
            (used > 1, Trait::HooksSeveral),
            (sites.max() > Some(1), Trait::HookShared),
            (self.terms.isas != isas::ALL, Trait::FewTargets),
        ] {
            if condition {
                self.traits.insert(one);
            }
        }
    }
}

/// Puts in the numbers of the sites that are toggled.
fn numbered(text: &str, sites: u32) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split('\u{1}').enumerate() {
        match part.split_once('\u{2}').filter(|_| index > 0) {
            Some((raw, rest)) => {
                let raw: u32 = raw.parse().unwrap_or(0);
                let _ = write!(out, "{}{rest}", raw % sites.max(1));
            }
            None => out.push_str(part),
        }
    }
    out
}

/// Arguments of an invocation, corner values among them.
fn arguments(sig: &Sig, raws: &[u16]) -> Vec<String> {
    let params = sig.params.iter().enumerate();
    params
        .map(|(index, param)| {
            argument(param.ty, raws[index % raws.len()].rotate_left(index as u32))
        })
        .collect()
}

fn argument(ty: T, raw: u16) -> String {
    let bits = 8 * ty.bytes();
    let spread = u64::from(raw).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    if FLOATS.has(ty) {
        return float_constant(ty, raw).to_owned();
    }
    if VECTORS.has(ty) {
        let low = if FLOATS.has(ty.lane()) {
            0x3fc0_0000_c020_0000
        } else {
            spread.rotate_left(7)
        };
        return format!(
            "0x{:016x}{low:016x}",
            if FLOATS.has(ty.lane()) { low } else { spread }
        );
    }
    let bits = bits.min(64);
    match raw % 6 {
        0 => (raw >> 3 & 7).to_string(),
        1 => format!("-{}", (raw >> 3 & 7) + 1),
        2 => (i64::MIN >> (64 - bits)).to_string(),
        3 => (i64::MAX >> (64 - bits)).to_string(),
        _ => (spread.cast_signed() >> (64 - bits)).to_string(),
    }
}

/// A parameter and the value that it has in the last invocation only.
fn trap_condition(sig: &Sig, invocations: &[Vec<String>]) -> Option<(usize, String)> {
    let (last, before) = invocations.split_last()?;
    let words = (0..sig.params.len()).filter(|index| sig.params[*index].ty.is_word());
    let mut own = words.filter(|index| before.iter().all(|args| args[*index] != last[*index]));
    own.next().map(|index| (index, last[index].clone()))
}

/// A program of one operation, for the test that holds the table against the code generator.
#[cfg(test)]
pub fn single_operation(row: usize, ty: T, variant: u16, isa: crate::isa::Isa) -> Option<String> {
    use super::super::operations::OPS;
    let terms = Terms {
        isas: isas::ALL,
        types: super::super::types::ANY,
        memory: false,
        atomics: false,
        arithmetic: true,
        rounding: true,
        conventions: super::super::plan::Conventions::Common,
    };
    let mut cx = Whole {
        terms,
        hosts: Vec::new(),
        built: Vec::new(),
        sites: 0,
        huge: false,
        needs: Needs::default(),
        traits: TraitSet::default(),
        text: String::new(),
    };
    let sig = Sig {
        conv: Conv::SystemV,
        limit: false,
        params: Vec::new(),
        returns: vec![T::I64],
    };
    let mut f = Fun::new(&mut cx, "%main".to_owned(), sig, Role::Main);
    let callee = f.callee("colocated patchable %hook() preserve_all".to_owned());
    for ty in T::ALL
        .into_iter()
        .filter(|t| isa != crate::isa::Isa::Riscv64gc || !VECTORS.has(*t))
    {
        f.constant(ty, 0x8005);
    }
    f.line(format_args!("call fn{callee}()"));
    f.form(&OPS[row], ty, [0, variant, variant]).then_some(())?;
    let latest = f.some_values(1);
    let total = f.fold(&latest)?;
    f.line(format_args!("return v{total}"));
    Some(format!(
        "; One operation.\ntest run\nset enable_nan_canonicalization=true\ntarget {}\n\nfunction %hook() preserve_all {{\nblock0:\n    return\n}}\n\
         function %main() -> i64 system_v {{\n{}block0:\n{}}}\n",
        isa.name(),
        f.head,
        f.body
    ))
}
