use super::super::{
    FloatCompare, FloatOp, FloatSign, Format, Fused, IntFormat, Rounding, classify, float,
    float_compare, float_from_int, float_sign, fused, move_from_float, move_to_float, sqrt,
    to_double, to_int, to_single,
};
use super::text::{fln, xn};
use super::{f, is, triples, x};

pub const FORMATS: [(Format, &str); 2] = [(Format::S, "s"), (Format::D, "d")];

#[test]
fn arithmetic() {
    let all = [
        (FloatOp::Add, "fadd", ", rne"),
        (FloatOp::Sub, "fsub", ", rne"),
        (FloatOp::Mul, "fmul", ", rne"),
        (FloatOp::Div, "fdiv", ", rne"),
        (FloatOp::Min, "fmin", ""),
        (FloatOp::Max, "fmax", ""),
    ];
    for (format, suffix) in FORMATS {
        for [a, b, c] in triples() {
            let [rd, rs1, rs2] = [f(a), f(b), f(c)];
            let registers = format!("{}, {}, {}", fln(rd), fln(rs1), fln(rs2));
            for (op, name, rounding) in all {
                let word = float(op, format, rd, rs1, rs2);
                is(word, format!("{name}.{suffix} {registers}{rounding}"));
            }
            let text = format!("fsqrt.{suffix} {}, {}, rne", fln(rd), fln(rs1));
            is(sqrt(format, rd, rs1), text);
        }
    }
}

#[test]
fn signs() {
    let all = [
        (FloatSign::Copy, "fsgnj"),
        (FloatSign::Negate, "fsgnjn"),
        (FloatSign::Xor, "fsgnjx"),
    ];
    for (format, suffix) in FORMATS {
        for (sign, name) in all {
            for [a, b, c] in triples() {
                let [rd, rs1, rs2] = [f(a), f(b), f(c)];
                let registers = format!("{}, {}, {}", fln(rd), fln(rs1), fln(rs2));
                let word = float_sign(sign, format, rd, rs1, rs2);
                is(word, format!("{name}.{suffix} {registers}"));
                // Both sources the same have names of their own.
                let registers = format!("{}, {}, {}", fln(rd), fln(rs1), fln(rs1));
                let word = float_sign(sign, format, rd, rs1, rs1);
                is(word, format!("{name}.{suffix} {registers}"));
            }
        }
    }
}

#[test]
fn comparisons_and_classes() {
    let all = [
        (FloatCompare::Eq, "feq"),
        (FloatCompare::Lt, "flt"),
        (FloatCompare::Le, "fle"),
    ];
    for (format, suffix) in FORMATS {
        for [a, b, c] in triples() {
            let (rd, rs1, rs2) = (x(a), f(b), f(c));
            for (op, name) in all {
                let text = format!("{name}.{suffix} {}, {}, {}", xn(rd), fln(rs1), fln(rs2));
                is(float_compare(op, format, rd, rs1, rs2), text);
            }
            let text = format!("fclass.{suffix} {}, {}", xn(rd), fln(rs1));
            is(classify(format, rd, rs1), text);
        }
    }
}

#[test]
fn multiply_add() {
    let all = [
        (Fused::Madd, "fmadd"),
        (Fused::Msub, "fmsub"),
        (Fused::Nmsub, "fnmsub"),
        (Fused::Nmadd, "fnmadd"),
    ];
    for (format, suffix) in FORMATS {
        for (op, name) in all {
            for [a, b, c] in triples() {
                let [rd, rs1, rs2, rs3] = [f(a), f(b), f(c), f((a * 3 + b * 2) % 32)];
                let registers = [fln(rd), fln(rs1), fln(rs2), fln(rs3)].join(", ");
                let word = fused(op, format, rd, [rs1, rs2, rs3]);
                is(word, format!("{name}.{suffix} {registers}, rne"));
            }
        }
    }
}

pub const INTS: [(IntFormat, &str); 4] = [
    (IntFormat::W, "w"),
    (IntFormat::Wu, "wu"),
    (IntFormat::L, "l"),
    (IntFormat::Lu, "lu"),
];

#[test]
fn conversions() {
    let modes = [
        (Rounding::Rne, "rne"),
        (Rounding::Rtz, "rtz"),
        (Rounding::Rdn, "rdn"),
        (Rounding::Rup, "rup"),
        (Rounding::Rmm, "rmm"),
    ];
    for [a, b, _] in triples() {
        let ((xa, fa), (xb, fb)) = ((x(a), f(a)), (x(b), f(b)));
        for (format, suffix) in FORMATS {
            for (int, word) in INTS {
                for (rounding, mode) in modes {
                    let text = format!("fcvt.{word}.{suffix} {}, {}, {mode}", xn(xa), fln(fb));
                    is(to_int(int, format, rounding, xa, fb), text);
                }
                // Capstone does not print a mode that counts for nothing.
                let exact = format == Format::D && matches!(int, IntFormat::W | IntFormat::Wu);
                let mode = if exact { "" } else { ", rne" };
                let text = format!("fcvt.{suffix}.{word} {}, {}{mode}", fln(fa), xn(xb));
                is(float_from_int(int, format, fa, xb), text);
            }
        }
        is(
            to_single(fa, fb),
            format!("fcvt.s.d {}, {}, rne", fln(fa), fln(fb)),
        );
        is(
            to_double(fa, fb),
            format!("fcvt.d.s {}, {}", fln(fa), fln(fb)),
        );
    }
}

#[test]
fn moves_between_files() {
    for (format, letter) in [(Format::S, "w"), (Format::D, "d")] {
        for [a, b, _] in triples() {
            let text = format!("fmv.x.{letter} {}, {}", xn(x(a)), fln(f(b)));
            is(move_from_float(format, x(a), f(b)), text);
            let text = format!("fmv.{letter}.x {}, {}", fln(f(a)), xn(x(b)));
            is(move_to_float(format, f(a), x(b)), text);
        }
    }
}
