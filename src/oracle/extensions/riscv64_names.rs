//! Mnemonics of RISC-V vector instructions, which the disassembler lacks: what a report says of an
//! instruction that no machine executes.
//!
//! Source: RISC-V "V" Vector Extension, chapter "Vector Instruction Listing", and chapter "Zvbb" of
//! the vector cryptography extensions.

/// The instruction `word` of V or Zvbb; `None` for any other, and for reserved encodings.
pub fn vector(word: u32) -> Option<String> {
    let function = word >> 12 & 7;
    match word & 0x7f {
        0x07 | 0x27 => access(word, function),
        0x57 if function == 7 => configuration(word),
        0x57 => operation(word, function),
        _ => None,
    }
}

fn configuration(word: u32) -> Option<String> {
    let name = match (word >> 31, word >> 30 & 1) {
        (0, _) => "vsetvli",
        (_, 1) => "vsetivli",
        _ => "vsetvl",
    };
    Some(name.to_owned())
}

/// Loads and stores, by width and addressing mode.
fn access(word: u32, function: u32) -> Option<String> {
    let bits = match function {
        0 => 8,
        5 => 16,
        6 => 32,
        7 => 64,
        _ => return None,
    };
    let is_store = word & 0x20 != 0;
    let kind = if is_store { 's' } else { 'l' };
    let registers = (word >> 29) + 1;
    let segments = match registers {
        1 => String::new(),
        count => format!("seg{count}"),
    };
    Some(match (word >> 26 & 3, word >> 20 & 31) {
        (0, 0) => format!("v{kind}{segments}e{bits}.v"),
        (0, 8) if is_store => format!("vs{registers}r.v"),
        (0, 8) => format!("vl{registers}re{bits}.v"),
        (0, 11) => format!("v{kind}m.v"),
        (0, 16) => format!("vl{segments}e{bits}ff.v"),
        (1, _) => format!("v{kind}ux{segments}ei{bits}.v"),
        (2, _) => format!("v{kind}s{segments}e{bits}.v"),
        (3, _) => format!("v{kind}ox{segments}ei{bits}.v"),
        _ => return None,
    })
}

/// Arithmetic: the operands' category, then the operation.
fn operation(word: u32, category: u32) -> Option<String> {
    let (number, first) = (word >> 26, word >> 15 & 31);
    let is_unmasked = word >> 25 & 1 == 1;
    let (table, operand) = match category {
        0 => (INTEGER, 'v'),
        3 => (INTEGER, 'i'),
        4 => (INTEGER, 'x'),
        1 => (FLOAT, 'v'),
        5 => (FLOAT, 'f'),
        2 => (MULTIPLY, 'v'),
        _ => (MULTIPLY, 'x'),
    };
    if let Some(name) = special(number, category, first, is_unmasked) {
        return Some(name.to_owned());
    }
    // There is no VSMUL with an immediate.
    if (category, number) == (3, 39) {
        return None;
    }
    let name = table[usize::try_from(number).ok()?];
    let suffix = match name.split_once('.') {
        _ if name.is_empty() => return None,
        // The mask is an operand.
        Some((_, "m")) => format!("{}v{operand}m", &name[..name.len() - 1]),
        Some((_, "s")) => format!("{}vs", &name[..name.len() - 1]),
        Some((_, "w")) => format!("{name}{operand}"),
        Some(_) => name.to_owned(),
        None => format!("{name}.v{operand}"),
    };
    Some(suffix)
}

