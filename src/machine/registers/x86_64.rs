//! x86-64: Intel SDM volume 1, chapter 3 (general-purpose), 8 (x87 control word), 10 (XMM,
//! MXCSR). Numbers are the hardware's encodings. This emulator has no AVX, so 128 bits are the
//! whole of a vector register. The psABI (3.2.1) preserves the control bits of MXCSR and the
//! x87 control word over calls and none of the status bits.

use super::{RegisterId, RegisterInfo, RegisterRole, RegisterTable};

const fn reg(name: &'static str, bytes: u8, role: RegisterRole) -> RegisterInfo {
    RegisterInfo { name, bytes, role }
}

/// The table.
pub static TABLE: RegisterTable = RegisterTable {
    registers: &[
        reg("rax", 8, RegisterRole::Int(0)),
        reg("rcx", 8, RegisterRole::Int(1)),
        reg("rdx", 8, RegisterRole::Int(2)),
        reg("rbx", 8, RegisterRole::Int(3)),
        reg("rsp", 8, RegisterRole::Int(4)),
        reg("rbp", 8, RegisterRole::Int(5)),
        reg("rsi", 8, RegisterRole::Int(6)),
        reg("rdi", 8, RegisterRole::Int(7)),
        reg("r8", 8, RegisterRole::Int(8)),
        reg("r9", 8, RegisterRole::Int(9)),
        reg("r10", 8, RegisterRole::Int(10)),
        reg("r11", 8, RegisterRole::Int(11)),
        reg("r12", 8, RegisterRole::Int(12)),
        reg("r13", 8, RegisterRole::Int(13)),
        reg("r14", 8, RegisterRole::Int(14)),
        reg("r15", 8, RegisterRole::Int(15)),
        reg("xmm0", 16, RegisterRole::Float(0)),
        reg("xmm1", 16, RegisterRole::Float(1)),
        reg("xmm2", 16, RegisterRole::Float(2)),
        reg("xmm3", 16, RegisterRole::Float(3)),
        reg("xmm4", 16, RegisterRole::Float(4)),
        reg("xmm5", 16, RegisterRole::Float(5)),
        reg("xmm6", 16, RegisterRole::Float(6)),
        reg("xmm7", 16, RegisterRole::Float(7)),
        reg("xmm8", 16, RegisterRole::Float(8)),
        reg("xmm9", 16, RegisterRole::Float(9)),
        reg("xmm10", 16, RegisterRole::Float(10)),
        reg("xmm11", 16, RegisterRole::Float(11)),
        reg("xmm12", 16, RegisterRole::Float(12)),
        reg("xmm13", 16, RegisterRole::Float(13)),
        reg("xmm14", 16, RegisterRole::Float(14)),
        reg("xmm15", 16, RegisterRole::Float(15)),
        reg("rip", 8, RegisterRole::Pc),
        reg("rflags", 8, RegisterRole::Flags),
        reg("mxcsr", 4, RegisterRole::Control(0xffc0)),
        reg("fpcw", 2, RegisterRole::Control(0xffff)),
    ],
    sp: RegisterId(4),
    pc: RegisterId(32),
    link: None,
};
