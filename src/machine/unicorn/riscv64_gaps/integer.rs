//! Integers: Zba, Zbb, Zbc, Zbs, Zbkb and Zicond.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapters "B" and "Zicond".

/// What `word` gives for its operands `a` (rs1) and `b` (rs2): the number of its destination
/// register and the value; `None` for an instruction that is not one of the gaps.
pub fn execute(word: u32, mut register: impl FnMut(u32) -> u64) -> Option<(u32, u64)> {
    let field = |shift: u32| (word >> shift) & 31;
    let (a, b) = (register(field(15)), register(field(20)));
    let value = unary(word, a)
        .or_else(|| immediate(word, a))
        .or_else(|| two_registers(word, a, b))?;
    Some((field(7), value))
}

fn low_word(x: u64) -> u64 {
    x & 0xffff_ffff
}

/// The low 32 bits, sign-extended.
fn extended(x: u64) -> u64 {
    i64::from(low_half(x).cast_signed()).cast_unsigned()
}

fn low_half(x: u64) -> u32 {
    u32::try_from(low_word(x)).expect("masked to 32 bits")
}

/// Operation, function and second source field are fixed.
fn unary(word: u32, a: u64) -> Option<u64> {
    let low = low_half(a);
    Some(match word & 0xfff0_707f {
        0x6000_1013 => a.leading_zeros().into(),
        0x6010_1013 => a.trailing_zeros().into(),
        0x6020_1013 => a.count_ones().into(),
        0x6000_101b => low.leading_zeros().into(),
        0x6010_101b => low.trailing_zeros().into(),
        0x6020_101b => low.count_ones().into(),
        0x6040_1013 => sign_extend(a, 8),
        0x6050_1013 => sign_extend(a, 16),
        0x0800_403b => a & 0xffff,
        0x6b80_5013 => a.swap_bytes(),
        0x2870_5013 => u64::from_le_bytes(a.to_le_bytes().map(|x| if x == 0 { 0 } else { 0xff })),
        0x6870_5013 => u64::from_le_bytes(a.to_le_bytes().map(u8::reverse_bits)),
        _ => return None,
    })
}

fn sign_extend(x: u64, bits: u32) -> u64 {
    let free = 64 - bits;
    ((x << free).cast_signed() >> free).cast_unsigned()
}

/// With a shift amount of six bits.
fn immediate(word: u32, a: u64) -> Option<u64> {
    let amount = (word >> 20) & 63;
    let bit = 1_u64 << amount;
    Some(match word & 0xfc00_707f {
        0x0800_101b => low_word(a) << amount,
        0x6000_5013 => a.rotate_right(amount),
        0x6000_501b if amount < 32 => extended(low_half(a).rotate_right(amount).into()),
        0x4800_1013 => a & !bit,
        0x4800_5013 => (a >> amount) & 1,
        0x6800_1013 => a ^ bit,
        0x2800_1013 => a | bit,
        _ => return None,
    })
}

fn two_registers(word: u32, a: u64, b: u64) -> Option<u64> {
    let amount = u32::try_from(b & 63).expect("masked to 6 bits");
    let bit = 1_u64 << amount;
    let signed = (a.cast_signed(), b.cast_signed());
    Some(match word & 0xfe00_707f {
        0x2000_2033 => (a << 1).wrapping_add(b),
        0x2000_4033 => (a << 2).wrapping_add(b),
        0x2000_6033 => (a << 3).wrapping_add(b),
        0x0800_003b => low_word(a).wrapping_add(b),
        0x2000_203b => (low_word(a) << 1).wrapping_add(b),
        0x2000_403b => (low_word(a) << 2).wrapping_add(b),
        0x2000_603b => (low_word(a) << 3).wrapping_add(b),
        0x4000_7033 => a & !b,
        0x4000_6033 => a | !b,
        0x4000_4033 => !(a ^ b),
        0x6000_1033 => a.rotate_left(amount),
        0x6000_5033 => a.rotate_right(amount),
        0x6000_103b => extended(low_half(a).rotate_left(amount & 31).into()),
        0x6000_503b => extended(low_half(a).rotate_right(amount & 31).into()),
        0x0a00_4033 => signed.0.min(signed.1).cast_unsigned(),
        0x0a00_5033 => a.min(b),
        0x0a00_6033 => signed.0.max(signed.1).cast_unsigned(),
        0x0a00_7033 => a.max(b),
        0x0800_4033 => low_word(a) | low_word(b) << 32,
        0x0800_7033 => (a & 0xff) | (b & 0xff) << 8,
        0x0800_403b => extended((a & 0xffff) | (b & 0xffff) << 16),
        0x0a00_1033 => half(product(a, b), 0),
        0x0a00_2033 => half(product(a, b), 63),
        0x0a00_3033 => half(product(a, b), 64),
        0x4800_1033 => a & !bit,
        0x4800_5033 => (a >> amount) & 1,
        0x6800_1033 => a ^ bit,
        0x2800_1033 => a | bit,
        0x0e00_5033 => {
            if b == 0 {
                0
            } else {
                a
            }
        }
        0x0e00_7033 => {
            if b == 0 {
                a
            } else {
                0
            }
        }
        _ => return None,
    })
}

