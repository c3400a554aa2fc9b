//! What cannot be encoded is refused.

use super::*;

#[test]
fn registers_and_masks() {
    assert!(Gpr::new(16).is_none() && Fpr::new(16).is_none() && Vr::new(32).is_none());
    assert!(Mask::new(16).is_none());
    assert_eq!(Mask::EQUAL.negated(), Mask::NOT_EQUAL);
}

#[test]
fn displacements() {
    assert!(Disp12::new(-1).is_none() && Disp12::new(0x1000).is_none());
    assert!(Disp20::new(-0x8_0001).is_none() && Disp20::new(0x8_0000).is_none());
    assert!(Disp20::new(i64::MIN).is_none() && Disp12::new(i64::MAX).is_none());
}

#[test]
fn distances() {
    for distance in [1, -1, 0x1_0000, -0x1_0002, i64::MAX, i64::MIN] {
        assert!(brc(Mask::ALWAYS, distance).is_none(), "{distance}");
        assert!(bras(Gpr::LINK, distance).is_none(), "{distance}");
        let registers = (Gpr::LINK, Gpr::SP);
        let op = CompareBranch::Cgrj;
        assert!(compare_branch(op, Mask::EQUAL, registers, distance).is_none());
    }
    for distance in [1, -1, 0x1_0000_0000, -0x1_0000_0002, i64::MAX, i64::MIN] {
        assert!(brcl(Mask::ALWAYS, distance).is_none(), "{distance}");
        assert!(relative(Relative::Brasl, Gpr::LINK, distance).is_none());
    }
}

#[test]
fn selections() {
    assert!(Selection::new(64, 0, 0, false).is_none());
    assert!(Selection::new(0, 64, 0, false).is_none());
    assert!(Selection::new(0, 0, 64, false).is_none());
    let bits = Selection::new(0, 63, 0, true).expect("in range");
    let (a, b) = (Gpr::LINK, Gpr::SP);
    assert!(rotate_then(RotateThen::Rosbg, a, b, bits).is_none());
}

#[test]
fn elements() {
    let v = Vr::new(17).expect("in range");
    let address = Address12 {
        base: Gpr::SP,
        index: Gpr::NONE,
        displacement: Disp12::ZERO,
    };
    for &op in VectorStorage::ALL {
        assert!(vector_storage(op, v, op.elements() - 1, address).is_some());
        assert!(vector_storage(op, v, op.elements(), address).is_none());
    }
    assert!(vlrep(v, 4, address).is_none() && vllez(v, 4, address).is_none());
    assert!(vgm(Element::Byte, v, 0, 8).is_none() && vgm(Element::Quadword, v, 0, 8).is_none());
    assert!(vrep(Element::Doubleword, v, v, 2).is_none());
    assert!(vlei(Element::Word, v, 0, 4).is_none());
    assert!(vsldb(v, v, v, 16).is_none());
    let last = Vr::new(31).expect("in range");
    let range = |first| vector_range(VectorRange::Vlm, first, Gpr::SP, Disp12::ZERO);
    assert!(range((last, v)).is_none() && range((v, last)).is_some());
    assert!(range((Vr::new(15).expect("in range"), last)).is_none());
    // Products of doublewords need a z17.
    let product = |size| vector_binary(VectorBinary::Vml, size, [v, v, v]);
    assert!(product(Element::Word).is_some() && product(Element::Doubleword).is_none());
}
