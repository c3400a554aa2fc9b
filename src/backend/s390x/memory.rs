//! Loads and stores: what is moved, from where, and the sequences for the byte order that the
//! machine has no instruction for.
//!
//! General registers have byte-reversing loads and stores (LRV, STRV), floating-point and vector
//! registers of the z14 do not: their values go through general registers 0 and 1. A vector's
//! lane 0 is its rightmost element, so that a vector in little-endian memory is its 128 bits
//! reversed.

use super::encode::*;
use super::form::{Bytes, fpr, gpr, vr};
use crate::backend::arch::Arch;
use crate::backend::call::FrameRef;
use crate::backend::emit::Emitter;
use crate::backend::operands::Operands;
use crate::backend::reg::Reg;
use cranelift_codegen::ir::TrapCode;

/// Where a load or store goes.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// A register plus bytes.
    Reg(Reg, i64),
    /// A place in the frame plus bytes.
    Frame(FrameRef, i64),
    /// Bytes above the stack pointer.
    Sp(i64),
}

impl At {
    /// Shows the base register.
    pub fn operands(&mut self, operands: &mut impl Operands) {
        if let At::Reg(base, _) = self {
            operands.read(base);
        }
    }

    /// Whether no displacement may reach it. Places in the frame are looked after by whoever
    /// saves registers (see `frame.rs`).
    pub fn may_be_far(&self) -> bool {
        match self {
            At::Reg(_, offset) => !(0..0x0ff0).contains(offset),
            At::Frame(..) | At::Sp(_) => false,
        }
    }

    fn resolve<A: Arch>(&self, emitter: &Emitter<A>) -> (Gpr, i64) {
        match *self {
            At::Reg(base, offset) => (gpr(base.number()), offset),
            At::Frame(place, offset) => (Gpr::SP, emitter.offset(place) + offset),
            At::Sp(offset) => (Gpr::SP, offset),
        }
    }
}

/// What is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A general register, by an instruction with a long displacement.
    General(Storage),
    /// A loaded halfword or word, reversed, then extended.
    Extended(Storage, Pair),
    /// A short float, 4 bytes at the left of its register.
    Short {
        /// Little-endian.
        reversed: bool,
    },
    /// A long float.
    Long {
        /// Little-endian.
        reversed: bool,
    },
    /// A half-precision float: 2 bytes at the left of its register.
    Half {
        /// Little-endian.
        reversed: bool,
    },
    /// A whole vector register.
    Vector {
        /// Little-endian.
        reversed: bool,
    },
    /// Eight little-endian bytes, each half as wide as the lanes that they are widened to.
    Widened {
        /// Whether with their signs.
        signed: bool,
        /// Size of the lanes in memory.
        from: Element,
    },
}

impl Access {
    /// Whether registers 0 and 1 are used, however near the address is.
    pub fn uses_scratch(self) -> bool {
        match self {
            Access::General(_) | Access::Extended(..) => false,
            Access::Short { reversed }
            | Access::Long { reversed }
            | Access::Vector { reversed } => reversed,
            Access::Half { .. } | Access::Widened { .. } => true,
        }
    }
}

/// Register 0.
const R0: Gpr = Gpr::NONE;

/// Register 1.
fn r1() -> Gpr {
    gpr(1)
}

/// Emits a load or a store.
pub struct Mover<'e, 'a, A: Arch> {
    /// Where to.
    pub emitter: &'e mut Emitter<'a, A>,
    /// What the accesses trap with.
    pub trap: Option<TrapCode>,
}

impl<A: Arch> Mover<'_, '_, A> {
    fn put(&mut self, bytes: impl Into<Bytes>) {
        self.emitter.buffer.put(bytes.into().as_slice());
    }

    /// Puts an access to storage.
    fn access(&mut self, bytes: impl Into<Bytes>) {
        if let Some(code) = self.trap {
            self.emitter.buffer.trap(code);
        }
        self.put(bytes);
    }

    fn general(&mut self, op: Storage, r: Gpr, address: Address20) {
        match short_form(op, address) {
            Some((op, address)) => self.access(short_storage(op, r, address)),
            None => self.access(storage(op, r, address)),
        }
    }

