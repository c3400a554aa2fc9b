//! Memory: stack slots, data symbols, loads and stores of every width, atomics.

use std::fmt::Write as _;

use super::super::plan::{AccessPlan, Role};
use super::super::traits::Trait;
use super::super::types::{T, VECTORS, WORDS};
use super::function::{Fun, Slot};

/// Sizes of stack slots, from common to rare.
const SIZES: [u32; 12] = [
    8,
    16,
    24,
    32,
    64,
    128,
    256,
    1024,
    4096,
    10_000,
    65_536,
    1 << 20,
];
const WINDOW: u32 = 32;

/// A part of memory that may be accessed.
struct Area {
    base: u32,
    offset: u32,
    len: u32,
}

impl Fun<'_> {
    /// Declares the stack slots and stores to the parts of them that are used.
    pub fn open_slots(&mut self, plan: &[u16]) {
        if !self.cx.terms.memory {
            return;
        }
        for raw in plan {
            let mut class = match raw % 64 {
                small @ 0..48 => usize::from(small % 7),
                large @ 48..63 => 7 + usize::from(large % 4),
                _ => 11,
            };
            if class == 11 && (self.cx.huge || self.recursive) || class > 8 && self.recursive {
                class = 5;
            }
            self.cx.huge |= class == 11;
            self.open_slot(SIZES[class], raw & 0x400 != 0);
        }
    }

    fn open_slot(&mut self, size: u32, wide: bool) {
        let index = self.slots.len();
        let align = if wide { 16 } else { 8 };
        let _ = writeln!(
            self.head,
            "    ss{index} = explicit_slot {size}, align = {align}"
        );
        self.note(match size {
            0..=256 => Trait::SlotSmall,
            257..=65_536 => Trait::SlotLarge,
            _ => Trait::SlotHuge,
        });
        if self.role == Role::Hook && size > 256 {
            self.note(Trait::HookLargeFrame);
        }
        let windows = if size <= WINDOW {
            vec![(0, size)]
        } else {
            let last = (size - WINDOW) & !7;
            vec![(0, WINDOW), ((last / 2) & !7, WINDOW), (last, WINDOW)]
        };
        let value = self.hidden(format_args!("iconst.i64 {}", i64::from(size) * 0x0101_0101));
        let mut done = 0;
        for (start, len) in &windows {
            let start = (*start).max(done);
            for at in (start..start + len).step_by(8).filter(|at| at + 8 <= size) {
                let address = self.hidden(format_args!("stack_addr.i64 ss{index}+{at}"));
                self.line(format_args!(
                    "store notrap aligned little v{value}, v{address}"
                ));
                done = at + 8;
            }
        }
        self.slots.push(Slot { size, windows });
    }

    /// Where an access may go; `None` where the function has no memory for it.
    fn area(&mut self, plan: &AccessPlan, writes: bool, shared: bool) -> Option<Area> {
        if !self.cx.terms.memory {
            return None;
        }
        let slots = if shared { 0 } else { self.slots.len() };
        let data = match (self.role, writes) {
            (Role::Shared, _) => 0,
            (Role::Hook, true) => 1,
            (Role::Hook, false) => 3,
            (Role::Program | Role::Main, _) => 2,
        };
        let place = usize::from(plan.place).checked_rem(slots + data)?;
        if let Some(slot) = self.slots.get(place).filter(|_| place < slots) {
            let windows = &slot.windows;
            let (start, len) = windows[usize::from(plan.offset >> 8) % windows.len()];
            let len = len.min(slot.size - start);
            let base = self.hidden(format_args!("stack_addr.i64 ss{place}+{start}"));
            return Some(Area {
                base,
                offset: 0,
                len,
            });
        }
        let own = self.role == Role::Hook && place == slots;
        let name = match own {
            true => format!("%own_{}", &self.name[1..]),
            false => format!("%data_{}", (place - slots) % 2),
        };
        if own && writes {
            self.touches_own = true;
            self.note(Trait::HookOwnData);
        } else if self.role == Role::Hook && !own {
            self.note(Trait::HookReadsProgram);
        }
        let near = plan.flags & 0x30 != 0;
        self.note(if near { Trait::Data } else { Trait::DataFar });
        let near = if near { "colocated " } else { "" };
        let global = self.global(format!("symbol {near}{name}"));
        let base = self.hidden(format_args!("symbol_value.i64 gv{global}"));
        let offset = u32::from(plan.offset) * 8 % 4032;
        Some(Area {
            base,
            offset,
            len: 64,
        })
    }

    /// A load or a store.
    pub fn access(&mut self, plan: &AccessPlan) {
        let writes = plan.kind & 1 == 1;
        if !self.affords(8) {
            return;
        }
        let Some(area) = self.area(plan, writes, false) else {
            return;
        };
        let mut ty = self.cx.terms.types.nth(plan.ty);
        let narrow = plan.kind >> 1 & 3 == 0;
        let (mnemonic, ty_in_memory) = match (narrow, writes) {
            (false, true) => ("store".to_owned(), ty),
            (false, false) => (format!("load.{}", ty.name()), ty),
            (true, true) => {
                ty = [T::I16, T::I32, T::I64][usize::from(plan.ty % 3)];
                let below = [T::I8, T::I16, T::I32];
                let to = below[usize::from(plan.kind >> 3) % (ty as usize)];
                (format!("istore{}", 8 * to.bytes()), to)
            }
            (true, false) => self.narrow_load(plan, &mut ty),
        };
        let mut size = ty_in_memory.bytes();
        let mut mnemonic = mnemonic;
        if size > area.len {
            (mnemonic, size) = (if writes { "store" } else { "load.i64" }.to_owned(), 8);
            ty = T::I64;
        }
        let free = area.len - size;
        let unaligned = plan.flags & 0xc0 == 0;
        let mut offset = area.offset + u32::from(plan.offset) % (free + 1);
        if !unaligned {
            offset -= offset % size.min(8);
        }
        let mut address = area.base;
        let computed = free >= 7 && plan.flags & 0x0c == 0 && offset + 7 <= area.offset + free;
        if computed {
            let (from, word) = self.pick_word(plan.value >> 3);
            let wide = if from == T::I64 {
                word
            } else {
                self.hidden(format_args!("uextend.i64 v{word}"))
            };
            let seven = self.hidden("iconst.i64 7");
            let index = self.hidden(format_args!("band v{wide}, v{seven}"));
            address = self.hidden(format_args!("iadd v{address}, v{index}"));
        }
        let aligned = !computed && offset % size == 0 && size <= 8;
        if !aligned && size > 1 {
            self.note(Trait::Unaligned);
        }
        let notrap = if plan.flags & 1 == 1 { " notrap" } else { "" };
        let aligned = if aligned && plan.flags & 2 == 2 {
            " aligned"
        } else {
            ""
        };
        let at = format!("v{address}+{offset}");
        if writes {
            let value = self.pick(ty, plan.value);
            self.line(format_args!(
                "{mnemonic}{notrap}{aligned} little v{value}, {at}"
            ));
            self.note(Trait::Store);
        } else {
            self.define(ty, format_args!("{mnemonic}{notrap}{aligned} little {at}"));
            self.note(Trait::Load);
        }
        if narrow {
            self.note(Trait::NarrowAccess);
        }
    }

    fn narrow_load(&mut self, plan: &AccessPlan, ty: &mut T) -> (String, T) {
        let sign = if plan.kind & 8 == 8 { 's' } else { 'u' };
        if VECTORS.has(*ty) {
            // Half a vector, whose lanes are widened. The type in memory has 8 bytes.
            let (to, lanes) = match ty.lane().bytes() {
                1 | 2 => (T::I16x8, "8x8"),
                4 => (T::I32x4, "16x4"),
                _ => (T::I64x2, "32x2"),
            };
            *ty = to;
            return (format!("{sign}load{lanes}"), T::I64);
        }
        let wide = usize::from(plan.ty % 3);
        *ty = [T::I16, T::I32, T::I64][wide];
        let from = [T::I8, T::I16, T::I32][usize::from(plan.kind >> 4) % (wide + 1)];
        let bits = 8 * from.bytes();
        let suffix = if bits == 32 {
            String::new()
        } else {
            format!(".{}", ty.name())
        };
        (format!("{sign}load{bits}{suffix}"), from)
    }

    /// A value in a register that has other bits above those of its type, which are undefined and
    /// must not count.
    fn littered(&mut self, ty: T, raw: u16) -> u32 {
        let wide = self.pick(T::I64, raw);
        let turned = self.hidden(format_args!("bnot v{wide}"));
        if ty == T::I64 {
            return turned;
        }
        self.hidden(format_args!("ireduce.{} v{turned}", ty.name()))
    }

    /// An atomic operation on a data symbol.
    pub fn atomic(&mut self, plan: &AccessPlan) {
        if !self.cx.terms.atomics || !self.affords(18) {
            return;
        }
        let Some(area) = self.area(plan, true, true) else {
            return;
        };
        let ty = WORDS.nth(plan.ty);
        let t = ty.name();
        let offset = self.hidden(format_args!("iconst.i64 {}", area.offset));
        let address = self.hidden(format_args!("iadd v{}, v{offset}", area.base));
        if plan.flags & 1 != 0 {
            let there = self.littered(ty, plan.value >> 4);
            self.line(format_args!("store little v{there}, v{address}"));
        }
        let value = if plan.flags & 2 != 0 {
            self.littered(ty, plan.value)
        } else {
            self.pick(ty, plan.value)
        };
        self.note(Trait::Atomic);
        match plan.kind % 5 {
            0 => {
                self.define(ty, format_args!("atomic_load.{t} little v{address}"));
            }
            1 => self.line(format_args!("atomic_store little v{value}, v{address}")),
            2 => {
                let expected = self.pick(ty, plan.value >> 2);
                let text = format!("atomic_cas.{t} little v{address}, v{expected}, v{value}");
                self.define(ty, text);
            }
            3 => {
                const HOW: [&str; 11] = [
                    "add", "sub", "and", "nand", "or", "xor", "xchg", "umin", "umax", "smin",
                    "smax",
                ];
                let how = HOW[usize::from(plan.kind) % HOW.len()];
                self.define(
                    ty,
                    format_args!("atomic_rmw.{t} little {how} v{address}, v{value}"),
                );
            }
            _ => {
                self.line("fence");
                self.note(Trait::Fence);
            }
        }
    }
}