/// The product without carries.
fn product(a: u64, b: u64) -> u128 {
    let ones = (0..64).filter(|bit| b >> bit & 1 == 1);
    ones.fold(0, |sum, bit| sum ^ u128::from(a) << bit)
}

fn half(product: u128, from: u32) -> u64 {
    u64::try_from((product >> from) & u128::from(u64::MAX)).expect("masked to 64 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of `word` with rd x3, rs1 x1 and rs2 x2 (or whatever it has fixed there).
    fn value(word: u32, a: u64, b: u64) -> Option<u64> {
        let fields = 3 << 7 | 1 << 15;
        let register = |n: u32| [0, a, b].get(n as usize).copied().unwrap_or(0);
        let (destination, value) = execute(word | fields, register)?;
        assert_eq!(destination, 3);
        Some(value)
    }

    fn both(word: u32, a: u64, b: u64) -> u64 {
        value(word | 2 << 20, a, b).unwrap()
    }

    #[test]
    fn counts_and_extensions() {
        let one = |word, a| value(word, a, 0).unwrap();
        assert_eq!(one(0x6000_1013, 1), 63);
        assert_eq!(one(0x6000_1013, 0), 64);
        assert_eq!(one(0x6010_1013, 8), 3);
        assert_eq!(one(0x6000_101b, 0xffff_ffff_0000_0001), 31);
        assert_eq!(one(0x6010_101b, 0xffff_ffff_0000_0000), 32);
        assert_eq!(one(0x6020_1013, 0xf0f0), 8);
        assert_eq!(one(0x6040_1013, 0x180), 0xffff_ffff_ffff_ff80);
        assert_eq!(one(0x6050_1013, 0x1_7fff), 0x7fff);
        assert_eq!(one(0x0800_403b, 0x1234_5678), 0x5678);
        assert_eq!(
            one(0x6b80_5013, 0x0102_0304_0506_0708),
            0x0807_0605_0403_0201
        );
        assert_eq!(
            one(0x2870_5013, 0x0100_0000_0000_8000),
            0xff00_0000_0000_ff00
        );
        assert_eq!(one(0x6870_5013, 0x01_80), 0x80_01);
    }

    #[test]
    fn additions_rotations_and_single_bits() {
        assert_eq!(both(0x2000_2033, 3, 100), 106);
        assert_eq!(both(0x2000_603b, 0xffff_ffff_0000_0001, 5), 13);
        assert_eq!(both(0x0800_003b, 0xffff_ffff_0000_0001, 1), 2);
        assert_eq!(both(0x6000_1033, 1 << 63, 1), 1);
        assert_eq!(both(0x6000_103b, 0x4000_0000, 1), 0xffff_ffff_8000_0000);
        assert_eq!(
            value(0x6000_5013 | 4 << 20, 0x1f, 0),
            Some(0xf000_0000_0000_0001)
        );
        assert_eq!(
            value(0x6000_501b | 4 << 20, 0xf, 0),
            Some(0xffff_ffff_f000_0000)
        );
        assert_eq!(
            value(0x0800_101b | 8 << 20, 0xff_ffff_ffff, 0),
            Some(0xff_ffff_ff00)
        );
        assert_eq!(value(0x2800_1013 | 40 << 20, 0, 0), Some(1 << 40));
        assert_eq!(value(0x4800_5013 | 40 << 20, 1 << 40, 0), Some(1));
        assert_eq!(both(0x4800_1033, 0xff, 64 + 3), 0xf7);
        assert_eq!(both(0x6800_1033, 0xff, 3), 0xf7);
    }

    #[test]
    fn the_rest_of_two_registers() {
        let minus = u64::MAX;
        assert_eq!(both(0x0a00_4033, minus, 1), minus);
        assert_eq!(both(0x0a00_5033, minus, 1), 1);
        assert_eq!(both(0x0a00_6033, minus, 1), 1);
        assert_eq!(both(0x0a00_7033, minus, 1), minus);
        assert_eq!(both(0x4000_7033, 0xff, 0x0f), 0xf0);
        assert_eq!(both(0x4000_4033, 5, 5), minus);
        assert_eq!(
            both(0x0800_4033, 0x1_0000_0002, 0x3_0000_0004),
            0x4_0000_0002
        );
        assert_eq!(both(0x0800_7033, 0x112, 0x134), 0x3412);
        assert_eq!(both(0x0a00_1033, 3, 3), 5);
        assert_eq!(both(0x0a00_3033, 1 << 63, 2), 1);
        assert_eq!(both(0x0a00_2033, 1 << 63, 1), 1);
        assert_eq!(both(0x0e00_5033, 7, 0), 0);
        assert_eq!(both(0x0e00_5033, 7, 9), 7);
        assert_eq!(both(0x0e00_7033, 7, 0), 7);
    }

    #[test]
    fn nothing_else_is_touched() {
        // ADD, ADDW, SLLI, SRAI, VADD.VV.
        for word in [0x33, 0x3b, 0x1013, 0x4000_5013, 0x57] {
            assert_eq!(value(word, 1, 1), None, "{word:#x}");
        }
    }
}
