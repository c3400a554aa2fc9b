//! Places of arguments, by hand from the ABI documents, and values through every one of them.

use super::{CallLayout, Junk, Part, Place, call_layout, read, write};
use crate::isa::Isa;
use crate::machine::RegisterTable;
use crate::machine::fake::FakeCpu;
use crate::program::{CallConv, Extension, Lane, Param, Purpose, Signature, Ty, Value};

const I8: Ty = Ty::int(8);
const I16: Ty = Ty::int(16);
const I32: Ty = Ty::int(32);
const I64: Ty = Ty::int(64);
const I128: Ty = Ty::int(128);
const F32: Ty = Ty::float(32);
const F64: Ty = Ty::float(64);
const I32X4: Ty = Ty {
    lane: Lane::Int,
    lane_bits: 32,
    lanes: 4,
};

fn param(ty: Ty) -> Param {
    Param {
        ty,
        extension: Extension::None,
        purpose: Purpose::Normal,
    }
}

fn layout(isa: Isa, call_conv: CallConv, params: &[Ty], returns: &[Ty]) -> CallLayout {
    let list = |types: &[Ty]| types.iter().map(|ty| param(*ty)).collect();
    let signature = Signature {
        call_conv,
        params: list(params),
        returns: list(returns),
        llvm_abi: false,
    };
    call_layout(isa, &signature).expect("the documents cover it")
}

fn text_of(isa: Isa, part: &Part) -> String {
    match part {
        Part::Register {
            register, shift, ..
        } => {
            let name = RegisterTable::of(isa).info(*register).name;
            match shift {
                0 => name.to_owned(),
                shift => format!("{name}>>{shift}"),
            }
        }
        Part::Stack { offset, bytes, .. } => format!("[{offset}]{bytes}"),
        Part::Indirect { pointer, bytes, .. } => format!("*{}:{bytes}", text_of(isa, pointer)),
    }
}

