//! Each rule turned red by one corruption of a correct image, on every ISA.

use super::super::specimen::{Specimen, call, filler, reclaim};
use super::*;
use crate::program::CallConv;

fn on_every_isa(corrupt: impl Fn(&mut Specimen), words: &str) {
    for isa in Isa::ALL {
        let mut specimen = Specimen::new(isa);
        corrupt(&mut specimen);
        specimen.assert_fails(&Code, words);
    }
}

/// The smallest step that a range can move by.
fn step(specimen: &Specimen) -> i64 {
    specimen.image.isa.code_alignment().cast_signed()
}

#[test]
fn correct_images_pass() {
    for isa in Isa::ALL {
        for specimen in [
            Specimen::new(isa),
            Specimen::popping(isa),
            Specimen::rebuilding(isa),
        ] {
            assert_eq!(specimen.judge(&Code), Verdict::Pass, "{isa}");
        }
    }
}

#[test]
fn a_shifted_range_fails() {
    for sign in [-1, 1] {
        let corrupt = |s: &mut Specimen| {
            let by = sign * step(s);
            s.resize(1, by, by);
        };
        for isa in Isa::ALL {
            let mut specimen = Specimen::new(isa);
            corrupt(&mut specimen);
            let verdict = specimen.judge(&Code);
            assert!(
                matches!(verdict, Verdict::Fail(_)),
                "{isa} {sign}: {verdict:?}"
            );
        }
    }
}

#[test]
fn a_shorter_or_longer_range_fails() {
    for (start, end) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
        for isa in Isa::ALL {
            let mut specimen = Specimen::popping(isa);
            let unit = step(&specimen);
            specimen.resize(1, start * unit, end * unit);
            let verdict = specimen.judge(&Code);
            assert!(
                matches!(verdict, Verdict::Fail(_)),
                "{isa} {start} {end}: {verdict:?}"
            );
        }
    }
}

#[test]
fn a_range_that_takes_the_next_instruction_along_fails() {
    let corrupt = |s: &mut Specimen| {
        let next = filler(s.image.isa).len();
        s.resize(1, 0, i64::try_from(next).expect("an instruction is short"));
    };
    on_every_isa(corrupt, "pops no stack arguments");
    let corrupt = |s: &mut Specimen| {
        let before = filler(s.image.isa).len();
        s.resize(
            1,
            -i64::try_from(before).expect("an instruction is short"),
            0,
        );
    };
    on_every_isa(corrupt, "expected a direct call of %hook");
}

#[test]
fn a_call_of_another_function_fails() {
    let corrupt = |s: &mut Specimen| {
        let at = s.image.sites[1].start();
        let other = s.image.symbols["%other"];
        s.write(at, &call(s.image.isa, at, other));
    };
    on_every_isa(corrupt, "the call leads to %other");
}

#[test]
fn a_range_that_is_no_call_fails() {
    let corrupt = |s: &mut Specimen| {
        let site = s.image.sites[1].clone();
        let bytes = s.image.nop_bytes(&site).expect("units tile it");
        s.write(site.start(), &bytes);
    };
    on_every_isa(corrupt, "expected a direct call of %hook");
}

#[test]
fn a_call_with_another_link_register_fails() {
    let cases: [(Isa, &[u8]); 2] = [
        // auipc t0, 0; jalr t0, 0(t0). brasl %r13.
        (Isa::Riscv64gc, &[0x97, 0x02, 0, 0, 0xe7, 0x82, 0x02, 0]),
        (Isa::S390x, &[0xc0, 0xd5, 0, 0, 0, 0]),
    ];
    for (isa, bytes) in cases {
        let mut specimen = Specimen::new(isa);
        let at = specimen.image.sites[1].start();
        specimen.write(at, bytes);
        specimen.assert_fails(&Code, "link register");
    }
}

