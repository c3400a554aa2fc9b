//! Branches and addresses relative to the instruction, all at address 0.

use super::*;

const NEAR: [i64; 6] = [-0x1_0000, -2, 0, 2, 0x10, 0xfffe];
const FAR: [i64; 6] = [-0x1_0000_0000, -2, 0, 2, 0x1_0000, 0xffff_fffe];

/// At address 0 a target is the same number as the distance.
fn check_relative(mnemonic: &str, start: &str, distance: i64, bytes: &[u8]) {
    check(
        mnemonic,
        [(format!("{start}{}", number(distance)), bytes.to_vec())],
    );
}

#[test]
fn conditions() {
    for distance in NEAR {
        let code = |mask| brc(mask, distance).expect("in range");
        for (mask, letters) in super::conditions() {
            check_relative("brc", &format!("j{letters} "), distance, &code(mask));
        }
        check_relative("brc", "j ", distance, &code(Mask::ALWAYS));
    }
    for distance in FAR {
        let code = |mask| brcl(mask, distance).expect("in range");
        for (mask, letters) in super::conditions() {
            check_relative("brcl", &format!("jg{letters} "), distance, &code(mask));
        }
        check_relative("brcl", "jg ", distance, &code(Mask::ALWAYS));
    }
    for r in gprs().skip(1) {
        for (mask, letters) in super::conditions() {
            let text = format!("b{letters}r {}", r.name());
            check("bcr", [(text, bcr(mask, r).into())]);
        }
        check(
            "bcr",
            [(format!("br {}", r.name()), bcr(Mask::ALWAYS, r).into())],
        );
    }
}

#[test]
fn calls_and_addresses() {
    // Register 0 is no target.
    let targets = gpr_pairs()
        .into_iter()
        .filter(|(_, target)| *target != Gpr::NONE);
    for (a, b) in targets {
        let text = format!("basr {}, {}", a.name(), b.name());
        check("basr", [(text, basr(a, b).into())]);
    }
    for r in gprs() {
        for distance in NEAR {
            let start = format!("bras {}, ", r.name());
            check_relative(
                "bras",
                &start,
                distance,
                &bras(r, distance).expect("in range"),
            );
            for &op in CountBranch::ALL {
                let start = format!("{} {}, ", op.mnemonic(), r.name());
                let bytes = count_branch(op, r, distance).expect("in range");
                check_relative(op.mnemonic(), &start, distance, &bytes);
            }
        }
        for distance in FAR {
            for &op in Relative::ALL {
                let start = format!("{} {}, ", op.mnemonic(), r.name());
                let bytes = relative(op, r, distance).expect("in range");
                check_relative(op.mnemonic(), &start, distance, &bytes);
            }
        }
    }
}

#[test]
fn comparisons() {
    // The last bit of the mask never matters, and has no words.
    let conditions = || super::conditions().filter(|(mask, _)| mask.bits() % 2 == 0);
    for &op in CompareBranch::ALL {
        for ((a, b), distance) in gpr_pairs().into_iter().zip(NEAR.into_iter().cycle()) {
            for (mask, letters) in conditions() {
                let letters = if letters == "no" { continue } else { letters };
                let start = format!("{}{letters} {}, {}, ", op.mnemonic(), a.name(), b.name());
                let bytes = compare_branch(op, mask, (a, b), distance).expect("in range");
                check_relative(op.mnemonic(), &start, distance, &bytes);
            }
        }
    }
    for &op in CompareImmediateBranch::ALL {
        let signed = matches!(
            op,
            CompareImmediateBranch::Cij | CompareImmediateBranch::Cgij
        );
        for (r, byte) in gprs().zip([0_u8, 1, 0x7f, 0x80, 0xff].into_iter().cycle()) {
            for ((mask, letters), distance) in conditions().zip(NEAR.into_iter().cycle()) {
                let letters = if letters == "no" { continue } else { letters };
                let value = if signed {
                    number(byte.cast_signed())
                } else {
                    number(byte)
                };
                let start = format!("{}{letters} {}, {value}, ", op.mnemonic(), r.name());
                let bytes = compare_immediate_branch(op, mask, (r, byte), distance);
                check_relative(op.mnemonic(), &start, distance, &bytes.expect("in range"));
            }
        }
    }
}

#[test]
fn instructions_that_do_nothing() {
    let keystone = |text| assemble(Isa::S390x, text, 0);
    assert_eq!(keystone("bcr 0, %r7").as_deref(), Ok(&NOP_2[..]));
    // Keystone has no BC.
    assert!(keystone("bc 0, 0").is_err());
    assert_eq!(keystone("brcl 0, 0").as_deref(), Ok(&NOP_6[..]));
    assert_eq!(keystone("bcr 0xe, %r0").as_deref(), Ok(&serialize()[..]));
    for (bytes, kind) in [
        (&NOP_2[..], Kind::Nop),
        (&NOP_4[..], Kind::Nop),
        (&NOP_6[..], Kind::Nop),
        (&TRAP[..], Kind::Trap),
        (&serialize()[..], Kind::Other),
    ] {
        let decoded = decode(Isa::S390x, bytes, 0).expect("there are bytes");
        assert_eq!(decoded.kind, kind, "{bytes:02x?}");
        assert_eq!(decoded.bytes, bytes);
    }
}
