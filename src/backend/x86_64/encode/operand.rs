//! Operands: registers by their hardware number, sizes, addresses, conditions.

/// A general register by its number: rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gpr(u8);

/// A vector register, xmm0 to xmm15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Xmm(u8);

impl Gpr {
    /// rax.
    pub const RAX: Gpr = Gpr(0);
    /// rdx.
    pub const RDX: Gpr = Gpr(2);
    /// rbx.
    pub const RBX: Gpr = Gpr(3);
    /// rsp.
    pub const RSP: Gpr = Gpr(4);
    /// rbp.
    pub const RBP: Gpr = Gpr(5);
    /// r11.
    pub const R11: Gpr = Gpr(11);

    /// Register `number`; `None` from 16 on.
    pub const fn new(number: u8) -> Option<Gpr> {
        if number < 16 { Some(Gpr(number)) } else { None }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl Xmm {
    /// Register `number`; `None` from 16 on.
    pub const fn new(number: u8) -> Option<Xmm> {
        if number < 16 { Some(Xmm(number)) } else { None }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Width of an integer operand. Writing 32 bits of a register clears its upper half, writing
/// 8 or 16 leaves the rest as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// 8 bits.
    B1,
    /// 16 bits.
    B2,
    /// 32 bits.
    B4,
    /// 64 bits.
    B8,
}

impl Size {
    /// All of them.
    pub const ALL: [Size; 4] = [Size::B1, Size::B2, Size::B4, Size::B8];

    /// Bytes.
    pub const fn bytes(self) -> u8 {
        match self {
            Size::B1 => 1,
            Size::B2 => 2,
            Size::B4 => 4,
            Size::B8 => 8,
        }
    }

    /// Bits.
    pub const fn bits(self) -> u8 {
        self.bytes() * 8
    }
}

/// An address. Displacements are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mem {
    /// `base + disp`.
    Base {
        /// Any register.
        base: Gpr,
        /// Sign-extended.
        disp: i32,
    },
    /// `base + (index << shift) + disp`; made by [`Mem::indexed`].
    Index {
        /// Any register.
        base: Gpr,
        /// Any register but rsp.
        index: Gpr,
        /// 0 to 3.
        shift: u8,
        /// Sign-extended.
        disp: i32,
    },
    /// The address behind the instruction plus this.
    Rip(i32),
}

impl Mem {
    /// `base + disp`.
    pub const fn base(base: Gpr, disp: i32) -> Mem {
        Mem::Base { base, disp }
    }

    /// `base + (index << shift) + disp`; `None` when `index` is rsp, whose number there means
    /// no index, or `shift` is beyond 3.
    pub fn indexed(base: Gpr, index: Gpr, shift: u8, disp: i32) -> Option<Mem> {
        (index != Gpr::RSP && shift < 4).then_some(Mem::Index {
            base,
            index,
            shift,
            disp,
        })
    }
}

/// A general register or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GprMem {
    /// A register.
    Gpr(Gpr),
    /// Memory.
    Mem(Mem),
}

/// A vector register or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum XmmMem {
    /// A register.
    Xmm(Xmm),
    /// Memory; aligned to 16 bytes wherever 16 bytes are read, but for the unaligned moves.
    Mem(Mem),
}

impl From<Gpr> for GprMem {
    fn from(gpr: Gpr) -> GprMem {
        GprMem::Gpr(gpr)
    }
}

impl From<Mem> for GprMem {
    fn from(mem: Mem) -> GprMem {
        GprMem::Mem(mem)
    }
}

impl From<Xmm> for XmmMem {
    fn from(xmm: Xmm) -> XmmMem {
        XmmMem::Xmm(xmm)
    }
}

impl From<Mem> for XmmMem {
    fn from(mem: Mem) -> XmmMem {
        XmmMem::Mem(mem)
    }
}

/// A condition on the flags (volume 1, appendix B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cond {
    /// Overflow.
    O,
    /// No overflow.
    No,
    /// Below, or carry.
    B,
    /// Above or equal, or no carry.
    Ae,
    /// Equal, or zero.
    E,
    /// Not equal.
    Ne,
    /// Below or equal.
    Be,
    /// Above.
    A,
    /// Sign.
    S,
    /// No sign.
    Ns,
    /// Parity even: floats unordered.
    P,
    /// Parity odd: floats ordered.
    Np,
    /// Less.
    L,
    /// Greater or equal.
    Ge,
    /// Less or equal.
    Le,
    /// Greater.
    G,
}

impl Cond {
    /// All of them, by number.
    pub const ALL: [Cond; 16] = [
        Cond::O,
        Cond::No,
        Cond::B,
        Cond::Ae,
        Cond::E,
        Cond::Ne,
        Cond::Be,
        Cond::A,
        Cond::S,
        Cond::Ns,
        Cond::P,
        Cond::Np,
        Cond::L,
        Cond::Ge,
        Cond::Le,
        Cond::G,
    ];

    /// The number that opcodes carry in their low four bits.
    pub fn number(self) -> u8 {
        let place = Cond::ALL.iter().position(|cond| *cond == self);
        place.and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
    }

    /// The opposite, which differs in the lowest bit.
    pub fn inverted(self) -> Cond {
        Cond::ALL[usize::from(self.number() ^ 1)]
    }
}