#[test]
fn a_call_that_keystone_writes_otherwise_fails() {
    // A REX prefix that means nothing: the same call in six bytes.
    let mut specimen = Specimen::new(Isa::X86_64);
    let site = specimen.image.sites[1].clone();
    let hook = specimen.image.symbols["%hook"];
    let mut bytes = vec![0x40];
    bytes.extend(call(Isa::X86_64, site.start() + 1, hook));
    specimen.image.sites[1].ret_addr += 1;
    specimen.image.sites[1].len += 1;
    bytes.extend([0x90, 0xc3]);
    specimen.write(site.start(), &bytes);
    specimen.assert_fails(&Code, "as Keystone assembles");
}

#[test]
fn a_nop_unit_that_does_something_fails() {
    let corrupt = |s: &mut Specimen| s.image.nop_units = vec![filler(s.image.isa)];
    for isa in [Isa::Aarch64, Isa::Riscv64gc] {
        let mut specimen = Specimen::new(isa);
        corrupt(&mut specimen);
        specimen.assert_fails(&Code, "nothing but NOPs");
    }
    // xchg eax, ecx; a serialising branch; a BTI; ret.
    let cases: [(Isa, &[u8]); 4] = [
        (Isa::X86_64, &[0x91]),
        (Isa::S390x, &[0x07, 0xf0]),
        (Isa::Aarch64, &[0x5f, 0x24, 0x03, 0xd5]),
        (Isa::Pulley64, &[0x01]),
    ];
    for (isa, unit) in cases {
        let mut specimen = Specimen::new(isa);
        specimen.image.nop_units = vec![unit.to_vec()];
        specimen.assert_fails(&Code, "nothing but NOPs");
    }
}

#[test]
fn a_reclaim_left_outside_fails() {
    for isa in Isa::ALL {
        let mut specimen = Specimen::popping(isa);
        let at = specimen.image.functions[0].call_returns[1];
        let by = at.wrapping_sub(specimen.image.sites[1].ret_addr);
        specimen.resize(1, 0, by.cast_signed());
        specimen.assert_fails(&Code, "holds no reclaim");
    }
}

#[test]
fn a_reclaim_for_a_hook_that_pops_nothing_fails() {
    for isa in Isa::ALL {
        let mut specimen = Specimen::popping(isa);
        specimen.interface.functions[1].signature.call_conv = CallConv::PreserveAll;
        specimen.assert_fails(&Code, "pops no stack arguments");
        let mut specimen = Specimen::popping(isa);
        specimen.interface.functions[1].signature.params.truncate(4);
        specimen.assert_fails(&Code, "pops no stack arguments");
    }
}

#[test]
fn a_reclaim_of_another_amount_fails() {
    for isa in Isa::ALL {
        let mut specimen = Specimen::popping(isa);
        let params = &mut specimen.interface.functions[1].signature.params;
        let param = params[0];
        params.extend([param; 4]);
        specimen.assert_fails(&Code, "only the reclaim of the");
    }
}

#[test]
fn a_rebuild_that_is_not_there_fails() {
    let words = "sets the stack pointer from another register";
    for isa in Isa::ALL {
        let rebuilding = || Specimen::rebuilding(isa);
        let code = |s: &Specimen| (s.image.sites[1].ret_addr, s.image.sites[1].rebuild.unwrap());
        // A move instead, NOPs instead, a reclaim instead, nothing at all, one byte of it.
        let mut specimen = rebuilding();
        let (at, rebuild) = code(&specimen);
        let mut other = filler(isa).repeat(4);
        other.truncate(rebuild.len as usize / filler(isa).len() * filler(isa).len());
        specimen.image.sites[1].rebuild.as_mut().unwrap().len = other.len() as u32;
        specimen.write(at, &other);
        specimen.assert_fails(&Code, words);
        let mut specimen = rebuilding();
        let unit = specimen.image.nop_units[0].clone();
        let unit = unit.repeat(rebuild.len as usize / unit.len());
        specimen.image.sites[1].rebuild.as_mut().unwrap().len = unit.len() as u32;
        specimen.write(at, &unit);
        specimen.assert_fails(&Code, words);
        let mut specimen = rebuilding();
        let reclaim = reclaim(isa, 16);
        specimen.image.sites[1].rebuild.as_mut().unwrap().len = reclaim.len() as u32;
        specimen.write(at, &reclaim);
        specimen.assert_fails(&Code, words);
        for len in [0, 1] {
            let mut specimen = rebuilding();
            specimen.image.sites[1].rebuild.as_mut().unwrap().len = len;
            specimen.assert_fails(&Code, words);
        }
        let mut specimen = rebuilding();
        specimen.image.sites[1].rebuild = None;
        specimen.assert_fails(&Code, "holds no reclaim");
    }
}

