//! Calls of any kind: sites, guest functions, the host.

use super::super::plan::Role;
use super::super::traits::Trait;
use super::super::types::{FLOATS, T, VECTORS};
use super::function::Fun;
use super::signature::{Conv, Sig};

/// What a function that is finished shows to those that may call it.
#[derive(Clone)]
pub struct Built {
    /// Name with its sigil.
    pub name: String,
    /// Signature.
    pub sig: Sig,
    /// What it is for.
    pub role: Role,
    /// Instructions of one call, at most.
    pub cost: u64,
    /// Whether its first parameter bounds its recursion.
    pub recursive: bool,
    /// Whether it, or what it calls, writes to hooks' data.
    pub touches_own: bool,
    /// Sites that call it.
    pub sites: u32,
}

/// What a pass through a site costs the machine, in instructions.
const PASS: u64 = 20;

impl Fun<'_> {
    /// Arguments for a signature, from the scope.
    pub fn arguments(&mut self, sig: &Sig, recursive: bool, raw: u16) -> String {
        let mut list = Vec::new();
        if sig.limit {
            let near = self.global("symbol colocated %limit".to_owned());
            list.push(self.hidden(format_args!("symbol_value.i64 gv{near}")));
        }
        for (index, param) in (0_u16..).zip(&sig.params) {
            list.push(if recursive && index == 0 {
                self.hidden(format_args!("iconst.i32 {}", raw % 4))
            } else {
                let turned = raw.rotate_left(u32::from(index) * 5);
                self.pick(param.ty, turned ^ index)
            });
        }
        let names: Vec<String> = list.iter().map(|name| format!("v{name}")).collect();
        names.join(", ")
    }

    /// A call instruction's results: declared, and put in scope behind the call.
    pub fn results_of(&mut self, sig: &Sig, call: String) -> Vec<u32> {
        let names: Vec<u32> = sig.returns.iter().map(|_| self.fresh()).collect();
        let list: Vec<String> = names.iter().map(|name| format!("v{name}")).collect();
        if names.is_empty() {
            self.line(call);
        } else {
            self.line(format_args!("{} = {call}", list.join(", ")));
        }
        for (ty, name) in sig.returns.iter().zip(&names) {
            self.put(*ty, *name);
        }
        names
    }

    /// A patchable call of one of the hooks so far; `false` where there is none to afford.
    pub fn site(&mut self, hook: u16, args: u16) -> bool {
        let hooks: Vec<usize> = (0..self.cx.built.len())
            .filter(|index| self.cx.built[*index].role == Role::Hook)
            .collect();
        let Some(&index) = hooks.get(usize::from(hook) % hooks.len().max(1)) else {
            return false;
        };
        if !self.affords(self.cx.built[index].cost + PASS) {
            return false;
        }
        self.site_of(index, args);
        true
    }

    /// A patchable call of the cheapest hook, whatever it costs: a program without a site is none.
    pub fn site_at_any_cost(&mut self, args: u16) {
        let all = self.cx.built.iter().enumerate();
        let hooks = all.filter(|(_, built)| built.role == Role::Hook);
        if let Some((index, _)) = hooks.min_by_key(|(_, built)| built.cost) {
            self.site_of(index, args);
        }
    }

    fn site_of(&mut self, index: usize, args: u16) {
        let built = self.cx.built[index].clone();
        let args = self.arguments(&built.sig, built.recursive, args);
        self.patchable_call(&built.name, &built.sig, &args);
        self.cost += self.times * (built.cost + PASS);
        self.cx.built[index].sites += 1;
    }

    /// The call instruction of a site.
    pub fn patchable_call(&mut self, name: &str, sig: &Sig, args: &str) {
        let declaration = format!("colocated patchable {name}{}", sig.text());
        let callee = self.callee(declaration);
        self.line(format_args!("call fn{callee}({args})"));
        self.cx.sites += 1;
        self.sure_site |= self.arms == 0;
        if self.loops > 0 {
            self.note(Trait::SiteInLoop);
        }
        if self.arms > 0 {
            self.note(Trait::SiteInArm);
        }
        match self.role {
            Role::Hook => self.note(Trait::SiteInHook),
            Role::Shared | Role::Program => self.note(Trait::SiteInCallee),
            Role::Main => {}
        }
    }

    /// Several sites with nothing in between but their arguments.
    pub fn sites(&mut self, list: &[(u16, u16)]) {
        let made = list
            .iter()
            .filter(|(hook, args)| self.site(*hook, *args))
            .count();
        if made > 1 {
            self.note(Trait::SitesAdjacent);
        }
    }

    /// A call of one of the functions so far.
    pub fn call(&mut self, callee: u16, indirect: bool, args: u16) {
        let allowed = |built: &&Built| match (self.role, built.role) {
            (_, Role::Shared) => true,
            // Also of a hook: one that nothing calls counts as the program's.
            (_, Role::Hook) => !built.touches_own,
            (Role::Main | Role::Program, Role::Program) => true,
            _ => false,
        };
        let list: Vec<&Built> = self.cx.built.iter().filter(allowed).collect();
        let Some(&built) = list.get(usize::from(callee) % list.len().max(1)) else {
            return;
        };
        let built = built.clone();
        if !self.affords(built.cost) {
            return;
        }
        self.touches_own |= built.touches_own;
        let args = self.arguments(&built.sig, built.recursive, args);
        let declared = format!("colocated {}{}", built.name, built.sig.text());
        let callee = self.callee(declared);
        let call = self.direct_or_not(callee, &built.sig, &args, indirect);
        self.results_of(&built.sig, call);
        self.cost += self.times * built.cost;
        let is_indirect = indirect && self.cx.terms.memory;
        self.note(if is_indirect {
            Trait::CallIndirect
        } else {
            Trait::CallDirect
        });
        if built.role == Role::Hook {
            self.note(Trait::HookCalledDirectly);
        }
        if self.role == Role::Hook {
            self.note(Trait::HookGuestCall);
        }
        if built.sig.returns.len() > 1 {
            self.note(Trait::CallManyResults);
        }
        if on_stack(&built.sig) {
            self.note(Trait::CallManyArguments);
        }
    }

    fn direct_or_not(&mut self, callee: usize, sig: &Sig, args: &str, indirect: bool) -> String {
        if !indirect || !self.cx.terms.memory {
            return format!("call fn{callee}({args})");
        }
        let address = self.hidden(format_args!("func_addr.i64 fn{callee}"));
        let signature = self.signature(sig.text());
        format!("call_indirect sig{signature}, v{address}({args})")
    }

    /// A hostcall.
    pub fn host(&mut self, host: u16, indirect: bool, args: u16) {
        if !self.affords(10) {
            return;
        }
        let index = usize::from(host) % self.cx.hosts.len();
        let (sig, near) = self.cx.hosts[index].clone();
        let args = self.arguments(&sig, false, args);
        let near = if near { "colocated " } else { "" };
        let callee = self.callee(format!("{near}%host_{index}{}", sig.text()));
        let call = self.direct_or_not(callee, &sig, &args, indirect);
        self.results_of(&sig, call);
        self.cost += 5 * self.times;
        if !sig.params.is_empty() {
            self.note(Trait::HostArguments);
        }
        if !sig.returns.is_empty() {
            self.note(Trait::HostResults);
        }
        if indirect && self.cx.terms.memory {
            self.note(Trait::HostIndirect);
        }
        if !near.is_empty() {
            self.note(Trait::HostColocated);
        }
        if self.role == Role::Hook {
            self.note(Trait::HookHostcall);
        }
    }

    /// A hostcall that patches a site, whose number is settled when all sites are known.
    pub fn toggle(&mut self, action: u8, site: u16) {
        if !self.affords(10) {
            return;
        }
        let action = ["enable", "disable", "toggle", "toggle"][usize::from(action % 4)];
        let number = self.hidden(format_args!("iconst.i32 \u{1}{site}\u{2}"));
        let callee = self.callee(format!("%patch_{action}(i32) system_v"));
        self.line(format_args!("call fn{callee}(v{number})"));
        self.note(match self.role {
            Role::Hook => Trait::ToggleInHook,
            Role::Main => Trait::Toggle,
            Role::Shared | Role::Program => Trait::ToggleInCallee,
        });
    }

    /// What the program's hook `sig` is like, counted when the program is whole.
    pub fn note_hook(&mut self) {
        let sig = self.sig.clone();
        self.note(match sig.conv {
            Conv::PreserveAll => Trait::HookPreserveAll,
            Conv::SystemV => Trait::HookSystemV,
            Conv::Fast => Trait::HookFast,
            Conv::Tail => Trait::HookTail,
            Conv::Winch => Trait::HookWinch,
            Conv::Windows => Trait::HookWindows,
            Conv::Apple => Trait::HookApple,
        });
        let has = |set: super::super::types::Types| sig.params.iter().any(|p| set.has(p.ty));
        let wide = has(super::super::types::WIDE);
        for (condition, one) in [
            (sig.params.is_empty(), Trait::HookNoArguments),
            (on_stack(&sig), Trait::HookStackArguments),
            (wide, Trait::HookI128Argument),
            (has(VECTORS), Trait::HookVectorArgument),
            (has(FLOATS), Trait::HookFloatArgument),
            (
                sig.params.iter().any(|p| !p.extension.is_empty()),
                Trait::HookExtendedArgument,
            ),
            (sig.limit, Trait::HookStackLimit),
        ] {
            if condition {
                self.note(one);
            }
        }
    }
}

/// Whether some ISA passes some of the arguments on the stack.
pub fn on_stack(sig: &Sig) -> bool {
    let is_float = |ty: T| FLOATS.or(VECTORS).has(ty);
    let floats = sig.params.iter().filter(|p| is_float(p.ty)).count();
    let wides = sig.params.iter().filter(|p| p.ty == T::I128).count();
    floats > 4 || sig.params.len() - floats + wides > 5
}
