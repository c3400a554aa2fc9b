//! Control flow: each construct is entered at its top and left at its bottom, so that what is
//! in scope before it is in scope behind it.

use super::super::plan::{Role, Stmt};
use super::super::traits::Trait;
use super::super::types::T;
use super::function::Fun;

impl Fun<'_> {
    /// A list of statements.
    pub fn run(&mut self, list: &[Stmt]) {
        for stmt in list {
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        if !self.affords(8) {
            return;
        }
        match stmt {
            Stmt::Op(plan) => self.operate(plan),
            Stmt::Pressure { count, ty, raw } => {
                if self.affords(5 * u64::from(*count)) {
                    let ty = self.cx.terms.types.nth(*ty);
                    self.pressure(*count, ty, *raw);
                    self.note(if *count > 16 {
                        Trait::LiveMany
                    } else {
                        Trait::LiveFew
                    });
                    if self.role == Role::Hook {
                        self.note(Trait::HookPressure);
                    }
                }
            }
            Stmt::Sites(list) => self.sites(list),
            Stmt::Call {
                callee,
                indirect,
                args,
            } => self.call(*callee, *indirect, *args),
            Stmt::Host {
                host,
                indirect,
                args,
            } => self.host(*host, *indirect, *args),
            Stmt::Access(plan) => self.access(plan),
            Stmt::Atomic(plan) => self.atomic(plan),
            Stmt::If {
                cond,
                cold,
                one_armed,
                carried,
                arms,
            } => {
                self.branch(*cond, *cold, *one_armed, carried, arms);
            }
            Stmt::Loop {
                count,
                test_last,
                carried,
                body,
            } => {
                self.repeat(*count, *test_last, carried, body);
            }
            Stmt::Table {
                index,
                carried,
                arms,
            } => self.table(*index, carried, arms),
            Stmt::Return { cond, body } => self.early_return(*cond, body),
            Stmt::Trap { kind, cond, body } => self.unreached_trap(*kind, *cond, body),
            Stmt::Toggle { action, site } => self.toggle(*action, *site),
        }
    }

    fn types(&self, raws: &[u16]) -> Vec<T> {
        raws.iter()
            .map(|raw| self.cx.terms.types.nth(*raw))
            .collect()
    }

    /// The values that are carried out of a scope, the latest of their types, with what was
    /// live to its end folded into the first `i64`.
    fn carry(&mut self, types: &[T], mark: &super::function::Mark) -> String {
        let kept = self.kept_since(mark);
        if let Some(total) = self.fold(&kept) {
            self.put(T::I64, total);
        }
        let names = types.iter().map(|ty| format!("v{}", self.pick(*ty, 0)));
        let names: Vec<String> = names.collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("({})", names.join(", "))
        }
    }

    /// An arm: a block of its own that ends with a jump to `to`.
    fn arm(&mut self, block: u32, cold: bool, body: &[Stmt], to: u32, types: &[T]) {
        let mark = self.mark();
        self.arms += 1;
        self.open(block, &[], cold);
        self.run(body);
        let args = self.carry(types, &mark);
        self.line(format_args!("jump block{to}{args}"));
        self.arms -= 1;
        self.leave(&mark);
    }

    fn branch(
        &mut self,
        cond: u16,
        cold: bool,
        one_armed: bool,
        raws: &[u16],
        arms: &[Vec<Stmt>; 2],
    ) {
        let types = self.types(raws);
        let (_, condition) = self.pick_word(cond);
        let (then, other, end) = (self.block(), self.block(), self.block());
        if one_armed {
            let mark = self.mark();
            let kept = self.kept.clone();
            let args = self.carry(&types, &mark);
            self.kept = kept;
            self.line(format_args!(
                "brif v{condition}, block{then}, block{end}{args}"
            ));
            self.arm(then, cold, &arms[0], end, &types);
        } else {
            self.line(format_args!("brif v{condition}, block{then}, block{other}"));
            self.arm(then, cold, &arms[0], end, &types);
            self.arm(other, false, &arms[1], end, &types);
        }
        self.open(end, &types, false);
        self.note(Trait::Diamond);
        if cold {
            self.note(Trait::Cold);
        }
        self.note_control();
    }

    fn note_control(&mut self) {
        if self.role == Role::Hook {
            self.note(Trait::HookControl);
        }
    }

    fn repeat(&mut self, count: u8, test_last: bool, raws: &[u16], body: &[Stmt]) {
        if !self.affords(u64::from(count) * 12) {
            return;
        }
        let mut types = self.types(raws);
        let (head, inside, end) = (self.block(), self.block(), self.block());
        let rounds = self.hidden(format_args!("iconst.i32 {count}"));
        let names: Vec<String> = types
            .iter()
            .map(|ty| format!(", v{}", self.pick(*ty, 0)))
            .collect();
        self.line(format_args!(
            "jump block{head}(v{rounds}{})",
            names.concat()
        ));
        types.insert(0, T::I32);
        let params = self.open(head, &types, false);
        let mark = self.mark();
        self.loops += 1;
        self.times *= u64::from(count);
        if !test_last {
            self.line(format_args!(
                "brif v{}, block{inside}, block{end}",
                params[0]
            ));
            self.open(inside, &[], false);
        }
        self.run(body);
        let step = self.hidden("iconst.i32 -1");
        let next = self.hidden(format_args!("iadd v{}, v{step}", params[0]));
        let kept = self.kept_since(&mark);
        if let Some(total) = self.fold(&kept) {
            self.put(T::I64, total);
        }
        let rest: Vec<String> = types[1..]
            .iter()
            .map(|ty| format!(", v{}", self.pick(*ty, 0)))
            .collect();
        let again = format!("block{head}(v{next}{})", rest.concat());
        if test_last {
            self.line(format_args!("brif v{next}, {again}, block{end}"));
        } else {
            self.line(format_args!("jump {again}"));
            self.leave(&mark);
        }
        self.times /= u64::from(count);
        self.loops -= 1;
        // The body of a loop that tests last dominates what follows.
        self.open(end, &[], false);
        self.note(if self.loops > 0 {
            Trait::LoopNested
        } else {
            Trait::Loop
        });
        self.note_control();
    }

    fn table(&mut self, index: u16, raws: &[u16], arms: &[Vec<Stmt>]) {
        let types = self.types(raws);
        let word = self.pick(T::I32, index);
        let mask = self.hidden("iconst.i32 7");
        let place = self.hidden(format_args!("band v{word}, v{mask}"));
        let blocks: Vec<u32> = arms.iter().map(|_| self.block()).collect();
        let end = self.block();
        // The first arm is the default one, and every arm has one more entry at times.
        let mut entries: Vec<String> = blocks[1..].iter().map(|b| format!("block{b}")).collect();
        if index & 1 == 1 {
            entries.push(format!("block{}", blocks[0]));
        }
        self.line(format_args!(
            "br_table v{place}, block{}, [{}]",
            blocks[0],
            entries.join(", ")
        ));
        for (block, body) in blocks.iter().zip(arms) {
            self.arm(*block, false, body, end, &types);
        }
        self.open(end, &types, false);
        self.note(Trait::Table);
        self.note_control();
    }

    fn early_return(&mut self, cond: u16, body: &[Stmt]) {
        if self.role == Role::Main && !self.sure_site && self.arms == 0 {
            self.site(cond, 1);
        }
        let (_, condition) = self.pick_word(cond);
        let (out, on) = (self.block(), self.block());
        self.line(format_args!("brif v{condition}, block{out}, block{on}"));
        let mark = self.mark();
        self.arms += 1;
        self.open(out, &[], false);
        self.run(body);
        self.kept_since(&mark);
        self.give_back(cond, 2);
        self.arms -= 1;
        self.leave(&mark);
        self.open(on, &[], false);
        self.note(Trait::EarlyReturn);
        self.note_control();
    }

    /// A condition that is false, though not for all to see.
    fn falsehood(&mut self, raw: u16) -> u32 {
        let (ty, word) = self.pick_word(raw);
        let t = ty.name();
        match raw % 3 {
            0 => {
                let flipped = self.hidden(format_args!("bnot v{word}"));
                self.hidden(format_args!("icmp eq v{word}, v{flipped}"))
            }
            1 => {
                let one = self.hidden(format_args!("iconst.{t} 1"));
                let odd = self.hidden(format_args!("bor v{word}, v{one}"));
                let zero = self.hidden(format_args!("iconst.{t} 0"));
                self.hidden(format_args!("icmp eq v{odd}, v{zero}"))
            }
            _ => self.hidden(format_args!("icmp ugt v{word}, v{word}")),
        }
    }

    fn unreached_trap(&mut self, kind: u8, cond: u16, body: &[Stmt]) {
        let wrong = self.falsehood(cond);
        self.note(Trait::TrapUnreached);
        let code = ["user1", "user7", "heap_oob", "int_ovf"][usize::from(kind >> 2) % 4];
        match kind % 4 {
            0 => self.line(format_args!("trapnz v{wrong}, {code}")),
            1 => {
                let zero = self.hidden("iconst.i8 0");
                let right = self.hidden(format_args!("icmp eq v{wrong}, v{zero}"));
                self.line(format_args!("trapz v{right}, {code}"));
            }
            _ => {
                let (out, on) = (self.block(), self.block());
                self.line(format_args!("brif v{wrong}, block{out}, block{on}"));
                let mark = self.mark();
                self.arms += 1;
                self.open(out, &[], kind & 4 == 4);
                self.run(body);
                self.line(format_args!("trap {code}"));
                self.arms -= 1;
                self.leave(&mark);
                self.open(on, &[], false);
            }
        }
    }
}