#[test]
fn a_rebuild_that_the_hook_does_not_need_fails() {
    for isa in Isa::ALL {
        let mut specimen = Specimen::rebuilding(isa);
        specimen.image.sites[1].rebuild.as_mut().unwrap().popped += 8;
        specimen.assert_fails(&Code, "are put right behind it");
        let mut specimen = Specimen::rebuilding(isa);
        specimen.interface.functions[1].signature.call_conv = CallConv::PreserveAll;
        specimen.assert_fails(&Code, "a hook that pops 0 bytes");
        specimen.image.sites[1].rebuild.as_mut().unwrap().popped = 0;
        specimen.assert_fails(&Code, "a hook that pops 0 bytes");
        // The reclaim in the range as well.
        let mut specimen = Specimen::popping(isa);
        let popped = Specimen::rebuilding(isa).image.sites[1]
            .rebuild
            .unwrap()
            .popped;
        specimen.image.sites[1].rebuild = Some(crate::image::Rebuild { popped, len: 4 });
        specimen.assert_fails(&Code, "the stack pointer is put right behind it");
    }
}

#[test]
fn what_the_disassembler_does_not_know_in_a_site_is_inconclusive() {
    // sh1add a0, a0, a1, twice.
    let mut specimen = Specimen::new(Isa::Riscv64gc);
    specimen.image.extensions = vec!["has_zba".to_owned()];
    let at = specimen.image.sites[1].start();
    let unknown = [0x33, 0x25, 0xb5, 0x20];
    specimen.write(at, &unknown.repeat(2));
    let verdict = specimen.judge(&Code);
    assert!(
        matches!(&verdict, Verdict::Inconclusive(why) if why.contains("33 25 b5 20")),
        "{verdict:?}"
    );
}

#[test]
fn an_instruction_beyond_the_flags_fails_and_with_the_flag_passes() {
    let cases: [(Isa, &[u8], &str); 4] = [
        (Isa::X86_64, &[0x0f, 0x0b], ""),
        (Isa::Aarch64, &[0x41, 0xfc, 0xe0, 0xc8], "has_lse"),
        (Isa::Riscv64gc, &[0x33, 0x25, 0xb5, 0x20], "has_zba"),
        (Isa::S390x, &[0xb9, 0x74, 0x30, 0x24], "has_mie3"),
    ];
    for (isa, bytes, flag) in cases {
        if flag.is_empty() {
            continue;
        }
        let mut specimen = Specimen::new(isa);
        let at = specimen.image.functions[2].start;
        specimen.write(at, bytes);
        specimen.assert_fails(&Code, flag);
        specimen.image.extensions.push(flag.to_owned());
        assert_eq!(specimen.judge(&Code), Verdict::Pass, "{isa}");
    }
}

#[test]
fn data_behind_the_code_needs_no_extension() {
    // The bytes of sh1add where no flow leads.
    let mut specimen = Specimen::new(Isa::Riscv64gc);
    let at = specimen.image.functions[2].start + 0x20;
    specimen.write(at, &[0x33, 0x25, 0xb5, 0x20]);
    assert_eq!(specimen.judge(&Code), Verdict::Pass);
}
