//! General and floating-point registers and storage: formats RX-a, RXY-a, RS-a, RSY-a and RSY-b.

use super::operand::{Address12, Address20, Disp12, Disp20, Fpr, Gpr, Mask};
use super::table::operations;

operations! {
    /// A general register and storage at a short displacement, format RX-a.
    ShortStorage: u8 {
        L = 0x58 "l" "loads a word into 32 bits",
        Lh = 0x48 "lh" "sign-extends a halfword to 32 bits",
        La = 0x41 "la" "loads the address",
        St = 0x50 "st" "stores a word",
        Sth = 0x40 "sth" "stores a halfword",
        Stc = 0x42 "stc" "stores a byte",
    }
}

operations! {
    /// A general register and storage, format RXY-a.
    Storage: u16 {
        Ly = 0xe358 "ly" "loads a word into 32 bits",
        Lg = 0xe304 "lg" "loads a doubleword",
        Ltg = 0xe302 "ltg" "loads a doubleword and compares it with zero",
        Lb = 0xe376 "lb" "sign-extends a byte to 32 bits",
        Lgb = 0xe377 "lgb" "sign-extends a byte",
        Lgh = 0xe315 "lgh" "sign-extends a halfword",
        Lhy = 0xe378 "lhy" "sign-extends a halfword to 32 bits",
        Lgf = 0xe314 "lgf" "sign-extends a word",
        Llc = 0xe394 "llc" "zero-extends a byte to 32 bits",
        Llgc = 0xe390 "llgc" "zero-extends a byte",
        Llh = 0xe395 "llh" "zero-extends a halfword to 32 bits",
        Llgh = 0xe391 "llgh" "zero-extends a halfword",
        Llgf = 0xe316 "llgf" "zero-extends a word",
        Lrvh = 0xe31f "lrvh" "loads a halfword, bytes reversed; the rest stays",
        Lrv = 0xe31e "lrv" "loads a word, bytes reversed; the rest stays",
        Lrvg = 0xe30f "lrvg" "loads a doubleword, bytes reversed",
        Lay = 0xe371 "lay" "loads the address",
        Stcy = 0xe372 "stcy" "stores a byte",
        Sthy = 0xe370 "sthy" "stores a halfword",
        Sty = 0xe350 "sty" "stores a word",
        Stg = 0xe324 "stg" "stores a doubleword",
        Strvh = 0xe33f "strvh" "stores a halfword, bytes reversed",
        Strv = 0xe33e "strv" "stores a word, bytes reversed",
        Strvg = 0xe32f "strvg" "stores a doubleword, bytes reversed",
        Ag = 0xe308 "ag" "64-bit sum",
        Sg = 0xe309 "sg" "64-bit difference",
        Alg = 0xe30a "alg" "64-bit sum; codes 2 and 3 tell a carry",
        Slg = 0xe30b "slg" "64-bit difference; code 1 tells a borrow",
        Ng = 0xe380 "ng" "64-bit and",
        Og = 0xe381 "og" "64-bit or",
        Xg = 0xe382 "xg" "64-bit exclusive or",
        Cg = 0xe320 "cg" "compares signed doublewords",
        Clg = 0xe321 "clg" "compares unsigned doublewords",
        Lpq = 0xe38f "lpq" "loads an aligned quadword into a pair at once",
        Stpq = 0xe38e "stpq" "stores a pair as an aligned quadword at once",
    }
}

operations! {
    /// A floating-point register and storage at a short displacement, format RX-a.
    ShortFloatStorage: u8 {
        Le = 0x78 "le" "loads a short datum; the rest stays",
        Ld = 0x68 "ld" "loads a long datum",
        Ste = 0x70 "ste" "stores a short datum",
        Std = 0x60 "std" "stores a long datum",
    }
}

operations! {
    /// A floating-point register and storage, format RXY-a.
    FloatStorage: u16 {
        Ley = 0xed64 "ley" "loads a short datum; the rest stays",
        Ldy = 0xed65 "ldy" "loads a long datum",
        Stey = 0xed66 "stey" "stores a short datum",
        Stdy = 0xed67 "stdy" "stores a long datum",
    }
}

