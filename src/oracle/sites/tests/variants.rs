//! Promises beyond being a site: to start off, and to lie in one word.

use super::*;
use crate::image::nop_fill;

fn off(specimen: &mut Specimen, emitted: impl Fn(&[Vec<u8>], &[u8]) -> Vec<u8>) {
    let units = specimen.image.nop_units.clone();
    let site = &mut specimen.image.sites[0];
    site.starts_live = false;
    site.emitted = emitted(&units, &site.live);
}

#[test]
fn a_site_that_starts_off_holds_nops() {
    for isa in Isa::ALL {
        let right = judged(isa, |s| {
            off(s, |units, live| {
                nop_fill(units, live.len()).expect("it is tiled")
            });
        });
        assert_eq!(right, Verdict::Pass, "{isa}");
    }
    let words = "it starts as";
    on_every_isa(|s| off(s, |_, live| live.to_vec()), words);
    on_every_isa(|s| off(s, |_, _| Vec::new()), words);
    let in_part = |units: &[Vec<u8>], live: &[u8]| {
        let mut bytes = nop_fill(units, live.len()).expect("it is tiled");
        *bytes.last_mut().expect("a site has bytes") ^= 0x80;
        bytes
    };
    on_every_isa(|s| off(s, in_part), words);
}

/// The word that the ISA stores at once; some RISC-V and Pulley sites lie in one of 8 as well.
fn word(isa: Isa) -> Option<u32> {
    match isa {
        Isa::X86_64 | Isa::S390x => Some(8),
        Isa::Aarch64 => Some(4),
        _ => None,
    }
}

#[test]
fn a_promised_word_is_one_that_the_isa_stores_at_once() {
    for isa in Isa::ALL {
        let largest = word(isa).unwrap_or(0);
        let promised = |word: u32| judged(isa, |s| s.image.sites[0].atomic_word = Some(word));
        // Of 64 bytes, in which every site of the specimen lies.
        for too_large in [64, 2 * largest.max(4)] {
            let Verdict::Fail(list) = promised(too_large) else {
                panic!("{isa} {too_large}");
            };
            let promise = "the metadata promises one of";
            assert!(
                list.iter().any(|one| one.message.contains(promise)),
                "{isa}: {list:?}"
            );
        }
    }
}

#[test]
fn a_site_lies_in_the_word_that_it_promises() {
    let mut seen = [0, 0];
    for isa in [Isa::X86_64, Isa::Aarch64, Isa::S390x] {
        let word = word(isa).expect("these have one");
        let sites = Specimen::new(isa).image.sites;
        for (index, site) in sites.iter().enumerate() {
            let verdict = judged(isa, |s| s.image.sites[index].atomic_word = Some(word));
            let (first, last) = (site.start(), site.ret_addr - 1);
            let inside = first / u64::from(word) == last / u64::from(word);
            let pass = verdict == Verdict::Pass;
            assert_eq!(pass, inside, "{isa} {first:#x}..={last:#x}");
            seen[usize::from(inside)] += 1;
            let narrower = judged(isa, |s| s.image.sites[index].atomic_word = Some(2));
            let fails = narrower != Verdict::Pass;
            assert!(fails, "{isa}: a call is longer than 2 bytes");
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