fn text(isa: Isa, places: &[Place]) -> String {
    let one = |place: &Place| {
        let parts: Vec<String> = place.parts.iter().map(|part| text_of(isa, part)).collect();
        parts.join("+")
    };
    places.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Asserts where the parameters lie, and the size of the argument area.
fn params(isa: Isa, conv: CallConv, types: &[Ty], expected: &str, area: u64) {
    let layout = layout(isa, conv, types, &[]);
    assert_eq!(
        text(isa, &layout.params),
        expected,
        "{isa} {conv} {types:?}"
    );
    assert_eq!(layout.argument_area, area, "{isa} {conv} {types:?}");
}

fn returns(isa: Isa, conv: CallConv, types: &[Ty], expected: &str) {
    let layout = layout(isa, conv, &[], types);
    assert_eq!(
        text(isa, &layout.returns),
        expected,
        "{isa} {conv} {types:?}"
    );
}

use CallConv::{AppleAarch64, SystemV, Tail, WindowsFastcall};

#[test]
fn system_v_of_x86_64() {
    let isa = Isa::X86_64;
    params(
        isa,
        SystemV,
        &[I64; 8],
        "rdi rsi rdx rcx r8 r9 [0]8 [8]8",
        16,
    );
    params(isa, SystemV, &[I8, F64, I32X4, I16], "rdi xmm0 xmm1 rsi", 0);
    params(
        isa,
        SystemV,
        &[F64; 9],
        "xmm0 xmm1 xmm2 xmm3 xmm4 xmm5 xmm6 xmm7 [0]8",
        16,
    );
    // psABI 3.2.3: an __int128 goes to two registers or, aligned to 16, to memory.
    let types = [I64, I64, I64, I64, I64, I128, I64];
    params(isa, SystemV, &types, "rdi rsi rdx rcx r8 [0]8+[8]8 r9", 16);
    params(isa, SystemV, &[I128, I128], "rdi+rsi rdx+rcx", 0);
    returns(isa, SystemV, &[I64, I64], "rax rdx");
    returns(isa, SystemV, &[I128], "rax+rdx");
    returns(isa, SystemV, &[F64, I64, F32], "xmm0 rax xmm1");
}

#[test]
fn microsoft_x64_counts_positions_and_has_a_home_space() {
    let isa = Isa::X86_64;
    params(
        isa,
        WindowsFastcall,
        &[I64, F64, I64, F32],
        "rcx xmm1 r8 xmm3",
        32,
    );
    params(
        isa,
        WindowsFastcall,
        &[F64, I64, I64, I64, F64, I32],
        "xmm0 rdx r8 r9 [32]8 [40]4",
        48,
    );
    params(isa, WindowsFastcall, &[], "", 32);
    let types = [I64, I64, I64, I128, F64, I128];
    let places = "rcx rdx r8 r9+[32]8 [40]8 [48]8+[56]8";
    params(isa, WindowsFastcall, &types, places, 64);
    params(isa, WindowsFastcall, &[I32X4, I64], "*rcx:16 rdx", 32);
    returns(isa, WindowsFastcall, &[F64], "xmm0");
}

#[test]
fn aapcs64_and_apples_variant() {
    let isa = Isa::Aarch64;
    params(isa, SystemV, &[I64, F32, I64, I32X4], "x0 v0 x1 v1", 0);
    let mut types = [I64; 10];
    types[9] = I8;
    let registers = "x0 x1 x2 x3 x4 x5 x6 x7";
    params(isa, SystemV, &types, &format!("{registers} [0]8 [8]1"), 16);
    // C.10: an even register; C.13: the rest of the registers is not used any more.
    params(isa, SystemV, &[I64, I128], "x0 x2+x3", 0);
    let types = [I64, I64, I64, I64, I64, I64, I64, I128, I64];
    params(
        isa,
        SystemV,
        &types,
        "x0 x1 x2 x3 x4 x5 x6 [0]8+[8]8 [16]8",
        32,
    );
    params(isa, AppleAarch64, &[I64, I128], "x0 x1+x2", 0);
    let mut types = vec![I64; 8];
    types.extend([I8, I8, I16, I32, I64]);
    params(
        isa,
        AppleAarch64,
        &types,
        &format!("{registers} [0]1 [1]1 [2]2 [4]4 [8]8"),
        16,
    );
    returns(isa, SystemV, &[I64, F64, I64], "x0 v0 x1");
}

#[test]
fn lp64d_of_risc_v() {
    let isa = Isa::Riscv64gc;
    params(isa, SystemV, &[I64, F64, I32, F32], "a0 fa0 a1 fa1", 0);
    let mut types = vec![F64; 8];
    types.extend([F64, F32, I64]);
    let floats = "fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7";
    // Floats beyond fa7 go by the integer convention.
    params(isa, SystemV, &types, &format!("{floats} a0 a1 a2"), 0);
    let mut types = vec![I64; 7];
    types.push(I128);
    // The last register and the stack share it.
    params(isa, SystemV, &types, "a0 a1 a2 a3 a4 a5 a6 a7+[0]8", 16);
    let mut types = vec![I64; 9];
    types.push(I128);
    params(
        isa,
        SystemV,
        &types,
        "a0 a1 a2 a3 a4 a5 a6 a7 [0]8 [16]8+[24]8",
        32,
    );
    params(isa, SystemV, &[I64, I128], "a0 a1+a2", 0);
    returns(isa, SystemV, &[I128], "a0+a1");
    returns(isa, SystemV, &[F64, I64], "fa0 a0");
    let signature = Signature {
        call_conv: SystemV,
        params: vec![param(I32X4)],
        returns: Vec::new(),
        llvm_abi: false,
    };
    assert!(
        call_layout(isa, &signature).is_err(),
        "there are no vector registers"
    );
}

#[test]
fn s390x_justifies_to_the_right_and_passes_wide_integers_by_reference() {
    let isa = Isa::S390x;
    params(isa, SystemV, &[], "", 160);
    let types = [I64, I64, I64, I64, I64, I64, I32, I8];
    params(
        isa,
        SystemV,
        &types,
        "r2 r3 r4 r5 r6 [160]8 [172]4 [183]1",
        184,
    );
    params(isa, SystemV, &[I64, I128], "r2 *r3:16", 160);
    let types = [F64, F32, F64, F64, F64, F32];
    params(
        isa,
        SystemV,
        &types,
        "v0>>64 v2>>96 v4>>64 v6>>64 [160]8 [172]4",
        176,
    );
    params(isa, SystemV, &[I32X4, I64], "v24 r2", 160);
    returns(isa, SystemV, &[I64, F64, I32X4], "r2 v0>>64 v24");
}

/// Asserts where results lie, those in memory in brackets, and what points there.
fn area(isa: Isa, conv: CallConv, types: &[Ty], expected: &str, pointer: &str, bytes: u64) {
    returns(isa, conv, types, expected);
    let layout = layout(isa, conv, &[I64], types);
    let area = layout.return_area.expect("an area");
    assert_eq!(text_of(isa, &area.pointer), pointer, "{isa} {conv}");
    assert_eq!(area.bytes, bytes, "{isa} {conv}");
    let first = text(isa, &layout.params);
    assert_ne!(first, pointer, "{isa} {conv}");
}

/// Cranelift's rules, worked out by hand from `compute_arg_locs` of each ISA.
#[test]
fn results_that_find_no_register_lie_in_an_area() {
    let isa = Isa::X86_64;
    let types = [I64, I8, I16, I32X4, F64, F32, F64];
    let expected = "rax rdx [0]2 xmm0 xmm1 [8]4 [16]8";
    area(isa, SystemV, &types, expected, "rdi", 32);
    // The halves of an i128 go each for itself.
    area(
        isa,
        SystemV,
        &[I64, I128, I64],
        "rax rdx+[0]8 [8]8",
        "rdi",
        16,
    );
    let types = [I64, F64, I64, F64, I32X4];
    area(
        isa,
        WindowsFastcall,
        &types,
        "rax xmm0 rdx [0]8 [16]16",
        "rcx",
        32,
    );
    let types = [I64; 9];
    let expected = "rax rcx rdx rsi rdi r8 r9 r10 [0]8";
    area(isa, Tail, &types, expected, "rdi", 16);
    let isa = Isa::Aarch64;
    let types = [I64, I64, I64, I64, I64, I64, I64, I8, I128, I16];
    let expected = "x0 x1 x2 x3 x4 x5 x6 x7 [0]8+[8]8 [16]2";
    area(isa, SystemV, &types, expected, "x8", 32);
    // A register that an i128 leaves over is not lost.
    let types = [I64, I64, I64, I64, I64, I64, I64, I128, I8];
    let expected = "x0 x1 x2 x3 x4 x5 x6 [0]8+[8]8 x7";
    area(isa, SystemV, &types, expected, "x8", 16);
    let types = [I64, I64, I64, I64, I64, I64, I8, F64, I16];
    area(
        isa,
        Tail,
        &types,
        "x2 x3 x4 x5 x6 x7 [0]1 v0 [8]2",
        "x8",
        16,
    );
    let types = [I64, I64, I64, I64, I64, I64, I64, I64, I8, I16];
    let expected = "x0 x1 x2 x3 x4 x5 x6 x7 [0]1 [2]2";
    area(isa, AppleAarch64, &types, expected, "x8", 16);
    let isa = Isa::Riscv64gc;
    let types = [I64, I128, F32, F64, F32];
    area(isa, SystemV, &types, "a0 a1+[0]8 fa0 fa1 [8]4", "a0", 16);
    let isa = Isa::S390x;
    let types = [I128, I64, I64, I64, I64, I32, I64];
    let expected = "[8]8+[0]8 r2 r3 r4 r5 [20]4 [24]8";
    area(isa, SystemV, &types, expected, "r2", 32);
    let isa = Isa::Pulley64be;
    let mut types = vec![I64; 14];
    types.extend([I128, I8]);
    let expected = "x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12 x13 x14+[0]8 [8]1";
    area(isa, SystemV, &types, expected, "x0", 16);
}

#[test]
fn extended_results_fill_their_slots() {
    let of = |isa: Isa, conv: CallConv, count: usize| {
        let extended = Param {
            extension: Extension::Sign,
            ..param(I8)
        };
        let mut returns = vec![param(I64); count];
        returns.extend([extended, param(I8)]);
        let signature = Signature {
            call_conv: conv,
            params: Vec::new(),
            returns,
            llvm_abi: false,
        };
        let layout = call_layout(isa, &signature).unwrap();
        text(isa, &layout.returns[count..])
    };
    assert_eq!(of(Isa::Aarch64, AppleAarch64, 8), "[0]1 [8]1");
    assert_eq!(of(Isa::S390x, SystemV, 4), "[7]1 [15]1");
    assert_eq!(of(Isa::Pulley64be, SystemV, 15), "[7]1 [8]1");
    assert_eq!(of(Isa::X86_64, SystemV, 2), "[0]1 [8]1");
}

#[test]
fn llvm_has_a_third_register_for_results() {
    let signature = Signature {
        call_conv: SystemV,
        params: Vec::new(),
        returns: vec![param(I64); 3],
        llvm_abi: true,
    };
    let layout = call_layout(Isa::X86_64, &signature).unwrap();
    assert_eq!(text(Isa::X86_64, &layout.returns), "rax rdx rcx");
    let layout = call_layout(Isa::Aarch64, &signature).unwrap();
    assert_eq!(text(Isa::Aarch64, &layout.returns), "x0 x1 x2");
}

#[test]
fn pulley_has_fifteen_integer_and_sixteen_other_registers() {
    for isa in [Isa::Pulley64, Isa::Pulley64be] {
        let layout = layout(isa, SystemV, &[I64; 16], &[]);
        let last = text(isa, &layout.params[14..]);
        assert_eq!(last, "x14 [0]8");
        params(isa, SystemV, &[F64, I32X4, I32], "f0 v0 x0", 0);
    }
}

#[test]
fn only_tail_calls_pop_and_only_s390x_reserves() {
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_executable()) {
        let many = [I64; 20];
        assert_eq!(layout(isa, SystemV, &many, &[]).callee_pops, 0, "{isa}");
        let tail = layout(isa, Tail, &many, &[]);
        // Above the arguments of an s390x tail call is the register save area.
        let above = if isa == Isa::S390x { 160 } else { 0 };
        assert_eq!(tail.callee_pops + above, tail.argument_area, "{isa}");
        assert_eq!(layout(isa, Tail, &[I64], &[]).callee_pops, 0, "{isa}");
        let reserved = if isa == Isa::S390x { 16 } else { 0 };
        assert_eq!(
            layout(isa, SystemV, &[], &[]).reserved,
            0..reserved,
            "{isa}"
        );
        // The caller's frame begins above what is popped, and with it its back chain.
        let pops = if isa == Isa::S390x {
            tail.callee_pops
        } else {
            0
        };
        assert_eq!(tail.reserved, pops..pops + reserved, "{isa}");
    }
}

