//! z/Architecture: Principles of Operation, chapters 2 and 9. Bit 0, the leftmost of a vector
//! register, is the most significant bit here; the floating-point registers f0 to f15 are the
//! leftmost halves of v0 to v15. `cc` is the condition code of the PSW. Of the floating-point
//! control register, masks and rounding mode are preserved over calls, flags and the data
//! exception code are not (s390x ELF ABI, 1.2.1).

use super::{RegisterId, RegisterInfo, RegisterRole, RegisterTable};

const fn reg(name: &'static str, bytes: u8, role: RegisterRole) -> RegisterInfo {
    RegisterInfo { name, bytes, role }
}

/// The table.
pub static TABLE: RegisterTable = RegisterTable {
    registers: &[
        reg("r0", 8, RegisterRole::Int(0)),
        reg("r1", 8, RegisterRole::Int(1)),
        reg("r2", 8, RegisterRole::Int(2)),
        reg("r3", 8, RegisterRole::Int(3)),
        reg("r4", 8, RegisterRole::Int(4)),
        reg("r5", 8, RegisterRole::Int(5)),
        reg("r6", 8, RegisterRole::Int(6)),
        reg("r7", 8, RegisterRole::Int(7)),
        reg("r8", 8, RegisterRole::Int(8)),
        reg("r9", 8, RegisterRole::Int(9)),
        reg("r10", 8, RegisterRole::Int(10)),
        reg("r11", 8, RegisterRole::Int(11)),
        reg("r12", 8, RegisterRole::Int(12)),
        reg("r13", 8, RegisterRole::Int(13)),
        reg("r14", 8, RegisterRole::Int(14)),
        reg("r15", 8, RegisterRole::Int(15)),
        reg("v0", 16, RegisterRole::Float(0)),
        reg("v1", 16, RegisterRole::Float(1)),
        reg("v2", 16, RegisterRole::Float(2)),
        reg("v3", 16, RegisterRole::Float(3)),
        reg("v4", 16, RegisterRole::Float(4)),
        reg("v5", 16, RegisterRole::Float(5)),
        reg("v6", 16, RegisterRole::Float(6)),
        reg("v7", 16, RegisterRole::Float(7)),
        reg("v8", 16, RegisterRole::Float(8)),
        reg("v9", 16, RegisterRole::Float(9)),
        reg("v10", 16, RegisterRole::Float(10)),
        reg("v11", 16, RegisterRole::Float(11)),
        reg("v12", 16, RegisterRole::Float(12)),
        reg("v13", 16, RegisterRole::Float(13)),
        reg("v14", 16, RegisterRole::Float(14)),
        reg("v15", 16, RegisterRole::Float(15)),
        reg("v16", 16, RegisterRole::Float(16)),
        reg("v17", 16, RegisterRole::Float(17)),
        reg("v18", 16, RegisterRole::Float(18)),
        reg("v19", 16, RegisterRole::Float(19)),
        reg("v20", 16, RegisterRole::Float(20)),
        reg("v21", 16, RegisterRole::Float(21)),
        reg("v22", 16, RegisterRole::Float(22)),
        reg("v23", 16, RegisterRole::Float(23)),
        reg("v24", 16, RegisterRole::Float(24)),
        reg("v25", 16, RegisterRole::Float(25)),
        reg("v26", 16, RegisterRole::Float(26)),
        reg("v27", 16, RegisterRole::Float(27)),
        reg("v28", 16, RegisterRole::Float(28)),
        reg("v29", 16, RegisterRole::Float(29)),
        reg("v30", 16, RegisterRole::Float(30)),
        reg("v31", 16, RegisterRole::Float(31)),
        reg("psw_addr", 8, RegisterRole::Pc),
        reg("cc", 1, RegisterRole::Flags),
        reg("fpc", 4, RegisterRole::Control(0xf800_0007)),
    ],
    sp: RegisterId(15),
    pc: RegisterId(48),
    link: Some(RegisterId(14)),
};
