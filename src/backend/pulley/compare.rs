//! Comparisons of integers, as branches and as values.

use cranelift_codegen::ir::condcodes::IntCC;
use pulley_interpreter::encode;

use super::encode::{Put, binary, branch, exchanged, x};

/// The branch that compares two registers. Pulley has "greater" only with the operands
/// exchanged.
pub fn registers(cond: IntCC, wide: bool) -> Put {
    match (cond, wide) {
        (IntCC::Equal, false) => branch!(br_if_xeq32, 2),
        (IntCC::Equal, true) => branch!(br_if_xeq64, 2),
        (IntCC::NotEqual, false) => branch!(br_if_xneq32, 2),
        (IntCC::NotEqual, true) => branch!(br_if_xneq64, 2),
        (IntCC::SignedLessThan, false) => branch!(br_if_xslt32, 2),
        (IntCC::SignedLessThan, true) => branch!(br_if_xslt64, 2),
        (IntCC::SignedLessThanOrEqual, false) => branch!(br_if_xslteq32, 2),
        (IntCC::SignedLessThanOrEqual, true) => branch!(br_if_xslteq64, 2),
        (IntCC::SignedGreaterThan, false) => branch!(br_if_xslt32, exchanged),
        (IntCC::SignedGreaterThan, true) => branch!(br_if_xslt64, exchanged),
        (IntCC::SignedGreaterThanOrEqual, false) => branch!(br_if_xslteq32, exchanged),
        (IntCC::SignedGreaterThanOrEqual, true) => branch!(br_if_xslteq64, exchanged),
        (IntCC::UnsignedLessThan, false) => branch!(br_if_xult32, 2),
        (IntCC::UnsignedLessThan, true) => branch!(br_if_xult64, 2),
        (IntCC::UnsignedLessThanOrEqual, false) => branch!(br_if_xulteq32, 2),
        (IntCC::UnsignedLessThanOrEqual, true) => branch!(br_if_xulteq64, 2),
        (IntCC::UnsignedGreaterThan, false) => branch!(br_if_xult32, exchanged),
        (IntCC::UnsignedGreaterThan, true) => branch!(br_if_xult64, exchanged),
        (IntCC::UnsignedGreaterThanOrEqual, false) => branch!(br_if_xulteq32, exchanged),
        (IntCC::UnsignedGreaterThanOrEqual, true) => branch!(br_if_xulteq64, exchanged),
    }
}

/// The branch that compares a register and an immediate, of 8 bits if it fits, else of 32.
/// Unsigned conditions take it as unsigned, all others as signed.
pub fn immediate(cond: IntCC, wide: bool, imm: i128) -> Option<Put> {
    let is_unsigned = matches!(
        cond,
        IntCC::UnsignedLessThan
            | IntCC::UnsignedLessThanOrEqual
            | IntCC::UnsignedGreaterThan
            | IntCC::UnsignedGreaterThanOrEqual
    );
    let (is_byte, is_word) = if is_unsigned {
        (u8::try_from(imm).is_ok(), u32::try_from(imm).is_ok())
    } else {
        (i8::try_from(imm).is_ok(), i32::try_from(imm).is_ok())
    };
    match (is_byte, is_word) {
        (true, _) => Some(byte(cond, wide)),
        (false, true) => Some(word(cond, wide)),
        _ => None,
    }
}

fn byte(cond: IntCC, wide: bool) -> Put {
    match (cond, wide) {
        (IntCC::Equal, false) => branch!(br_if_xeq32_i8, i8),
        (IntCC::Equal, true) => branch!(br_if_xeq64_i8, i8),
        (IntCC::NotEqual, false) => branch!(br_if_xneq32_i8, i8),
        (IntCC::NotEqual, true) => branch!(br_if_xneq64_i8, i8),
        (IntCC::SignedLessThan, false) => branch!(br_if_xslt32_i8, i8),
        (IntCC::SignedLessThan, true) => branch!(br_if_xslt64_i8, i8),
        (IntCC::SignedLessThanOrEqual, false) => branch!(br_if_xslteq32_i8, i8),
        (IntCC::SignedLessThanOrEqual, true) => branch!(br_if_xslteq64_i8, i8),
        (IntCC::SignedGreaterThan, false) => branch!(br_if_xsgt32_i8, i8),
        (IntCC::SignedGreaterThan, true) => branch!(br_if_xsgt64_i8, i8),
        (IntCC::SignedGreaterThanOrEqual, false) => branch!(br_if_xsgteq32_i8, i8),
        (IntCC::SignedGreaterThanOrEqual, true) => branch!(br_if_xsgteq64_i8, i8),
        (IntCC::UnsignedLessThan, false) => branch!(br_if_xult32_u8, u8),
        (IntCC::UnsignedLessThan, true) => branch!(br_if_xult64_u8, u8),
        (IntCC::UnsignedLessThanOrEqual, false) => branch!(br_if_xulteq32_u8, u8),
        (IntCC::UnsignedLessThanOrEqual, true) => branch!(br_if_xulteq64_u8, u8),
        (IntCC::UnsignedGreaterThan, false) => branch!(br_if_xugt32_u8, u8),
        (IntCC::UnsignedGreaterThan, true) => branch!(br_if_xugt64_u8, u8),
        (IntCC::UnsignedGreaterThanOrEqual, false) => branch!(br_if_xugteq32_u8, u8),
        (IntCC::UnsignedGreaterThanOrEqual, true) => branch!(br_if_xugteq64_u8, u8),
    }
}

