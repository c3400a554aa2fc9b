//! Facts about decoding, one ISA at a time.

use std::collections::BTreeMap;

use super::*;
use crate::image::{CodeImage, ImageFunction, PatchSite};
use crate::program::SiteId;

const AT: u64 = 0x10_0000_0000;

fn kind_of(isa: Isa, bytes: &[u8]) -> Kind {
    let instruction = decode(isa, bytes, AT).expect("there are bytes");
    assert_eq!(
        instruction.bytes,
        bytes,
        "{isa}: {}",
        instruction.plain_text()
    );
    instruction.kind
}

#[test]
fn calls_have_targets_and_link_registers() {
    let cases: [(Isa, &[u8], u64, Option<u8>); 5] = [
        (Isa::X86_64, &[0xe8, 0xfb, 0x0f, 0, 0], AT + 0x1000, None),
        (Isa::Aarch64, &[0x00, 0x04, 0, 0x94], AT + 0x1000, Some(30)),
        (Isa::Aarch64, &[0xff, 0xff, 0xff, 0x97], AT - 4, Some(30)),
        (Isa::S390x, &[0xc0, 0xe5, 0, 0, 8, 0], AT + 0x1000, Some(14)),
        (Isa::Riscv64gc, &[0xef, 0x10, 0, 0], AT + 0x1000, Some(1)),
    ];
    for (isa, bytes, target, link) in cases {
        assert_eq!(kind_of(isa, bytes), Kind::Call { target, link }, "{isa}");
    }
}

#[test]
fn a_riscv_far_call_is_two_instructions_through_one_register() {
    let far = [0x97, 0x10, 0, 0, 0xe7, 0x80, 0xc0, 0xff];
    let decoded = decode_all(Isa::Riscv64gc, &far, AT);
    let call = direct_call(&decoded).expect("auipc ra, 1; jalr ra, -4(ra)");
    assert_eq!((call.target, call.link), (AT + 0xffc, Some(1)));
    // jalr through t1 instead.
    let other = [0x97, 0x10, 0, 0, 0xe7, 0x00, 0xc3, 0xff];
    assert_eq!(direct_call(&decode_all(Isa::Riscv64gc, &other, AT)), None);
}

#[test]
fn nops_are_nops_and_look_alikes_are_not() {
    let (mut free, mut onto_itself, mut other_move) = (Vec::new(), Vec::new(), Vec::new());
    use pulley_interpreter::Reg as _;
    let x = |n| pulley_interpreter::XReg::new(n).unwrap();
    pulley_interpreter::encode::stack_free32(&mut free, 0u32);
    pulley_interpreter::encode::xmov(&mut onto_itself, x(0), x(0));
    pulley_interpreter::encode::xmov(&mut other_move, x(0), x(10));
    let nops: [(Isa, &[u8]); 10] = [
        (Isa::X86_64, &[0x90]),
        (Isa::X86_64, &[0x0f, 0x1f, 0x44, 0, 0]),
        (Isa::Aarch64, &[0x1f, 0x20, 0x03, 0xd5]),
        (Isa::Riscv64gc, &[0x13, 0, 0, 0]),
        (Isa::Riscv64gc, &[1, 0]),
        (Isa::S390x, &[7, 7]),
        (Isa::S390x, &[7, 0]),
        (Isa::Pulley64, &[0]),
        // `stack_free32 0`, `xmov x0, x0`.
        (Isa::Pulley64, &free),
        (Isa::Pulley64, &onto_itself),
    ];
    for (isa, bytes) in nops {
        assert_eq!(kind_of(isa, bytes), Kind::Nop, "{isa} {bytes:02x?}");
    }
    // A serialising BCR, BTI, ADDI a0, `xchg eax, ecx`.
    let others: [(Isa, &[u8]); 5] = [
        (Isa::Pulley64, &other_move),
        (Isa::S390x, &[7, 0xf0]),
        (Isa::Aarch64, &[0x5f, 0x24, 0x03, 0xd5]),
        (Isa::Riscv64gc, &[0x13, 5, 0, 0]),
        (Isa::X86_64, &[0x91]),
    ];
    for (isa, bytes) in others {
        assert_eq!(kind_of(isa, bytes), Kind::Other, "{isa} {bytes:02x?}");
    }
}

