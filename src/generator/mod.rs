//! Programs by number: the same seed and number give the same program.

mod coverage;

pub use coverage::{Coverage, Trait};

/// A generated program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Name in reports.
    pub name: String,
    /// The text.
    pub text: String,
    /// What it has.
    pub traits: Vec<Trait>,
}

/// Program `number` of `seed`.
pub fn program(seed: u64, number: u64) -> Generated {
    let mut state = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut draw = |below: u64| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let sites = 1 + draw(8);
    let ops = ["iadd", "isub", "bxor", "band", "bor", "imul"];
    let mut body = String::new();
    let mut value = 1;
    for _ in 0..sites {
        for _ in 0..draw(12) {
            let op = ops[usize::try_from(draw(6)).unwrap_or(0)];
            let (a, b) = (draw(value + 1), draw(value + 1));
            value += 1;
            body += &format!("    v{value} = {op} v{a}, v{b}\n");
        }
        body += &format!("    call fn0(v{})\n", draw(value + 1));
    }
    let set = if draw(2) == 0 { "none" } else { "speed" };
    let text = format!(
        "test run\nset opt_level={set}\n\
         target x86_64\ntarget aarch64\ntarget riscv64gc\ntarget s390x\ntarget pulley64\n\
         target pulley64be\n\nfunction %hook(i64) preserve_all {{\n    fn0 = %host_hook(i64) system_v\n\
         block0(v0: i64):\n    call fn0(v0)\n    return\n}}\n\n\
         function %main(i64, i64) -> i64 system_v {{\n\
         \x20   fn0 = colocated patchable %hook(i64) preserve_all\n\
         block0(v0: i64, v1: i64):\n{body}    return v{value}\n}}\n; run: %main({}, {})\n",
        draw(1000),
        draw(1000)
    )
    .replace("; run:", "; print:");
    let mut traits = vec![if sites == 1 {
        Trait::SiteOne
    } else {
        Trait::SitesFew
    }];
    if set == "none" {
        traits.push(Trait::OptNone);
    }
    Generated {
        name: format!("generated-{seed}-{number}"),
        text,
        traits,
    }
}