fn word(cond: IntCC, wide: bool) -> Put {
    match (cond, wide) {
        (IntCC::Equal, false) => branch!(br_if_xeq32_i32, i32),
        (IntCC::Equal, true) => branch!(br_if_xeq64_i32, i32),
        (IntCC::NotEqual, false) => branch!(br_if_xneq32_i32, i32),
        (IntCC::NotEqual, true) => branch!(br_if_xneq64_i32, i32),
        (IntCC::SignedLessThan, false) => branch!(br_if_xslt32_i32, i32),
        (IntCC::SignedLessThan, true) => branch!(br_if_xslt64_i32, i32),
        (IntCC::SignedLessThanOrEqual, false) => branch!(br_if_xslteq32_i32, i32),
        (IntCC::SignedLessThanOrEqual, true) => branch!(br_if_xslteq64_i32, i32),
        (IntCC::SignedGreaterThan, false) => branch!(br_if_xsgt32_i32, i32),
        (IntCC::SignedGreaterThan, true) => branch!(br_if_xsgt64_i32, i32),
        (IntCC::SignedGreaterThanOrEqual, false) => branch!(br_if_xsgteq32_i32, i32),
        (IntCC::SignedGreaterThanOrEqual, true) => branch!(br_if_xsgteq64_i32, i32),
        (IntCC::UnsignedLessThan, false) => branch!(br_if_xult32_u32, u32),
        (IntCC::UnsignedLessThan, true) => branch!(br_if_xult64_u32, u32),
        (IntCC::UnsignedLessThanOrEqual, false) => branch!(br_if_xulteq32_u32, u32),
        (IntCC::UnsignedLessThanOrEqual, true) => branch!(br_if_xulteq64_u32, u32),
        (IntCC::UnsignedGreaterThan, false) => branch!(br_if_xugt32_u32, u32),
        (IntCC::UnsignedGreaterThan, true) => branch!(br_if_xugt64_u32, u32),
        (IntCC::UnsignedGreaterThanOrEqual, false) => branch!(br_if_xugteq32_u32, u32),
        (IntCC::UnsignedGreaterThanOrEqual, true) => branch!(br_if_xugteq64_u32, u32),
    }
}

/// The comparison of two registers to 0 or 1 in 32 bits.
pub fn value(cond: IntCC, wide: bool) -> Put {
    match (cond, wide) {
        (IntCC::Equal, false) => binary!(xeq32, x),
        (IntCC::Equal, true) => binary!(xeq64, x),
        (IntCC::NotEqual, false) => binary!(xneq32, x),
        (IntCC::NotEqual, true) => binary!(xneq64, x),
        (IntCC::SignedLessThan, false) => binary!(xslt32, x),
        (IntCC::SignedLessThan, true) => binary!(xslt64, x),
        (IntCC::SignedLessThanOrEqual, false) => binary!(xslteq32, x),
        (IntCC::SignedLessThanOrEqual, true) => binary!(xslteq64, x),
        (IntCC::SignedGreaterThan, false) => exchanged!(xslt32, x),
        (IntCC::SignedGreaterThan, true) => exchanged!(xslt64, x),
        (IntCC::SignedGreaterThanOrEqual, false) => exchanged!(xslteq32, x),
        (IntCC::SignedGreaterThanOrEqual, true) => exchanged!(xslteq64, x),
        (IntCC::UnsignedLessThan, false) => binary!(xult32, x),
        (IntCC::UnsignedLessThan, true) => binary!(xult64, x),
        (IntCC::UnsignedLessThanOrEqual, false) => binary!(xulteq32, x),
        (IntCC::UnsignedLessThanOrEqual, true) => binary!(xulteq64, x),
        (IntCC::UnsignedGreaterThan, false) => exchanged!(xult32, x),
        (IntCC::UnsignedGreaterThan, true) => exchanged!(xult64, x),
        (IntCC::UnsignedGreaterThanOrEqual, false) => exchanged!(xulteq32, x),
        (IntCC::UnsignedGreaterThanOrEqual, true) => exchanged!(xulteq64, x),
    }
}