#[test]
fn the_stack_pointer_moves_by_the_constant_in_the_code() {
    let cases: [(Isa, &[u8], i64); 10] = [
        (Isa::X86_64, &[0x48, 0x83, 0xec, 0x20], -32),
        (Isa::X86_64, &[0x48, 0x83, 0xc4, 0x20], 32),
        (Isa::X86_64, &[0x48, 0x81, 0xec, 0, 1, 0, 0], -256),
        (Isa::X86_64, &[0x48, 0x8d, 0x64, 0x24, 0x10], 16),
        (Isa::Aarch64, &[0xff, 0x83, 0, 0xd1], -32),
        (Isa::Riscv64gc, &[0x13, 1, 1, 0xfe], -32),
        (Isa::Riscv64gc, &[0x39, 0x71], -64),
        (Isa::Riscv64gc, &[0x61, 0x11], -8),
        (Isa::S390x, &[0xa7, 0xfb, 0xff, 0xe0], -32),
        (Isa::Pulley64, &[0x8b, 0x20, 0, 0, 0], -32),
    ];
    for (isa, bytes, amount) in cases {
        if isa.is_pulley() {
            let mut code = Vec::new();
            pulley_interpreter::encode::stack_alloc32(&mut code, 32u32);
            assert_eq!(kind_of(isa, &code), Kind::AdjustSp(amount));
        } else {
            assert_eq!(
                kind_of(isa, bytes),
                Kind::AdjustSp(amount),
                "{isa} {bytes:02x?}"
            );
        }
    }
}

#[test]
fn the_stack_pointer_is_set_from_another_register_or_moved_from_where_it_is() {
    use pulley_interpreter::{XReg, encode};
    let pulley = |put: fn(&mut Vec<u8>)| {
        let mut code = Vec::new();
        put(&mut code);
        code
    };
    let set: [(Isa, &[u8]); 15] = [
        // lea rsp, [rbp - 0x20]; lea rsp, [r12]; mov rsp, rbp.
        (Isa::X86_64, &[0x48, 0x8d, 0x65, 0xe0]),
        (Isa::X86_64, &[0x49, 0x8d, 0x24, 0x24]),
        (Isa::X86_64, &[0x48, 0x89, 0xec]),
        // sub sp, x29, #32; mov sp, x29; sub sp, x29, x16.
        (Isa::Aarch64, &[0xbf, 0x83, 0x00, 0xd1]),
        (Isa::Aarch64, &[0xbf, 0x03, 0x00, 0x91]),
        (Isa::Aarch64, &[0xbf, 0x63, 0x30, 0xcb]),
        // addi sp, s0, -32; add sp, s0, t6; c.mv sp, s0.
        (Isa::Riscv64gc, &[0x13, 0x01, 0x04, 0xfe]),
        (Isa::Riscv64gc, &[0x33, 0x01, 0xf4, 0x01]),
        (Isa::Riscv64gc, &[0x22, 0x81]),
        // lgr %r15, %r11; la %r15, 8(%r11); lay %r15, -8(%r11).
        (Isa::S390x, &[0xb9, 0x04, 0x00, 0xfb]),
        (Isa::S390x, &[0x41, 0xf0, 0xb0, 0x08]),
        (Isa::S390x, &[0xe3, 0xf0, 0xbf, 0xf8, 0xff, 0x71]),
        (
            Isa::Pulley64,
            &pulley(|out| encode::xsub64_u32(out, XReg::sp, XReg::x3, 32u32)),
        ),
        (
            Isa::Pulley64,
            &pulley(|out| encode::xmov(out, XReg::sp, XReg::x3)),
        ),
        (Isa::Pulley64, &pulley(|out| encode::xmov_fp(out, XReg::sp))),
    ];
    for (isa, bytes) in set {
        assert_eq!(kind_of(isa, bytes), Kind::SetSp, "{isa} {bytes:02x?}");
    }
    let not: [(Isa, &[u8]); 11] = [
        // lea rsp, [rsp + rbp]; mov rbp, rsp; mov rsp, [rbp]; mov rsp, rsp.
        (Isa::X86_64, &[0x48, 0x8d, 0x24, 0x2c]),
        (Isa::X86_64, &[0x48, 0x89, 0xe5]),
        (Isa::X86_64, &[0x48, 0x8b, 0x65, 0x00]),
        (Isa::X86_64, &[0x48, 0x89, 0xe4]),
        // sub sp, sp, #32; sub x0, x29, #32.
        (Isa::Aarch64, &[0xff, 0x83, 0x00, 0xd1]),
        (Isa::Aarch64, &[0xa0, 0x83, 0x00, 0xd1]),
        // add sp, s0, sp; addi sp, zero, 32.
        (Isa::Riscv64gc, &[0x33, 0x01, 0x24, 0x00]),
        (Isa::Riscv64gc, &[0x13, 0x01, 0x00, 0x02]),
        // la %r15, 8(%r15); lgr %r15, %r15.
        (Isa::S390x, &[0x41, 0xf0, 0xf0, 0x08]),
        (Isa::S390x, &[0xb9, 0x04, 0x00, 0xff]),
        (
            Isa::Pulley64,
            &pulley(|out| encode::xsub64_u32(out, XReg::sp, XReg::sp, 32u32)),
        ),
    ];
    for (isa, bytes) in not {
        assert_ne!(kind_of(isa, bytes), Kind::SetSp, "{isa} {bytes:02x?}");
    }
}

