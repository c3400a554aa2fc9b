use super::super::{Alu, AluImm, Shift, alu, alu_imm, auipc, lui, shift_imm};
use super::text::xn;
use super::{around, is, number, outside, triples, x, xs};

pub const ALU: [(Alu, &str); 28] = [
    (Alu::Add, "add"),
    (Alu::Sub, "sub"),
    (Alu::Sll, "sll"),
    (Alu::Slt, "slt"),
    (Alu::Sltu, "sltu"),
    (Alu::Xor, "xor"),
    (Alu::Srl, "srl"),
    (Alu::Sra, "sra"),
    (Alu::Or, "or"),
    (Alu::And, "and"),
    (Alu::Addw, "addw"),
    (Alu::Subw, "subw"),
    (Alu::Sllw, "sllw"),
    (Alu::Srlw, "srlw"),
    (Alu::Sraw, "sraw"),
    (Alu::Mul, "mul"),
    (Alu::Mulh, "mulh"),
    (Alu::Mulhsu, "mulhsu"),
    (Alu::Mulhu, "mulhu"),
    (Alu::Div, "div"),
    (Alu::Divu, "divu"),
    (Alu::Rem, "rem"),
    (Alu::Remu, "remu"),
    (Alu::Mulw, "mulw"),
    (Alu::Divw, "divw"),
    (Alu::Divuw, "divuw"),
    (Alu::Remw, "remw"),
    (Alu::Remuw, "remuw"),
];

#[test]
fn operations_on_registers() {
    for (op, name) in ALU {
        for [a, b, c] in triples() {
            let [rd, rs1, rs2] = [x(a), x(b), x(c)];
            let text = format!("{name} {}, {}, {}", xn(rd), xn(rs1), xn(rs2));
            is(alu(op, rd, rs1, rs2), text);
        }
    }
}

pub const ALU_IMM: [(AluImm, &str); 7] = [
    (AluImm::Addi, "addi"),
    (AluImm::Slti, "slti"),
    (AluImm::Sltiu, "sltiu"),
    (AluImm::Xori, "xori"),
    (AluImm::Ori, "ori"),
    (AluImm::Andi, "andi"),
    (AluImm::Addiw, "addiw"),
];

#[test]
fn operations_on_an_immediate() {
    for (op, name) in ALU_IMM {
        for rd in xs() {
            for rs1 in xs() {
                for imm in around(12) {
                    let text = format!("{name} {}, {}, {}", xn(rd), xn(rs1), number(imm));
                    is(alu_imm(op, rd, rs1, imm).expect("it fits"), text);
                }
            }
        }
        for imm in outside(12) {
            assert_eq!(alu_imm(op, x(1), x(2), imm), None, "{name} {imm}");
        }
    }
}

pub const SHIFTS: [(Shift, &str, u32); 6] = [
    (Shift::Slli, "slli", 64),
    (Shift::Srli, "srli", 64),
    (Shift::Srai, "srai", 64),
    (Shift::Slliw, "slliw", 32),
    (Shift::Srliw, "srliw", 32),
    (Shift::Sraiw, "sraiw", 32),
];

#[test]
fn shifts_by_a_constant() {
    for (op, name, width) in SHIFTS {
        for [a, b, c] in triples() {
            let (rd, rs1, amount) = (x(a), x(b), u32::from(c) + width - 32);
            let text = format!("{name} {}, {}, {}", xn(rd), xn(rs1), number(amount.into()));
            is(shift_imm(op, rd, rs1, amount).expect("it fits"), text);
        }
        for amount in 0..width {
            let text = format!("{name} t0, s1, {}", number(amount.into()));
            is(shift_imm(op, x(5), x(9), amount).expect("it fits"), text);
        }
        for amount in [width, width + 1, u32::MAX] {
            assert_eq!(shift_imm(op, x(5), x(9), amount), None, "{name} {amount}");
        }
    }
}

#[test]
fn upper_immediates() {
    for rd in xs() {
        for upper in around(20) {
            // Printed without a sign.
            let field = number(upper & 0xf_ffff);
            is(
                lui(rd, upper).expect("it fits"),
                format!("lui {}, {field}", xn(rd)),
            );
            is(
                auipc(rd, upper).expect("it fits"),
                format!("auipc {}, {field}", xn(rd)),
            );
        }
    }
    for upper in outside(20) {
        assert_eq!(
            (lui(x(1), upper), auipc(x(1), upper)),
            (None, None),
            "{upper}"
        );
    }
}