/// Where the first source or the category decides.
fn special(number: u32, category: u32, first: u32, is_unmasked: bool) -> Option<&'static str> {
    let of = |names: &[&'static str]| {
        let name = names.get(usize::try_from(first).ok()?).copied();
        name.filter(|name| !name.is_empty())
    };
    match (category, number) {
        (0, 14) => Some("vrgatherei16.vv"),
        (0, 23) if is_unmasked => Some("vmv.v.v"),
        (3, 23) if is_unmasked => Some("vmv.v.i"),
        (4, 23) if is_unmasked => Some("vmv.v.x"),
        (5, 23) if is_unmasked => Some("vfmv.v.f"),
        (3, 21) => Some("vror.vi"),
        (3, 39) => of(&["vmv1r.v", "vmv2r.v", "", "vmv4r.v", "", "", "", "vmv8r.v"]),
        (0, 48) => Some("vwredsumu.vs"),
        (0, 49) => Some("vwredsum.vs"),
        (1, 16) => Some("vfmv.f.s"),
        (5, 16) => Some("vfmv.s.f"),
        (1, 18) => of(&CONVERSIONS),
        (1, 19) if first == 16 => Some("vfclass.v"),
        (1, 19) => of(&["vfsqrt.v", "", "", "", "vfrsqrt7.v", "vfrec7.v"]),
        (2, 16) => match first {
            0 => Some("vmv.x.s"),
            16 => Some("vcpop.m"),
            17 => Some("vfirst.m"),
            _ => None,
        },
        (6, 16) => Some("vmv.s.x"),
        (2, 18) => of(&EXTENSIONS),
        (2, 20) => match first {
            1 => Some("vmsbf.m"),
            2 => Some("vmsof.m"),
            3 => Some("vmsif.m"),
            16 => Some("viota.m"),
            17 => Some("vid.v"),
            _ => None,
        },
        (6, 14) => Some("vslide1up.vx"),
        (6, 15) => Some("vslide1down.vx"),
        _ => None,
    }
}

/// Conversions, by the first source.
#[rustfmt::skip]
const CONVERSIONS: [&str; 24] = [
    "vfcvt.xu.f.v", "vfcvt.x.f.v", "vfcvt.f.xu.v", "vfcvt.f.x.v", "", "", "vfcvt.rtz.xu.f.v",
    "vfcvt.rtz.x.f.v", "vfwcvt.xu.f.v", "vfwcvt.x.f.v", "vfwcvt.f.xu.v", "vfwcvt.f.x.v",
    "vfwcvt.f.f.v", "", "vfwcvt.rtz.xu.f.v", "vfwcvt.rtz.x.f.v", "vfncvt.xu.f.w", "vfncvt.x.f.w",
    "vfncvt.f.xu.w", "vfncvt.f.x.w", "vfncvt.f.f.w", "vfncvt.rod.f.f.w", "vfncvt.rtz.xu.f.w",
    "vfncvt.rtz.x.f.w",
];

/// Extensions and Zvbb's operations on one operand, by the first source.
#[rustfmt::skip]
const EXTENSIONS: [&str; 15] = [
    "", "", "vzext.vf8", "vsext.vf8", "vzext.vf4", "vsext.vf4", "vzext.vf2", "vsext.vf2",
    "vbrev8.v", "vrev8.v", "vbrev.v", "", "vclz.v", "vctz.v", "vcpop.v",
];

/// By number. A suffix `.m` is a mask operand, `.s` a reduction, `.w` a wide first operand, any
/// other is as it stands; without one it is the operands' category.
#[rustfmt::skip]
const INTEGER: [&str; 64] = [
    "vadd", "vandn", "vsub", "vrsub", "vminu", "vmin", "vmaxu", "vmax",
    "", "vand", "vor", "vxor", "vrgather", "", "vslideup", "vslidedown",
    "vadc.m", "vmadc.m", "vsbc.m", "vmsbc.m", "vror", "vrol", "", "vmerge.m",
    "vmseq", "vmsne", "vmsltu", "vmslt", "vmsleu", "vmsle", "vmsgtu", "vmsgt",
    "vsaddu", "vsadd", "vssubu", "vssub", "", "vsll", "", "vsmul",
    "vsrl", "vsra", "vssrl", "vssra", "vnsrl.w", "vnsra.w", "vnclipu.w", "vnclip.w",
    "", "", "", "", "", "vwsll", "", "",
    "", "", "", "", "", "", "", "",
];