#[test]
fn branches_lead_where_they_say() {
    let cases: [(Isa, &[u8], Kind); 11] = [
        (Isa::X86_64, &[0xeb, 0xfe], Kind::Jump(AT)),
        (Isa::X86_64, &[0x74, 0x10], Kind::Branch(AT + 0x12)),
        (
            Isa::X86_64,
            &[0xff, 0xe0],
            Kind::JumpIndirect { base: None },
        ),
        (Isa::Aarch64, &[0xff, 0xff, 0xff, 0x17], Kind::Jump(AT - 4)),
        (Isa::Aarch64, &[0x40, 0, 0, 0x54], Kind::Branch(AT + 8)),
        (Isa::Aarch64, &[0x40, 0, 0, 0x36], Kind::Branch(AT + 8)),
        (Isa::Riscv64gc, &[0x63, 4, 0xb5, 0], Kind::Branch(AT + 8)),
        (
            Isa::Riscv64gc,
            &[0x6f, 0xf0, 0xdf, 0xff],
            Kind::Jump(AT - 4),
        ),
        (Isa::Riscv64gc, &[0xf5, 0xbf], Kind::Jump(AT - 4)),
        (Isa::S390x, &[0xa7, 0xf4, 0xff, 0xfe], Kind::Jump(AT - 4)),
        (
            Isa::S390x,
            &[0xec, 0x23, 0, 4, 0x80, 0x64],
            Kind::Branch(AT + 8),
        ),
    ];
    for (isa, bytes, kind) in cases {
        assert_eq!(kind_of(isa, bytes), kind, "{isa} {bytes:02x?}");
    }
}

#[test]
fn a_pulley_jump_table_has_all_its_targets() {
    let mut code = Vec::new();
    pulley_interpreter::encode::br_table32(&mut code, pulley_interpreter::XReg::x1, 2u32);
    code.extend_from_slice(&8i32.to_le_bytes());
    code.extend_from_slice(&(-4i32).to_le_bytes());
    assert_eq!(
        kind_of(Isa::Pulley64, &code),
        Kind::JumpTable(vec![AT + 14, AT + 6])
    );
    // A count that the bytes cannot hold.
    let lie = decode(Isa::Pulley64, &code[..10], AT).expect("there are bytes");
    assert_eq!(lie.kind, Kind::Unknown);
}

