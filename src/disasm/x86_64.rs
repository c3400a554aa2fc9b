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
        "mov" => move_to_sp(operands),
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
    // Capstone prints some negative amounts as such: `48 83 c4 80` is `add rsp, -0x80`.
    let signed = match amount.strip_prefix('-') {
        Some(digits) => number(digits).map(|amount| amount.cast_signed().wrapping_neg()),
        None => number(amount).map(u64::cast_signed),
    };
    match signed {
        Some(amount) => Kind::AdjustSp(sign.wrapping_mul(amount)),
        None if amount.starts_with('r') => Kind::AdjustSpByRegister,
        None => Kind::Other,
    }
}

/// `rsp, [rsp + 0x20]`, or of another register.
fn lea_adjustment(operands: &str) -> Kind {
    let inner = operands
        .strip_prefix("rsp, [")
        .and_then(|rest| rest.strip_suffix(']'));
    let parts = inner.and_then(|inner| {
        let (base, rest) = inner.split_once(' ').unwrap_or((inner, "+ 0"));
        let (sign, digits) = rest.split_once(' ')?;
        let amount = i64::try_from(number(digits)?).ok()?;
        match sign {
            "+" => Some((base, amount)),
            "-" => Some((base, -amount)),
            _ => None,
        }
    });
    match parts {
        Some(("rsp", amount)) => Kind::AdjustSp(amount),
        Some((base, _)) if is_other(base) => Kind::SetSp,
        _ => Kind::Other,
    }
}

/// `rsp, rbp`.
fn move_to_sp(operands: &str) -> Kind {
    match operands.strip_prefix("rsp, ") {
        Some(from) if is_other(from) => Kind::SetSp,
        _ => Kind::Other,
    }
}

/// Whether a name is that of a general register that is not the stack pointer.
fn is_other(name: &str) -> bool {
    let digits = name.strip_prefix('r');
    let numbered = digits.is_some_and(|n| n.parse::<u8>().is_ok());
    numbered || ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use super::*;
    use crate::isa::Isa;

    #[test]
    fn the_stack_pointer_moves_by_negative_amounts_too() {
        let cases: [(&[u8], i64); 4] = [
            (&[0x48, 0x83, 0xec, 0x10], -16),
            (&[0x48, 0x83, 0xc4, 0x10], 16),
            (&[0x48, 0x83, 0xc4, 0x80], -128),
            (&[0x48, 0x81, 0xec, 0, 0xff, 0xff, 0xff], 256),
        ];
        for (bytes, by) in cases {
            let decoded = decode(Isa::X86_64, bytes, 0).expect("there are bytes");
            assert_eq!(decoded.kind, Kind::AdjustSp(by), "{bytes:02x?}");
        }
    }
}
