//! Registers, memory and patching of a stopped guest.

use pulley_interpreter::XReg;
use pulley_interpreter::op::*;

use super::support::{Rig, assemble, image, layout, register, rel};
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::pulley::PulleyMachine;
use crate::machine::{Cpu, Exit, Flow, Machine, MemoryFault, RegisterTable};

#[test]
fn every_register_keeps_every_bit() {
    let mut rig = Rig::with(&[Ret {}.into()]);
    let table = RegisterTable::of(Isa::Pulley64);
    // Signalling NaNs in f registers, too.
    for base in [0x7ff0_0000_0000_0001_u128, 0xfff4_0000_dead_beef, 0] {
        let value = |n: u16| {
            let bits = (base + u128::from(n)) | (base + u128::from(n)) << 64;
            bits & (u128::MAX >> (128 - 8 * u32::from(table.registers[usize::from(n)].bytes)))
        };
        for id in table.ids() {
            rig.machine.cpu.write(id, value(id.0));
        }
        let all = rig.machine.cpu.registers();
        for id in table.ids() {
            assert_eq!(all.get(id), value(id.0), "{}", table.info(id).name);
        }
    }
}

#[test]
fn memory_is_checked_against_the_regions() {
    let mut image = image(Isa::Pulley64, assemble(&[Ret {}.into()]));
    for (name, index) in [("%data0", 0), ("%data1", 1)] {
        let address = layout().data_symbol(index);
        image.symbols.insert(name.into(), address);
    }
    let mut rig = Rig::new(&image, &[]);
    let cpu = &mut rig.machine.cpu;
    let Layout { code, stubs, .. } = layout();
    let data = layout().data_symbol(1);
    let top = layout().stack_top();
    cpu.store(data + 4092, &[1, 2, 3, 4]).unwrap();
    let mut bytes = [0; 4];
    cpu.load(data + 4092, &mut bytes).unwrap();
    assert_eq!(bytes, [1, 2, 3, 4]);
    cpu.store(top - 4, &[5; 4]).unwrap();
    cpu.load(code, &mut bytes).unwrap();
    cpu.load(stubs, &mut bytes).unwrap();

    let fault = |address| Err(MemoryFault { address });
    assert_eq!(cpu.store(data + 4093, &[0; 4]), fault(data + 4096));
    assert_eq!(cpu.load(data - 1, &mut bytes), fault(data - 1));
    assert_eq!(cpu.store(top - 3, &[0; 4]), fault(top));
    assert_eq!(cpu.store(code, &[0]), fault(code));
    assert_eq!(cpu.store(stubs, &[0]), fault(stubs));
    assert_eq!(cpu.load(0, &mut bytes), fault(0));
    assert_eq!(cpu.load(u64::MAX, &mut bytes), fault(u64::MAX));
    let absent = layout().data_symbol(2);
    assert_eq!(cpu.load(absent, &mut bytes), fault(absent));
    assert_eq!(cpu.load(0, &mut []), Ok(()));
    assert_eq!(cpu.write_code(code + 1, &[0]), fault(code + 1));
    assert_eq!(cpu.write_code(code, &[0, 0]), fault(code + 1));
}

#[test]
fn cleared_memory_is_zero() {
    let mut image = image(Isa::Pulley64, assemble(&[Ret {}.into()]));
    image.symbols.insert("%data0".into(), layout().data);
    let mut rig = Rig::new(&image, &[]);
    let places = [layout().data + 8, layout().stack, layout().stack_top() - 8];
    for place in places {
        rig.machine.cpu.store(place, &[0xaa; 8]).unwrap();
    }
    rig.machine.clear_memory().unwrap();
    for place in places {
        let mut bytes = [1; 8];
        rig.machine.cpu.load(place, &mut bytes).unwrap();
        assert_eq!(bytes, [0; 8]);
        rig.machine.cpu.store(place, &[1; 8]).unwrap();
    }
}

#[test]
fn a_shorter_image_leaves_nothing_of_the_longer_one() {
    let mut rig = Rig::new(&image(Isa::Pulley64, vec![0xaa; 64]), &[]);
    let short = image(Isa::Pulley64, assemble(&[Ret {}.into()]));
    rig.machine.load(&short, 0, &[]).unwrap();
    let mut bytes = [1; 63];
    rig.machine.cpu.load(layout().code + 1, &mut bytes).unwrap();
    assert_eq!(bytes, [0; 63]);
    rig.returns();
}

