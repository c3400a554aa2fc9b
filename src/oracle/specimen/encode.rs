//! The few instructions of specimens.

use pulley_interpreter::{PcRelOffset, XReg, encode};

use crate::isa::Isa;

/// A register move or an addition.
pub fn filler(isa: Isa) -> Vec<u8> {
    match isa {
        Isa::X86_64 => vec![0x89, 0xc8],
        Isa::Aarch64 => vec![0xe0, 0x03, 0x01, 0xaa],
        Isa::Riscv64gc => vec![0x13, 0x05, 0x15, 0x00],
        Isa::S390x => vec![0xb9, 0x04, 0x00, 0x23],
        _ => {
            let mut code = Vec::new();
            encode::xmov(&mut code, XReg::x0, XReg::x1);
            code
        }
    }
}

fn distance(at: u64, target: u64) -> i32 {
    i32::try_from(target.wrapping_sub(at).cast_signed()).expect("specimens are small")
}

/// A call of `target` that lies at `at`.
pub fn call(isa: Isa, at: u64, target: u64) -> Vec<u8> {
    let distance = distance(at, target);
    match isa {
        Isa::X86_64 => [&[0xe8][..], &(distance - 5).to_le_bytes()].concat(),
        Isa::Aarch64 => {
            let words = (distance / 4).cast_unsigned() & 0x03ff_ffff;
            (0x9400_0000 | words).to_le_bytes().to_vec()
        }
        Isa::Riscv64gc => {
            let high = (distance + 0x800).cast_unsigned() & 0xffff_f000;
            let low = distance.cast_unsigned() << 20;
            [(high | 0x97).to_le_bytes(), (low | 0x80e7).to_le_bytes()].concat()
        }
        Isa::S390x => [&[0xc0, 0xe5][..], &(distance / 2).to_be_bytes()].concat(),
        _ => {
            let mut code = Vec::new();
            encode::call(&mut code, PcRelOffset::from(distance));
            code
        }
    }
}

/// An unconditional branch to `target`, at most 126 bytes away, that lies at `at`.
pub fn jump(isa: Isa, at: u64, target: u64) -> Vec<u8> {
    let distance = distance(at, target);
    match isa {
        Isa::X86_64 => {
            let short = i8::try_from(distance - 2).expect("specimens are small");
            vec![0xeb, short.cast_unsigned()]
        }
        Isa::Aarch64 => {
            let words = (distance / 4).cast_unsigned() & 0x03ff_ffff;
            (0x1400_0000 | words).to_le_bytes().to_vec()
        }
        Isa::Riscv64gc => {
            let bits = distance.cast_unsigned();
            let sign = if distance < 0 {
                0x800f_f000 | 1 << 20
            } else {
                0
            };
            (sign | ((bits >> 1) & 0x3ff) << 21 | 0x6f)
                .to_le_bytes()
                .to_vec()
        }
        Isa::S390x => {
            let half = i16::try_from(distance / 2).expect("specimens are small");
            [&[0xa7, 0xf4][..], &half.to_be_bytes()].concat()
        }
        _ => {
            let mut code = Vec::new();
            encode::jump(&mut code, PcRelOffset::from(distance));
            code
        }
    }
}

/// Where the relocated field of a call of `len` bytes at `at` lies, with its length.
pub fn call_field(isa: Isa, at: u64, len: usize) -> (u64, u32) {
    match isa {
        Isa::Aarch64 => (at, 4),
        Isa::Riscv64gc => (at, 8),
        _ => (at + len as u64 - 4, 4),
    }
}

/// The stack pointer moved down by `amount` bytes, at most 127 on x86-64.
pub fn reclaim(isa: Isa, amount: u64) -> Vec<u8> {
    let small = u16::try_from(amount).expect("specimens are small");
    match isa {
        Isa::X86_64 => {
            let byte = i8::try_from(amount).expect("specimens are small");
            vec![0x48, 0x83, 0xec, byte.cast_unsigned()]
        }
        Isa::Aarch64 => (0xd100_03ff | u32::from(small) << 10)
            .to_le_bytes()
            .to_vec(),
        Isa::Riscv64gc => {
            let immediate = u32::from(small).wrapping_neg() << 20;
            (immediate | 0x0001_0113).to_le_bytes().to_vec()
        }
        Isa::S390x => [&[0xa7, 0xfb][..], &small.wrapping_neg().to_be_bytes()].concat(),
        _ => {
            let mut code = Vec::new();
            encode::stack_alloc32(&mut code, u32::from(small));
            code
        }
    }
}

/// The stack pointer set to so many bytes below the frame pointer.
pub fn rebuild(isa: Isa, amount: u64) -> Vec<u8> {
    let small = u16::try_from(amount).expect("specimens are small");
    match isa {
        // lea rsp, [rbp - amount].
        Isa::X86_64 => {
            let byte = i8::try_from(amount).expect("specimens are small");
            vec![0x48, 0x8d, 0x65, byte.wrapping_neg().cast_unsigned()]
        }
        // sub sp, x29, amount.
        Isa::Aarch64 => (0xd100_03bf | u32::from(small) << 10)
            .to_le_bytes()
            .to_vec(),
        // addi sp, s0, -amount.
        Isa::Riscv64gc => {
            let immediate = u32::from(small).wrapping_neg() << 20;
            (immediate | 0x0004_0113).to_le_bytes().to_vec()
        }
        // lgr %r15, %r11.
        Isa::S390x => vec![0xb9, 0x04, 0x00, 0xfb],
        _ => {
            let mut code = Vec::new();
            encode::xmov_fp(&mut code, XReg::spilltmp0);
            encode::xsub64_u32(&mut code, XReg::sp, XReg::spilltmp0, u32::from(small));
            code
        }
    }
}

pub fn ret(isa: Isa) -> Vec<u8> {
    match isa {
        Isa::X86_64 => vec![0xc3],
        Isa::Aarch64 => vec![0xc0, 0x03, 0x5f, 0xd6],
        Isa::Riscv64gc => vec![0x67, 0x80, 0x00, 0x00],
        Isa::S390x => vec![0x07, 0xfe],
        _ => {
            let mut code = Vec::new();
            encode::ret(&mut code);
            code
        }
    }
}

pub fn nop_units(isa: Isa) -> Vec<Vec<u8>> {
    match isa {
        Isa::X86_64 => vec![vec![0x90], vec![0x0f, 0x1f, 0x44, 0x00, 0x00]],
        Isa::Aarch64 => vec![vec![0x1f, 0x20, 0x03, 0xd5]],
        Isa::Riscv64gc => vec![vec![0x13, 0, 0, 0]],
        Isa::S390x => vec![vec![0x07, 0x07]],
        _ => vec![vec![0]],
    }
}