#[test]
fn unknown_instructions_keep_the_length_that_their_encoding_tells() {
    let cases: [(Isa, &[u8], usize); 4] = [
        // sh1add a0, a0, a1: Capstone 5 has no Zba.
        (Isa::Riscv64gc, &[0x33, 0x25, 0xb5, 0x20, 0xff], 4),
        (Isa::S390x, &[0xe7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 6),
        (Isa::Aarch64, &[0xff, 0xff, 0xff, 0xff, 0xff], 4),
        (Isa::X86_64, &[0x06, 0x06], 1),
    ];
    for (isa, bytes, length) in cases {
        let instruction = decode(isa, bytes, AT).expect("there are bytes");
        assert_eq!(
            instruction.kind,
            Kind::Unknown,
            "{}",
            instruction.plain_text()
        );
        assert_eq!(instruction.bytes.len(), length, "{isa}");
    }
}

#[test]
fn no_bytes_decode_to_nothing_and_any_bytes_to_something() {
    for isa in Isa::ALL {
        assert_eq!(decode(isa, &[], AT), None);
        for byte in 0..=255u8 {
            let bytes = [byte; 16];
            let all = decode_all(isa, &bytes, AT);
            let total: usize = all.iter().map(|i| i.bytes.len()).sum();
            assert_eq!(total, bytes.len(), "{isa} {byte:02x}");
        }
    }
}

/// An image of one function.
fn image_of(isa: Isa, code: &[u8]) -> CodeImage {
    let end = AT + u64::try_from(code.len()).expect("it is short");
    CodeImage {
        isa,
        base: AT,
        bytes: code.to_vec(),
        functions: vec![ImageFunction {
            name: "%f".to_owned(),
            start: AT,
            end,
            call_returns: Vec::new(),
            stack_maps: Vec::new(),
            blocks: Vec::new(),
            relocations: Vec::new(),
        }],
        symbols: BTreeMap::from([("%f".to_owned(), AT)]),
        sites: Vec::new(),
        nop_units: Vec::new(),
        traps: BTreeMap::new(),
        extensions: Vec::new(),
        scratch: Vec::new(),
        bytecode: crate::releases::Bytecode::NEWEST,
    }
}

#[test]
fn a_jump_table_is_data_that_leads_to_code() {
    let cases: [(Isa, &[u8], &[u64]); 4] = [
        // jmp rcx; two distances; ret; ret.
        (
            Isa::X86_64,
            &[0xff, 0xe1, 8, 0, 0, 0, 9, 0, 0, 0, 0xc3, 0xc3],
            &[0, 10, 11],
        ),
        // br %r1; two distances, big-endian; br %r14 twice.
        (
            Isa::S390x,
            &[7, 0xf1, 0, 0, 0, 8, 0, 0, 0, 10, 7, 0xfe, 7, 0xfe],
            &[0, 10, 12],
        ),
        // jr a2; auipc a1, 0; jalr zero, 8(a1); ret.
        (
            Isa::Riscv64gc,
            &[
                0x67, 0, 6, 0, 0x97, 5, 0, 0, 0x67, 0x80, 0x85, 0, 0x67, 0x80, 0, 0,
            ],
            &[0, 4, 8, 12],
        ),
        // jmp rax as a tail call; what follows is no table.
        (
            Isa::X86_64,
            &[0xff, 0xe0, 0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3],
            &[0],
        ),
    ];
    for (isa, code, starts) in cases {
        let image = image_of(isa, code);
        let flow = FunctionCode::of(&image, &image.functions[0]);
        let found: Vec<u64> = flow.instructions.keys().map(|at| at - AT).collect();
        assert_eq!(found, starts, "{isa}");
    }
}

#[test]
fn a_jump_table_may_be_followed_by_jumps_that_nothing_leads_to() {
    let cases: [(Isa, &[u8], &[u64]); 4] = [
        // jmp rcx; two distances; jmp to the last ret; ret; ret.
        (
            Isa::X86_64,
            &[
                0xff, 0xe1, 13, 0, 0, 0, 14, 0, 0, 0, 0xe9, 1, 0, 0, 0, 0xc3, 0xc3,
            ],
            &[0, 15, 16],
        ),
        // br x12; a distance; b to the ret; ret.
        (
            Isa::Aarch64,
            &[
                0x80, 1, 0x1f, 0xd6, 8, 0, 0, 0, 1, 0, 0, 0x14, 0xc0, 3, 0x5f, 0xd6,
            ],
            &[0, 12],
        ),
        // br %r1; a distance; j and jg to the br %r14.
        (
            Isa::S390x,
            &[
                7, 0xf1, 0, 0, 0, 14, 0xa7, 0xf4, 0, 5, 0xc0, 0xf4, 0, 0, 0, 3, 7, 0xfe,
            ],
            &[0, 16],
        ),
        // As the first, but with a NOP in the place of the jump: no table.
        (
            Isa::X86_64,
            &[
                0xff, 0xe1, 13, 0, 0, 0, 14, 0, 0, 0, 0x0f, 0x1f, 0x44, 0, 0, 0xc3, 0xc3,
            ],
            &[0],
        ),
    ];
    for (isa, code, starts) in cases {
        let image = image_of(isa, code);
        let flow = FunctionCode::of(&image, &image.functions[0]);
        let found: Vec<u64> = flow.instructions.keys().map(|at| at - AT).collect();
        assert_eq!(found, starts, "{isa} {code:02x?}");
        assert!(flow.undecoded.is_empty());
    }
}

#[test]
fn a_jump_table_ends_where_its_entries_stop_leading_to_blocks() {
    // jmp rcx; two distances; padding; ret; ret.
    let code = [0xff, 0xe1, 12, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0xc3];
    let mut image = image_of(Isa::X86_64, &code);
    let flow = FunctionCode::of(&image, &image.functions[0]);
    assert_eq!(flow.instructions.len(), 1);
    image.functions[0].blocks = vec![AT + 14, AT + 15];
    let flow = FunctionCode::of(&image, &image.functions[0]);
    let found: Vec<u64> = flow.instructions.keys().map(|at| at - AT).collect();
    assert_eq!(found, [0, 14, 15]);
    let targets: Vec<u64> = flow.targets.keys().map(|at| at - AT).collect();
    assert_eq!(targets, [14, 15]);
    assert!(!flow.is_boundary(AT + 10) && flow.is_boundary(AT + 16));
}

#[test]
fn constants_in_s390x_code_are_jumped_over() {
    // bras %r1 over eight bytes; lg %r2, 0(%r1); br %r14.
    let code = [
        0xa7, 0x15, 0, 6, 0, 0, 0, 0x10, 0, 0x80, 0x20, 0, 0xe3, 0x20, 0x10, 0, 0, 4, 7, 0xfe,
    ];
    let image = image_of(Isa::S390x, &code);
    let flow = FunctionCode::of(&image, &image.functions[0]);
    let found: Vec<u64> = flow.instructions.keys().map(|at| at - AT).collect();
    assert_eq!(found, [0, 12, 18]);
    let call = kind_of(Isa::S390x, &[0xa7, 0xe5, 0, 6]);
    assert!(matches!(call, Kind::Call { link: Some(14), .. }));
}

#[test]
fn nothing_returns_behind_a_tail_call() {
    // bl and ret; then b to elsewhere, and a constant behind it.
    let code = [
        0, 0, 0, 0x95, 0xc0, 3, 0x5f, 0xd6, 0, 0, 0, 0x15, 0x24, 0x59, 0xc2, 0x9e,
    ];
    let mut image = image_of(Isa::Aarch64, &code);
    image.functions[0].call_returns = vec![AT + 4, AT + 12];
    image.functions[0].blocks = vec![AT + 8];
    let flow = FunctionCode::of(&image, &image.functions[0]);
    let found: Vec<u64> = flow.instructions.keys().map(|at| at - AT).collect();
    assert_eq!(found, [0, 4, 8]);
}

#[test]
fn a_branch_into_itself_leads_nowhere() {
    // brcl 8, 2 bytes ahead, which are zero: s390x's conditional trap; then br %r14.
    let image = image_of(Isa::S390x, &[0xc0, 0x84, 0, 0, 0, 1, 7, 0xfe]);
    let flow = FunctionCode::of(&image, &image.functions[0]);
    assert!(flow.targets.is_empty());
    assert!(flow.is_boundary(AT + 6) && !flow.is_boundary(AT + 2));
}

#[test]
fn a_listing_shows_each_byte_once_and_marks_sites() {
    // mov eax, ecx; call %f; ret; two bytes of data.
    let code = [0x89, 0xc8, 0xe8, 0xf9, 0xff, 0xff, 0xff, 0xc3, 1, 2];
    let mut image = image_of(Isa::X86_64, &code);
    image.nop_units = vec![vec![0x90], vec![0x0f, 0x1f, 0x44, 0, 0]];
    let site = PatchSite::live(Some(SiteId(3)), 0, AT + 7, code[2..7].to_vec());
    image.sites.push(site);
    let live = render(&image, RenderMode::Live);
    let lines: Vec<&str> = live.lines().map(str::trim).collect();
    assert_eq!(lines[0], "function %f: 10 bytes");
    assert_eq!(lines[2], "; site3 -> %f: 5 bytes");
    assert!(lines[3].starts_with("|      2: e8 f9 ff ff ff ") && lines[3].ends_with(" call %f"));
    assert_eq!(lines[4], "; end of site3");
    assert!(lines[6].ends_with(".byte 0x01, 0x02"));
    let nopped = render(&image, RenderMode::Nopped);
    assert!(nopped.contains("0f 1f 44 00 00") && !nopped.contains("e8 f9"));
    let both = render(&image, RenderMode::SideBySide);
    assert!(both.contains("call %f") && both.contains("| 0f 1f 44 00 00  nop"));
}
