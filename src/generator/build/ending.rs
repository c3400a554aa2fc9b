//! How functions end: results that depend on much of what they did, recursion, tail calls.

use super::super::plan::{FunctionPlan, Role};
use super::super::traits::Trait;
use super::super::types::T;
use super::calls::Built;
use super::function::Fun;

impl Fun<'_> {
    /// Returns; results depend on `keep` values in scope and on all that is to stay live.
    pub fn give_back(&mut self, raw: u16, keep: usize) {
        let list = self.results(raw, keep);
        let names: Vec<String> = list.iter().map(|name| format!("v{name}")).collect();
        self.line(
            format_args!("return {}", names.join(", "))
                .to_string()
                .trim_end(),
        );
    }

    fn results(&mut self, raw: u16, keep: usize) -> Vec<u32> {
        let mut values = self.kept.clone();
        values.extend(self.some_values(keep));
        let total = self.fold(&values);
        if self.role == Role::Hook {
            if let Some(total) = total {
                self.sink(total);
            }
            return Vec::new();
        }
        let total = total.unwrap_or_else(|| self.pick(T::I64, raw));
        let mut list = vec![total];
        for ty in self.sig.returns.clone().into_iter().skip(1) {
            list.push(self.pick(ty, raw.rotate_left(list.len() as u32)));
        }
        list
    }

    /// Where what a hook computed goes.
    fn sink(&mut self, value: u32) {
        if self.cx.terms.memory && !value.is_multiple_of(3) {
            let global = self.global(format!("symbol colocated %own_{}", &self.name[1..]));
            let address = self.hidden(format_args!("symbol_value.i64 gv{global}"));
            self.line(format_args!(
                "store notrap aligned little v{value}, v{address}+4032"
            ));
            self.touches_own = true;
            self.note(Trait::HookOwnData);
        } else {
            let callee = self.callee("%host_sink(i64) system_v".to_owned());
            self.line(format_args!("call fn{callee}(v{value})"));
            self.note(Trait::HookHostcall);
        }
    }

    /// The end of a function.
    pub fn end(&mut self, plan: &FunctionPlan, counter: Option<u32>) {
        if plan.site_last && self.site(u16::from(plan.keep), 3) {
            self.note(Trait::SiteBeforeReturn);
        }
        if let Some(counter) = counter {
            self.recurse(plan, counter);
        } else if self.sig.conv.name() == "tail" && plan.tail_call && self.tail_call(plan) {
            return;
        }
        self.give_back(u16::from(plan.keep), usize::from(plan.keep));
    }

    /// Calls itself with a smaller counter, unless that is zero.
    fn recurse(&mut self, plan: &FunctionPlan, counter: u32) {
        let three = self.hidden("iconst.i32 3");
        let left = self.hidden(format_args!("band v{counter}, v{three}"));
        let (again, on) = (self.block(), self.block());
        self.line(format_args!("brif v{left}, block{again}, block{on}"));
        let mark = self.mark();
        let kept = self.kept.clone();
        self.open(again, &[], false);
        let step = self.hidden("iconst.i32 -1");
        let next = self.hidden(format_args!("iadd v{left}, v{step}"));
        let sig = self.sig.clone();
        let args = self.arguments(&sig, true, u16::from(plan.keep));
        // The counter goes where the constant went.
        let (limit, rest) = if sig.limit {
            args.split_once(", ")
                .map_or(("", args.as_str()), |(l, r)| (l, r))
        } else {
            ("", args.as_str())
        };
        let rest = rest
            .split_once(", ")
            .map_or(String::new(), |(_, r)| format!(", {r}"));
        let limit = if limit.is_empty() {
            String::new()
        } else {
            format!("{limit}, ")
        };
        let args = format!("{limit}v{next}{rest}");
        self.note(Trait::CallRecursive);
        let name = self.name.clone();
        if self.role == Role::Hook && plan.tail_call {
            self.patchable_call(&name, &sig, &args);
            self.line("return");
        } else {
            let callee = self.callee(format!("colocated {name}{}", sig.text()));
            if sig.conv.name() == "tail" && plan.tail_call {
                if plan.site_last {
                    self.note(Trait::SiteBeforeTailCall);
                }
                self.line(format_args!("return_call fn{callee}({args})"));
                self.cx.needs.frame_pointers = true;
                self.note(Trait::CallTail);
            } else {
                self.results_of(&sig, format!("call fn{callee}({args})"));
                self.give_back(1, 3);
            }
        }
        self.leave(&mark);
        self.kept = kept;
        self.open(on, &[], false);
    }

    /// A tail call of an earlier function with the same results.
    fn tail_call(&mut self, plan: &FunctionPlan) -> bool {
        let fits = |built: &&Built| {
            built.sig.conv == self.sig.conv
                && built.sig.returns == self.sig.returns
                && built.role == self.role
        };
        let Some(built) = self.cx.built.iter().find(fits).cloned() else {
            return false;
        };
        if !self.affords(built.cost) {
            return false;
        }
        if plan.site_last {
            self.note(Trait::SiteBeforeTailCall);
        }
        self.cost += built.cost;
        self.touches_own |= built.touches_own;
        let args = self.arguments(&built.sig, built.recursive, u16::from(plan.keep));
        let callee = self.callee(format!("colocated {}{}", built.name, built.sig.text()));
        self.line(format_args!("return_call fn{callee}({args})"));
        self.cx.needs.frame_pointers = true;
        self.note(Trait::CallTail);
        true
    }
}