#[test]
fn values_come_back_from_every_place_whatever_is_around_them() {
    let types = [I8, I16, I32, I64, I128, F32, F64, I32X4];
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_executable()) {
        let has_vectors = isa != Isa::Riscv64gc;
        let types = types.iter().filter(|ty| has_vectors || !ty.is_vector());
        let many: Vec<Ty> = types.copied().cycle().take(40).collect();
        for conv in [SystemV, Tail, WindowsFastcall, AppleAarch64] {
            if conv == WindowsFastcall && isa != Isa::X86_64
                || conv == AppleAarch64 && isa != Isa::Aarch64
            {
                continue;
            }
            for seed in [0, 1] {
                let layout = layout(isa, conv, &many, &[]);
                let mut cpu = FakeCpu::new(isa);
                let (area, mut spare) = (cpu.base + 0x400, cpu.base + 0x1000);
                let mut junk = Junk::new(seed);
                let mut bits = Junk::new(99);
                let values: Vec<Value> =
                    many.iter().map(|ty| Value::new(*ty, bits.bits())).collect();
                for (place, value) in layout.params.iter().zip(&values) {
                    write(&mut cpu, place, *value, area, &mut spare, &mut junk).unwrap();
                }
                for (place, value) in layout.params.iter().zip(&values) {
                    let back = read(&mut cpu, place, area, &[]).unwrap();
                    assert_eq!(back, *value, "{isa} {conv} {place:?}");
                }
                assert!(
                    spare >= area + layout.argument_area,
                    "{isa}: copies above arguments"
                );
            }
        }
    }
}

