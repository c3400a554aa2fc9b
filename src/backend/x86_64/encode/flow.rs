//! Calls, jumps, returns, traps. Displacements count from the end of the instruction.

use super::emit::{Opcode, Rex, modrm};
use super::operand::{Cond, GprMem};

const PLAIN: Rex = Rex {
    wide: false,
    forced: false,
};

/// Bytes of [`call`].
pub const CALL: usize = 5;

/// Calls; 5 bytes, the last 4 the displacement.
pub fn call(out: &mut Vec<u8>, disp: i32) {
    out.push(0xe8);
    out.extend(disp.to_le_bytes());
}

/// Calls the address in a register (2 bytes, 3 for r8 to r15) or in memory.
pub fn call_indirect(out: &mut Vec<u8>, target: impl Into<GprMem>) {
    modrm(out, Opcode::one(0xff), PLAIN, 2, target.into().into());
}

/// Jumps; 5 bytes, the last 4 the displacement.
pub fn jump(out: &mut Vec<u8>, disp: i32) {
    out.push(0xe9);
    out.extend(disp.to_le_bytes());
}

/// Jumps nearby; 2 bytes.
pub fn jump_short(out: &mut Vec<u8>, disp: i8) {
    out.push(0xeb);
    out.extend(disp.to_le_bytes());
}

/// Jumps to the address in a register or in memory.
pub fn jump_indirect(out: &mut Vec<u8>, target: impl Into<GprMem>) {
    modrm(out, Opcode::one(0xff), PLAIN, 4, target.into().into());
}

/// Jumps if `cond`; 6 bytes, the last 4 the displacement.
pub fn branch(out: &mut Vec<u8>, cond: Cond, disp: i32) {
    out.extend([0x0f, 0x80 | cond.number()]);
    out.extend(disp.to_le_bytes());
}

/// Jumps nearby if `cond`; 2 bytes.
pub fn branch_short(out: &mut Vec<u8>, cond: Cond, disp: i8) {
    out.push(0x70 | cond.number());
    out.extend(disp.to_le_bytes());
}

/// Returns.
pub fn ret(out: &mut Vec<u8>) {
    out.push(0xc3);
}

/// Returns, and takes so many bytes of arguments off the stack behind the return address.
pub fn ret_popping(out: &mut Vec<u8>, bytes: u16) {
    out.push(0xc2);
    out.extend(bytes.to_le_bytes());
}

/// Traps: `ud2`.
pub fn trap(out: &mut Vec<u8>) {
    out.extend([0x0f, 0x0b]);
}

/// Traps into a debugger: `int3`. Fills gaps that nothing may reach.
pub fn breakpoint(out: &mut Vec<u8>) {
    out.push(0xcc);
}
