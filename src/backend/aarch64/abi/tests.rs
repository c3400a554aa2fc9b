//! Signatures and where AAPCS64 has them, worked out by hand from its rules.

use super::*;

const I8: Type = types::I8;
const I64: Type = types::I64;
const I128: Type = types::I128;
const F64: Type = types::F64;
const V: Type = types::I32X4;

fn signature(conv: CallConv, params: &[Type], returns: &[Type]) -> Signature {
    let mut signature = Signature::new(conv);
    signature.params = params.iter().map(|ty| AbiParam::new(*ty)).collect();
    signature.returns = returns.iter().map(|ty| AbiParam::new(*ty)).collect();
    signature
}

fn text(place: &Place) -> String {
    let Place::Parts(parts) = place else {
        return "reference".to_owned();
    };
    let parts = parts.iter().map(|part| match part.location {
        Location::Reg(reg) if reg.class() == RegClass::Int => format!("x{}", reg.hw_enc()),
        Location::Reg(reg) => format!("v{}", reg.hw_enc()),
        Location::Stack(offset) => format!("+{offset}"),
    });
    parts.collect::<Vec<_>>().join(":")
}

fn params(conv: CallConv, of: &[Type]) -> String {
    let layout = layout(&signature(conv, of, &[])).expect("covered");
    layout.params.iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn integers_and_floats_count_by_themselves() {
    let mixed = [I64, F64, I8, V, I64];
    assert_eq!(params(CallConv::SystemV, &mixed), "x0 v0 x1 v1 x2");
    assert_eq!(params(CallConv::Tail, &mixed), "x2 v0 x3 v1 x4");
}

#[test]
fn what_finds_no_register_has_slots_of_eight_bytes() {
    let mut many = vec![I64; 8];
    many.extend([I8, I8, I64]);
    assert!(params(CallConv::SystemV, &many).ends_with("x7 +0 +8 +16"));
    assert!(params(CallConv::AppleAarch64, &many).ends_with("x7 +0 +1 +8"));
    let mut many = vec![F64; 8];
    many.extend([types::F32, V, F64]);
    assert!(params(CallConv::SystemV, &many).ends_with("v7 +0 +16 +32"));
    assert!(params(CallConv::AppleAarch64, &many).ends_with("v7 +0 +16 +32"));
}

#[test]
fn an_i128_begins_at_an_even_register() {
    assert_eq!(params(CallConv::SystemV, &[I64, I128, I64]), "x0 x2:x3 x4");
    assert_eq!(
        params(CallConv::AppleAarch64, &[I64, I128, I64]),
        "x0 x1:x2 x3"
    );
    assert_eq!(params(CallConv::Tail, &[I64, I128]), "x2 x4:x5");
    let seven = |conv| {
        let mut many = vec![I64; 7];
        many.extend([I128, I64]);
        params(conv, &many)
    };
    // C.13: x7 is not used again; CLIF's own convention does.
    assert!(seven(CallConv::SystemV).ends_with("x6 +0:+8 +16"));
    assert!(seven(CallConv::PreserveAll).ends_with("x6 +0:+8 +16"));
    assert!(seven(CallConv::Fast).ends_with("x6 +0:+8 x7"));
}

#[test]
fn results_beyond_the_registers_lie_in_an_area() {
    let returns = vec![I64; 10];
    let platform = layout(&signature(CallConv::SystemV, &[I64], &returns)).expect("covered");
    let texts = |layout: &CallLayout| {
        layout
            .returns
            .iter()
            .map(text)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(texts(&platform).ends_with("x6 x7 +0 +8"));
    assert_eq!((platform.area_bytes, platform.argument_bytes), (16, 0));
    let pointer = platform.area_pointer.expect("an area");
    assert_eq!(pointer.location, Location::Reg(x(8)));
    let tail = layout(&signature(CallConv::Tail, &[I64], &returns)).expect("covered");
    assert!(texts(&tail).ends_with("x6 x7 +0 +8 +16 +24"));
    assert_eq!(
        tail.area_pointer.expect("an area").location,
        Location::Reg(x(8))
    );
}

#[test]
fn only_a_tail_callee_takes_its_arguments_away() {
    let many = [I64; 11];
    for conv in [CallConv::SystemV, CallConv::Fast, CallConv::PreserveAll] {
        let layout = layout(&signature(conv, &many, &[])).expect("covered");
        assert_eq!((layout.argument_bytes, layout.popped), (32, 0), "{conv}");
    }
    let tail = layout(&signature(CallConv::Tail, &many, &[])).expect("covered");
    assert_eq!((tail.argument_bytes, tail.popped), (48, 48));
}

#[test]
fn extensions_fill_what_is_asked_for() {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = vec![
        AbiParam::new(I8).sext(),
        AbiParam::new(types::I32).uext(),
        AbiParam::new(I8),
        AbiParam::new(I64).uext(),
    ];
    let layout = layout(&signature).expect("covered");
    let fills: Vec<Fill> = layout
        .params
        .iter()
        .map(|place| match place {
            Place::Parts(parts) => parts[0].fill,
            Place::Reference { .. } => panic!("nothing goes by reference"),
        })
        .collect();
    assert_eq!(
        fills,
        [Fill::Sign(8), Fill::Zero(32), Fill::None, Fill::None]
    );
}

#[test]
fn what_is_not_covered_is_refused() {
    let narrow = signature(CallConv::SystemV, &[types::I8X8], &[]);
    assert!(layout(&narrow).is_err());
    let probestack = signature(CallConv::Probestack, &[], &[]);
    assert!(layout(&probestack).is_err());
}
