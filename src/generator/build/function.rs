//! A function while its text grows: names, values by type, and what it costs to run.

use std::fmt::{Display, Write as _};

use super::super::plan::Role;
use super::super::traits::Trait;
use super::super::types::{FLOATS, INTS, T};
use super::program::Whole;
use super::signature::Sig;

/// A stack slot and the parts of it that are initialised.
pub struct Slot {
    /// Bytes.
    pub size: u32,
    /// Offsets and lengths of the parts.
    pub windows: Vec<(u32, u32)>,
}

/// A function that is being built.
pub struct Fun<'c> {
    /// The program around it.
    pub cx: &'c mut Whole,
    /// Name with its sigil.
    pub name: String,
    /// Signature.
    pub sig: Sig,
    /// What it is for.
    pub role: Role,
    /// Whether its first parameter bounds its recursion.
    pub recursive: bool,
    /// Declarations.
    pub head: String,
    /// Signatures, which come before the declarations that make some of their own.
    pub first: String,
    /// Blocks.
    pub body: String,
    /// Values that are live to the end of the scope.
    pub kept: Vec<(T, u32)>,
    /// Stack slots.
    pub slots: Vec<Slot>,
    /// How often the current place is passed in one call, at most.
    pub times: u64,
    /// Instructions of one call, at most.
    pub cost: u64,
    /// How many loops the current place is in.
    pub loops: u32,
    /// How many branches' arms the current place is in.
    pub arms: u32,
    /// Whether it, or what it calls, writes to hooks' data.
    pub touches_own: bool,
    /// Whether each call of it passes a site.
    pub sure_site: bool,
    pools: [Vec<u32>; 13],
    callees: Vec<String>,
    globals: Vec<String>,
    signatures: Vec<String>,
    values: u32,
    blocks: u32,
}

/// The values in scope at some place.
pub struct Mark {
    pools: [usize; 13],
    kept: usize,
}

