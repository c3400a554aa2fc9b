//! Vector and float operations of the form `dst = dst op src` or `dst = op src`, all in one
//! table: mnemonic, mandatory prefix, opcode map, opcode, bytes that a memory operand has.

use super::emit::{Map, Opcode, Rex, modrm};
use super::operand::{Xmm, XmmMem};

/// Extension that an instruction is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// SSE or SSE2: each x86-64 has them.
    Base,
    /// SSE3.
    Sse3,
    /// SSSE3.
    Ssse3,
    /// SSE4.1.
    Sse41,
    /// SSE4.2.
    Sse42,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    opcode: Opcode,
    bytes: u8,
    level: Level,
}

macro_rules! table {
    ($($level:ident {$($op:ident $name:literal $prefix:literal $map:ident $byte:literal m $bytes:literal,)*})*) => {
        /// An operation; named as in the manual. Lanes are packed unless the last letters say
        /// `ss` or `sd`: those work on the lowest lane and leave the others of `dst`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Sse {
            $($(#[doc = $name] $op,)*)*
        }

        impl Sse {
            /// All of them.
            pub const ALL: &[Sse] = &[$($(Sse::$op,)*)*];

            const fn row(self) -> &'static Row {
                match self {
                    $($(Sse::$op => &const { Row {
                        name: $name,
                        opcode: Opcode { prefix: $prefix, map: Map::$map, byte: $byte },
                        bytes: $bytes,
                        level: Level::$level,
                    } },)*)*
                }
            }
        }
    };
}

