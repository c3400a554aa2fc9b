//! What x86-64 instructions do to the flow. Prefixes and ModRM forms are Capstone's business,
//! so this reads its text, which for branches is absolute.

use super::{Instruction, Kind};

/// Classifies.
pub fn kind(instruction: &Instruction) -> Kind {
    if instruction.kind == Kind::Unknown {
        return Kind::Other;
    }
    let operands = instruction.operands.as_str();
    let mnemonic = instruction.mnemonic.as_str();
    match mnemonic.strip_prefix("bnd ").unwrap_or(mnemonic) {
        "call" => match number(operands) {
            Some(target) => Kind::Call { target, link: None },
            None => Kind::CallIndirect {
                base: None,
                link: None,
            },
        },
        "jmp" | "notrack jmp" => {
            number(operands).map_or(Kind::JumpIndirect { base: None }, Kind::Jump)
        }
        "ret" => Kind::Return,
        "ud2" => Kind::Trap,
        "nop" => Kind::Nop,
        "sub" => adjustment(operands, -1),
        "add" => adjustment(operands, 1),
        "lea" => lea_adjustment(operands),
        name if name.starts_with('j') => number(operands).map_or(Kind::Other, Kind::Branch),
        _ => Kind::Other,
    }
}

/// `0x..` or a decimal number, as Capstone prints immediates.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// `rsp, 0x20`. Immediates print as 64-bit patterns when negative.
fn adjustment(operands: &str, sign: i64) -> Kind {
    let Some(amount) = operands.strip_prefix("rsp, ") else {
        return Kind::Other;
    };
    match number(amount) {
        Some(amount) => Kind::AdjustSp(sign.wrapping_mul(amount.cast_signed())),
        None if amount.starts_with('r') => Kind::AdjustSpByRegister,
        None => Kind::Other,
    }
}

/// `rsp, [rsp + 0x20]`.
fn lea_adjustment(operands: &str) -> Kind {
    let inner = operands
        .strip_prefix("rsp, [rsp ")
        .and_then(|rest| rest.strip_suffix(']'));
    let amount = inner.and_then(|inner| {
        let (sign, digits) = inner.split_once(' ')?;
        let amount = i64::try_from(number(digits)?).ok()?;
        match sign {
            "+" => Some(amount),
            "-" => Some(-amount),
            _ => None,
        }
    });
    amount.map_or(Kind::Other, Kind::AdjustSp)
}
