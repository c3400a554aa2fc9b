//! A site is pointed at another hook: what its bytes are at the limits of its reach, by Capstone
//! and Pulley's decoder, and that the other hook runs.

use patchproof::disasm::{decode_all, direct_call};
use patchproof::image::{CallField, Retarget};
use patchproof::isa::Isa;
use patchproof::machine::Exit;
use patchproof::program::{Program, SiteId};

use crate::guests::{TARGETS, executable, image_by};
use crate::rig::{Rig, entered, generators};

/// A direct call of each ISA before linking, its field, and the distances of the farthest hooks
/// below and above its first byte.
struct Reach {
    isa: Isa,
    retarget: Retarget,
    lowest: i64,
    highest: i64,
}

/// Sources: Intel SDM volume 2, CALL; Arm ARM, C6, BL; RISC-V unprivileged manual, AUIPC and JALR
/// (the low part is signed, so that the range lies 2 KiB lower); Principles of Operation, BRASL;
/// Pulley's `call`, whose distance counts from its first byte.
fn reaches() -> Vec<Reach> {
    let reach = |isa, field, offset, addend, unlinked: &[u8], lowest, highest| Reach {
        isa,
        retarget: Retarget {
            field,
            offset,
            addend,
            unlinked: unlinked.to_vec(),
        },
        lowest,
        highest,
    };
    let (min, max) = (i64::from(i32::MIN), i64::from(i32::MAX));
    let pulley = [2, 1, 0, 0, 0];
    vec![
        reach(
            Isa::X86_64,
            CallField::X86Rel32,
            1,
            -4,
            &[0xe8, 0, 0, 0, 0],
            min + 5,
            max + 5,
        ),
        reach(
            Isa::Aarch64,
            CallField::Aarch64Imm26,
            0,
            0,
            &[0, 0, 0, 0x94],
            -0x800_0000,
            0x7ff_fffc,
        ),
        reach(
            Isa::Riscv64gc,
            CallField::RiscvPair,
            0,
            0,
            &[0x97, 0, 0, 0, 0xe7, 0x80, 0, 0],
            min - 0x800,
            max - 0x801,
        ),
        reach(
            Isa::S390x,
            CallField::S390xPc32Dbl,
            2,
            2,
            &[0xc0, 0xe5, 0, 0, 0, 0],
            2 * min,
            2 * max,
        ),
        reach(
            Isa::Pulley64,
            CallField::PulleyPc32,
            1,
            0,
            &pulley,
            min,
            max,
        ),
        reach(
            Isa::Pulley64be,
            CallField::PulleyPc32,
            1,
            0,
            &pulley,
            min,
            max,
        ),
    ]
}

const START: u64 = 0x1234_5678_9000;

#[test]
fn a_call_reaches_as_far_as_its_field_and_no_farther() {
    for reach in reaches() {
        let (isa, unit) = (
            reach.isa,
            i64::try_from(reach.isa.code_alignment()).expect("small"),
        );
        let bytes = |distance: i64| {
            let hook = START.wrapping_add_signed(distance);
            reach.retarget.live_bytes(isa, START, hook)
        };
        for distance in [reach.lowest, -0x1000, 0, 0x1000, reach.highest] {
            let bytes = bytes(distance).unwrap_or_else(|e| panic!("{isa} {distance:#x}: {e}"));
            let call = direct_call(&decode_all(isa, &bytes, START)).expect("it is a call");
            let hook = START.wrapping_add_signed(distance);
            assert_eq!(call.target, hook, "{isa} {distance:#x}");
            let call = reach.retarget.unlinked.len();
            assert_eq!(bytes.len(), call, "{isa} {distance:#x}");
        }
        for distance in [reach.lowest - unit, reach.highest + unit] {
            assert!(bytes(distance).is_err(), "{isa} {distance:#x}");
        }
        for odd in 1..unit {
            assert!(bytes(0x1000 + odd).is_err(), "{isa}: a hook off by {odd}");
        }
    }
}

/// Two hooks that write to memory of their own. They call nobody: Cranelift's hooks that do are
/// among the findings.
fn program() -> Program {
    let hook = |name: &str| {
        format!(
            "function %{name}(i64) preserve_all {{
                gv0 = symbol colocated %{name}_memory
            block0(v0: i64):
                v1 = symbol_value.i64 gv0
                store notrap aligned little v0, v1
                return
            }}\n"
        )
    };
    let text = format!(
        "{TARGETS}{}{}function %main(i64) -> i64 system_v {{
            fn0 = colocated patchable %first(i64) preserve_all
            fn1 = colocated patchable %second(i64) preserve_all
        block0(v0: i64):
            v1 = iadd v0, v0
            call fn0(v0)
            call fn1(v1)
            call fn0(v1)
            v2 = iadd v1, v0
            return v2
        }}
        ; run: %main(7) == 21\n",
        hook("first"),
        hook("second")
    );
    Program::parse("two-hooks", &text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn a_site_that_is_pointed_elsewhere_runs_the_other_hook_and_goes_back_to_the_byte() {
    let program = program();
    let live = [true; 3];
    for generator in generators() {
        for isa in executable() {
            let who = format!("{} on {isa}", generator.name());
            let mut rig = Rig::new(&program, image_by(generator, &program, isa));
            let image = rig.image().clone();
            // Sites that start off are switched on first.
            for site in &image.sites {
                rig.write(site.start(), &site.live);
            }
            let hooks = |rig: &mut Rig| {
                let seen = rig.run(&live);
                assert_eq!(seen.exit, Exit::Returned, "{who}");
                assert_eq!(seen.results[0].bits, 21, "{who}");
                entered(&program, &seen)
            };
            let at = |n| (SiteId(n), "%first".to_owned());
            let other = |n| (SiteId(n), "%second".to_owned());
            assert_eq!(hooks(&mut rig), [at(0), other(1), at(2)], "{who}");

            let site = image.site(SiteId(0)).expect("there is one");
            let second = image.symbols["%second"];
            let bytes = site.calling(isa, second).expect("it is near");
            assert_ne!(bytes, site.live, "{who}");
            rig.write(site.start(), &bytes);
            assert_eq!(hooks(&mut rig), [other(0), other(1), at(2)], "{who}");

            let first = site.calling(isa, image.symbols["%first"]);
            assert_eq!(first.as_ref(), Ok(&site.live), "{who}");
            rig.write(site.start(), &first.expect("it is near"));
            assert_eq!(hooks(&mut rig), [at(0), other(1), at(2)], "{who}");
            assert_eq!(
                rig.read(image.base, image.bytes.len()),
                image.bytes,
                "{who}"
            );
        }
    }
}