impl<'c> Fun<'c> {
    /// Nothing yet.
    pub fn new(cx: &'c mut Whole, name: String, sig: Sig, role: Role) -> Fun<'c> {
        Fun {
            cx,
            name,
            sig,
            role,
            recursive: false,
            head: String::new(),
            first: String::new(),
            body: String::with_capacity(1024),
            kept: Vec::new(),
            slots: Vec::new(),
            times: 1,
            cost: 0,
            loops: 0,
            arms: 0,
            touches_own: false,
            sure_site: false,
            pools: Default::default(),
            callees: Vec::new(),
            globals: Vec::new(),
            signatures: Vec::new(),
            values: 0,
            blocks: 0,
        }
    }

    /// Counts a trait of the program.
    pub fn note(&mut self, one: Trait) {
        self.cx.traits.insert(one);
    }

    /// Whether `cost` more at this place is not too much.
    pub fn affords(&self, cost: u64) -> bool {
        let most = match self.role {
            Role::Hook | Role::Shared => 150,
            Role::Program => 350,
            Role::Main => 1000,
        };
        self.cost + self.times * cost <= most
    }

    /// A name for a value.
    pub fn fresh(&mut self) -> u32 {
        self.values += 1;
        self.values - 1
    }

    /// A name for a block.
    pub fn block(&mut self) -> u32 {
        self.blocks += 1;
        self.blocks - 1
    }

    /// Opens a block with parameters of these types, which are put in scope.
    pub fn open(&mut self, block: u32, params: &[T], cold: bool) -> Vec<u32> {
        let names: Vec<u32> = params.iter().map(|_| self.fresh()).collect();
        let _ = write!(self.body, "\nblock{block}");
        for (index, (name, ty)) in names.iter().zip(params).enumerate() {
            let before = if index == 0 { "(" } else { ", " };
            let _ = write!(self.body, "{before}v{name}: {}", ty.name());
        }
        self.body.push_str(if names.is_empty() { "" } else { ")" });
        self.body.push_str(if cold { " cold:\n" } else { ":\n" });
        for (name, ty) in names.iter().zip(params) {
            self.put(*ty, *name);
        }
        names
    }

    /// An instruction without results.
    pub fn line(&mut self, text: impl Display) {
        let _ = writeln!(self.body, "    {text}");
        self.cost += self.times;
    }

    /// An instruction whose result is not put in scope.
    pub fn hidden(&mut self, text: impl Display) -> u32 {
        let name = self.fresh();
        let _ = writeln!(self.body, "    v{name} = {text}");
        self.cost += self.times;
        name
    }

    /// An instruction with one result, which is put in scope.
    pub fn define(&mut self, ty: T, text: impl Display) -> u32 {
        let name = self.hidden(text);
        self.put(ty, name);
        name
    }

    /// Puts a value in scope.
    pub fn put(&mut self, ty: T, name: u32) {
        const VALUES: [Trait; 13] = [
            Trait::ValueI8,
            Trait::ValueI16,
            Trait::ValueI32,
            Trait::ValueI64,
            Trait::ValueI128,
            Trait::ValueF32,
            Trait::ValueF64,
            Trait::ValueI8x16,
            Trait::ValueI16x8,
            Trait::ValueI32x4,
            Trait::ValueI64x2,
            Trait::ValueF32x4,
            Trait::ValueF64x2,
        ];
        self.note(VALUES[ty as usize]);
        self.pools[ty as usize].push(name);
    }

    /// A value in scope, the latest for 0; a constant where there is none.
    pub fn pick(&mut self, ty: T, raw: u16) -> u32 {
        let pool = &self.pools[ty as usize];
        match pool.len() {
            0 => self.constant(ty, raw),
            len => pool[len - 1 - usize::from(raw) % len],
        }
    }

    /// A small integer in scope, of any type that there is a value of.
    pub fn pick_word(&mut self, raw: u16) -> (T, u32) {
        let words = [T::I8, T::I16, T::I32, T::I64];
        let have = |ty: &T| !self.pools[*ty as usize].is_empty();
        let order = (0..4).map(|n| words[(usize::from(raw) + n) % 4]);
        let ty = order.clone().find(have).unwrap_or(T::I32);
        (ty, self.pick(ty, raw >> 2))
    }

    /// A constant.
    pub fn constant(&mut self, ty: T, raw: u16) -> u32 {
        let spread = u64::from(raw).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if FLOATS.has(ty) {
            let text = float_constant(ty, raw);
            return self.define(ty, format_args!("{}const {text}", ty.name()));
        }
        if ty == T::I128 {
            let half = self.constant(T::I64, raw);
            let kind = if raw & 1 == 0 { "uextend" } else { "sextend" };
            return self.define(ty, format_args!("{kind}.i128 v{half}"));
        }
        if INTS.has(ty) {
            let bits = 8 * ty.bytes();
            let number = match raw % 8 {
                0 => i64::from(raw >> 3 & 7),
                1 => -i64::from(raw >> 3 & 7) - 1,
                2 => i64::MIN >> (64 - bits),
                3 => i64::MAX >> (64 - bits),
                4 => i64::from(raw >> 9),
                _ => spread.cast_signed() >> (64 - bits),
            };
            return self.define(ty, format_args!("iconst.{} {number}", ty.name()));
        }
        if FLOATS.has(ty.lane()) {
            let lane = self.constant(ty.lane(), raw);
            return self.define(ty, format_args!("splat.{} v{lane}", ty.name()));
        }
        let low = u128::from(spread.rotate_left(u32::from(raw)));
        let bits = u128::from(spread) << 64 | low;
        self.define(ty, format_args!("vconst.{} 0x{bits:032x}", ty.name()))
    }

    /// The values in scope now.
    pub fn mark(&self) -> Mark {
        Mark {
            pools: self.pools.each_ref().map(Vec::len),
            kept: self.kept.len(),
        }
    }

    /// Values of the scope behind `mark` that are live to its end.
    pub fn kept_since(&mut self, mark: &Mark) -> Vec<(T, u32)> {
        self.kept.split_off(mark.kept)
    }

    /// Takes what came behind `mark` out of scope.
    pub fn leave(&mut self, mark: &Mark) {
        for (pool, len) in self.pools.iter_mut().zip(mark.pools) {
            pool.truncate(len);
        }
        self.kept.truncate(mark.kept);
    }

    /// Some `count` values in scope of all types, the latest first.
    pub fn some_values(&self, count: usize) -> Vec<(T, u32)> {
        let each = T::ALL
            .into_iter()
            .flat_map(|ty| self.pools[ty as usize].iter().rev().map(move |v| (ty, *v)));
        let mut values: Vec<_> = each.collect();
        values.sort_by_key(|(_, name)| std::cmp::Reverse(*name));
        values.truncate(count);
        values
    }

    /// The function reference for a declaration like `colocated %f(i64) fast`.
    pub fn callee(&mut self, declaration: String) -> usize {
        declare(&mut self.head, &mut self.callees, "fn", declaration)
    }

    /// The global value for a definition like `symbol colocated %data`.
    pub fn global(&mut self, definition: String) -> usize {
        declare(&mut self.head, &mut self.globals, "gv", definition)
    }

    /// The signature reference for a signature.
    pub fn signature(&mut self, text: String) -> usize {
        declare(&mut self.first, &mut self.signatures, "sig", text)
    }
}

fn declare(head: &mut String, known: &mut Vec<String>, kind: &str, text: String) -> usize {
    if let Some(index) = known.iter().position(|other| *other == text) {
        return index;
    }
    let index = known.len();
    let _ = writeln!(head, "    {kind}{index} = {text}");
    known.push(text);
    index
}

/// A float as CLIF writes it.
pub fn float_constant(ty: T, raw: u16) -> &'static str {
    const F32: [&str; 16] = [
        "0x1.000000p0",
        "-0x1.800000p1",
        "0.0",
        "-0.0",
        "0x1.99999ap-4",
        "0x1.fffffep127",
        "+Inf",
        "-Inf",
        "+NaN",
        "0x1.000000p31",
        "-0x1.000000p63",
        "0x0.000002p-126",
        "0x1.fffffep30",
        "-0x1.000000p-1",
        "0x1.000002p0",
        "0x1.900000p6",
    ];
    const F64: [&str; 16] = [
        "0x1.0p0",
        "-0x1.8p1",
        "0.0",
        "-0.0",
        "0x1.999999999999ap-4",
        "0x1.fffffffffffffp1023",
        "+Inf",
        "-Inf",
        "+NaN",
        "0x1.0p31",
        "-0x1.0p63",
        "0x0.0000000000001p-1022",
        "0x1.fp30",
        "-0x1.0p-1",
        "0x1.0000000000001p0",
        "0x1.9p6",
    ];
    let place = usize::from(raw % 16);
    if ty == T::F32 { F32[place] } else { F64[place] }
}
