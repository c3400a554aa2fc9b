//! Machine instructions to bytes, after allocation.

mod atomic;

pub use atomic::change;

use atomic::Atomic;

use super::calls::symbol_address;
use super::encode::*;
use super::form::{Form, fpr, gpr, vr};
use super::frame::{Out, put, refer, trap_if};
use super::inst::{Inst, Test};
use super::memory::Mover;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use regalloc2::RegClass;

/// Registers 0 and 1, an even-odd pair.
const R0: Gpr = Gpr::NONE;

fn r1() -> Gpr {
    gpr(1)
}

fn g(reg: Reg) -> Gpr {
    gpr(reg.number())
}

/// Emits one.
pub fn emit(emitter: &mut Out<'_>, inst: &Inst) {
    match inst {
        Inst::Compute { form, to, args } => compute(emitter, *form, *to, args),
        Inst::Test(test) => set_code(emitter, test),
        Inst::Load {
            access,
            to,
            address,
            trap,
        } => {
            Mover {
                emitter,
                trap: *trap,
            }
            .load(*access, to.number(), address);
        }
        Inst::Store {
            access,
            from,
            address,
            trap,
        } => {
            Mover {
                emitter,
                trap: *trap,
            }
            .store(*access, from.number(), address);
        }
        Inst::MultiplyWide { signed, to, args } => {
            let [a, b] = args.map(g);
            if *signed {
                put(emitter, triple(Triple::Mgrk, R0, a, b));
            } else {
                put(emitter, pair(Pair::Lgr, r1(), a));
                put(emitter, pair(Pair::Mlgr, R0, b));
            }
            let [high, low] = to.map(g);
            put(emitter, pair(Pair::Lgr, high, R0));
            put(emitter, pair(Pair::Lgr, low, r1()));
        }
        Inst::Divide {
            signed,
            bits,
            remainder,
            to,
            args,
        } => {
            divide(emitter, (*signed, *bits), args.map(g));
            put(
                emitter,
                pair(Pair::Lgr, g(*to), if *remainder { R0 } else { r1() }),
            );
        }
        Inst::LeadingZeros { to, from } => {
            put(emitter, pair(Pair::Flogr, R0, g(*from)));
            put(emitter, pair(Pair::Lgr, g(*to), R0));
        }
        Inst::Select { mask, to, then, .. } => select(emitter, *mask, *to, *then),
        Inst::Constant { to, bits } => constant(emitter, *to, *bits),
        Inst::SymbolAddress {
            to,
            name,
            addend,
            near,
        } => {
            symbol_address(emitter, g(*to), name, *addend, *near);
        }
        Inst::Narrow { narrow, to } => narrow.emit(emitter, *to),
        Inst::Fence => put(emitter, serialize()),
        Inst::Branch { mask, then, other } => branch(emitter, *mask, *then, *other),
        Inst::Table {
            index,
            scratch,
            default,
            targets,
        } => {
            table(emitter, g(*index), g(*scratch), *default, targets);
        }
        Inst::TrapIf { mask, code } => trap_if(emitter, *mask, *code),
        Inst::Trap(code) => {
            emitter.buffer.trap(*code);
            put(emitter, TRAP);
        }
        Inst::CompareAndSwap {
            bits,
            reversed,
            to,
            args,
            trap,
        } => {
            let atomic = Atomic {
                bits: *bits,
                reversed: *reversed,
                address: g(args[0]),
            };
            atomic.compare_and_swap(emitter, args.map(g), g(*to), *trap);
        }
        Inst::ReadModifyWrite {
            op,
            bits,
            reversed,
            to,
            args,
            trap,
        } => {
            let atomic = Atomic {
                bits: *bits,
                reversed: *reversed,
                address: g(args[0]),
            };
            atomic.modify(emitter, *op, g(args[1]), g(*to), *trap);
        }
    }
}

fn compute(emitter: &mut Out<'_>, form: Form, to: Reg, args: &[Option<Reg>; 3]) {
    let mut numbers = [0; 3];
    let skipped = usize::from(form.is_over());
    for (number, arg) in numbers.iter_mut().zip(args.iter().skip(skipped)) {
        *number = arg.map_or(0, Reg::number);
    }
    put(emitter, form.encode(to.number(), numbers));
}

