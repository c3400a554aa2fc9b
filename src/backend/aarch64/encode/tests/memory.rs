//! Loads and stores, atomic ones too.

use super::super::*;
use super::{Case, HERE, agree, imm, r_sp, registers, w, x};

/// Mnemonic and letter of the register out of a table's name.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('.')
        .expect("names of accesses say their register")
}

/// The register of an access.
fn target(letter: &str, reg: Reg) -> String {
    match letter {
        "w" => w(reg),
        "x" => x(reg),
        vector => format!("{vector}{}", reg.number()),
    }
}

fn base(reg: Reg) -> String {
    r_sp(Size::X, reg)
}

/// Mnemonic of the same access with any offset.
fn unscaled(name: &str) -> String {
    name.replace("ldr", "ldur").replace("str", "stur")
}

#[test]
fn offsets() {
    for op in Access::ALL {
        let (name, letter) = parts(op.name());
        let size = 1i32 << op.log2_bytes();
        agree(registers().map(|[t, n]| {
            let text = format!(
                "{name} {}, [{}, {}]",
                target(letter, t),
                base(n),
                imm(size * 3)
            );
            (access(*op, t, Address::Offset(n, size * 3)), text)
        }));
        let [t, n] = [5, 6].map(Reg::new);
        let at = |offset| access(*op, t, Address::Offset(n, offset));
        agree([0, size, size * 4095].map(|offset| {
            let shown = if offset == 0 {
                String::new()
            } else {
                format!(", {}", imm(offset))
            };
            (
                at(offset),
                format!("{name} {}, [x6{shown}]", target(letter, t)),
            )
        }));
        let odd = [-1, -size, -256, 255]
            .into_iter()
            .filter(|o| *o < 0 || o % size != 0);
        agree(odd.map(|offset| {
            let text = format!(
                "{} {}, [x6, {}]",
                unscaled(name),
                target(letter, t),
                imm(offset)
            );
            (at(offset), text)
        }));
        for out in [size * 4096, -257, i32::MAX, i32::MIN] {
            assert_eq!(at(out), None, "{name} {out}");
        }
        assert_eq!(at(257).is_some(), size == 1);
    }
}

#[test]
fn moved_bases() {
    for op in Access::ALL {
        let (name, letter) = parts(op.name());
        agree([0, 1, -1, 255, -256].into_iter().flat_map(|offset| {
            let [t, n] = [5, 6].map(Reg::new);
            let t_text = target(letter, t);
            let pre = access(*op, t, Address::PreIndex(n, offset));
            let post = access(*op, t, Address::PostIndex(n, offset));
            [
                (pre, format!("{name} {t_text}, [x6, {}]!", imm(offset))),
                (post, format!("{name} {t_text}, [x6], {}", imm(offset))),
            ]
        }));
        for out in [256, -257] {
            let [t, n] = [5, 6].map(Reg::new);
            assert_eq!(access(*op, t, Address::PreIndex(n, out)), None);
            assert_eq!(access(*op, t, Address::PostIndex(n, out)), None);
        }
        let sp = access(*op, Reg::new(5), Address::PreIndex(Reg::SP, -16));
        agree([(
            sp,
            format!("{name} {}, [sp, #-0x10]!", target(letter, Reg::new(5))),
        )]);
    }
}

