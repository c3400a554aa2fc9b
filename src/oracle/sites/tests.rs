//! Each rule turned red by one corruption of a correct image, on every ISA.

use super::super::specimen::{STRIDE, Specimen, filler, jump};
use super::*;

mod variants;
use crate::isa::Isa;
use crate::program::SiteId;

fn on_every_isa(corrupt: impl Fn(&mut Specimen), words: &str) {
    for isa in Isa::ALL {
        let mut specimen = Specimen::new(isa);
        corrupt(&mut specimen);
        specimen.assert_fails(&Sites, words);
    }
}

fn judged(isa: Isa, change: impl Fn(&mut Specimen)) -> Verdict {
    let mut specimen = Specimen::new(isa);
    change(&mut specimen);
    specimen.judge(&Sites)
}

#[test]
fn correct_images_pass() {
    for isa in Isa::ALL {
        for mut specimen in [Specimen::new(isa), Specimen::popping(isa)] {
            assert_eq!(specimen.judge(&Sites), Verdict::Pass, "{isa}");
            specimen.predict(&[0, 1, 2]);
            assert_eq!(specimen.judge(&Sites), Verdict::Pass, "{isa}");
        }
    }
}

#[test]
fn a_passed_call_without_a_site_fails() {
    let corrupt = |s: &mut Specimen| {
        s.image.sites.remove(1);
        s.predict(&[0, 1]);
    };
    on_every_isa(corrupt, "no patch site: the program passes it");
}

#[test]
fn a_kept_call_without_a_site_fails_even_if_it_is_never_passed() {
    let corrupt = |s: &mut Specimen| {
        s.image.sites.remove(1);
    };
    on_every_isa(corrupt, "still calls the hook");
}

#[test]
fn a_deleted_call_is_no_failure() {
    for isa in Isa::ALL {
        let delete = |s: &mut Specimen| {
            let site = s.image.sites.remove(1);
            // A branch over what was the call.
            let end = jump(isa, site.start(), site.ret_addr);
            s.write(site.start(), &end);
            s.image.functions[0].call_returns.pop();
        };
        assert!(
            matches!(judged(isa, delete), Verdict::Inconclusive(_)),
            "{isa}: nothing says that it is dead"
        );
        let predicted = |s: &mut Specimen| {
            delete(s);
            s.predict(&[0]);
        };
        assert_eq!(judged(isa, predicted), Verdict::Pass, "{isa}");
        let unreachable = |s: &mut Specimen| {
            delete(s);
            s.interface.sites[1].reachable = false;
        };
        assert_eq!(judged(isa, unreachable), Verdict::Pass, "{isa}");
    }
}

#[test]
fn a_site_without_a_call_fails() {
    on_every_isa(|s| s.image.sites[1].id = None, "belongs to none");
    on_every_isa(|s| s.image.sites[1].id = Some(SiteId(9)), "belongs to none");
}

#[test]
fn a_doubled_site_fails() {
    let corrupt = |s: &mut Specimen| {
        let copy = s.image.sites[1].clone();
        s.image.sites.insert(1, copy);
    };
    on_every_isa(corrupt, "2 sites name it");
    on_every_isa(corrupt, "shares bytes");
    on_every_isa(
        |s| s.image.sites[1].id = s.image.sites[0].id,
        "2 sites name it",
    );
}

#[test]
fn a_site_in_the_metadata_of_another_function_fails() {
    let corrupt = |s: &mut Specimen| s.image.sites[2].id = Some(SiteId(1));
    on_every_isa(corrupt, "metadata of %second names it");
    let corrupt = |s: &mut Specimen| s.image.sites[1].function = 2;
    on_every_isa(corrupt, "a range inside of %other");
    on_every_isa(|s| s.image.sites[2].function = 9, "metadata of no function");
}

#[test]
fn an_empty_range_fails() {
    on_every_isa(|s| s.image.sites[1].len = 0, "the range is empty");
}

#[test]
fn a_range_longer_than_its_address_fails() {
    let corrupt = |s: &mut Specimen| {
        s.image.sites[0].ret_addr = 4;
        s.image.sites[0].len = u32::MAX;
    };
    for isa in [Isa::X86_64, Isa::Pulley64] {
        let mut specimen = Specimen::new(isa);
        specimen.image.nop_units = Vec::new();
        corrupt(&mut specimen);
        specimen.assert_fails(&Sites, "a range inside of %main");
    }
}

#[test]
fn a_range_across_two_functions_fails() {
    let corrupt = |s: &mut Specimen| {
        let start = s.image.functions[0].end - u64::from(s.image.sites[1].len);
        let moved = (start + 4 - s.image.sites[1].start()).cast_signed();
        s.resize(1, moved, moved);
    };
    on_every_isa(corrupt, "a range inside of %main");
}

#[test]
fn sites_out_of_order_fail() {
    on_every_isa(|s| s.image.sites.swap(0, 1), "ascending order");
    on_every_isa(|s| s.image.sites.swap(1, 2), "ascending order");
}

#[test]
fn overlapping_ranges_fail() {
    let corrupt = |s: &mut Specimen| {
        let gap = s.image.sites[1].start() - s.image.sites[0].ret_addr;
        let grown = (gap + s.image.isa.code_alignment()).cast_signed();
        s.resize(0, 0, grown);
    };
    on_every_isa(corrupt, "shares bytes");
}

#[test]
fn a_length_that_no_units_tile_fails() {
    for (isa, grown) in [(Isa::Aarch64, 2), (Isa::Riscv64gc, 2), (Isa::S390x, 1)] {
        let mut specimen = Specimen::new(isa);
        specimen.resize(1, 0, grown);
        specimen.assert_fails(&Sites, "cannot be disabled");
    }
    on_every_isa(|s| s.image.nop_units.clear(), "cannot be disabled");
}