#[test]
fn slots_have_the_byte_order_of_the_isa() {
    for (isa, bytes) in [(Isa::S390x, [0, 0, 0, 7]), (Isa::X86_64, [7, 0, 0, 0])] {
        let layout = layout(isa, SystemV, &[I32; 7], &[]);
        let place = &layout.params[6];
        let mut cpu = FakeCpu::new(isa);
        let (area, mut spare) = (cpu.base, 0);
        write(
            &mut cpu,
            place,
            Value::new(I32, 7),
            area,
            &mut spare,
            &mut Junk::new(0),
        )
        .unwrap();
        let Part::Stack { offset, .. } = place.parts[0] else {
            panic!("{place:?}");
        };
        assert_eq!(cpu.bytes(area + offset, 4), bytes, "{isa}");
    }
}

#[test]
fn lanes_of_s390x_lie_in_the_opposite_order() {
    let vector = Value::new(I32X4, 0x4_00000003_00000002_00000001);
    for (conv, held) in [
        (SystemV, 0x1_00000002_00000003_00000004),
        (Tail, vector.bits),
    ] {
        let layout = layout(Isa::S390x, conv, &[I32X4], &[]);
        let mut cpu = FakeCpu::new(Isa::S390x);
        write(
            &mut cpu,
            &layout.params[0],
            vector,
            0,
            &mut 0,
            &mut Junk::new(0),
        )
        .unwrap();
        assert_eq!(cpu.named("v24"), held, "{conv}");
    }
}

