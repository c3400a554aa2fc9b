use super::super::{Amo, Order, Width, amo, fence, load_reserved, store_conditional};
use super::text::xn;
use super::{is, triples, x};

pub const WIDTHS: [(Width, &str); 2] = [(Width::W, "w"), (Width::D, "d")];
pub const ORDERS: [(Order, &str); 4] = [
    (Order::Relaxed, ""),
    (Order::Acquire, ".aq"),
    (Order::Release, ".rl"),
    (Order::Both, ".aqrl"),
];

pub const AMOS: [(Amo, &str); 9] = [
    (Amo::Swap, "amoswap"),
    (Amo::Add, "amoadd"),
    (Amo::Xor, "amoxor"),
    (Amo::And, "amoand"),
    (Amo::Or, "amoor"),
    (Amo::Min, "amomin"),
    (Amo::Max, "amomax"),
    (Amo::Minu, "amominu"),
    (Amo::Maxu, "amomaxu"),
];

#[test]
fn operations_on_memory() {
    for [a, b, c] in triples() {
        let [rd, address, source] = [x(a), x(b), x(c)];
        let registers = format!("{}, {}, ({})", xn(rd), xn(source), xn(address));
        for (width, letter) in WIDTHS {
            for (order, suffix) in ORDERS {
                for (op, name) in AMOS {
                    let word = amo(op, width, order, rd, [address, source]);
                    is(word, format!("{name}.{letter}{suffix} {registers}"));
                }
                let word = store_conditional(width, order, rd, [address, source]);
                is(word, format!("sc.{letter}{suffix} {registers}"));
                let word = load_reserved(width, order, rd, address);
                let text = format!("lr.{letter}{suffix} {}, ({})", xn(rd), xn(address));
                is(word, text);
            }
        }
    }
}

#[test]
fn fences() {
    let name = |set: u32| {
        let letters = "iorw".chars().rev().enumerate();
        let named = letters.filter(|(bit, _)| set >> bit & 1 == 1);
        let text: String = named.map(|(_, letter)| letter).collect();
        text.chars().rev().collect::<String>()
    };
    for before in 1..16 {
        for after in 1..16 {
            let word = fence(before, after).expect("four bits each");
            is(word, format!("fence {}, {}", name(before), name(after)));
        }
    }
    assert_eq!((fence(16, 1), fence(1, 16)), (None, None));
}
