//! A sample of every form against LLVM's assembler: `llvm.txt` has what LLVM 14 makes of each
//! text, the word and, with compressed instructions allowed, the half or `-`. It is made by
//! `llvm-mc -triple=riscv64 -mattr=+m,+a,+f,+d -show-encoding` from the first column, and again
//! with `+c`; `llvm-mc` is no part of the suite.

use std::collections::HashMap;

use super::super::{
    Compression, FloatCompare, FloatOp, FloatSign, Format, Fused, Rounding, alu, alu_imm, amo,
    auipc, branch, classify, compress, fence, float, float_compare, float_from_int, float_load,
    float_sign, float_store, fused, jump, jump_register, load, load_reserved, lui, move_from_float,
    move_to_float, shift_imm, sqrt, store, store_conditional, to_double, to_int, to_single,
};
use super::super::{F, FloatAccess, X};
use super::text::{fln, xn};
use super::{atomic, control, float as floats, integer, memory};
use super::{f, x};

/// Registers that have short forms, and some that have none.
const SETS: [[u8; 3]; 4] = [[10, 10, 11], [5, 31, 17], [15, 2, 8], [2, 2, 30]];

/// Text and word of each form.
fn samples() -> Vec<(String, u32)> {
    let mut all = Vec::new();
    for set in SETS {
        let xs = set.map(x);
        let fs = set.map(f);
        integers(xs, &mut all);
        accesses(xs, fs[0], &mut all);
        flow(xs, &mut all);
        atomics(xs, &mut all);
        float_arithmetic(xs, fs, &mut all);
        conversions(xs, fs, &mut all);
    }
    all.sort();
    all.dedup();
    all
}

type List = Vec<(String, u32)>;

fn integers([rd, rs1, rs2]: [X; 3], all: &mut List) {
    let [d, a, b] = [rd, rs1, rs2].map(xn);
    for (op, name) in integer::ALU {
        all.push((format!("{name} {d}, {a}, {b}"), alu(op, rd, rs1, rs2)));
    }
    for (op, name) in integer::ALU_IMM {
        for imm in [-2048, -33, -32, 16, 31, 496, 2047] {
            let word = alu_imm(op, rd, rs1, imm).expect("it fits");
            all.push((format!("{name} {d}, {a}, {imm}"), word));
        }
    }
    for (op, name, width) in integer::SHIFTS {
        for amount in [1, 17, width - 1] {
            let word = shift_imm(op, rd, rs1, amount).expect("it fits");
            all.push((format!("{name} {d}, {a}, {amount}"), word));
        }
    }
    for upper in [1, 31, 32, 0x7_ffff, -1, -32, -33, -0x8_0000] {
        let field = upper & 0xf_ffff;
        let words = [lui(rd, upper), auipc(rd, upper)].map(|word| word.expect("it fits"));
        all.push((format!("lui {d}, {field}"), words[0]));
        all.push((format!("auipc {d}, {field}"), words[1]));
    }
}

fn accesses([data, base, _]: [X; 3], float: F, all: &mut List) {
    for offset in [-2048, -8, 0, 4, 8, 124, 128, 252, 256, 504, 512, 2047] {
        let place = format!("{offset}({})", xn(base));
        for (access, name) in memory::LOADS {
            let word = load(access, data, base, offset).expect("it fits");
            all.push((format!("{name} {}, {place}", xn(data)), word));
        }
        for (access, name) in memory::STORES {
            let word = store(access, data, base, offset).expect("it fits");
            all.push((format!("{name} {}, {place}", xn(data)), word));
        }
        let names = [
            (FloatAccess::W, "flw", "fsw"),
            (FloatAccess::D, "fld", "fsd"),
        ];
        for (access, load, store) in names {
            let word = float_load(access, float, base, offset).expect("it fits");
            all.push((format!("{load} {}, {place}", fln(float)), word));
            let word = float_store(access, float, base, offset).expect("it fits");
            all.push((format!("{store} {}, {place}", fln(float)), word));
        }
    }
}

fn flow([rd, a, b]: [X; 3], all: &mut List) {
    // Beyond what compressed branches reach: those are never made.
    for distance in [-4096, -2730, 1364, 4094] {
        for (op, name) in control::BRANCHES {
            let text = format!("{name} {}, {}, {distance}", xn(a), xn(b));
            all.push((text, branch(op, a, b, distance).expect("it fits")));
        }
    }
    for distance in [-0x10_0000, -0xa_aaaa, 0x5_5554, 0xf_fffe] {
        let word = jump(rd, distance).expect("it fits");
        all.push((format!("jal {}, {distance}", xn(rd)), word));
    }
    for (link, offset) in [(rd, -2048), (rd, 2047), (X::ZERO, 0), (X::RA, 0), (rd, 0)] {
        let text = format!("jalr {}, {offset}({})", xn(link), xn(a));
        all.push((text, jump_register(link, a, offset).expect("it fits")));
    }
}

