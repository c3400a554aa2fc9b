use super::super::{MAX_CONSTANT_STEPS, X, constant};
use super::{decoded, x};

/// Runs the steps as Capstone reads them; anything but arithmetic on `t0` is an error.
fn run(steps: &[u32]) -> i64 {
    let mut value: Option<i64> = None;
    for &word in steps {
        let text = decoded(word);
        let (name, operands) = text.split_once(' ').expect("a mnemonic and operands");
        let list: Vec<&str> = operands.split(", ").collect();
        assert_eq!(list[0], "t0", "{text}");
        let parse = |text: &str| {
            let (sign, digits) = match text.strip_prefix('-') {
                Some(digits) => (-1, digits),
                None => (1, text),
            };
            let parsed = match digits.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16),
                None => digits.parse(),
            };
            sign * parsed.expect("a number")
        };
        let source = || match list[1] {
            "zero" => 0,
            "t0" => value.expect("t0 is written first"),
            _ => panic!("{text}"),
        };
        value = Some(match name {
            "lui" => (parse(list[1]) << 44) >> 32,
            "addi" => source().wrapping_add(parse(list[2])),
            "addiw" => {
                let sum = source().wrapping_add(parse(list[2]));
                (sum << 32) >> 32
            }
            "slli" => source() << parse(list[2]),
            "srli" => (source().cast_unsigned() >> parse(list[2])).cast_signed(),
            _ => panic!("{text}"),
        });
    }
    value.expect("at least one step")
}

/// Every bit alone, runs of ones, their neighbours, and some without a pattern.
fn values() -> Vec<i64> {
    let mut values = vec![
        0,
        i64::MIN,
        i64::MAX,
        0x1234_5678_9abc_def0,
        -0x1234_5678_9abc_def1,
    ];
    for low in 0..64 {
        for high in low..64 {
            let run = (u64::MAX >> (63 - (high - low))) << low;
            values.extend(
                [run, !run, run.wrapping_add(1), run.wrapping_sub(1)].map(u64::cast_signed),
            );
            values.push((run ^ (run >> 7) ^ 0x5a5a).cast_signed());
        }
    }
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..4000 {
        // xorshift64.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        values.push(state.cast_signed() >> (state % 64));
    }
    values
}

#[test]
fn every_constant_is_made() {
    for value in values() {
        let steps = constant(X::T0, value);
        assert_eq!(run(&steps), value, "{steps:08x?}");
        assert!(
            steps.len() <= MAX_CONSTANT_STEPS,
            "{value:#x}: {}",
            steps.len()
        );
    }
}

#[test]
fn short_constants_are_short() {
    let cases = [
        (0, 1),
        (-1, 1),
        (2047, 1),
        (-2048, 1),
        (2048, 2),
        (0x1_2000, 1),
        (0x7fff_f000, 1),
        (0x7fff_ffff, 2),
        (-0x8000_0000, 1),
        (0xffff_ffff, 2),
        (0x8000_0000, 2),
        (i64::MIN, 2),
        (i64::MAX, 2),
        (0x7ff8_0000_0000_0000, 3),
        (0x7fc0_0000, 1),
    ];
    for (value, count) in cases {
        assert_eq!(constant(X::T0, value).len(), count, "{value:#x}");
    }
}

#[test]
fn nothing_but_its_register_is_named() {
    for number in 1..32 {
        let own = constant(x(number), 0x1234_5678_9abc_def0);
        assert_eq!(own.len(), constant(X::T0, 0x1234_5678_9abc_def0).len());
        for word in own {
            assert_eq!(word >> 7 & 31, u32::from(number), "{word:08x}");
        }
    }
}
