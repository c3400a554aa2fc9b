//! Where instructions lead.

use pulley_interpreter::decode::{Decoder, SafeBytecodeStream};
use pulley_interpreter::op::*;
use pulley_interpreter::{ExtendedOpcode, Opcode, XReg, for_each_op};

use super::support::{Rig, assemble, image, layout, rel};
use crate::isa::Isa;
use crate::machine::pulley::engine::{self, LONGEST};
use crate::machine::{Exit, Flow};
use crate::releases::Bytecode;

fn at(offset: u64) -> u64 {
    layout().code + offset
}

fn konst(dst: XReg, imm: i8) -> Op {
    Xconst8 { dst, imm }.into()
}

fn ret() -> Op {
    Ret {}.into()
}

/// Names and field types of all but the extended instructions.
macro_rules! list_ops {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        const OPS: &[(Opcode, &[&str])] = &[
            $( (Opcode::$name, &[ $( $( stringify!($ty) ),* )? ]), )*
        ];
    };
}
for_each_op!(list_ops);

/// What the machine makes of an instruction.
fn decode(bytes: &[u8]) -> Option<(engine::Op, usize)> {
    let engine = engine::engine(Bytecode::NEWEST).expect("it is built in");
    engine.decode(bytes)
}

/// What the release's own decoder makes of it.
fn by_release(bytes: &[u8]) -> Op {
    let stream = SafeBytecodeStream::new(bytes);
    let mut visitor = MaterializeOpsVisitor::new(stream);
    let decoded = Decoder::new().decode_one(&mut visitor);
    decoded.expect("it decodes for the machine as well")
}

#[test]
fn a_branch_offset_is_the_last_four_bytes_of_every_instruction_that_has_one() {
    let mut branches = 0;
    for &(opcode, fields) in OPS {
        let mut bytes = [0; LONGEST];
        bytes[0] = opcode as u8;
        let (op, width) = decode(&bytes).expect("operands of zero are valid");
        assert_eq!(width, usize::from(by_release(&bytes).width()));
        let has_offset = fields.contains(&"PcRelOffset");
        assert_eq!(op.branch().is_some(), has_offset, "{op:?}");
        if has_offset {
            branches += 1;
            bytes[width - 4..width].copy_from_slice(&(-0x1234_5678_i32).to_le_bytes());
            let (op, _) = decode(&bytes).expect("any offset is valid");
            assert_eq!(op.branch(), Some(-0x1234_5678), "{op:?}");
        }
    }
    assert_eq!(branches, 60, "as many as the release has");
}

#[test]
fn no_instruction_is_longer_than_the_room_for_it() {
    for code in 0..=ExtendedOpcode::MAX {
        let mut bytes = [0; LONGEST];
        bytes[0] = Opcode::ExtendedOp as u8;
        bytes[1..3].copy_from_slice(&code.to_le_bytes());
        let (op, width) = decode(&bytes).expect("operands of zero are valid");
        assert_eq!(width, usize::from(by_release(&bytes).width()), "{op:?}");
        assert_eq!(op.branch(), None);
    }
}

#[test]
fn a_loop_counts_down() {
    // x1 = 5; do { x0 += 3; x1 -= 1 } while x1 != 0
    let body = assemble(&[
        Xadd64U8 {
            dst: XReg::x0,
            src1: XReg::x0,
            src2: 3,
        }
        .into(),
        Xsub64U8 {
            dst: XReg::x1,
            src1: XReg::x1,
            src2: 1,
        }
        .into(),
    ]);
    let mut code = assemble(&[konst(XReg::x1, 5)]);
    code.extend(&body);
    code.extend(assemble(&[
        BrIf {
            cond: XReg::x1,
            offset: rel(-(body.len() as i32)),
        }
        .into(),
        ret(),
    ]));
    let mut rig = Rig::new(&image(Isa::Pulley64, code), &[]);
    let fuel = rig.seen.fuel;
    rig.returns();
    assert_eq!((rig.get("x0"), rig.get("x1")), (15, 0));
    assert_eq!(
        fuel - rig.seen.fuel,
        1 + 3 * 5 + 1,
        "one for an instruction"
    );
}

#[test]
fn a_call_links_and_moves_its_arguments_at_once() {
    // 0: call2 x1, x0 -> 8; 7: trap's place, jumped over by setting lr; 8: trap
    let call = Call2 {
        arg1: XReg::x1,
        arg2: XReg::x0,
        offset: rel(10),
    };
    let mut rig = Rig::with(&[call.into(), Trap {}.into(), Trap {}.into()]);
    rig.set("x0", 1);
    rig.set("x1", 2);
    assert_eq!(call_width(&call.into()), 7);
    let exit = rig.run();
    assert_eq!(
        exit,
        Exit::Exception {
            pc: at(10),
            number: 0
        }
    );
    assert_eq!((rig.get("x0"), rig.get("x1")), (2, 1));
    assert_eq!(rig.get("lr"), at(7).into());
}

fn call_width(op: &Op) -> u64 {
    op.width().into()
}

