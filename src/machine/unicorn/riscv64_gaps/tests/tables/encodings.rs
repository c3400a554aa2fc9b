//! Encodings: an assembler's, and those that are no gaps.

use unicorn_engine::RegisterRISCV as R;

use super::super::{Hart, boxed};
use super::{ONE, double, single};

/// Encodings as LLVM's assembler gives them, for the fields that the builder above puts together.
#[test]
fn encodings_are_an_assemblers() {
    let mut hart = Hart::new();
    hart.set(R::F1, double(-1.0));
    // fcvtmod.w.d a1, ft1, rtz
    hart.execute(0xc280_95d3);
    assert_eq!(hart.get(R::X11), u64::MAX);
    // fltq.s a1, fs1, fs2
    hart.set(R::F9, single(1.0));
    hart.set(R::F18, single(2.0));
    hart.execute(0xa124_d5d3);
    assert_eq!(hart.get(R::X11), 1);
    // froundnx.h ft1, fa1, dyn
    hart.set(R::FCSR, 3 << 5);
    hart.set(R::F11, boxed(0x3800));
    hart.execute(0x4455_f0d3);
    assert_eq!(hart.get(R::F1), ONE);
}

#[test]
fn what_the_emulator_knows_is_left_to_it() {
    // fadd.s, fmin.d, feq.s, fcvt.s.d, fsgnj.d, fcvt.w.s, fmv.x.d, fmadd.d; formats that are none.
    let known = [
        0x00c5_8553,
        0x2ac5_8553,
        0xa0c5_a553,
        0x4015_8553,
        0x22c5_8553,
        0xc005_8553,
        0xe205_8553,
        0x6ac5_8543,
        0x06c5_8553,
        0x4435_8553,
    ];
    for word in known {
        let refusal = super::super::super::execute(word, &mut Nothing);
        assert_eq!(
            refusal,
            Err(super::super::super::Refusal::Unknown),
            "{word:#x}"
        );
    }
}

/// Registers that must not be written.
struct Nothing;

impl super::super::super::Registers for Nothing {
    fn x(&mut self, _: u32) -> u64 {
        0
    }
    fn set_x(&mut self, n: u32, _: u64) {
        panic!("x{n} is written");
    }
    fn f(&mut self, _: u32) -> u64 {
        0
    }
    fn set_f(&mut self, n: u32, _: u64) {
        panic!("f{n} is written");
    }
    fn fcsr(&mut self) -> u32 {
        0
    }
    fn set_fcsr(&mut self, _: u32) {
        panic!("fcsr is written");
    }
    fn load(&mut self, _: u64, _: usize) -> Result<u64, super::super::super::Refusal> {
        panic!("memory is read");
    }
    fn store(&mut self, _: u64, _: usize, _: u64) -> Result<(), super::super::super::Refusal> {
        panic!("memory is written");
    }
}