table! {
    Base {
    Addps "addps" 0 Two 0x58 m 16,
    Addpd "addpd" 0x66 Two 0x58 m 16,
    Addss "addss" 0xf3 Two 0x58 m 4,
    Addsd "addsd" 0xf2 Two 0x58 m 8,
    Mulps "mulps" 0 Two 0x59 m 16,
    Mulpd "mulpd" 0x66 Two 0x59 m 16,
    Mulss "mulss" 0xf3 Two 0x59 m 4,
    Mulsd "mulsd" 0xf2 Two 0x59 m 8,
    Subps "subps" 0 Two 0x5c m 16,
    Subpd "subpd" 0x66 Two 0x5c m 16,
    Subss "subss" 0xf3 Two 0x5c m 4,
    Subsd "subsd" 0xf2 Two 0x5c m 8,
    Minps "minps" 0 Two 0x5d m 16,
    Minpd "minpd" 0x66 Two 0x5d m 16,
    Minss "minss" 0xf3 Two 0x5d m 4,
    Minsd "minsd" 0xf2 Two 0x5d m 8,
    Divps "divps" 0 Two 0x5e m 16,
    Divpd "divpd" 0x66 Two 0x5e m 16,
    Divss "divss" 0xf3 Two 0x5e m 4,
    Divsd "divsd" 0xf2 Two 0x5e m 8,
    Maxps "maxps" 0 Two 0x5f m 16,
    Maxpd "maxpd" 0x66 Two 0x5f m 16,
    Maxss "maxss" 0xf3 Two 0x5f m 4,
    Maxsd "maxsd" 0xf2 Two 0x5f m 8,
    Sqrtps "sqrtps" 0 Two 0x51 m 16,
    Sqrtpd "sqrtpd" 0x66 Two 0x51 m 16,
    Sqrtss "sqrtss" 0xf3 Two 0x51 m 4,
    Sqrtsd "sqrtsd" 0xf2 Two 0x51 m 8,
    Andps "andps" 0 Two 0x54 m 16,
    Andpd "andpd" 0x66 Two 0x54 m 16,
    Andnps "andnps" 0 Two 0x55 m 16,
    Andnpd "andnpd" 0x66 Two 0x55 m 16,
    Orps "orps" 0 Two 0x56 m 16,
    Orpd "orpd" 0x66 Two 0x56 m 16,
    Xorps "xorps" 0 Two 0x57 m 16,
    Xorpd "xorpd" 0x66 Two 0x57 m 16,
    Ucomiss "ucomiss" 0 Two 0x2e m 4,
    Ucomisd "ucomisd" 0x66 Two 0x2e m 8,
    Unpcklps "unpcklps" 0 Two 0x14 m 16,
    Unpcklpd "unpcklpd" 0x66 Two 0x14 m 16,
    Unpckhps "unpckhps" 0 Two 0x15 m 16,
    Unpckhpd "unpckhpd" 0x66 Two 0x15 m 16,
    Cvtss2sd "cvtss2sd" 0xf3 Two 0x5a m 4,
    Cvtsd2ss "cvtsd2ss" 0xf2 Two 0x5a m 8,
    Cvtps2pd "cvtps2pd" 0 Two 0x5a m 8,
    Cvtpd2ps "cvtpd2ps" 0x66 Two 0x5a m 16,
    Cvtdq2ps "cvtdq2ps" 0 Two 0x5b m 16,
    Cvtdq2pd "cvtdq2pd" 0xf3 Two 0xe6 m 8,
    Cvttps2dq "cvttps2dq" 0xf3 Two 0x5b m 16,
    Cvttpd2dq "cvttpd2dq" 0x66 Two 0xe6 m 16,
    Punpcklbw "punpcklbw" 0x66 Two 0x60 m 16,
    Punpcklwd "punpcklwd" 0x66 Two 0x61 m 16,
    Punpckldq "punpckldq" 0x66 Two 0x62 m 16,
    Punpcklqdq "punpcklqdq" 0x66 Two 0x6c m 16,
    Punpckhbw "punpckhbw" 0x66 Two 0x68 m 16,
    Punpckhwd "punpckhwd" 0x66 Two 0x69 m 16,
    Punpckhdq "punpckhdq" 0x66 Two 0x6a m 16,
    Punpckhqdq "punpckhqdq" 0x66 Two 0x6d m 16,
    Packsswb "packsswb" 0x66 Two 0x63 m 16,
    Packuswb "packuswb" 0x66 Two 0x67 m 16,
    Packssdw "packssdw" 0x66 Two 0x6b m 16,
    Pcmpgtb "pcmpgtb" 0x66 Two 0x64 m 16,
    Pcmpgtw "pcmpgtw" 0x66 Two 0x65 m 16,
    Pcmpgtd "pcmpgtd" 0x66 Two 0x66 m 16,
    Pcmpeqb "pcmpeqb" 0x66 Two 0x74 m 16,
    Pcmpeqw "pcmpeqw" 0x66 Two 0x75 m 16,
    Pcmpeqd "pcmpeqd" 0x66 Two 0x76 m 16,
    Paddb "paddb" 0x66 Two 0xfc m 16,
    Paddw "paddw" 0x66 Two 0xfd m 16,
    Paddd "paddd" 0x66 Two 0xfe m 16,
    Paddq "paddq" 0x66 Two 0xd4 m 16,
    Psubb "psubb" 0x66 Two 0xf8 m 16,
    Psubw "psubw" 0x66 Two 0xf9 m 16,
    Psubd "psubd" 0x66 Two 0xfa m 16,
    Psubq "psubq" 0x66 Two 0xfb m 16,
    Paddsb "paddsb" 0x66 Two 0xec m 16,
    Paddsw "paddsw" 0x66 Two 0xed m 16,
    Paddusb "paddusb" 0x66 Two 0xdc m 16,
    Paddusw "paddusw" 0x66 Two 0xdd m 16,
    Psubsb "psubsb" 0x66 Two 0xe8 m 16,
    Psubsw "psubsw" 0x66 Two 0xe9 m 16,
    Psubusb "psubusb" 0x66 Two 0xd8 m 16,
    Psubusw "psubusw" 0x66 Two 0xd9 m 16,
    Pavgb "pavgb" 0x66 Two 0xe0 m 16,
    Pavgw "pavgw" 0x66 Two 0xe3 m 16,
    Pmullw "pmullw" 0x66 Two 0xd5 m 16,
    Pmulhw "pmulhw" 0x66 Two 0xe5 m 16,
    Pmulhuw "pmulhuw" 0x66 Two 0xe4 m 16,
    Pmuludq "pmuludq" 0x66 Two 0xf4 m 16,
    Pmaddwd "pmaddwd" 0x66 Two 0xf5 m 16,
    Pminub "pminub" 0x66 Two 0xda m 16,
    Pmaxub "pmaxub" 0x66 Two 0xde m 16,
    Pminsw "pminsw" 0x66 Two 0xea m 16,
    Pmaxsw "pmaxsw" 0x66 Two 0xee m 16,
    Pand "pand" 0x66 Two 0xdb m 16,
    Pandn "pandn" 0x66 Two 0xdf m 16,
    Por "por" 0x66 Two 0xeb m 16,
    Pxor "pxor" 0x66 Two 0xef m 16,
    Psllw "psllw" 0x66 Two 0xf1 m 16,
    Pslld "pslld" 0x66 Two 0xf2 m 16,
    Psllq "psllq" 0x66 Two 0xf3 m 16,
    Psrlw "psrlw" 0x66 Two 0xd1 m 16,
    Psrld "psrld" 0x66 Two 0xd2 m 16,
    Psrlq "psrlq" 0x66 Two 0xd3 m 16,
    Psraw "psraw" 0x66 Two 0xe1 m 16,
    Psrad "psrad" 0x66 Two 0xe2 m 16,
    Psadbw "psadbw" 0x66 Two 0xf6 m 16,
    }
    Sse3 {
    Movddup "movddup" 0xf2 Two 0x12 m 8,
    }
    Ssse3 {
    Pshufb "pshufb" 0x66 Three8 0x00 m 16,
    Phaddw "phaddw" 0x66 Three8 0x01 m 16,
    Phaddd "phaddd" 0x66 Three8 0x02 m 16,
    Pmaddubsw "pmaddubsw" 0x66 Three8 0x04 m 16,
    Pmulhrsw "pmulhrsw" 0x66 Three8 0x0b m 16,
    Pabsb "pabsb" 0x66 Three8 0x1c m 16,
    Pabsw "pabsw" 0x66 Three8 0x1d m 16,
    Pabsd "pabsd" 0x66 Three8 0x1e m 16,
    }
    Sse41 {
    Ptest "ptest" 0x66 Three8 0x17 m 16,
    Pmovsxbw "pmovsxbw" 0x66 Three8 0x20 m 8,
    Pmovsxwd "pmovsxwd" 0x66 Three8 0x23 m 8,
    Pmovsxdq "pmovsxdq" 0x66 Three8 0x25 m 8,
    Pmovzxbw "pmovzxbw" 0x66 Three8 0x30 m 8,
    Pmovzxwd "pmovzxwd" 0x66 Three8 0x33 m 8,
    Pmovzxdq "pmovzxdq" 0x66 Three8 0x35 m 8,
    Pmuldq "pmuldq" 0x66 Three8 0x28 m 16,
    Pcmpeqq "pcmpeqq" 0x66 Three8 0x29 m 16,
    Packusdw "packusdw" 0x66 Three8 0x2b m 16,
    Pminsb "pminsb" 0x66 Three8 0x38 m 16,
    Pminsd "pminsd" 0x66 Three8 0x39 m 16,
    Pminuw "pminuw" 0x66 Three8 0x3a m 16,
    Pminud "pminud" 0x66 Three8 0x3b m 16,
    Pmaxsb "pmaxsb" 0x66 Three8 0x3c m 16,
    Pmaxsd "pmaxsd" 0x66 Three8 0x3d m 16,
    Pmaxuw "pmaxuw" 0x66 Three8 0x3e m 16,
    Pmaxud "pmaxud" 0x66 Three8 0x3f m 16,
    Pmulld "pmulld" 0x66 Three8 0x40 m 16,
    }
    Sse42 {
    Pcmpgtq "pcmpgtq" 0x66 Three8 0x37 m 16,
    }
}

impl Sse {
    /// The extension that it is from.
    pub const fn level(self) -> Level {
        self.row().level
    }

    /// Mnemonic.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Bytes that it reads of a memory operand; 16 must be aligned.
    pub const fn memory_bytes(self) -> u8 {
        self.row().bytes
    }
}

/// `dst = dst op src`, `dst = op src`, or flags of both.
pub fn op(out: &mut Vec<u8>, op: Sse, dst: Xmm, src: impl Into<XmmMem>) {
    let opcode = op.row().opcode;
    modrm(out, opcode, Rex::default(), dst.number(), src.into().into());
}
