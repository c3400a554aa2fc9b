//! x86-64, from the Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2:
//! the column "CPUID Feature Flag" of each instruction. What the prefix tells (VEX, EVEX) is
//! read from the bytes, the rest from the mnemonic.

use super::Requirement;
use crate::disasm::Instruction;

const SSE3: Requirement = Requirement::new("SSE3", &["has_sse3"]);
const SSSE3: Requirement = Requirement::new("SSSE3", &["has_ssse3"]);
const SSE41: Requirement = Requirement::new("SSE4.1", &["has_sse41"]);
const SSE42: Requirement = Requirement::new("SSE4.2", &["has_sse42"]);
const POPCNT: Requirement = Requirement::new("POPCNT", &["has_popcnt"]);
const LZCNT: Requirement = Requirement::new("LZCNT", &["has_lzcnt"]);
const BMI1: Requirement = Requirement::new("BMI1", &["has_bmi1"]);
const BMI2: Requirement = Requirement::new("BMI2", &["has_bmi2"]);
const CMPXCHG16B: Requirement = Requirement::new("CMPXCHG16B", &["has_cmpxchg16b"]);
const AVX: Requirement = Requirement::new("AVX", &["has_avx"]);
const AVX2: Requirement = Requirement::new("AVX2", &["has_avx2"]);
const FMA: Requirement = Requirement::new("FMA", &["has_fma"]);
const AVX_VNNI: Requirement = Requirement::new("AVX-VNNI", &["has_avx_vnni"]);
const AVX512F: Requirement = Requirement::new("AVX512F", &["has_avx512f"]);
const AVX512VL: Requirement = Requirement::new("AVX512VL", &["has_avx512vl"]);
const AVX512DQ: Requirement = Requirement::new("AVX512DQ", &["has_avx512dq"]);
const AVX512BITALG: Requirement = Requirement::new("AVX512_BITALG", &["has_avx512bitalg"]);
const AVX512VBMI: Requirement = Requirement::new("AVX512_VBMI", &["has_avx512vbmi"]);
const AVX512VNNI: Requirement = Requirement::new("AVX512_VNNI", &["has_avx512vnni"]);
/// Extensions that Cranelift has no flag for.
const UNKNOWN: &[(&str, &[&str])] = &[
    ("AES", &["aes", "vaes"]),
    ("PCLMULQDQ", &["pclmul", "vpclmul"]),
    ("SHA", &["sha1", "sha256"]),
    ("ADX", &["adcx", "adox"]),
    ("F16C", &["vcvtph2ps", "vcvtps2ph"]),
    ("MOVBE", &["movbe"]),
    ("RDRAND", &["rdrand", "rdseed"]),
    ("RTM", &["xbegin", "xend", "xabort"]),
];

const LEGACY: &[(Requirement, &[&str])] = &[
    (
        SSE3,
        &[
            "addsubpd", "addsubps", "fisttp", "haddpd", "haddps", "hsubpd", "hsubps", "lddqu",
            "movddup", "movshdup", "movsldup",
        ],
    ),
    (
        SSSE3,
        &[
            "pabsb",
            "pabsd",
            "pabsw",
            "palignr",
            "phaddd",
            "phaddsw",
            "phaddw",
            "phsubd",
            "phsubsw",
            "phsubw",
            "pmaddubsw",
            "pmulhrsw",
            "pshufb",
            "psignb",
            "psignd",
            "psignw",
        ],
    ),
    (
        SSE41,
        &[
            "blendpd",
            "blendps",
            "blendvpd",
            "blendvps",
            "dppd",
            "dpps",
            "extractps",
            "insertps",
            "movntdqa",
            "mpsadbw",
            "packusdw",
            "pblendvb",
            "pblendw",
            "pcmpeqq",
            "pextrb",
            "pextrd",
            "pextrq",
            "phminposuw",
            "pinsrb",
            "pinsrd",
            "pinsrq",
            "pmaxsb",
            "pmaxsd",
            "pmaxud",
            "pmaxuw",
            "pminsb",
            "pminsd",
            "pminud",
            "pminuw",
            "pmovsxbd",
            "pmovsxbq",
            "pmovsxbw",
            "pmovsxdq",
            "pmovsxwd",
            "pmovsxwq",
            "pmovzxbd",
            "pmovzxbq",
            "pmovzxbw",
            "pmovzxdq",
            "pmovzxwd",
            "pmovzxwq",
            "pmuldq",
            "pmulld",
            "ptest",
            "roundpd",
            "roundps",
            "roundsd",
            "roundss",
        ],
    ),
    (
        SSE42,
        &[
            "crc32",
            "pcmpestri",
            "pcmpestrm",
            "pcmpgtq",
            "pcmpistri",
            "pcmpistrm",
        ],
    ),
    (POPCNT, &["popcnt"]),
    (LZCNT, &["lzcnt"]),
    (BMI1, &["andn", "bextr", "blsi", "blsmsk", "blsr", "tzcnt"]),
    (
        BMI2,
        &[
            "bzhi", "mulx", "pdep", "pext", "rorx", "sarx", "shlx", "shrx",
        ],
    ),
    (CMPXCHG16B, &["cmpxchg16b"]),
    // The form that stores to memory; the one into a register is SSE2. Told apart below.
    (SSE41, &["pextrw"]),
];

