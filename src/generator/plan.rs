//! A program before it is a text: what the strategies draw. Names, types and places are raw
//! numbers that the builder counts around in what there is, so that every plan is a program and
//! any part of a plan can be left out or made smaller.

use super::settings::Settings;

/// A whole program.
#[derive(Clone, Debug)]
pub struct ProgramPlan {
    /// What the program may use, hence which ISAs it is for.
    pub profile: ProfilePlan,
    /// Settings of the header.
    pub settings: Settings,
    /// Hostcalls that the program has.
    pub hosts: Vec<SignaturePlan>,
    /// The hook that every program has.
    pub hook: FunctionPlan,
    /// Further functions, each of which may use those before it.
    pub others: Vec<FunctionPlan>,
    /// The entry.
    pub main: FunctionPlan,
    /// Arguments of each invocation.
    pub invocations: Vec<Vec<u16>>,
    /// Whether the last invocation ends in a trap.
    pub trap: bool,
}

/// What a program may use.
#[derive(Clone, Copy, Debug)]
pub struct ProfilePlan {
    /// Vectors: not on RISC-V here.
    pub vectors: bool,
    /// Memory: no 32-bit Pulley, because addresses are `i64`.
    pub memory: bool,
    /// `i128`.
    pub wide: bool,
    /// Floats.
    pub floats: bool,
    /// Atomics: no Pulley.
    pub atomics: bool,
    /// Which calling conventions hooks have.
    pub conventions: Conventions,
    /// ISAs to leave out all the same, for the operations that they lack.
    pub leave_out: u8,
}

/// A group of calling conventions by the ISAs that have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conventions {
    /// Those that all have.
    Common,
    /// `winch` as well: x86-64, AArch64 and Pulley.
    Winch,
    /// `windows_fastcall` as well: x86-64.
    Windows,
    /// `apple_aarch64` as well: AArch64.
    Apple,
}

/// Types of parameters and results, and a convention.
#[derive(Clone, Debug)]
pub struct SignaturePlan {
    /// Convention.
    pub conv: u8,
    /// Parameters: type, and extension of small integers.
    pub params: Vec<(u16, u8)>,
    /// Results.
    pub returns: Vec<u16>,
    /// Hostcalls: whether they are declared as near.
    pub near: bool,
}

/// What a function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Called by patchable calls; writes nothing but its own memory.
    Hook,
    /// Called by hooks and by the program: writes nothing but its own stack.
    Shared,
    /// Called by the program.
    Program,
    /// The entry.
    Main,
}

/// A function.
#[derive(Clone, Debug)]
pub struct FunctionPlan {
    /// What it is for.
    pub role: Role,
    /// Its signature.
    pub signature: SignaturePlan,
    /// Sizes of its stack slots, see [`super::build`].
    pub slots: Vec<u16>,
    /// What it does.
    pub body: Vec<Stmt>,
    /// Whether it is empty instead, if it is a hook.
    pub empty: bool,
    /// Whether it begins with a site.
    pub site_first: bool,
    /// Whether it ends with a site.
    pub site_last: bool,
    /// Whether it calls itself at the end, bounded by a counter.
    pub recursive: bool,
    /// Whether it ends with a tail call, if its convention allows.
    pub tail_call: bool,
    /// Whether its prologue checks a stack limit, if it is a hook.
    pub stack_limit: bool,
    /// How many values from all over its body its result depends on.
    pub keep: u8,
}

/// An operation with raw operands.
#[derive(Clone, Copy, Debug)]
pub struct OpPlan {
    /// Row of the table.
    pub op: u16,
    /// Type.
    pub ty: u16,
    /// Operands and immediates.
    pub raw: [u16; 3],
}

/// A piece of a body.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// One operation.
    Op(OpPlan),
    /// `count` values of one type that stay live to the end of the scope.
    Pressure { count: u8, ty: u16, raw: u16 },
    /// Sites back to back: hook and arguments of each.
    Sites(Vec<(u16, u16)>),
    /// A call of an earlier function.
    Call {
        callee: u16,
        indirect: bool,
        args: u16,
    },
    /// A hostcall.
    Host {
        host: u16,
        indirect: bool,
        args: u16,
    },
    /// A load or store.
    Access(AccessPlan),
    /// An atomic operation.
    Atomic(AccessPlan),
    /// Two arms that meet again.
    If {
        cond: u16,
        cold: bool,
        one_armed: bool,
        carried: Vec<u16>,
        arms: [Vec<Stmt>; 2],
    },
    /// A loop of `count` rounds.
    Loop {
        count: u8,
        test_last: bool,
        carried: Vec<u16>,
        body: Vec<Stmt>,
    },
    /// A jump table.
    Table {
        index: u16,
        carried: Vec<u16>,
        arms: Vec<Vec<Stmt>>,
    },
    /// A return behind a condition.
    Return { cond: u16, body: Vec<Stmt> },
    /// A trap behind a condition that is false.
    Trap {
        kind: u8,
        cond: u16,
        body: Vec<Stmt>,
    },
    /// A hostcall that patches.
    Toggle { action: u8, site: u16 },
}

/// An access to memory.
#[derive(Clone, Copy, Debug)]
pub struct AccessPlan {
    /// Which operation.
    pub kind: u16,
    /// Slot or data symbol.
    pub place: u16,
    /// Bytes into it.
    pub offset: u16,
    /// Type.
    pub ty: u16,
    /// Operand.
    pub value: u16,
    /// Flags and a part of the address that is computed.
    pub flags: u8,
}
