//! Operations on every type and on the values where they go wrong, compared with the interpreter.

use super::{passes, program};

const VALUES: [i64; 12] = [
    0,
    1,
    -1,
    0x7f,
    0x80,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX,
    i64::MIN,
    0x1234_5678_9abc_def0,
];

const FLOATS: [u64; 12] = [
    0,
    1 << 63,
    0x3ff8_0000_0000_0000,
    0xc004_0000_0000_0000,
    0x7ff0_0000_0000_0000,
    0xfff0_0000_0000_0000,
    0x7ff8_0000_0000_0000,
    0x4330_0000_0000_0001,
    0x41df_ffff_ffc0_0000,
    0x41e0_0000_0000_0000,
    0xc3e0_0000_0000_0000,
    0x43f0_0000_0000_0000,
];

const INTS: [&str; 5] = ["i8", "i16", "i32", "i64", "i128"];

/// Every value with some others.
fn pairs() -> Vec<(i64, i64)> {
    let others = [VALUES[1], VALUES[2], VALUES[5], VALUES[10]];
    VALUES
        .iter()
        .flat_map(|&a| others.map(|b| (a, b)))
        .collect()
}

fn float_pairs() -> Vec<(i64, i64)> {
    let others = [FLOATS[1], FLOATS[2], FLOATS[5], FLOATS[6]];
    let all = FLOATS.iter().flat_map(|&a| others.map(|b| (a, b)));
    all.map(|(a, b)| (a.cast_signed(), b.cast_signed()))
        .collect()
}

/// Makes `v{name}` of type `ty` from an `i64`.
fn from_i64(ty: &str, name: u32, value: u32, other: u32) -> String {
    match ty {
        "i64" => format!("    v{name} = bor v{value}, v{value}\n"),
        "i128" => format!("    v{name} = iconcat v{value}, v{other}\n"),
        "f64" => format!("    v{name} = bitcast.f64 v{value}\n"),
        "f32" => {
            format!("    v{name}0 = bitcast.f64 v{value}\n    v{name} = fdemote.f32 v{name}0\n")
        }
        _ => format!("    v{name} = ireduce.{ty} v{value}\n"),
    }
}

/// Makes `v{name}`, an `i64`, that depends on all of a value.
fn to_i64(ty: &str, name: u32, value: u32) -> String {
    match ty {
        "i64" => format!("    v{name} = bor v{value}, v{value}\n"),
        "i128" => format!(
            "    v{name}0, v{name}1 = isplit v{value}\n    v{name}2 = iconst.i64 1000003\n    \
             v{name}3 = imul v{name}1, v{name}2\n    v{name} = bxor v{name}0, v{name}3\n"
        ),
        "f64" => format!("    v{name} = bitcast.i64 v{value}\n"),
        "f32" => {
            format!("    v{name}0 = bitcast.i32 v{value}\n    v{name} = uextend.i64 v{name}0\n")
        }
        _ => format!("    v{name} = uextend.i64 v{value}\n"),
    }
}

/// `text` computes `v30` of type `to` from `v10` and `v20` of type `from`.
fn check(from: &str, text: &str, to: &str, runs: &[(i64, i64)]) {
    let body = [
        from_i64(from, 10, 0, 1),
        from_i64(from, 20, 1, 0),
        format!("    {text}\n"),
        to_i64(to, 40, 30),
        "    return v40".to_owned(),
    ];
    let header = "set enable_nan_canonicalization=true\ntarget riscv64gc";
    passes(&program(header, "", &body.concat(), runs));
}

#[test]
fn overflow() {
    for ty in INTS {
        for op in ["uadd", "sadd", "usub", "ssub", "umul", "smul"] {
            if ty == "i128" && op.ends_with("mul") {
                continue;
            }
            for (results, taken) in [("v30, v31", ty), ("v31, v30", "i8")] {
                let text = format!("{results} = {op}_overflow v10, v20");
                check(ty, &text, taken, &pairs());
            }
        }
    }
}

#[test]
fn one_operand() {
    for ty in INTS {
        for op in [
            "ineg", "iabs", "bnot", "clz", "ctz", "cls", "popcnt", "bitrev", "bswap",
        ] {
            if (ty, op) != ("i8", "bswap") {
                check(ty, &format!("v30 = {op} v10"), ty, &pairs());
            }
        }
    }
}

