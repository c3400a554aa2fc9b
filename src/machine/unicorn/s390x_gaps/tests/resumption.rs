//! A program runs on past gaps: what the machine's hooks have to do, in short.

use super::super::{Registers, execute, miscomputed};
use unicorn_engine::{Arch, Mode, Prot, RegisterS390X, S390xCpuModel, Unicorn};

const CODE: u64 = 0x2_0000;

struct Live<'a, 'b>(&'a mut Unicorn<'b, ()>);

impl Live<'_, '_> {
    fn read(&self, register: i32) -> u64 {
        self.0.reg_read(register).expect("register")
    }

    fn write(&mut self, register: i32, value: u64) {
        self.0.reg_write(register, value).expect("register");
    }

    fn step(&mut self, run: fn(&[u8], &mut Self) -> Option<u8>) {
        let pc = self.read(RegisterS390X::PC as i32);
        let code = self.0.mem_read_as_vec(pc, 6).expect("code");
        let length = run(&code, self).expect("an instruction to be computed here");
        self.write(RegisterS390X::PC as i32, pc + u64::from(length));
    }
}

impl Registers for Live<'_, '_> {
    fn gpr(&self, n: u8) -> u64 {
        self.read(RegisterS390X::R0 as i32 + i32::from(n))
    }

    fn set_gpr(&mut self, n: u8, value: u64) {
        self.write(RegisterS390X::R0 as i32 + i32::from(n), value);
    }

    fn vr(&self, n: u8) -> u128 {
        let half = |first: RegisterS390X| u128::from(self.read(first as i32 + i32::from(n)));
        half(RegisterS390X::F0) << 64 | half(RegisterS390X::F0_HI)
    }

    fn set_vr(&mut self, n: u8, value: u128) {
        self.write(
            RegisterS390X::F0 as i32 + i32::from(n),
            (value >> 64) as u64,
        );
        self.write(RegisterS390X::F0_HI as i32 + i32::from(n), value as u64);
    }

    fn set_cc(&mut self, cc: u8) {
        let mask = self.read(RegisterS390X::PSWM as i32);
        let cleared = mask & !(3 << 44);
        self.write(RegisterS390X::PSWM as i32, cleared | u64::from(cc) << 44);
    }

    fn load(&self, address: u64, bytes: u8) -> Option<u64> {
        let bytes = self.0.mem_read_as_vec(address, bytes.into()).ok()?;
        Some(
            bytes
                .iter()
                .fold(0, |value, &byte| value << 8 | u64::from(byte)),
        )
    }
}

#[test]
fn a_program_runs_on_past_gaps_and_sees_their_results() {
    let program: &[&[u8]] = &[
        &[0xb9, 0xed, 0x60, 0x45],             // msgrkc %r4, %r5, %r6: overflows
        &[0xa7, 0x14, 0x00, 0x04],             // jo past the next
        &[0xa7, 0x49, 0x00, 0x01],             // lghi %r4, 1
        &[0xe3, 0x10, 0x20, 0x00, 0x00, 0x38], // agh %r1, 0(%r2)
        &[0xe7, 0x48, 0xc0, 0x00, 0x28, 0xe3], // vfasb %v20, %v8, %v12
        &[0xe7, 0x40, 0x00, 0x50, 0x30, 0xc0], // vclgdb %v4, %v0, 0, 5
        &[0xa7, 0x59, 0x00, 0x07],             // lghi %r5, 7
    ];
    let code = program.concat();
    let vclgdb = CODE + code.len() as u64 - 10;
    let mut engine = Unicorn::new(Arch::S390X, Mode::BIG_ENDIAN).expect("an engine");
    let model = S390xCpuModel::MAX as i32;
    engine.ctl_set_cpu_model(model).expect("model MAX");
    engine.mem_map(CODE, 0x1_0000, Prot::ALL).expect("memory");
    engine.mem_write(CODE, &code).expect("code");
    engine
        .mem_write(CODE + 0x1000, &[0xff, 0xfe])
        .expect("data");
    let intercepted = engine.add_intr_hook(|engine, _| Live(engine).step(execute));
    intercepted.expect("interrupt hook");
    let corrected = engine.add_code_hook(vclgdb, vclgdb, |engine, _, _| {
        Live(engine).step(miscomputed::execute);
    });
    corrected.expect("code hook");

    let mut live = Live(&mut engine);
    let mask = live.read(RegisterS390X::PSWM as i32);
    live.write(RegisterS390X::PSWM as i32, mask | 0x1_8000_0000);
    live.write(RegisterS390X::CR0 as i32, 0x6_0000);
    for (n, value) in [(1, 10), (2, CODE + 0x1000), (5, 1 << 40), (6, 3 << 24)] {
        live.set_gpr(n, value);
    }
    live.set_vr(
        8,
        u128::from(1.5_f32.to_bits()) << 96 | u128::from(2.0_f32.to_bits()),
    );
    live.set_vr(
        12,
        u128::from(0.25_f32.to_bits()) << 96 | u128::from(5.0_f32.to_bits()),
    );
    live.set_vr(
        0,
        u128::from(f64::NAN.to_bits()) << 64 | u128::from(9.0_f64.to_bits()),
    );
    let end = CODE + code.len() as u64;
    live.0.emu_start(CODE, end, 0, 0).expect("a run to the end");

    assert_eq!(live.gpr(4), 0, "3 << 64 overflows, and the branch sees it");
    assert_eq!(live.gpr(1), 8);
    let sums = u128::from(1.75_f32.to_bits()) << 96 | u128::from(7.0_f32.to_bits());
    assert_eq!(live.vr(20), sums);
    assert_eq!(live.vr(4), 9, "a NaN is zero");
    assert_eq!(live.gpr(5), 7);
}