fn atomics([rd, address, source]: [X; 3], all: &mut List) {
    let place = format!("({})", xn(address));
    for (width, letter) in atomic::WIDTHS {
        for (order, suffix) in atomic::ORDERS {
            let registers = format!("{}, {}, {place}", xn(rd), xn(source));
            for (op, name) in atomic::AMOS {
                let word = amo(op, width, order, rd, [address, source]);
                all.push((format!("{name}.{letter}{suffix} {registers}"), word));
            }
            let word = store_conditional(width, order, rd, [address, source]);
            all.push((format!("sc.{letter}{suffix} {registers}"), word));
            let text = format!("lr.{letter}{suffix} {}, {place}", xn(rd));
            all.push((text, load_reserved(width, order, rd, address)));
        }
    }
    all.push(("fence rw, rw".to_owned(), fence(3, 3).expect("it fits")));
    all.push(("fence iorw, w".to_owned(), fence(15, 1).expect("it fits")));
}

fn float_arithmetic([xd, ..]: [X; 3], [rd, rs1, rs2]: [F; 3], all: &mut List) {
    let [d, a, b] = [rd, rs1, rs2].map(fln);
    for (format, suffix) in floats::FORMATS {
        let binary = [
            (FloatOp::Add, "fadd", ", rne"),
            (FloatOp::Sub, "fsub", ", rne"),
            (FloatOp::Mul, "fmul", ", rne"),
            (FloatOp::Div, "fdiv", ", rne"),
            (FloatOp::Min, "fmin", ""),
            (FloatOp::Max, "fmax", ""),
        ];
        for (op, name, mode) in binary {
            let text = format!("{name}.{suffix} {d}, {a}, {b}{mode}");
            all.push((text, float(op, format, rd, rs1, rs2)));
        }
        let text = format!("fsqrt.{suffix} {d}, {a}, rne");
        all.push((text, sqrt(format, rd, rs1)));
        let signs = [
            (FloatSign::Copy, "fsgnj"),
            (FloatSign::Negate, "fsgnjn"),
            (FloatSign::Xor, "fsgnjx"),
        ];
        for (sign, name) in signs {
            let text = format!("{name}.{suffix} {d}, {a}, {b}");
            all.push((text, float_sign(sign, format, rd, rs1, rs2)));
        }
        let compares = [
            (FloatCompare::Eq, "feq"),
            (FloatCompare::Lt, "flt"),
            (FloatCompare::Le, "fle"),
        ];
        for (op, name) in compares {
            let text = format!("{name}.{suffix} {}, {a}, {b}", xn(xd));
            all.push((text, float_compare(op, format, xd, rs1, rs2)));
        }
        let text = format!("fclass.{suffix} {}, {a}", xn(xd));
        all.push((text, classify(format, xd, rs1)));
        let ops = [
            (Fused::Madd, "fmadd"),
            (Fused::Msub, "fmsub"),
            (Fused::Nmsub, "fnmsub"),
            (Fused::Nmadd, "fnmadd"),
        ];
        for (op, name) in ops {
            let text = format!("{name}.{suffix} {d}, {a}, {b}, {d}, rne");
            all.push((text, fused(op, format, rd, [rs1, rs2, rd])));
        }
    }
}

fn conversions([xd, xs, _]: [X; 3], [fd, fa, _]: [F; 3], all: &mut List) {
    let (d, s, e, a) = (xn(xd), xn(xs), fln(fd), fln(fa));
    for (format, suffix) in floats::FORMATS {
        for (int, word) in floats::INTS {
            for (rounding, mode) in [(Rounding::Rtz, "rtz"), (Rounding::Rmm, "rmm")] {
                let text = format!("fcvt.{word}.{suffix} {d}, {a}, {mode}");
                all.push((text, to_int(int, format, rounding, xd, fa)));
            }
            let exact = format == Format::D && word.starts_with('w');
            let mode = if exact { "" } else { ", rne" };
            let text = format!("fcvt.{suffix}.{word} {e}, {s}{mode}");
            all.push((text, float_from_int(int, format, fd, xs)));
        }
        let letter = if format == Format::S { "w" } else { "d" };
        let text = format!("fmv.x.{letter} {d}, {a}");
        all.push((text, move_from_float(format, xd, fa)));
        let text = format!("fmv.{letter}.x {e}, {s}");
        all.push((text, move_to_float(format, fd, xs)));
    }
    all.push((format!("fcvt.s.d {e}, {a}, rne"), to_single(fd, fa)));
    all.push((format!("fcvt.d.s {e}, {a}"), to_double(fd, fa)));
}

#[test]
fn llvm_assembles_the_same() {
    let listed: HashMap<&str, (u32, Option<u16>)> = include_str!("llvm.txt")
        .lines()
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().expect("three columns");
            let text = next();
            let word = u32::from_str_radix(next(), 16).expect("a word");
            (text, (word, u16::from_str_radix(next(), 16).ok()))
        })
        .collect();
    let all = Compression {
        integer: true,
        double: true,
    };
    let samples = samples();
    for (text, word) in &samples {
        let (expected, half) = listed
            .get(text.as_str())
            .unwrap_or_else(|| panic!("{text}"));
        assert_eq!(word, expected, "{text}: {word:08x}, not {expected:08x}");
        assert_eq!(compress(*word, all), *half, "{text}");
    }
    assert_eq!(samples.len(), listed.len());
}

#[test]
#[ignore = "prints the first column of llvm.txt, for when forms are added"]
fn print_samples() {
    for (text, _) in samples() {
        println!("{text}");
    }
}
