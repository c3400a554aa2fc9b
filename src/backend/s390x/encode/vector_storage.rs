//! Vector registers and storage: formats VRX, VRS-a with ranges of registers.

use super::operand::{Address12, Disp12, Gpr, Vr, rxb};
use super::table::operations;

operations! {
    /// A vector register, or one of its elements, and storage: format VRX.
    VectorStorage: u8 {
        Vl = 0x06 "vl" "loads 16 bytes",
        Vst = 0x0e "vst" "stores 16 bytes",
        Vleb = 0x00 "vleb" "loads a byte into an element; the others stay",
        Vleh = 0x01 "vleh" "loads a halfword into an element; the others stay",
        Vlef = 0x03 "vlef" "loads a word into an element; the others stay",
        Vleg = 0x02 "vleg" "loads a doubleword into an element; the others stay",
        Vsteb = 0x08 "vsteb" "stores a byte element",
        Vsteh = 0x09 "vsteh" "stores a halfword element",
        Vstef = 0x0b "vstef" "stores a word element",
        Vsteg = 0x0a "vsteg" "stores a doubleword element",
    }
}

impl VectorStorage {
    /// How many elements there are to name; 1 for the whole register.
    pub const fn elements(self) -> u8 {
        use VectorStorage as V;
        match self {
            V::Vl | V::Vst => 1,
            V::Vleb | V::Vsteb => 16,
            V::Vleh | V::Vsteh => 8,
            V::Vlef | V::Vstef => 4,
            V::Vleg | V::Vsteg => 2,
        }
    }
}

operations! {
    /// Vector registers from a first to a last and storage: format VRS-a.
    VectorRange: u8 {
        Vlm = 0x36 "vlm" "loads 16 bytes each",
        Vstm = 0x3e "vstm" "stores 16 bytes each",
    }
}

/// Format VRX: E7 in bits 0-7, V1 in 8-11, index in 12-15, base and displacement in 16-31, the
/// element in 32-35, RXB in 36-39, the rest of the opcode in 40-47. `None` if there is no such
/// element, counted from the left.
pub fn vector_storage(
    operation: VectorStorage,
    v1: Vr,
    element: u8,
    address: Address12,
) -> Option<[u8; 6]> {
    let exists = element < operation.elements();
    exists.then(|| vrx(operation.code(), v1, element, address))
}

/// VECTOR LOAD AND REPLICATE, format VRX: an element of 1 << `size` bytes to all elements.
/// `None` if `size` is above 3.
pub fn vlrep(v1: Vr, size: u8, address: Address12) -> Option<[u8; 6]> {
    (size < 4).then(|| vrx(0x05, v1, size, address))
}

/// VECTOR LOAD LOGICAL ELEMENT AND ZERO, format VRX: an element of 1 << `size` bytes, to the right
/// end of the left doubleword, zeros elsewhere. `None` if `size` is above 3.
pub fn vllez(v1: Vr, size: u8, address: Address12) -> Option<[u8; 6]> {
    (size < 4).then(|| vrx(0x04, v1, size, address))
}

/// Format VRS-a: V1 in bits 8-11, V3 in 12-15. `None` unless they are 1 to 16 registers in
/// ascending order.
pub fn vector_range(
    operation: VectorRange,
    (v1, v3): (Vr, Vr),
    base: Gpr,
    displacement: Disp12,
) -> Option<[u8; 6]> {
    let (first, last) = (v1.number(), v3.number());
    if last < first || last - first > 15 {
        return None;
    }
    let [b, d] = displacement.with_base(base);
    let extension = rxb([Some(v1), Some(v3), None, None]);
    Some([
        0xe7,
        v1.low() << 4 | v3.low(),
        b,
        d,
        extension,
        operation.code(),
    ])
}

fn vrx(code: u8, v1: Vr, third: u8, address: Address12) -> [u8; 6] {
    let [b, d] = address.displacement.with_base(address.base);
    let extension = rxb([Some(v1), None, None, None]);
    let registers = v1.low() << 4 | address.index.number();
    [0xe7, registers, b, d, third << 4 | extension, code]
}
