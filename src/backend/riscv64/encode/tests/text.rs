//! Words for registers and numbers, and what the assembler's aliases stand for (RISC-V Assembly
//! Programmer's Manual, "A listing of standard RISC-V pseudoinstructions").

use super::super::{F, X};

const XS: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4",
    "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4",
    "t5", "t6",
];

const FS: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2",
    "fa3", "fa4", "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9",
    "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
];

pub fn xn(register: X) -> &'static str {
    XS[usize::from(register.number())]
}

pub fn fln(register: F) -> &'static str {
    FS[usize::from(register.number())]
}

/// A number as Capstone prints it.
pub fn number(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    match value.unsigned_abs() {
        small @ 0..10 => format!("{sign}{small}"),
        large => format!("{sign}{large:#x}"),
    }
}

/// `text` without aliases.
pub fn expand(text: &str) -> String {
    let (name, operands) = text.split_once(' ').unwrap_or((text, ""));
    let list: Vec<&str> = operands.split(", ").collect();
    let swapped = |full: &str| format!("{full} {}, {}, {}", list[1], list[0], list[2]);
    match (name, list.as_slice()) {
        ("nop", _) => "addi zero, zero, 0".to_owned(),
        ("mv", [rd, rs]) => format!("addi {rd}, {rs}, 0"),
        ("li", [rd, value]) => format!("addi {rd}, zero, {value}"),
        ("not", [rd, rs]) => format!("xori {rd}, {rs}, -1"),
        ("neg", [rd, rs]) => format!("sub {rd}, zero, {rs}"),
        ("negw", [rd, rs]) => format!("subw {rd}, zero, {rs}"),
        ("sext.w", [rd, rs]) => format!("addiw {rd}, {rs}, 0"),
        ("seqz", [rd, rs]) => format!("sltiu {rd}, {rs}, 1"),
        ("snez", [rd, rs]) => format!("sltu {rd}, zero, {rs}"),
        ("sltz", [rd, rs]) => format!("slt {rd}, {rs}, zero"),
        ("sgtz", [rd, rs]) => format!("slt {rd}, zero, {rs}"),
        ("beqz" | "bnez" | "bltz" | "bgez", [rs, to]) => {
            format!("{} {rs}, zero, {to}", &name[..3])
        }
        ("blez", [rs, to]) => format!("bge zero, {rs}, {to}"),
        ("bgtz", [rs, to]) => format!("blt zero, {rs}, {to}"),
        ("bgt", [_, _, _]) => swapped("blt"),
        ("ble", [_, _, _]) => swapped("bge"),
        ("j", [to]) => format!("jal zero, {to}"),
        ("jal", [to]) => format!("jal ra, {to}"),
        ("ret", _) => "jalr zero, ra, 0".to_owned(),
        ("jr", [rs]) => format!("jalr zero, {rs}, 0"),
        ("jalr", [rs]) => format!("jalr ra, {rs}, 0"),
        ("fence", [""]) => "fence iorw, iorw".to_owned(),
        ("fmv.s" | "fmv.d", [rd, rs]) => format!("fsgnj{} {rd}, {rs}, {rs}", &name[3..]),
        ("fneg.s" | "fneg.d", [rd, rs]) => format!("fsgnjn{} {rd}, {rs}, {rs}", &name[4..]),
        ("fabs.s" | "fabs.d", [rd, rs]) => format!("fsgnjx{} {rd}, {rs}, {rs}", &name[4..]),
        _ => text.to_owned(),
    }
}
