//! The set itself: no more and no less than what the emulator does not know.

use super::super::extension::extension_flag;
use super::super::mnemonic;
use super::bytes;
use super::emulator::Emulator;
use super::encodings::{EXTENSIONS, GAPS, KNOWN};

/// What the interrupt hook gets for a program exception.
const PROGRAM_EXCEPTION: Option<u32> = Some(3);

#[test]
fn every_gap_is_unknown_to_the_emulator() {
    for &(text, name) in GAPS {
        let code = bytes(text);
        let exception = Emulator::new(&code).run();
        assert_eq!(
            exception, PROGRAM_EXCEPTION,
            "the emulator now knows {name}: drop it"
        );
        assert_eq!(mnemonic(&code), Some(name), "{text:x}");
        assert_eq!(extension_flag(&code), None, "{name} is baseline");
    }
}

#[test]
fn what_the_emulator_knows_is_no_gap() {
    for &(text, name) in KNOWN {
        let code = bytes(text);
        assert_eq!(Emulator::new(&code).run(), None, "{name}");
        assert_eq!(mnemonic(&code), None, "{name}");
        assert_eq!(extension_flag(&code), None, "{name} is baseline");
    }
}

#[test]
fn an_extension_names_its_flag_and_is_a_gap_unless_it_is_of_vectors_2() {
    for &(text, name, flag) in EXTENSIONS {
        let code = bytes(text);
        assert_eq!(extension_flag(&code), Some(flag), "{name}");
        let is_computed = flag != "has_vxrs_ext2" && name != "popcnt";
        assert_eq!(mnemonic(&code), is_computed.then_some(name), "{name}");
    }
}

/// So the flag check cannot be left to the emulator.
#[test]
fn of_the_extensions_only_popcnt_of_a_register_passes_for_known() {
    for &(text, name, _) in EXTENSIONS {
        let expected = if name == "popcnt" {
            None
        } else {
            PROGRAM_EXCEPTION
        };
        assert_eq!(Emulator::new(&bytes(text)).run(), expected, "{name}");
    }
}

#[test]
fn an_instruction_that_is_cut_off_is_no_gap() {
    assert_eq!(mnemonic(&[]), None);
    for &(text, name) in GAPS {
        let code = bytes(text);
        assert_eq!(mnemonic(&code[..code.len() - 1]), None, "{name}");
    }
}
