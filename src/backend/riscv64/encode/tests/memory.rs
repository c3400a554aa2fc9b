use super::super::{Access, FloatAccess, float_load, float_store, load, store};
use super::text::{fln, xn};
use super::{around, fs, is, number, outside, x, xs};

pub const LOADS: [(Access, &str); 7] = [
    (Access::B, "lb"),
    (Access::H, "lh"),
    (Access::W, "lw"),
    (Access::D, "ld"),
    (Access::Bu, "lbu"),
    (Access::Hu, "lhu"),
    (Access::Wu, "lwu"),
];

pub const STORES: [(Access, &str); 7] = [
    (Access::B, "sb"),
    (Access::H, "sh"),
    (Access::W, "sw"),
    (Access::D, "sd"),
    (Access::Bu, "sb"),
    (Access::Hu, "sh"),
    (Access::Wu, "sw"),
];

#[test]
fn of_integers() {
    for (data, base) in xs().flat_map(|data| xs().map(move |base| (data, base))) {
        for offset in around(12) {
            let place = format!("{}, {}({})", xn(data), number(offset), xn(base));
            for (access, name) in LOADS {
                let word = load(access, data, base, offset).expect("it fits");
                is(word, format!("{name} {place}"));
            }
            for (access, name) in STORES {
                let word = store(access, data, base, offset).expect("it fits");
                is(word, format!("{name} {place}"));
            }
        }
    }
    for offset in outside(12) {
        assert_eq!(load(Access::D, x(1), x(2), offset), None, "{offset}");
        assert_eq!(store(Access::D, x(1), x(2), offset), None, "{offset}");
    }
}

#[test]
fn of_floats() {
    let names = [
        (FloatAccess::W, "flw", "fsw"),
        (FloatAccess::D, "fld", "fsd"),
    ];
    for (data, base) in fs().flat_map(|data| xs().map(move |base| (data, base))) {
        for offset in around(12) {
            let place = format!("{}, {}({})", fln(data), number(offset), xn(base));
            for (access, load, store) in names {
                let word = float_load(access, data, base, offset).expect("it fits");
                is(word, format!("{load} {place}"));
                let word = float_store(access, data, base, offset).expect("it fits");
                is(word, format!("{store} {place}"));
            }
        }
    }
    for offset in outside(12) {
        let data = super::f(1);
        assert_eq!(
            float_load(FloatAccess::D, data, x(2), offset),
            None,
            "{offset}"
        );
        assert_eq!(
            float_store(FloatAccess::D, data, x(2), offset),
            None,
            "{offset}"
        );
    }
}
