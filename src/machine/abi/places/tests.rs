use super::*;
use crate::machine::abi::call_layout;
use crate::program::Signature;

fn param(ty: Ty, extension: Extension) -> Param {
    Param {
        ty,
        extension,
        purpose: Purpose::Normal,
    }
}

fn places(isa: Isa, call_conv: CallConv, params: Vec<Param>) -> Vec<Vec<Part>> {
    let signature = Signature {
        call_conv,
        params,
        returns: Vec::new(),
        llvm_abi: false,
    };
    let layout = call_layout(isa, &signature).unwrap();
    layout.params.into_iter().map(|place| place.parts).collect()
}

#[test]
fn an_extended_integer_fills_its_slot_on_big_endian_pulley() {
    let offset = |isa: Isa, extension: Extension| {
        let mut params = vec![param(Ty::int(64), Extension::None); 15];
        params.push(param(Ty::int(16), extension));
        match places(isa, CallConv::PreserveAll, params)[15][..] {
            [
                Part::Stack {
                    offset, bytes: 2, ..
                },
            ] => offset,
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(offset(Isa::Pulley64be, Extension::Sign), 6);
    assert_eq!(offset(Isa::Pulley64be, Extension::Zero), 6);
    assert_eq!(offset(Isa::Pulley64be, Extension::None), 0);
    assert_eq!(offset(Isa::Pulley64, Extension::Sign), 0);
    let int = |bits| param(Ty::int(bits), Extension::Sign);
    let mut params = vec![int(64); 5];
    params.push(int(16));
    let s390x = &places(Isa::S390x, CallConv::SystemV, params)[5];
    assert!(matches!(s390x[..], [Part::Stack { offset: 166, .. }]));
}

#[test]
fn an_i128_that_leaves_a_register() {
    // Offsets of the stack slots, and none for a register.
    let offsets = |isa: Isa, conv: CallConv, ints: usize| {
        let mut params = vec![param(Ty::int(64), Extension::None); ints];
        params.push(param(Ty::int(128), Extension::None));
        params.push(param(Ty::int(64), Extension::None));
        let places = places(isa, conv, params);
        let parts = places[ints..].iter().flatten();
        let offset = |part: &Part| match part {
            Part::Stack { offset, .. } => Some(*offset),
            _ => None,
        };
        parts.map(offset).collect::<Vec<_>>()
    };
    let (x86, arm, riscv) = (Isa::X86_64, Isa::Aarch64, Isa::Riscv64gc);
    for conv in [CallConv::SystemV, CallConv::PreserveAll] {
        assert_eq!(offsets(x86, conv, 5), [Some(0), Some(8), None]);
        assert_eq!(offsets(x86, conv, 7), [Some(16), Some(24), Some(32)]);
        assert_eq!(offsets(arm, conv, 7), [Some(0), Some(8), Some(16)]);
        assert_eq!(offsets(riscv, conv, 7), [None, Some(0), Some(8)]);
        assert_eq!(offsets(riscv, conv, 9), [Some(16), Some(24), Some(32)]);
    }
    assert_eq!(offsets(x86, CallConv::Fast, 5), [None, Some(0), Some(8)]);
    for conv in [CallConv::Fast, CallConv::Tail] {
        assert_eq!(offsets(x86, conv, 7), [Some(8), Some(16), Some(24)]);
        assert_eq!(offsets(riscv, conv, 9), [Some(8), Some(16), Some(24)]);
    }
    assert_eq!(offsets(arm, CallConv::Fast, 7), [Some(0), Some(8), None]);
    assert_eq!(offsets(arm, CallConv::Tail, 5), [Some(0), Some(8), None]);
}

#[test]
fn conventions_of_one_isa_are_the_platforms_elsewhere() {
    let mixed = |isa: Isa, conv: CallConv| {
        let mut params = vec![param(Ty::int(64), Extension::None); 9];
        params.extend([param(Ty::float(64), Extension::None); 9]);
        params.extend([param(Ty::int(8), Extension::None); 12]);
        places(isa, conv, params)
    };
    for isa in Isa::ALL {
        let platform = mixed(isa, CallConv::SystemV);
        let windows = mixed(isa, CallConv::WindowsFastcall);
        assert_eq!(windows == platform, isa != Isa::X86_64, "{isa}");
        let apple = mixed(isa, CallConv::AppleAarch64);
        assert_eq!(apple == platform, isa != Isa::Aarch64, "{isa}");
    }
}