#[rustfmt::skip]
const MULTIPLY: [&str; 64] = [
    "vredsum.s", "vredand.s", "vredor.s", "vredxor.s", "vredminu.s", "vredmin.s", "vredmaxu.s",
    "vredmax.s",
    "vaaddu", "vaadd", "vasubu", "vasub", "", "", "", "",
    "", "", "", "", "", "", "", "vcompress.vm",
    "vmandn.mm", "vmand.mm", "vmor.mm", "vmxor.mm", "vmorn.mm", "vmnand.mm", "vmnor.mm", "vmxnor.mm",
    "vdivu", "vdiv", "vremu", "vrem", "vmulhu", "vmul", "vmulhsu", "vmulh",
    "", "vmadd", "", "vnmsub", "", "vmacc", "", "vnmsac",
    "vwaddu", "vwadd", "vwsubu", "vwsub", "vwaddu.w", "vwadd.w", "vwsubu.w", "vwsub.w",
    "vwmulu", "", "vwmulsu", "vwmul", "vwmaccu", "vwmacc", "vwmaccus", "vwmaccsu",
];

#[rustfmt::skip]
const FLOAT: [&str; 64] = [
    "vfadd", "vfredusum.s", "vfsub", "vfredosum.s", "vfmin", "vfredmin.s", "vfmax", "vfredmax.s",
    "vfsgnj", "vfsgnjn", "vfsgnjx", "", "", "", "vfslide1up", "vfslide1down",
    "", "", "", "", "", "", "", "vfmerge.m",
    "vmfeq", "vmfle", "", "vmflt", "vmfne", "vmfgt", "", "vmfge",
    "vfdiv", "vfrdiv", "", "", "vfmul", "", "", "vfrsub",
    "vfmadd", "vfnmadd", "vfmsub", "vfnmsub", "vfmacc", "vfnmacc", "vfmsac", "vfnmsac",
    "vfwadd", "vfwredusum.s", "vfwsub", "vfwredosum.s", "vfwadd.w", "", "vfwsub.w", "",
    "vfwmul", "", "", "", "vfwmacc", "vfwnmacc", "vfwmsac", "vfwnmsac",
];

#[cfg(test)]
mod tests {
    use super::vector;

    /// Encodings by hand from the manual's formats.
    #[test]
    fn vector_instructions_have_their_names() {
        let named = [
            (0x0222_0157, "vadd.vv"),
            (0x0220_b157, "vadd.vi"),
            (0xcd00_7657, "vsetivli"),
            (0x0cf5_7557, "vsetvli"),
            (0x0205_0407, "vle8.v"),
            (0x0205_6c27, "vse32.v"),
            (0x0285_0407, "vl1re8.v"),
            (0xe285_0c27, "vs8r.v"),
            (0x0a45_7407, "vlse64.v"),
            (0x0644_5407, "vluxei16.v"),
            (0x2205_0407, "vlseg2e8.v"),
            (0x5e07_b457, "vmv.v.i"),
            (0x5c47_b457, "vmerge.vim"),
            (0x404a_0457, "vadc.vvm"),
            (0x4240_2657, "vmv.x.s"),
            (0x4205_6457, "vmv.s.x"),
            (0x024a_2457, "vredsum.vs"),
            (0xc24a_0457, "vwredsumu.vs"),
            (0xb245_4457, "vnsrl.wx"),
            (0xd24a_2457, "vwaddu.wv"),
            (0x4a43_9457, "vfcvt.rtz.x.f.v"),
            (0x4e40_1457, "vfsqrt.v"),
            (0x5208_a457, "vid.v"),
            (0x664a_2457, "vmand.mm"),
            (0x324f_b457, "vrgather.vi"),
            (0x3a45_6457, "vslide1up.vx"),
            (0x4205_5457, "vfmv.s.f"),
            (0xb245_5457, "vfmacc.vf"),
            (0x4a43_2457, "vzext.vf2"),
            (0x4a46_2457, "vclz.v"),
            (0x5248_b457, "vror.vi"),
            (0x9e40_3457, "vmv1r.v"),
            (0x5e4a_2457, "vcompress.vm"),
        ];
        for (word, name) in named {
            assert_eq!(vector(word).as_deref(), Some(name), "{word:#x}");
        }
        // add; flh; vmv3r.v, which there is not.
        for word in [0x00c5_8533, 0x0005_1507, 0x9e41_3457] {
            assert_eq!(vector(word), None, "{word:#x}");
        }
    }
}