    /// An address whose displacement fits into 20 bits, with `spare` bytes to go; far ones by
    /// register 1.
    fn long(&mut self, (base, offset): (Gpr, i64), spare: i64) -> Address20 {
        if let (Some(displacement), Some(_)) = (
            Disp20::new(offset),
            Disp20::new(offset.saturating_add(spare)),
        ) {
            return Address {
                base,
                index: Gpr::NONE,
                displacement,
            };
        }
        self.load_number(r1(), offset);
        Address {
            base,
            index: r1(),
            displacement: Disp20::ZERO,
        }
    }

    /// As [`Mover::long`] with 12 bits.
    fn short(&mut self, (base, offset): (Gpr, i64)) -> Address12 {
        if let Some(displacement) = Disp12::new(offset) {
            return Address {
                base,
                index: Gpr::NONE,
                displacement,
            };
        }
        if let Some(displacement) = Disp20::new(offset) {
            let place = Address {
                base,
                index: Gpr::NONE,
                displacement,
            };
            self.put(storage(Storage::Lay, r1(), place));
            return Address {
                base: r1(),
                index: Gpr::NONE,
                displacement: Disp12::ZERO,
            };
        }
        self.load_number(r1(), offset);
        Address {
            base,
            index: r1(),
            displacement: Disp12::ZERO,
        }
    }

    fn load_number(&mut self, to: Gpr, number: i64) {
        let [low, high] = [number, number >> 32]
            .map(|n| u32::try_from(n & i64::from(u32::MAX)).expect("masked to 32 bits"));
        match i32::try_from(number) {
            Ok(number) => self.put(word(Word::Lgfi, to, number)),
            Err(_) => {
                self.put(unsigned_word(UnsignedWord::Llihf, to, high));
                self.put(unsigned_word(UnsignedWord::Oilf, to, low));
            }
        }
    }

    /// Emits a load.
    pub fn load(&mut self, access: Access, to: u8, address: &At) {
        let place = address.resolve(self.emitter);
        match access {
            Access::General(op) => {
                let address = self.long(place, 0);
                self.general(op, gpr(to), address);
            }
            Access::Extended(op, extend) => {
                let address = self.long(place, 0);
                self.access(storage(op, gpr(to), address));
                self.put(pair(extend, gpr(to), gpr(to)));
            }
            Access::Short { reversed: false } => {
                let address = self.long(place, 0);
                match short(address) {
                    Some(near) => {
                        self.access(short_float_storage(ShortFloatStorage::Le, fpr(to), near));
                    }
                    None => self.access(float_storage(FloatStorage::Ley, fpr(to), address)),
                }
            }
            Access::Long { reversed: false } => {
                let address = self.long(place, 0);
                match short(address) {
                    Some(near) => {
                        self.access(short_float_storage(ShortFloatStorage::Ld, fpr(to), near));
                    }
                    None => self.access(float_storage(FloatStorage::Ldy, fpr(to), address)),
                }
            }
            Access::Short { reversed: true } => self.load_float(Storage::Lrv, 32, to, place),
            Access::Long { reversed: true } => self.load_float(Storage::Lrvg, 0, to, place),
            Access::Half { reversed } => {
                let op = if reversed {
                    Storage::Lrvh
                } else {
                    Storage::Llgh
                };
                self.load_float(op, 48, to, place);
            }
            Access::Vector { reversed: false } => {
                let address = self.short(place);
                let code = vector_storage(VectorStorage::Vl, vr(to), 0, address);
                self.access(code.expect("it has one element"));
            }
            Access::Vector { reversed: true } => {
                let (low, high) = self.halves(place);
                self.access(storage(Storage::Lrvg, R0, high));
                self.access(storage(Storage::Lrvg, r1(), low));
                self.put(vlvgp(vr(to), R0, r1()));
            }
            Access::Widened { signed, from } => {
                let address = self.long(place, 0);
                self.access(storage(Storage::Lrvg, R0, address));
                self.put(vlvgp(vr(to), R0, R0));
                let op = if signed {
                    VectorUnary::Vupl
                } else {
                    VectorUnary::Vupll
                };
                let code = vector_unary(op, from, vr(to), vr(to));
                self.put(code.expect("no lane in memory is wider than a word"));
            }
        }
    }