#[test]
fn two_operands() {
    let any = [
        "imul", "smin", "umin", "smax", "umax", "rotl", "rotr", "ishl", "ushr", "sshr",
    ];
    for ty in INTS {
        for op in any {
            check(ty, &format!("v30 = {op} v10, v20"), ty, &pairs());
        }
        let narrow = ["umulhi", "smulhi", "udiv", "sdiv", "urem", "srem"];
        for op in narrow.iter().filter(|_| ty != "i128") {
            check(ty, &format!("v30 = {op} v10, v20"), ty, &pairs());
        }
    }
}

#[test]
fn comparisons_as_values_and_choices() {
    let conditions = [
        "eq", "ne", "slt", "sge", "sgt", "sle", "ult", "uge", "ugt", "ule",
    ];
    for ty in INTS {
        for condition in conditions {
            check(
                ty,
                &format!("v30 = icmp {condition} v10, v20"),
                "i8",
                &pairs(),
            );
            let text = format!("v29 = icmp {condition} v10, v20\n    v30 = select v29, v20, v10");
            check(ty, &text, ty, &pairs());
            if ty != "i128" {
                let text = format!("v28 = iconst.{ty} 100\n    v30 = icmp {condition} v10, v28");
                check(ty, &text, "i8", &pairs());
            }
        }
    }
    let conditions = [
        "eq", "ne", "lt", "le", "gt", "ge", "ord", "uno", "one", "ueq", "ult", "ule", "ugt", "uge",
    ];
    for ty in ["f32", "f64"] {
        for condition in conditions {
            check(
                ty,
                &format!("v30 = fcmp {condition} v10, v20"),
                "i8",
                &float_pairs(),
            );
        }
    }
}

#[test]
fn floats() {
    for ty in ["f32", "f64"] {
        for op in ["fadd", "fmul", "fdiv", "fmin", "fmax", "fcopysign"] {
            check(ty, &format!("v30 = {op} v10, v20"), ty, &float_pairs());
        }
        for op in ["ceil", "floor", "trunc", "nearest", "sqrt", "fneg", "fabs"] {
            check(ty, &format!("v30 = {op} v10"), ty, &float_pairs());
        }
        for int in &INTS[..4] {
            for op in ["sint_sat", "uint_sat", "sint", "uint"] {
                let runs = FLOATS.map(|bits| (bits.cast_signed(), 0));
                check(ty, &format!("v30 = fcvt_to_{op}.{int} v10"), int, &runs);
            }
        }
    }
}

/// A store and a load in each byte order.
#[test]
fn byte_orders() {
    for ty in ["i16", "i32", "i64", "i128", "f32", "f64"] {
        for (store, load) in [("big", "little"), ("little", "big"), ("big", "big")] {
            let text = format!(
                "v25 = stack_addr.i64 ss0\n    store notrap {store} v10, v25+3\n    \
                 v30 = load.{ty} notrap {load} v25+3"
            );
            let body = [
                from_i64(ty, 10, 0, 1),
                format!("    {text}\n"),
                to_i64(ty, 40, 30),
                "    return v40".to_owned(),
            ];
            let head = "    ss0 = explicit_slot 32, align = 16";
            passes(&program(
                "target riscv64gc",
                head,
                &body.concat(),
                &pairs()[..16],
            ));
        }
    }
}

#[test]
fn atomics_of_every_width_and_place() {
    let how = [
        "add", "sub", "and", "nand", "or", "xor", "xchg", "umin", "umax", "smin", "smax",
    ];
    for (ty, places) in [("i8", 8), ("i16", 4), ("i32", 2), ("i64", 1)] {
        for place in 0..places {
            let at = place * 8 / places;
            let mut all: Vec<String> = how
                .iter()
                .map(|how| format!("atomic_rmw.{ty} little {how} v26, v10"))
                .collect();
            all.push(format!("atomic_cas.{ty} little v26, v20, v10"));
            for text in all {
                let body = [
                    from_i64(ty, 10, 0, 1),
                    from_i64(ty, 20, 1, 0),
                    format!(
                        "    v25 = stack_addr.i64 ss0\n    store notrap little v1, v25\n    \
                         v26 = stack_addr.i64 ss0+{at}\n    v30 = {text}\n"
                    ),
                    to_i64(ty, 40, 30),
                    "    v50 = load.i64 notrap little v25\n".to_owned(),
                    "    v52 = isub v50, v40\n    return v52".to_owned(),
                ];
                let text = body.concat();
                let head = "    ss0 = explicit_slot 16, align = 16";
                passes(&program("target riscv64gc", head, &text, &pairs()[..12]));
            }
        }
    }
}