operations! {
    /// Two general registers and storage, format RSY-a. Of LMG and STMG they are the first and the
    /// last that is loaded or stored, 15 being followed by 0. Of the others the second is R3.
    PairStorage: u16 {
        Lmg = 0xeb04 "lmg" "loads doublewords into registers",
        Stmg = 0xeb24 "stmg" "stores registers as doublewords",
        Csy = 0xeb14 "csy" "if a word equals R1, stores R3 there, else loads it into R1, at once",
        Csg = 0xeb30 "csg" "the same with a doubleword",
        Cdsg = 0xeb3e "cdsg" "the same with an aligned quadword and pairs",
        Laa = 0xebf8 "laa" "adds R3 to an aligned word at once, its old value to R1",
        Laag = 0xebe8 "laag" "the same with a doubleword",
        Lan = 0xebf4 "lan" "and of an aligned word and R3 at once, its old value to R1",
        Lang = 0xebe4 "lang" "the same with a doubleword",
        Lao = 0xebf6 "lao" "or of an aligned word and R3 at once, its old value to R1",
        Laog = 0xebe6 "laog" "the same with a doubleword",
        Lax = 0xebf7 "lax" "exclusive or of an aligned word and R3 at once, its old value to R1",
        Laxg = 0xebe7 "laxg" "the same with a doubleword",
    }
}

operations! {
    /// A general register and storage under a condition, format RSY-b.
    ConditionalStorage: u16 {
        Loc = 0xebf2 "loc" "loads a word if the condition holds",
        Locg = 0xebe2 "locg" "loads a doubleword if the condition holds",
        Stoc = 0xebf3 "stoc" "stores a word if the condition holds",
        Stocg = 0xebe3 "stocg" "stores a doubleword if the condition holds",
    }
}

/// Format RX-a: the opcode in bits 0-7, R1 in 8-11, index in 12-15, base and displacement in
/// 16-31.
pub fn short_storage(operation: ShortStorage, r1: Gpr, address: Address12) -> [u8; 4] {
    rx(operation.code(), r1.number(), address)
}

/// Format RXY-a: the opcode in bits 0-7 and 40-47, R1 in 8-11, index in 12-15, base in 16-19, the
/// low 12 bits of the displacement in 20-31, its high 8 bits in 32-39.
pub fn storage(operation: Storage, r1: Gpr, address: Address20) -> [u8; 6] {
    rxy(operation.code(), r1.number(), address)
}

/// As [`short_storage`].
pub fn short_float_storage(operation: ShortFloatStorage, r1: Fpr, address: Address12) -> [u8; 4] {
    rx(operation.code(), r1.number(), address)
}

/// As [`storage`].
pub fn float_storage(operation: FloatStorage, r1: Fpr, address: Address20) -> [u8; 6] {
    rxy(operation.code(), r1.number(), address)
}

/// Format RSY-a: as RXY-a, with R3 in place of the index.
pub fn pair_storage(
    operation: PairStorage,
    (r1, r3): (Gpr, Gpr),
    base: Gpr,
    displacement: Disp20,
) -> [u8; 6] {
    rsy(
        operation.code(),
        (r1.number(), r3.number()),
        base,
        displacement,
    )
}

/// COMPARE AND SWAP, format RS-a: as CSY, with a short displacement.
pub fn cs((r1, r3): (Gpr, Gpr), base: Gpr, displacement: Disp12) -> [u8; 4] {
    let [b, d] = displacement.with_base(base);
    [0xba, r1.number() << 4 | r3.number(), b, d]
}

/// Format RSY-b: as RSY-a, with the mask M3 in place of R3.
pub fn conditional_storage(
    operation: ConditionalStorage,
    mask: Mask,
    r1: Gpr,
    base: Gpr,
    displacement: Disp20,
) -> [u8; 6] {
    rsy(
        operation.code(),
        (r1.number(), mask.bits()),
        base,
        displacement,
    )
}

fn rx(code: u8, r1: u8, address: Address12) -> [u8; 4] {
    let [b, d] = address.displacement.with_base(address.base);
    [code, r1 << 4 | address.index.number(), b, d]
}

fn rxy(code: u16, r1: u8, address: Address20) -> [u8; 6] {
    let fields = (r1, address.index.number());
    rsy(code, fields, address.base, address.displacement)
}

pub(super) fn rsy(code: u16, (left, right): (u8, u8), base: Gpr, displacement: Disp20) -> [u8; 6] {
    let [first, last] = code.to_be_bytes();
    let [b, dl, dh] = displacement.with_base(base);
    [first, left << 4 | right, b, dl, dh, last]
}