#[test]
fn each_direct_call_links_to_the_instruction_behind_it() {
    let x = XReg::x7;
    let offset = rel(0x20);
    let calls: [Op; 5] = [
        Call { offset }.into(),
        Call1 { arg1: x, offset }.into(),
        Call2 {
            arg1: x,
            arg2: x,
            offset,
        }
        .into(),
        Call3 {
            arg1: x,
            arg2: x,
            arg3: x,
            offset,
        }
        .into(),
        Call4 {
            arg1: x,
            arg2: x,
            arg3: x,
            arg4: x,
            offset,
        }
        .into(),
    ];
    for call in calls {
        let mut code = assemble(&[call]);
        code.resize(0x20, 0);
        code.extend(assemble(&[Trap {}.into()]));
        let mut rig = Rig::new(&image(Isa::Pulley64, code), &[]);
        assert!(matches!(rig.run(), Exit::Exception { pc, .. } if pc == at(0x20)));
        assert_eq!(rig.get("lr"), at(call_width(&call)).into(), "{call:?}");
    }
}

#[test]
fn an_indirect_call_links_and_a_return_follows_the_link() {
    // 0: call_indirect x5 (2 bytes); 2: xmov x1, x0; 5: trap; 8: xconst8 x0, 9; 11: ret
    let mut rig = Rig::with(&[
        CallIndirect { reg: XReg::x5 }.into(),
        Xmov {
            dst: XReg::x1,
            src: XReg::x0,
        }
        .into(),
        Trap {}.into(),
        konst(XReg::x0, 9),
        ret(),
    ]);
    rig.set("x5", at(8).into());
    assert_eq!(
        rig.run(),
        Exit::Exception {
            pc: at(5),
            number: 0
        }
    );
    assert_eq!(rig.get("x1"), 9);
    assert_eq!(rig.get("lr"), at(2).into());
}

#[test]
fn jumps_go_where_they_say() {
    // 0: jump +8; 5: trap; 8: xjump x3
    let mut rig = Rig::with(&[
        Jump { offset: rel(8) }.into(),
        Trap {}.into(),
        XJump { reg: XReg::x3 }.into(),
    ]);
    rig.set("x3", layout().exit().into());
    rig.returns();
}

#[test]
fn the_pc_relative_address_is_the_guests() {
    let mut rig = Rig::with(&[
        Nop {}.into(),
        Xpcadd {
            dst: XReg::x4,
            offset: rel(-5),
        }
        .into(),
        ret(),
    ]);
    rig.returns();
    assert_eq!(rig.get("x4"), u128::from(at(1) - 5));
}

/// `br_table32 x0` over three cases that return 10, 20 and 30.
fn table() -> Rig {
    let head = assemble(&[BrTable32 {
        idx: XReg::x0,
        amt: 3,
    }
    .into()]);
    let cases: Vec<Vec<u8>> = [10, 20, 30]
        .map(|n| assemble(&[konst(XReg::x1, n), ret()]))
        .into();
    let mut code = head.clone();
    let mut target = head.len() + 4 * cases.len();
    for case in &cases {
        let offset = (target - code.len()) as i32;
        code.extend(offset.to_le_bytes());
        target += case.len();
    }
    code.extend(cases.concat());
    Rig::new(&image(Isa::Pulley64, code), &[])
}

#[test]
fn a_branch_table_takes_the_low_half_of_the_index_and_clamps_it() {
    let mut rig = table();
    for (index, result) in [
        (0, 10),
        (1, 20),
        (2, 30),
        (3, 30),
        (u32::MAX.into(), 30),
        (7 << 32, 10),
        (7 << 32 | 1, 20),
    ] {
        rig.set("x0", index);
        rig.returns();
        assert_eq!(rig.get("x1"), result, "index {index:#x}");
    }
}

#[test]
fn a_branch_table_without_entries_or_out_of_the_code_is_illegal() {
    for amt in [0, 1, 1000] {
        let idx = XReg::x0;
        let mut rig = Rig::with(&[BrTable32 { idx, amt }.into()]);
        rig.set("x0", 999);
        assert!(matches!(rig.run(), Exit::Illegal { .. }));
    }
}

#[test]
fn a_call_of_the_host_reaches_its_stub_and_goes_on_behind_itself() {
    let mut rig = Rig::with(&[CallIndirectHost { id: 3 }.into(), konst(XReg::x0, 7), ret()]);
    assert_eq!(rig.run(), Exit::Returned);
    assert_eq!(rig.get("x0"), 7);
}

#[test]
fn bytes_that_are_no_instruction_are_illegal() {
    let truncated = assemble(&[konst(XReg::x0, 1)]);
    for bytes in [
        vec![0xff],
        vec![0, 0xdc, 0xff, 0xff],
        truncated[..2].to_vec(),
    ] {
        let mut rig = Rig::new(&image(Isa::Pulley64, bytes), &[]);
        assert!(matches!(rig.run(), Exit::Illegal { .. }));
    }
}

