//! The six instruction formats (unprivileged manual, "Base Instruction Formats" and "Immediate
//! Encoding Variants"): where each field lies, and which immediates fit.

/// The low `bits` bits of `value`.
pub fn low(value: i64, bits: u32) -> u32 {
    debug_assert!(bits <= 32);
    let kept = value & ((1 << bits) - 1);
    u32::try_from(kept).expect("at most 32 bits are kept")
}

/// `value` as a signed field of `bits` bits.
pub fn signed(value: i64, bits: u32) -> Option<u32> {
    let limit = 1i64 << (bits - 1);
    (-limit..limit).contains(&value).then(|| low(value, bits))
}

/// Bits `from` up to `from + count` of `value`, moved to bit `to`.
pub const fn bits(value: u32, from: u32, count: u32, to: u32) -> u32 {
    ((value >> from) & ((1 << count) - 1)) << to
}

/// `rd`, two sources.
pub fn r(opcode: u32, funct3: u32, funct7: u32, [rd, rs1, rs2]: [u32; 3]) -> u32 {
    opcode | rd << 7 | funct3 << 12 | rs1 << 15 | rs2 << 20 | funct7 << 25
}

/// `rd`, three sources; the format field and the rounding mode stand in place of functions.
pub fn r4(opcode: u32, rounding: u32, format: u32, [rd, rs1, rs2, rs3]: [u32; 4]) -> u32 {
    r(opcode, rounding, rs3 << 2 | format, [rd, rs1, rs2])
}

/// `rd`, a source and a field of 12 bits.
pub fn i(opcode: u32, funct3: u32, [rd, rs1]: [u32; 2], immediate: u32) -> u32 {
    opcode | rd << 7 | funct3 << 12 | rs1 << 15 | immediate << 20
}

/// Two sources and a field of 12 bits.
pub fn s(opcode: u32, funct3: u32, [rs1, rs2]: [u32; 2], immediate: u32) -> u32 {
    let halves = bits(immediate, 0, 5, 7) | bits(immediate, 5, 7, 25);
    opcode | funct3 << 12 | rs1 << 15 | rs2 << 20 | halves
}

/// Two sources and a distance of 13 bits, whose lowest one is zero.
pub fn b(opcode: u32, funct3: u32, [rs1, rs2]: [u32; 2], distance: u32) -> u32 {
    let parts = bits(distance, 11, 1, 7)
        | bits(distance, 1, 4, 8)
        | bits(distance, 5, 6, 25)
        | bits(distance, 12, 1, 31);
    opcode | funct3 << 12 | rs1 << 15 | rs2 << 20 | parts
}

/// `rd` and the upper 20 bits.
pub fn u(opcode: u32, rd: u32, upper: u32) -> u32 {
    opcode | rd << 7 | upper << 12
}

/// `rd` and a distance of 21 bits, whose lowest one is zero.
pub fn j(opcode: u32, rd: u32, distance: u32) -> u32 {
    let parts = bits(distance, 12, 8, 12)
        | bits(distance, 11, 1, 20)
        | bits(distance, 1, 10, 21)
        | bits(distance, 20, 1, 31);
    opcode | rd << 7 | parts
}
