use super::super::super::unicorn::UnicornMachine;
use super::super::super::{Machine, fake::FakeCpu};
use super::*;
use crate::isa::Isa;

/// What differs between two states, byte by byte.
fn expected(before: &[u8], after: &[u8]) -> Vec<(u64, u8, u8)> {
    let pairs = before.iter().zip(after).enumerate();
    let differ = pairs.filter(|(_, (old, new))| old != new);
    differ
        .map(|(i, (old, new))| (i as u64, *old, *new))
        .collect()
}

fn flat(changes: &[StackChange]) -> Vec<(u64, u8, u8)> {
    let bytes = changes.iter().flat_map(|change| {
        let pairs = change.before.iter().zip(&change.after);
        (change.offset..).zip(pairs)
    });
    bytes.map(|(at, (old, new))| (at, *old, *new)).collect()
}

fn load(cpu: &mut dyn Cpu, sp: u64, top: u64) -> Vec<u8> {
    let mut bytes = vec![0; size(sp, top)];
    cpu.load(sp, &mut bytes).unwrap();
    bytes
}

#[test]
fn writes_are_found_wherever_they_fall_and_the_untouched_is_zeros() {
    for isa in [Isa::X86_64, Isa::Aarch64, Isa::Riscv64gc, Isa::S390x] {
        let mut machine = UnicornMachine::new(isa).unwrap();
        let top = Layout::of(isa).stack_top();
        machine.with_cpu(&mut |cpu| {
            let sp = top - (3 << 20) - 24;
            // A piece is touched before, others only by what is written after.
            cpu.store(top - (1 << 20), &[1, 2, 3]).unwrap();
            let before = load(cpu, sp, top);
            let copy = Stack::copy(cpu, sp, top);
            assert_eq!(copy.size(), (3 << 20) + 24);
            assert!(copy.touched.len() < 10, "{isa}: not all of it is copied");
            assert!(copy.touched.iter().map(Range::len).sum::<usize>() < 1 << 20);
            assert!(copy.changes(cpu, top).is_empty(), "{isa}");
            let places = [
                (sp, 3),
                (sp + 16 * 1024 - 2, 4),
                (top - (2 << 20) - 5, 10),
                (top - (1 << 20) + 1, 2),
                (top - (64 << 10) - 3, 6),
                (top - 1, 1),
            ];
            for (place, bytes) in places {
                cpu.store(place, &vec![0xa5; bytes]).unwrap();
            }
            let changes = copy.changes(cpu, top);
            assert_eq!(changes.len(), places.len(), "{isa}: runs stay whole");
            assert_eq!(
                flat(&changes),
                expected(&before, &load(cpu, sp, top)),
                "{isa}"
            );
        });
    }
}

#[test]
fn a_buffer_that_is_used_again_brings_nothing_along() {
    let mut cpu = FakeCpu::new(Isa::Aarch64);
    let (sp, top) = (cpu.base + 64, cpu.base + 1024);
    cpu.store(sp, &[0xff; 960]).unwrap();
    drop(Stack::copy(&mut cpu, sp, top));
    cpu.store(sp, &[0; 960]).unwrap();
    let copy = Stack::copy(&mut cpu, sp + 100, top);
    assert!(copy.changes(&mut cpu, top).is_empty());
    cpu.store(sp + 100, &[9]).unwrap();
    assert_eq!(flat(&copy.changes(&mut cpu, top)), [(0, 0, 9)]);
}

#[test]
fn outside_of_the_stack_there_is_nothing() {
    let mut cpu = FakeCpu::new(Isa::Aarch64);
    let copy = Stack::copy(&mut cpu, u64::MAX - 8, 4096);
    assert_eq!(copy.size(), 0);
    assert!(copy.changes(&mut cpu, 4096).is_empty());
}