    /// A scalar float by register 0, shifted to the left by `shift`.
    fn load_float(&mut self, op: Storage, shift: u8, to: u8, place: (Gpr, i64)) {
        let address = self.long(place, 0);
        self.access(storage(op, R0, address));
        if shift != 0 {
            let by = Disp20::new(shift.into()).expect("eight bits fit into twenty");
            self.put(super::encode::shift(Shift::Sllg, (R0, R0), Gpr::NONE, by));
        }
        self.put(ldgr(fpr(to), R0));
    }

    /// Addresses of the eight bytes at a place and of the eight behind them. Both are near, or
    /// both go by register 1, which the second access may overwrite.
    fn halves(&mut self, place: (Gpr, i64)) -> (Address20, Address20) {
        let low = self.long(place, 8);
        let offset = if low.index == Gpr::NONE {
            place.1 + 8
        } else {
            8
        };
        let displacement = Disp20::new(offset).expect("checked with eight bytes to go");
        (
            low,
            Address {
                displacement,
                ..low
            },
        )
    }

    /// Emits a store.
    pub fn store(&mut self, access: Access, from: u8, address: &At) {
        let place = address.resolve(self.emitter);
        match access {
            Access::General(op) => {
                let address = self.long(place, 0);
                self.general(op, gpr(from), address);
            }
            Access::Short { reversed: false } => {
                let address = self.long(place, 0);
                match short(address) {
                    Some(near) => {
                        self.access(short_float_storage(ShortFloatStorage::Ste, fpr(from), near));
                    }
                    None => self.access(float_storage(FloatStorage::Stey, fpr(from), address)),
                }
            }
            Access::Long { reversed: false } => {
                let address = self.long(place, 0);
                match short(address) {
                    Some(near) => {
                        self.access(short_float_storage(ShortFloatStorage::Std, fpr(from), near));
                    }
                    None => self.access(float_storage(FloatStorage::Stdy, fpr(from), address)),
                }
            }
            Access::Short { reversed: true } => {
                self.store_float(Element::Word, Storage::Strv, from, place);
            }
            Access::Long { reversed: true } => {
                self.store_float(Element::Doubleword, Storage::Strvg, from, place);
            }
            Access::Half { reversed } => {
                let op = if reversed {
                    Storage::Strvh
                } else {
                    Storage::Sthy
                };
                self.store_float(Element::Halfword, op, from, place);
            }
            Access::Vector { reversed: false } => {
                let address = self.short(place);
                let code = vector_storage(VectorStorage::Vst, vr(from), 0, address);
                self.access(code.expect("it has one element"));
            }
            Access::Vector { reversed: true } => {
                let (low, high) = self.halves(place);
                for (element, address) in [(1, low), (0, high)] {
                    self.element(Element::Doubleword, from, element);
                    self.access(storage(Storage::Strvg, R0, address));
                }
            }
            Access::Extended(..) | Access::Widened { .. } => {
                unreachable!("only loads extend")
            }
        }
    }

    /// A scalar float by register 0.
    fn store_float(&mut self, size: Element, op: Storage, from: u8, place: (Gpr, i64)) {
        let address = self.long(place, 0);
        self.element(size, from, 0);
        self.access(storage(op, R0, address));
    }

    /// An element of a vector register to register 0.
    fn element(&mut self, size: Element, from: u8, element: u8) {
        let element = Disp12::new(element.into()).expect("at most 15");
        let code = vlgv(size, R0, vr(from), Gpr::NONE, element);
        self.put(code.expect("at most doublewords"));
    }
}

/// The same address with a short displacement.
fn short(address: Address20) -> Option<Address12> {
    let Address {
        base,
        index,
        displacement,
    } = address;
    Disp12::new(displacement.bytes()).map(|displacement| Address {
        base,
        index,
        displacement,
    })
}

/// The four-byte instruction that does the same.
fn short_form(op: Storage, address: Address20) -> Option<(ShortStorage, Address12)> {
    let op = match op {
        Storage::Ly => ShortStorage::L,
        Storage::Lhy => ShortStorage::Lh,
        Storage::Lay => ShortStorage::La,
        Storage::Sty => ShortStorage::St,
        Storage::Sthy => ShortStorage::Sth,
        Storage::Stcy => ShortStorage::Stc,
        _ => return None,
    };
    Some((op, short(address)?))
}
