//! The instructions that are computed by hand because of the stack, against the interpreter.
#![expect(unsafe_code, reason = "runs the interpreter on its own stack")]

use std::ptr::NonNull;

use pulley_interpreter::interp::{DoneReason, Vm};
use pulley_interpreter::op::*;
use pulley_interpreter::{Reg, UpperRegSet, XReg};

use super::support::{Rig, assemble, layout};
use crate::machine::pulley::engine::SP;
use crate::machine::{Cpu, Exit};

/// Bytes of stack that are compared.
const WINDOW: usize = 0x2000;

fn x(n: u8) -> XReg {
    XReg::new(n).expect("n is below 32")
}

fn regs(numbers: &[u8]) -> UpperRegSet<XReg> {
    let bits = numbers.iter().fold(0_u16, |bits, n| bits | 1 << (n - 16));
    UpperRegSet::from_bitset(cranelift_bitset(bits))
}

/// The set that the interpreter's own decoder makes of these bits.
fn cranelift_bitset<S>(bits: u16) -> S
where
    S: From<u16>,
{
    S::from(bits)
}

/// Sequences, each of which ends with the stack where the code of a function may have it.
fn sequences() -> Vec<Vec<Op>> {
    let some = regs(&[16, 17, 23, 29, 31]);
    vec![
        vec![PushFrame {}.into()],
        vec![PushFrame {}.into(), PopFrame {}.into()],
        vec![StackAlloc32 { amt: 0x128 }.into()],
        vec![
            StackAlloc32 { amt: 0x100 }.into(),
            StackFree32 { amt: 0x40 }.into(),
        ],
        vec![
            PushFrameSave {
                amt: 0x60,
                regs: some,
            }
            .into(),
        ],
        vec![
            PushFrameSave {
                amt: 0x60,
                regs: some,
            }
            .into(),
            Xzero { dst: x(17) }.into(),
            Xzero { dst: x(29) }.into(),
            PopFrameRestore {
                amt: 0x60,
                regs: some,
            }
            .into(),
        ],
        // Fewer bytes than the registers need: they go below the stack pointer.
        vec![
            PushFrameSave { amt: 8, regs: some }.into(),
            PushFrame {}.into(),
        ],
        vec![
            PushFrame {}.into(),
            PushFrameSave {
                amt: 0x40,
                regs: regs(&[18]),
            }
            .into(),
            StackAlloc32 { amt: 0x500 }.into(),
            PopFrame {}.into(),
            PopFrame {}.into(),
        ],
    ]
}

/// Registers, with stack addresses as distances from the top, and the stack from the top down.
type State = (Vec<u64>, Vec<u8>);

/// What is at a stack address becomes the negative distance from `top`.
fn relative(value: u64, top: u64) -> u64 {
    match top.checked_sub(value) {
        Some(distance) if distance < WINDOW as u64 => distance.wrapping_neg(),
        _ => value,
    }
}

fn relative_words(bytes: &[u8], top: u64) -> Vec<u8> {
    bytes
        .chunks_exact(8)
        .flat_map(|word| {
            let word = u64::from_ne_bytes(word.try_into().expect("eight bytes"));
            relative(word, top).to_ne_bytes()
        })
        .collect()
}

fn seed(n: u8) -> u64 {
    0x1111_2222_0000_0000 + u64::from(n)
}

fn by_interpreter(ops: &[Op]) -> State {
    let mut code = assemble(ops);
    code.extend(assemble(&[Trap {}.into()]));
    let mut vm = Vm::with_stack(4 * WINDOW).expect("memory for a stack");
    let top = vm[XReg::sp].get_u64();
    let stack = vm[XReg::sp].get_ptr::<u8>();
    for n in (0..32).filter(|&n| x(n) != XReg::sp) {
        vm[x(n)].set_u64(seed(n));
    }
    let start = NonNull::new(code.as_mut_ptr()).expect("code is not at null");
    // SAFETY: the code is valid, ends with a trap, and uses no more than the window of the
    // stack, all of which is zeroed first and read behind.
    let bytes = unsafe {
        let window = stack.sub(WINDOW);
        window.write_bytes(0, WINDOW);
        vm.set_fp(std::ptr::without_provenance_mut(0xf0));
        vm.set_lr(std::ptr::without_provenance_mut(0xf8));
        assert!(matches!(vm.call_run(start), DoneReason::Trap { .. }));
        std::slice::from_raw_parts(window, WINDOW)
    };
    let mut registers: Vec<u64> = (0..32).map(|n| vm[x(n)].get_u64()).collect();
    registers.extend([vm.fp().addr() as u64, vm.lr().addr() as u64]);
    let registers = registers.into_iter().map(|r| relative(r, top)).collect();
    (registers, relative_words(bytes, top))
}