/// VEX-encoded instructions of AVX2 even on 128 bits.
const AVX2_NAMES: &[&str] = &[
    "vbroadcasti128",
    "vextracti128",
    "vinserti128",
    "vperm2i128",
    "vpermd",
    "vpermps",
    "vpermq",
    "vpermpd",
    "vpblendd",
    "vpbroadcast",
    "vpmaskmov",
    "vpgather",
];

/// EVEX-encoded instructions of AVX512DQ that have no AVX512F form.
const DQ_NAMES: &[&str] = &[
    "vpmullq",
    "vcvtqq2pd",
    "vcvtqq2ps",
    "vcvtuqq2pd",
    "vcvtuqq2ps",
    "vcvtpd2qq",
    "vcvtpd2uqq",
    "vcvtps2qq",
    "vcvtps2uqq",
    "vcvttpd2qq",
    "vcvttpd2uqq",
    "vcvttps2qq",
    "vcvttps2uqq",
    "vandps",
    "vandpd",
    "vandnps",
    "vandnpd",
    "vorps",
    "vorpd",
    "vxorps",
    "vxorpd",
    "vrange",
];

/// What `instruction` needs.
pub fn requirements(instruction: &Instruction) -> Vec<Requirement> {
    // Capstone prints prefixes in front: `lock cmpxchg16b`.
    let name = instruction.mnemonic.rsplit(' ').next().unwrap_or_default();
    let unknown = UNKNOWN
        .iter()
        .find(|(_, names)| names.iter().any(|n| name.starts_with(n)));
    if let Some((extension, _)) = unknown {
        return vec![Requirement::new(extension, &[])];
    }
    let legacy = LEGACY.iter().find(|(_, names)| names.contains(&name));
    if let Some(&(requirement, _)) = legacy {
        let into_register = name == "pextrw" && !instruction.operands().contains('[');
        return if into_register {
            Vec::new()
        } else {
            vec![requirement]
        };
    }
    match (instruction.bytes.first(), name.starts_with('v')) {
        (Some(0xc4 | 0xc5), true) => vex(name, &instruction.operands()),
        (Some(0x62), _) => evex(name, &instruction.bytes),
        _ => Vec::new(),
    }
}

fn is_fma(name: &str) -> bool {
    ["vfmadd", "vfmsub", "vfnmadd", "vfnmsub"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn vex(name: &str, operands: &str) -> Vec<Requirement> {
    let starts = |names: &[&str]| names.iter().any(|prefix| name.starts_with(prefix));
    if is_fma(name) {
        return vec![FMA];
    }
    if name.starts_with("vpdp") {
        return vec![AVX_VNNI];
    }
    // Shifts by a vector of counts.
    let variable_shift = ["vpsllvd", "vpsllvq", "vpsrlvd", "vpsrlvq", "vpsravd"].contains(&name);
    // From a register; from memory it is AVX.
    let broadcast = starts(&["vbroadcasts"]) && !operands.contains('[');
    // Integer operations on 256 bits, but for AVX's own few.
    let wide = name.starts_with("vp")
        && operands.contains("ymm")
        && !starts(&["vpermilp", "vperm2f128", "vptest"]);
    if starts(AVX2_NAMES) || starts(&["vgather"]) || variable_shift || broadcast || wide {
        vec![AVX2]
    } else {
        vec![AVX]
    }
}

fn evex(name: &str, bytes: &[u8]) -> Vec<Requirement> {
    // EVEX.L'L in the third payload byte: 2 is 512 bits; scalars ignore it.
    let length = bytes.get(3).map_or(0, |byte| (byte >> 5) & 3);
    let scalar = name.ends_with("ss") || name.ends_with("sd") || name.ends_with("si");
    let mut needed = Vec::new();
    if length != 2 && !scalar {
        needed.push(AVX512VL);
    }
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if DQ_NAMES.contains(&name) || starts(&["vpextrd", "vpextrq", "vpinsrd", "vpinsrq"]) {
        needed.push(AVX512DQ);
    }
    if ["vpopcntb", "vpopcntw", "vpshufbitqmb"].contains(&name) {
        needed.push(AVX512BITALG);
    }
    if ["vpopcntd", "vpopcntq"].contains(&name) {
        needed.push(Requirement::new("AVX512_VPOPCNTDQ", &[]));
    }
    if starts(&["vpermi2b", "vpermt2b", "vpermb", "vpmultishiftqb"]) {
        needed.push(AVX512VBMI);
    }
    if name.starts_with("vpdp") {
        needed.push(AVX512VNNI);
    }
    if is_byte_or_word(name) {
        needed.push(Requirement::new("AVX512BW", &[]));
    }
    // The manual's column of CPUID flags names the subset alone where there is one.
    if needed.iter().all(|one| *one == AVX512VL) {
        needed.insert(0, AVX512F);
    }
    needed
}

/// Operations on bytes and words, which are AVX512BW but for those named above.
fn is_byte_or_word(name: &str) -> bool {
    const STEMS: &[&str] = &[
        "vpabs", "vpadd", "vpadds", "vpaddus", "vpavg", "vpcmpeq", "vpcmpgt", "vpmaxs", "vpmaxu",
        "vpmins", "vpminu", "vpsll", "vpsra", "vpsrl", "vpsub", "vpsubs", "vpsubus",
    ];
    name.strip_suffix(['b', 'w'])
        .is_some_and(|stem| STEMS.contains(&stem))
}
