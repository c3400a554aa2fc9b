//! Lets x86-64 code run on past instructions that the emulator computes wrong.
//!
//! QEMU 5.0's helpers of PHADDW and PHADDD (target/i386/ops_sse.h) write the lower half of the
//! target before they read the source: with one register for both, the upper half is made of
//! sums in place of the operand's lanes. Cranelift's `iadd_pairwise` of a value with itself is
//! such an instruction. The other horizontal and packing instructions that Cranelift emits go
//! through a copy there.
//!
//! Source: Intel SDM volume 2B, "PHADDW/PHADDD".

use unicorn_engine::{RegisterX86, UcHookId, Unicorn, uc_error};

use super::Shared;
use super::registers::{self, Access};
use crate::image::CodeImage;

/// A horizontal addition of a vector register with itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OwnPairs {
    /// Number of the register.
    register: u8,
    /// Bits of a lane: 16 or 32.
    lane_bits: u32,
    /// Of the instruction.
    bytes: u8,
}

impl OwnPairs {
    /// The instruction at the start of `code`: `66 [REX] 0f 38 01|02 /r`.
    fn decode(code: &[u8]) -> Option<OwnPairs> {
        let (rex, rest, bytes) = match code {
            [0x66, rex @ 0x40..=0x4f, rest @ ..] => (*rex, rest, 6),
            [0x66, rest @ ..] => (0, rest, 5),
            _ => return None,
        };
        let (opcode, modrm) = match rest {
            [0x0f, 0x38, opcode @ (1 | 2), modrm @ 0xc0..=0xff, ..] => (*opcode, *modrm),
            _ => return None,
        };
        let target = (modrm >> 3 & 7) | (rex << 1 & 8);
        let source = (modrm & 7) | (rex << 3 & 8);
        (target == source).then_some(OwnPairs {
            register: target,
            lane_bits: if opcode == 1 { 16 } else { 32 },
            bytes,
        })
    }

    /// The sums of neighbouring lanes of `value`, twice.
    fn sums(self, value: u128) -> u128 {
        let bits = self.lane_bits;
        let lane = |index: u32| value >> (index * bits) & ((1 << bits) - 1);
        let half = (0..64 / bits).fold(0, |half, index| {
            let sum = (lane(2 * index) + lane(2 * index + 1)) & ((1 << bits) - 1);
            half | sum << (index * bits)
        });
        half | half << 64
    }
}

/// Hooks the addresses of `image` where an instruction may stand that the emulator computes
/// wrong. An address inside of another instruction may be among them; it is never executed.
pub fn hook_miscomputed(
    engine: &mut Unicorn<'static, Shared>,
    image: &CodeImage,
) -> Result<Vec<UcHookId>, uc_error> {
    let wrong = (image.base..)
        .zip(0..image.bytes.len())
        .filter_map(|(address, offset)| {
            OwnPairs::decode(&image.bytes[offset..]).map(|pairs| (address, pairs))
        });
    wrong
        .map(|(address, pairs)| {
            engine.add_code_hook(address, address, move |engine, address, _| {
                let register = Access::Long(RegisterX86::XMM0 as i32 + i32::from(pairs.register));
                let sums = pairs.sums(registers::read(engine, register));
                registers::write(engine, register, sums);
                let next = u128::from(address) + u128::from(pairs.bytes);
                registers::write(engine, Access::Word(RegisterX86::RIP as i32), next);
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(code: &[u8]) -> Option<(u8, u32, u8)> {
        let pairs = OwnPairs::decode(code)?;
        Some((pairs.register, pairs.lane_bits, pairs.bytes))
    }

    #[test]
    fn only_a_register_with_itself_is_decoded() {
        // phaddd xmm0, xmm0; phaddw xmm3, xmm3; phaddd xmm12, xmm12.
        assert_eq!(decoded(&[0x66, 0x0f, 0x38, 2, 0xc0]), Some((0, 32, 5)));
        assert_eq!(decoded(&[0x66, 0x0f, 0x38, 1, 0xdb]), Some((3, 16, 5)));
        let high = [0x66, 0x45, 0x0f, 0x38, 2, 0xe4];
        assert_eq!(decoded(&high), Some((12, 32, 6)));
        // xmm0 with xmm1, with xmm8, with memory; phsubd; without its last byte.
        assert_eq!(decoded(&[0x66, 0x0f, 0x38, 2, 0xc1]), None);
        assert_eq!(decoded(&[0x66, 0x41, 0x0f, 0x38, 2, 0xc0]), None);
        assert_eq!(decoded(&[0x66, 0x0f, 0x38, 2, 0x00]), None);
        assert_eq!(decoded(&[0x66, 0x0f, 0x38, 6, 0xc0]), None);
        assert_eq!(decoded(&[0x66, 0x0f, 0x38, 2]), None);
    }

    #[test]
    fn sums_are_of_neighbours_and_wrap() {
        let pairs = |lane_bits| OwnPairs {
            register: 0,
            lane_bits,
            bytes: 5,
        };
        let value = 0x0000_0001_0000_0002_ffff_ffff_0000_0003;
        let sums = 0x0000_0003_0000_0002_0000_0003_0000_0002;
        assert_eq!(pairs(32).sums(value), sums);
        let sums = 0x0001_0002_fffe_0003_0001_0002_fffe_0003;
        assert_eq!(pairs(16).sums(value), sums);
    }
}
