//! Layouts against the suite's own table of places, which is written from the same documents by
//! other hands, over many signatures of every convention.

use cranelift_codegen::ir::{self, AbiParam, types};
use cranelift_codegen::isa::CallConv;

use super::{callee_saved, clobbers, layout};
use crate::backend::call::{Location, Part, Place};
use crate::isa::Isa;
use crate::machine::abi::{self, Part as Piece, call_layout, preserved};
use crate::machine::{RegisterId, RegisterRole, RegisterTable};
use crate::program::{self, Extension, Param, Purpose, ty_from_clif};

const CONVENTIONS: [(CallConv, program::CallConv); 6] = [
    (CallConv::SystemV, program::CallConv::SystemV),
    (CallConv::Fast, program::CallConv::Fast),
    (CallConv::Tail, program::CallConv::Tail),
    (CallConv::PreserveAll, program::CallConv::PreserveAll),
    (CallConv::Winch, program::CallConv::Winch),
    (
        CallConv::WindowsFastcall,
        program::CallConv::WindowsFastcall,
    ),
];

const TYPES: [ir::Type; 9] = [
    types::I8,
    types::I16,
    types::I32,
    types::I64,
    types::I128,
    types::F32,
    types::F64,
    types::I32X4,
    types::F64X2,
];

/// A register's number and whether it is a general one.
fn register(id: RegisterId) -> (usize, bool) {
    match RegisterTable::of(Isa::X86_64).info(id).role {
        RegisterRole::Int(number) => (number.into(), true),
        RegisterRole::Float(number) => (number.into(), false),
        role => panic!("{role:?} holds no argument"),
    }
}

fn ours(part: &Part) -> String {
    match part.location {
        Location::Reg(reg) => {
            let class = reg.class() == regalloc2::RegClass::Int;
            format!("{:?}", (reg.hw_enc(), class))
        }
        Location::Stack(offset) => format!("[{offset}]"),
    }
}

fn theirs(piece: &Piece) -> String {
    match piece {
        Piece::Register { register: id, .. } => format!("{:?}", register(*id)),
        Piece::Stack { offset, .. } => format!("[{offset}]"),
        Piece::Indirect { pointer, .. } => format!("*{}", theirs(pointer)),
    }
}

fn our_place(place: &Place) -> Vec<String> {
    match place {
        Place::Parts(parts) => parts.iter().map(ours).collect(),
        Place::Reference { pointer, .. } => vec![format!("*{}", ours(pointer))],
    }
}

fn their_place(place: &abi::Place) -> Vec<String> {
    place.parts.iter().map(theirs).collect()
}

fn param(ty: ir::Type) -> Param {
    Param {
        ty: ty_from_clif(ty).expect("the suite has the type"),
        extension: Extension::None,
        purpose: Purpose::Normal,
    }
}

/// A list of types that `number` gives.
fn some_types(mut number: u64, count: usize) -> Vec<ir::Type> {
    let mut next = || {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(number >> 40).expect("24 bits fit")
    };
    (0..count).map(|_| TYPES[next() % TYPES.len()]).collect()
}

#[test]
fn arguments_travel_where_the_documents_say() {
    for (conv, suite_conv) in CONVENTIONS {
        for number in 0..400_u64 {
            let count = usize::try_from(number % 24).expect("it is small");
            let list = some_types(number, count);
            let mut signature = ir::Signature::new(conv);
            signature.params = list.iter().map(|ty| AbiParam::new(*ty)).collect();
            let suite = program::Signature {
                call_conv: suite_conv,
                params: list.iter().map(|ty| param(*ty)).collect(),
                returns: Vec::new(),
                llvm_abi: false,
            };
            let here = layout(&signature, false).expect("it is covered");
            let there = call_layout(Isa::X86_64, &suite).expect("it is covered");
            let left: Vec<_> = here.params.iter().map(our_place).collect();
            let right: Vec<_> = there.params.iter().map(their_place).collect();
            assert_eq!(left, right, "{suite}");
            assert_eq!(u64::from(here.popped), there.callee_pops, "{suite}");
            let copies = here
                .params
                .iter()
                .filter(|p| matches!(p, Place::Reference { .. }));
            let copies = 16 * u64::try_from(copies.count()).expect("few");
            let area = there.argument_area + copies;
            assert_eq!(u64::from(here.argument_bytes), area, "{suite}");
        }
    }
}

#[test]
fn results_travel_where_the_documents_say() {
    for (conv, suite_conv) in CONVENTIONS {
        for number in 0..400_u64 {
            let list = some_types(
                number,
                usize::try_from(number % 24).expect("it is small") + 1,
            );
            let list = if conv == CallConv::Winch {
                &list[..1]
            } else {
                &list[..]
            };
            let mut signature = ir::Signature::new(conv);
            signature.returns = list.iter().map(|ty| AbiParam::new(*ty)).collect();
            let suite = program::Signature {
                call_conv: suite_conv,
                params: Vec::new(),
                returns: list.iter().map(|ty| param(*ty)).collect(),
                llvm_abi: false,
            };
            let here = layout(&signature, false).expect("it is covered");
            let there = call_layout(Isa::X86_64, &suite).expect("it is covered");
            let area = there.return_area.as_ref();
            let bytes = area.map_or(0, |area| area.bytes);
            assert_eq!(u64::from(here.area_bytes), bytes, "{suite}");
            let pointer = area.map(|area| theirs(&area.pointer));
            assert_eq!(here.area_pointer.as_ref().map(ours), pointer, "{suite}");
            let left: Vec<_> = here.returns.iter().map(our_place).collect();
            let right: Vec<_> = there.returns.iter().map(their_place).collect();
            assert_eq!(left, right, "{suite}");
        }
    }
}

#[test]
fn registers_are_preserved_as_the_documents_say() {
    let table = RegisterTable::of(Isa::X86_64);
    for (conv, suite_conv) in CONVENTIONS {
        let saved = callee_saved(conv, false);
        let lost = clobbers(conv, false);
        for id in table.ids() {
            let (number, is_int) = match table.info(id).role {
                RegisterRole::Int(number) => (usize::from(number), true),
                RegisterRole::Float(number) => (usize::from(number), false),
                _ => continue,
            };
            // The frame's own.
            if is_int && (number == 4 || number == 5) {
                continue;
            }
            let reg = if is_int {
                super::int(number)
            } else {
                super::float(number)
            };
            let mask = preserved(Isa::X86_64, suite_conv).mask(id);
            let whole = u128::MAX >> (if is_int { 64 } else { 0 });
            let ours = saved
                .iter()
                .find(|(one, _)| *one == reg)
                .map(|(_, bytes)| *bytes);
            let expected = match mask & whole {
                0 => None,
                kept if kept == whole => Some(if is_int { 8 } else { 16 }),
                kept => panic!("{reg}: part of it is preserved: {kept:#x}"),
            };
            assert_eq!(ours, expected, "{reg} under {conv}");
            assert_eq!(lost.contains(reg), expected.is_none(), "{reg} under {conv}");
        }
    }
}