#[test]
fn a_wild_jump_is_a_fetch_fault_of_the_jump() {
    let layout = layout();
    for wild in [
        0,
        0x1234,
        u64::MAX,
        layout.data,
        layout.stack,
        layout.code - 1,
        layout.stubs + 1,
        layout.code + 1000,
    ] {
        let mut rig = Rig::with(&[Nop {}.into(), XJump { reg: XReg::x0 }.into()]);
        rig.set("x0", wild.into());
        let fault = Exit::Fault {
            pc: at(1),
            address: wild,
            access: "fetch".into(),
        };
        assert_eq!(rig.run(), fault);
    }
}

#[test]
fn control_that_falls_off_the_end_is_a_fetch_fault() {
    let mut rig = Rig::with(&[Nop {}.into()]);
    assert!(matches!(rig.run(), Exit::Fault { address, .. } if address == at(1)));
}

fn trap(pc: u64, code: &str) -> Exit {
    let code = code.to_owned();
    Exit::Trap { pc, code }
}

#[test]
fn traps_are_named_by_their_record_or_else_by_the_instruction() {
    let divide = XDiv32S {
        operands: pulley_interpreter::BinaryOperands::new(XReg::x0, XReg::x1, XReg::x2),
    };
    let mut image = image(Isa::Pulley64, assemble(&[divide.into(), ret()]));
    let mut rig = Rig::new(&image, &[]);
    assert_eq!(rig.run(), trap(at(0), "int_divz"));
    rig.set("x1", i32::MIN.cast_unsigned().into());
    rig.set("x2", u32::MAX.into());
    assert_eq!(rig.run(), trap(at(0), "int_ovf"));
    rig.set("x2", 3);
    rig.set("x1", 12);
    rig.returns();
    assert_eq!(rig.get("x0"), 4);
    drop(rig);

    image.traps.insert(at(0), "user9".into());
    let mut rig = Rig::new(&image, &[]);
    assert_eq!(rig.run(), trap(at(0), "user9"));
}

#[test]
fn a_trap_instruction_without_a_record_is_an_exception() {
    let mut rig = Rig::with(&[Trap {}.into()]);
    let exit = rig.run();
    assert_eq!(
        exit,
        Exit::Exception {
            pc: at(0),
            number: 0
        }
    );
}

#[test]
fn an_endless_loop_runs_out_of_fuel() {
    let mut rig = Rig::with(&[Jump { offset: rel(0) }.into()]);
    rig.seen.fuel = 1000;
    assert_eq!(rig.run(), Exit::OutOfFuel);
    assert_eq!(rig.seen.fuel, 0);
}

#[test]
fn breakpoints_are_heard_of_before_their_instruction_each_time() {
    // 0: x0 = 1; 3: br_if_not32 x1 -> 0 (skips when x1 != 0)
    let code = assemble(&[
        konst(XReg::x0, 1),
        BrIfNot {
            cond: XReg::x1,
            offset: rel(-3),
        }
        .into(),
        ret(),
    ]);
    let mut rig = Rig::new(&image(Isa::Pulley64, code), &[at(3), at(0), at(500)]);
    let mut passes = 0;
    rig.seen.on_stop = Box::new(move |cpu, address| {
        if address == at(0) {
            assert_eq!(cpu.read(super::support::register("pc")), at(0).into());
            passes += 1;
            if passes == 2 {
                cpu.write(super::support::register("x1"), 1);
            }
        }
        Flow::Continue
    });
    rig.returns();
    assert_eq!(rig.seen.stops, [at(0), at(3), at(0), at(3)]);
}

#[test]
fn a_breakpoint_can_stop_the_run_or_move_the_pc() {
    let code = assemble(&[Trap {}.into(), konst(XReg::x0, 7), ret()]);
    let mut rig = Rig::new(&image(Isa::Pulley64, code), &[at(0)]);
    rig.seen.on_stop = Box::new(|cpu, _| {
        cpu.write(super::support::register("pc"), at(3).into());
        Flow::Continue
    });
    rig.returns();
    assert_eq!(rig.get("x0"), 7);
    rig.seen.on_stop = Box::new(|_, _| Flow::Stop);
    assert!(matches!(rig.run(), Exit::Fault { .. }));
}

#[test]
fn a_hostcall_is_heard_of_and_returns() {
    // 0: xmov_lr x9; 0: call stub 3; restore the link by hand: xjump x9
    let head = assemble(&[XmovLr { dst: XReg::x9 }.into()]);
    let start = at(head.len() as u64);
    let offset = i32::try_from(layout().stub(3) - start).expect("stubs are near");
    let mut code = head;
    code.extend(assemble(&[
        Call {
            offset: rel(offset),
        }
        .into(),
        XJump { reg: XReg::x9 }.into(),
    ]));
    let mut rig = Rig::new(&image(Isa::Pulley64, code), &[]);
    rig.seen.on_stop = Box::new(|cpu, _| {
        cpu.write(super::support::register("x0"), 42);
        Flow::Continue
    });
    rig.returns();
    assert_eq!(rig.seen.stops, [layout().stub(3)]);
    assert_eq!(rig.get("x0"), 42);
}