fn by_hand(ops: &[Op]) -> State {
    let mut ops = ops.to_vec();
    ops.push(Trap {}.into());
    let mut rig = Rig::with(&ops);
    let top = layout().stack_top();
    let cpu = &mut rig.machine.cpu;
    for n in (0..32).filter(|&n| x(n) != XReg::sp) {
        cpu.interpreter.set_x(n, seed(n));
    }
    cpu.interpreter.set_x(SP, top);
    cpu.interpreter.set_fp(0xf0);
    cpu.interpreter.set_lr(0xf8);
    let exit = rig.machine.run_observed(layout().code, &mut rig.seen);
    assert!(matches!(exit, Exit::Exception { number: 0, .. }), "{exit}");
    let cpu = &mut rig.machine.cpu;
    let mut registers: Vec<u64> = (0..32).map(|n| cpu.interpreter.x(n)).collect();
    registers.extend([cpu.interpreter.fp(), cpu.interpreter.lr()]);
    let registers = registers.into_iter().map(|r| relative(r, top)).collect();
    let mut bytes = vec![0; WINDOW];
    cpu.load(top - WINDOW as u64, &mut bytes).unwrap();
    (registers, relative_words(&bytes, top))
}

#[test]
fn the_frame_by_hand_is_the_interpreters() {
    for ops in sequences() {
        let (hand, interpreter) = (by_hand(&ops), by_interpreter(&ops));
        assert_eq!(hand.0, interpreter.0, "registers after {ops:?}");
        assert!(hand.1 == interpreter.1, "stack after {ops:?}");
    }
}

fn overflow(op: Op, room: u64) -> (Exit, u128) {
    let mut rig = Rig::with(&[op, Ret {}.into()]);
    rig.set("sp", u128::from(layout().stack + room));
    rig.set("lr", layout().exit().into());
    let exit = rig.machine.run_observed(layout().code, &mut rig.seen);
    (exit, rig.get("sp"))
}

#[test]
fn a_stack_pointer_below_the_stack_traps_and_at_its_end_does_not() {
    let save = PushFrameSave {
        amt: 16,
        regs: regs(&[16]),
    };
    let ops: [(Op, u64); 3] = [
        (PushFrame {}.into(), 16),
        (save.into(), 32),
        (StackAlloc32 { amt: 64 }.into(), 64),
    ];
    for (op, needed) in ops {
        let (exit, sp) = overflow(op, needed - 1);
        assert!(
            matches!(&exit, Exit::Trap { code, .. } if code == "stk_ovf"),
            "{exit}"
        );
        assert!(sp >= layout().stack.into());
        let (_, sp) = overflow(op, needed);
        assert_eq!(sp, layout().stack.into(), "{op:?} fits exactly");
    }
}

#[test]
fn a_frame_that_is_not_in_memory_is_a_fault() {
    let mut rig = Rig::with(&[PopFrame {}.into()]);
    rig.set("fp", 0x40);
    let fault = |address, access: &str| Exit::Fault {
        pc: layout().code,
        address,
        access: access.into(),
    };
    assert_eq!(rig.run(), fault(0x40, "read"));
    drop(rig);
    let mut rig = Rig::with(&[PushFrame {}.into()]);
    let above = layout().stack_top() + 64;
    rig.set("sp", above.into());
    let exit = rig.machine.run_observed(layout().code, &mut rig.seen);
    assert_eq!(exit, fault(above - 8, "write"));
}