#[test]
fn narrow_values_are_extended_as_the_signature_asks_and_otherwise_surrounded_by_junk() {
    for isa in [Isa::X86_64, Isa::S390x, Isa::Riscv64gc] {
        let first = ["rdi", "r2", "a0"]
            [usize::from(isa != Isa::X86_64) + usize::from(isa == Isa::Riscv64gc)];
        for (extension, expected) in [
            (Extension::Zero, Some(0x80)),
            (Extension::Sign, Some(0xffff_ffff_ffff_ff80)),
            (Extension::None, None),
        ] {
            let signature = Signature {
                call_conv: SystemV,
                params: vec![
                    Param {
                        extension,
                        ..param(I8)
                    };
                    10
                ],
                returns: Vec::new(),
                llvm_abi: false,
            };
            let layout = call_layout(isa, &signature).unwrap();
            let mut cpu = FakeCpu::new(isa);
            let mut junk = Junk::new(5);
            let area = cpu.base;
            for place in &layout.params {
                write(
                    &mut cpu,
                    place,
                    Value::new(I8, 0x80),
                    area,
                    &mut 0,
                    &mut junk,
                )
                .unwrap();
            }
            let held = cpu.named(first);
            match expected {
                Some(expected) => assert_eq!(held, expected, "{isa} {extension:?}"),
                None => assert!(held & 0xff == 0x80 && held >> 8 != 0, "{isa} {held:#x}"),
            }
            if let (Isa::S390x, Some(expected)) = (isa, expected) {
                let slot = cpu.bytes(area + 160, 8);
                assert_eq!(slot, u64::try_from(expected).unwrap().to_be_bytes());
            }
        }
    }
}

#[test]
fn narrow_floats_of_risc_v_are_boxed() {
    let layout = layout(Isa::Riscv64gc, SystemV, &[F32], &[]);
    let mut cpu = FakeCpu::new(Isa::Riscv64gc);
    write(
        &mut cpu,
        &layout.params[0],
        Value::new(F32, 1),
        0,
        &mut 0,
        &mut Junk::new(0),
    )
    .unwrap();
    assert_eq!(cpu.named("fa0"), 0xffff_ffff_0000_0001);
}
