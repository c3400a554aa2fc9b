//! Stores.

use super::load::{Mover, R0, short};
use super::{Access, At};
use crate::backend::s390x::encode::*;
use crate::backend::s390x::form::{fpr, gpr, vr};

impl Mover<'_, '_> {
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