#[test]
fn indices() {
    for (op, extend) in Access::ALL
        .iter()
        .flat_map(|op| Extend::ALL.map(|e| (*op, e)))
    {
        let (name, letter) = parts(op.name());
        let form = |[t, n, m]: [Reg; 3], scaled| {
            let address = Address::Index {
                base: n,
                index: m,
                extend,
                scaled,
            };
            access(op, t, address)
        };
        let wide = match extend {
            Extend::Uxtx | Extend::Sxtx => true,
            Extend::Uxtw | Extend::Sxtw => false,
            _ => {
                assert_eq!(form([1, 2, 3].map(Reg::new), false), None);
                continue;
            }
        };
        let by = match extend {
            Extend::Uxtx => "lsl".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        let text = |[t, n, m]: [Reg; 3], shift: String| {
            let index = if wide { x(m) } else { w(m) };
            format!(
                "{name} {}, [{}, {index}{shift}]",
                target(letter, t),
                base(n)
            )
        };
        let amount = op.log2_bytes();
        agree(registers().flat_map(|all| {
            let plain = if by == "lsl" {
                String::new()
            } else {
                format!(", {by}")
            };
            [
                (form(all, false), text(all, plain)),
                (form(all, true), text(all, format!(", {by} #{amount}"))),
            ]
        }));
    }
}

#[test]
fn an_access_tells_what_it_does() {
    for op in Access::ALL {
        assert_eq!(op.is_load(), op.name().starts_with("ld"), "{}", op.name());
        let vector = matches!(parts(op.name()).1, "b" | "h" | "s" | "d" | "q");
        assert_eq!(op.is_vector(), vector, "{}", op.name());
    }
}

#[test]
fn pairs() {
    for op in Pair::ALL {
        let (name, letter) = parts(op.name());
        let size = op.bytes();
        let two = |a, b| format!("{}, {}", target(letter, a), target(letter, b));
        agree(registers().filter(|[a, b, _]| a != b).map(|[a, b, n]| {
            let text = format!("{name} {}, [{}, {}]", two(a, b), base(n), imm(size * 3));
            (pair(*op, a, b, Address::Offset(n, size * 3)), text)
        }));
        let [a, b, n] = [5, 6, 7].map(Reg::new);
        agree(
            [size, size * 63, size * -64]
                .into_iter()
                .flat_map(|offset| {
                    let (t, i) = (two(a, b), imm(offset));
                    let form = |address| pair(*op, a, b, address);
                    [
                        (
                            form(Address::Offset(n, offset)),
                            format!("{name} {t}, [x7, {i}]"),
                        ),
                        (
                            form(Address::PreIndex(n, offset)),
                            format!("{name} {t}, [x7, {i}]!"),
                        ),
                        (
                            form(Address::PostIndex(n, offset)),
                            format!("{name} {t}, [x7], {i}"),
                        ),
                    ]
                }),
        );
        for out in [size * 64, size * -65, size - 1] {
            assert_eq!(pair(*op, a, b, Address::Offset(n, out)), None);
        }
        let index = Address::Index {
            base: n,
            index: a,
            extend: Extend::Uxtx,
            scaled: false,
        };
        assert_eq!(pair(*op, a, b, index), None);
    }
}

#[test]
fn literals() {
    for op in Literal::ALL {
        let (name, letter) = parts(op.name());
        let to = |from: i32| format!("#{:#x}", HERE.wrapping_add_signed(i64::from(from)));
        agree(registers().map(|[t]| {
            (
                load_literal(*op, t, 16),
                format!("{name} {}, {}", target(letter, t), to(16)),
            )
        }));
        let t = Reg::new(3);
        agree([0, -4, 0xf_fffc, -0x10_0000].map(|from| {
            (
                load_literal(*op, t, from),
                format!("{name} {}, {}", target(letter, t), to(from)),
            )
        }));
        for out in [1, 2, 0x10_0000, -0x10_0004] {
            assert_eq!(load_literal(*op, t, out), None);
        }
    }
}

/// What an atomic access of this size adds to a mnemonic, and its register.
fn sized(size: AtomicSize, reg: Reg) -> (&'static str, String) {
    match size {
        AtomicSize::B => ("b", w(reg)),
        AtomicSize::H => ("h", w(reg)),
        AtomicSize::W => ("", w(reg)),
        AtomicSize::X => ("", x(reg)),
    }
}

#[test]
fn ordered_and_exclusive() {
    for size in AtomicSize::ALL {
        for op in Ordered::ALL {
            agree(registers().map(|[t, n]| {
                let (suffix, target) = sized(size, t);
                let text = format!("{}{suffix} {target}, [{}]", op.name(), base(n));
                (Some(ordered(*op, size, t, n)), text)
            }));
        }
        for op in Exclusive::ALL {
            agree(registers().map(|[s, t, n]| {
                let (suffix, target) = sized(size, t);
                let text = format!("{}{suffix} {}, {target}, [{}]", op.name(), w(s), base(n));
                (Some(store_exclusive(*op, size, s, t, n)), text)
            }));
        }
    }
    for op in ExclusivePair::ALL {
        let stores = op.name().starts_with("st");
        let [s, a, b, n] = [1, 2, 3, 4].map(Reg::new);
        let other = if stores { None } else { Some(s) };
        assert_eq!(exclusive_pair(*op, other, (a, b), n), None);
        agree(
            registers()
                .filter(|[_, a, b, _]| a != b)
                .map(|[s, a, b, n]| {
                    let status = if stores {
                        format!("{}, ", w(s))
                    } else {
                        String::new()
                    };
                    let text = format!("{} {status}{}, {}, [{}]", op.name(), x(a), x(b), base(n));
                    (exclusive_pair(*op, stores.then_some(s), (a, b), n), text)
                }),
        );
    }
}

#[test]
fn single_instructions_that_read_modify_and_write() {
    for (op, size) in Rmw::ALL
        .iter()
        .flat_map(|op| AtomicSize::ALL.map(|size| (*op, size)))
    {
        let cases: Vec<Case> = registers()
            .map(|[s, t, n]| {
                let ((suffix, s_text), (_, t_text)) = (sized(size, s), sized(size, t));
                let text = format!("{}{suffix} {s_text}, {t_text}, [{}]", op.name(), base(n));
                (Some(rmw(op, size, s, t, n)), text)
            })
            .collect();
        agree(cases);
    }
}