#[test]
fn a_range_off_the_code_alignment_fails() {
    for isa in [Isa::Aarch64, Isa::Riscv64gc, Isa::S390x] {
        let mut specimen = Specimen::new(isa);
        specimen.resize(1, 1, 1);
        specimen.assert_fails(&Sites, "a range on multiples of");
    }
}

#[test]
fn live_bytes_that_are_not_the_linked_ones_fail() {
    on_every_isa(|s| s.image.sites[1].live[0] ^= 1, "live bytes as linked");
}

#[test]
fn a_nop_unit_that_is_no_nop_fails() {
    on_every_isa(|s| s.image.nop_units.push(Vec::new()), "exactly one NOP");
    on_every_isa(
        |s| s.image.nop_units.push(filler(s.image.isa)),
        "exactly one NOP",
    );
    let twice = |s: &mut Specimen| {
        let unit = s.image.nop_units[0].repeat(2);
        s.image.nop_units.push(unit);
    };
    on_every_isa(twice, "exactly one NOP");
}

#[test]
fn a_relocation_that_straddles_the_range_fails() {
    for across_end in [false, true] {
        let corrupt = |s: &mut Specimen| {
            let site = &s.image.sites[1];
            let edge = if across_end {
                site.ret_addr
            } else {
                site.start()
            };
            s.image.functions[0].relocations.push((edge - 2, 4));
        };
        on_every_isa(corrupt, "no relocated field");
    }
}

#[test]
fn a_second_relocation_inside_fails() {
    let corrupt = |s: &mut Specimen| {
        let relocations = &mut s.image.functions[0].relocations;
        let copy = relocations[1];
        relocations.push(copy);
    };
    on_every_isa(corrupt, "no relocated field");
}

#[test]
fn a_relocation_in_the_reclaim_fails() {
    for isa in Isa::ALL {
        let mut specimen = Specimen::popping(isa);
        let end = specimen.image.sites[1].ret_addr;
        specimen.image.functions[0].relocations = vec![(end - 4, 4)];
        specimen.assert_fails(&Sites, "no relocated field");
    }
}

#[test]
fn a_trap_record_in_the_range_fails() {
    for offset in [0, 1] {
        let corrupt = |s: &mut Specimen| {
            let at = s.image.sites[1].start() + offset;
            s.image.traps.insert(at, "heap_oob".to_owned());
        };
        on_every_isa(corrupt, "may trap with heap_oob");
    }
    for isa in Isa::ALL {
        let behind = |s: &mut Specimen| {
            let at = s.image.sites[1].ret_addr;
            s.image.traps.insert(at, "heap_oob".to_owned());
        };
        assert_eq!(judged(isa, behind), Verdict::Pass, "{isa}");
    }
}

#[test]
fn a_stack_map_in_the_range_fails_but_for_the_calls_own() {
    let corrupt = |s: &mut Specimen| {
        let at = s.image.sites[1].start() + 1;
        s.image.functions[0].stack_maps.push(at);
    };
    on_every_isa(corrupt, "no stack map");
    for isa in Isa::ALL {
        let mut specimen = Specimen::popping(isa);
        let end = specimen.image.sites[1].ret_addr;
        specimen.image.functions[0].stack_maps.push(end - 1);
        specimen.assert_fails(&Sites, "no stack map");
    }
}

#[test]
fn a_call_outside_of_sites_may_be_an_ordinary_one() {
    let deleted = |s: &mut Specimen| {
        s.image.sites.remove(1);
        s.predict(&[0]);
    };
    on_every_isa(deleted, "still calls the hook");
    for isa in Isa::ALL {
        let verdict = judged(isa, |s| {
            deleted(s);
            s.interface.sites[1].ordinary_too = true;
        });
        assert_eq!(verdict, Verdict::Pass, "{isa}");
    }
}

#[test]
fn a_branch_target_in_the_range_fails() {
    let block = |s: &mut Specimen| {
        let at = s.image.sites[1].start() + 2;
        s.image.functions[0].blocks.push(at);
    };
    on_every_isa(block, "a block starts at");
    // The same from the code alone.
    let branch = |s: &mut Specimen| {
        let isa = s.image.isa;
        let unit = isa.code_alignment().max(2);
        let at = s.image.functions[0].end + STRIDE;
        let target = s.image.sites[2].start();
        s.image.sites[2].len += u32::try_from(unit).expect("it is small");
        s.capture();
        // %second's filler is now in the range; %other branches behind it.
        s.write(at, &jump(isa, at, target));
    };
    on_every_isa(branch, "the branch at %other+0x0 leads to");
}

#[test]
fn no_corruption_of_numbers_panics() {
    for isa in Isa::ALL {
        for (ret_addr, len) in [
            (0, 0),
            (0, u32::MAX),
            (u64::MAX, 1),
            (u64::MAX, u32::MAX),
            (3, 7),
        ] {
            let mut specimen = Specimen::new(isa);
            // Filling 4 GiB with NOPs takes long: leave the units out.
            specimen.image.nop_units.clear();
            specimen.image.sites[0].ret_addr = ret_addr;
            specimen.image.sites[0].len = len;
            specimen.image.functions[0]
                .relocations
                .push((u64::MAX, u32::MAX));
            specimen.image.functions[0].stack_maps.push(u64::MAX);
            specimen.image.functions[0].blocks.push(u64::MAX);
            specimen.image.functions[2].end = u64::MAX;
            specimen.image.functions[2].start = 0;
            assert!(matches!(specimen.judge(&Sites), Verdict::Fail(_)), "{isa}");
            specimen.judge(&super::super::code::Code);
        }
    }
}