fn set_code(emitter: &mut Out<'_>, test: &Test) {
    match *test {
        Test::Pair(form, a, b) => put(emitter, form.encode(a.number(), [b.number(), 0, 0])),
        Test::Immediate(form, a) => put(emitter, form.encode(a.number(), [0; 3])),
        Test::UnderMask(a, b) => put(emitter, vtm(vr(a.number()), vr(b.number()))),
    }
}

/// Quotient in register 1, remainder in register 0.
fn divide(emitter: &mut Out<'_>, (signed, bits): (bool, u8), [a, b]: [Gpr; 2]) {
    match (signed, bits) {
        (true, 64) => {
            put(emitter, pair(Pair::Lgr, r1(), a));
            put(emitter, pair(Pair::Dsgr, R0, b));
        }
        (true, _) => {
            put(emitter, pair(Pair::Lgfr, r1(), a));
            put(emitter, pair(Pair::Dsgfr, R0, b));
        }
        (false, 64) => {
            put(emitter, halfword(Halfword::Lghi, R0, 0));
            put(emitter, pair(Pair::Lgr, r1(), a));
            put(emitter, pair(Pair::Dlgr, R0, b));
        }
        (false, _) => {
            put(emitter, halfword(Halfword::Lhi, R0, 0));
            put(emitter, pair(Pair::Lgr, r1(), a));
            put(emitter, pair(Pair::Dlr, R0, b));
        }
    }
}

/// Skips a copy.
fn select(emitter: &mut Out<'_>, mask: Mask, to: Reg, then: Reg) {
    let (d, s) = (to.number(), then.number());
    if to.class() == RegClass::Float {
        put(emitter, brc(mask.negated(), 6).expect("a short distance"));
        put(emitter, float_move(FloatMove::Ldr, fpr(d), fpr(s)));
    } else {
        put(emitter, brc(mask.negated(), 10).expect("a short distance"));
        put(emitter, vlr(vr(d), vr(s)));
    }
}

fn constant(emitter: &mut Out<'_>, to: Reg, bits: u128) {
    let label = emitter.buffer.constant(&bits.to_be_bytes(), 8);
    let code = relative(Relative::Larl, r1(), 0).expect("a short distance");
    refer(emitter, label, code);
    let address = Address {
        base: r1(),
        index: Gpr::NONE,
        displacement: Disp12::ZERO,
    };
    let code = vector_storage(VectorStorage::Vl, vr(to.number()), 0, address);
    put(emitter, code.expect("it has one element"));
}

/// Jumps to a block under a condition.
pub fn jump(emitter: &mut Out<'_>, mask: Mask, target: BlockId) {
    let label = emitter.label(target);
    let code = brcl(mask, 0).expect("a short distance");
    refer(emitter, label, code);
}

fn branch(emitter: &mut Out<'_>, mask: Mask, then: BlockId, other: BlockId) {
    if emitter.falls_into(then) {
        return jump(emitter, mask.negated(), other);
    }
    jump(emitter, mask, then);
    if !emitter.falls_into(other) {
        jump(emitter, Mask::ALWAYS, other);
    }
}

fn table(emitter: &mut Out<'_>, index: Gpr, scratch: Gpr, default: BlockId, targets: &[BlockId]) {
    let count = u32::try_from(targets.len()).expect("a table is small");
    if count == 0 {
        return jump(emitter, Mask::ALWAYS, default);
    }
    put(emitter, unsigned_word(UnsignedWord::Clgfi, index, count));
    jump(emitter, Mask::HIGH_OR_EQUAL, default);
    let base = emitter.buffer.new_label();
    let labels = targets
        .iter()
        .map(|target| emitter.label(*target))
        .collect();
    let entries = emitter.buffer.table(base, labels, true);
    emitter.buffer.bind(base);
    let larl = relative(Relative::Larl, r1(), 0).expect("a short distance");
    refer(emitter, entries, larl);
    let two = Disp20::new(2).expect("small");
    put(
        emitter,
        shift(Shift::Sllg, (scratch, index), Gpr::NONE, two),
    );
    let entry = Address {
        base: r1(),
        index: scratch,
        displacement: Disp20::ZERO,
    };
    put(emitter, storage(Storage::Lgf, scratch, entry));
    refer(emitter, base, larl);
    put(emitter, pair(Pair::Agr, r1(), scratch));
    put(emitter, bcr(Mask::ALWAYS, r1()));
}