#[test]
fn a_process_has_one_machine_at_a_time() {
    let rig = Rig::with(&[Ret {}.into()]);
    assert!(PulleyMachine::new(Isa::Pulley64be).is_err());
    drop(rig);
    assert!(PulleyMachine::new(Isa::Pulley32).is_err());
    assert!(PulleyMachine::new(Isa::X86_64).is_err());
}

#[test]
fn an_image_for_another_isa_or_place_or_too_large_is_refused() {
    let mut rig = Rig::with(&[Ret {}.into()]);
    let mut other = image(Isa::Pulley64be, vec![0]);
    assert!(rig.machine.load(&other, 0, &[]).is_err());
    other.isa = Isa::Pulley64;
    other.base += 4096;
    assert!(rig.machine.load(&other, 0, &[]).is_err());
    let large = vec![0; usize::try_from(Layout::CODE_BYTES).unwrap() + 1];
    assert!(
        rig.machine
            .load(&image(Isa::Pulley64, large), 0, &[])
            .is_err()
    );
    rig.returns();
}

#[test]
fn written_code_acts_from_the_next_pass_on() {
    // 0: x0 += 1; 4: x1 -= 1; 8: br_if32 x1 -> 0; ret
    let code = assemble(&[
        Xadd64U8 {
            dst: XReg::x0,
            src1: XReg::x0,
            src2: 1,
        }
        .into(),
        Xsub64U8 {
            dst: XReg::x1,
            src1: XReg::x1,
            src2: 1,
        }
        .into(),
        BrIf {
            cond: XReg::x1,
            offset: rel(-8),
        }
        .into(),
        Ret {}.into(),
    ]);
    let start = layout().code;
    let live = code[..4].to_vec();
    let mut rig = Rig::new(&image(Isa::Pulley64, code), &[start]);
    let mut pass = 0;
    // Also the instruction that is about to execute: the breakpoint is on it.
    rig.seen.on_stop = Box::new(move |cpu, _| {
        pass += 1;
        let bytes = if pass % 3 == 0 {
            live.clone()
        } else {
            vec![0; 4]
        };
        cpu.write_code(start, &bytes).unwrap();
        Flow::Continue
    });
    rig.set("x1", 10);
    rig.returns();
    assert_eq!(rig.get("x0"), 3, "live in passes 3, 6 and 9");
}

#[test]
fn moves_of_a_call_are_known_while_it_is_nopped() {
    let call: Op = Call3 {
        arg1: XReg::x9,
        arg2: XReg::x0,
        arg3: XReg::spilltmp0,
        offset: rel(0),
    }
    .into();
    let mut rig = Rig::with(&[call, Call { offset: rel(0) }.into()]);
    for (name, value) in [("x9", 90), ("x0", 1), ("spilltmp0", u64::MAX.into())] {
        rig.set(name, value);
    }
    rig.set("pc", layout().code.into());
    let width = u64::from(call.width());
    let cpu = &mut rig.machine.cpu;
    let moves = cpu.pending_moves();
    assert_eq!(
        moves,
        [
            (register("x0"), 90),
            (register("x1"), 1),
            (register("x2"), u64::MAX.into())
        ]
    );
    cpu.write_code(layout().code, &vec![0; width as usize])
        .unwrap();
    assert_eq!(cpu.pending_moves(), moves);
    for elsewhere in [layout().code + width, 0, layout().code + 1000] {
        cpu.write(register("pc"), elsewhere.into());
        assert_eq!(cpu.pending_moves(), []);
    }
}

#[test]
fn a_run_leaves_memory_to_be_looked_at() {
    let mut image = image(
        Isa::Pulley64,
        assemble(&[
            XStore64LeO32 {
                addr: pulley_interpreter::AddrO32 {
                    addr: XReg::x0,
                    offset: 16,
                },
                src: XReg::x1,
            }
            .into(),
            Ret {}.into(),
        ]),
    );
    image.symbols.insert("%data0".into(), layout().data);
    let mut rig = Rig::new(&image, &[]);
    rig.set("x0", layout().data.into());
    rig.set("x1", 0x0102_0304_0506_0708);
    assert_eq!(rig.run(), Exit::Returned);
    let mut bytes = [0; 8];
    let cpu: &mut dyn Cpu = &mut rig.machine.cpu;
    cpu.load(layout().data + 16, &mut bytes).unwrap();
    assert_eq!(bytes, [8, 7, 6, 5, 4, 3, 2, 1]);
}
