//! Puts loads and stores together: addresses that displacements do not reach, and loads.

use super::{Access, At};
use crate::backend::s390x::encode::*;
use crate::backend::s390x::form::{Bytes, fpr, gpr, vr};
use crate::backend::s390x::frame::Out;
use crate::backend::s390x::moves::load_number;
use cranelift_codegen::ir::TrapCode;

/// Register 0.
pub(super) const R0: Gpr = Gpr::NONE;

/// Register 1.
fn r1() -> Gpr {
    gpr(1)
}

/// Emits a load or a store.
pub struct Mover<'e, 'a> {
    /// Where to.
    pub emitter: &'e mut Out<'a>,
    /// What the accesses trap with.
    pub trap: Option<TrapCode>,
}

impl Mover<'_, '_> {
    pub(super) fn put(&mut self, bytes: impl Into<Bytes>) {
        self.emitter.buffer.put(bytes.into().as_slice());
    }

    /// Puts an access to storage.
    pub(super) fn access(&mut self, bytes: impl Into<Bytes>) {
        if let Some(code) = self.trap {
            self.emitter.buffer.trap(code);
        }
        self.put(bytes);
    }

    pub(super) fn general(&mut self, op: Storage, r: Gpr, address: Address20) {
        match short_form(op, address) {
            Some((op, address)) => self.access(short_storage(op, r, address)),
            None => self.access(storage(op, r, address)),
        }
    }

    /// An address whose displacement fits into 20 bits, with `spare` bytes to go; far ones by
    /// register 1.
    pub(super) fn long(&mut self, (base, offset): (Gpr, i64), spare: i64) -> Address20 {
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
        load_number(self.emitter, r1(), offset);
        Address {
            base,
            index: r1(),
            displacement: Disp20::ZERO,
        }
    }

    /// As [`Mover::long`] with 12 bits.
    pub(super) fn short(&mut self, (base, offset): (Gpr, i64)) -> Address12 {
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
        load_number(self.emitter, r1(), offset);
        Address {
            base,
            index: r1(),
            displacement: Disp12::ZERO,
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

    /// A scalar float by register 0, shifted to the left by `left`.
    fn load_float(&mut self, op: Storage, left: u8, to: u8, place: (Gpr, i64)) {
        let address = self.long(place, 0);
        self.access(storage(op, R0, address));
        if left != 0 {
            let by = Disp20::new(left.into()).expect("eight bits fit into twenty");
            self.put(shift(Shift::Sllg, (R0, R0), Gpr::NONE, by));
        }
        self.put(ldgr(fpr(to), R0));
    }

    /// Addresses of the eight bytes at a place and of the eight behind them. Both are near, or
    /// both go by register 1, which the second access may overwrite.
    pub(super) fn halves(&mut self, place: (Gpr, i64)) -> (Address20, Address20) {
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
}

/// The same address with a short displacement.
pub(super) fn short(address: Address20) -> Option<Address12> {
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
