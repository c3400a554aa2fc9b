//! NOP units that are none, or not of the length that they are offered as.
//!
//! A unit of each length that the generator offers is replaced, so that every range is filled
//! with the wrong one. Encodings: Intel SDM volume 2; Arm ARM, C6; RISC-V unprivileged manual,
//! chapters "RV64I", "Zicsr" and "Zba"; Principles of Operation, chapter 7; Pulley's interpreter.

use super::super::{Class, Fault, Injected, Instance, Means, On, Placement, Subject};
use crate::image::nop_fill;
use crate::isa::Isa;

/// What a unit does instead of nothing.
#[derive(Clone, Copy)]
enum Wrong {
    Opcode,
    Writes,
    Flags,
    Memory,
    Traps,
    Newer,
}

const fn fault(name: &'static str, bug: &'static str, on: fn(Isa) -> On) -> Fault {
    Fault {
        name,
        class: Class::Nops,
        means: Means::Image,
        bug,
        on,
    }
}

/// The class.
pub fn faults() -> Vec<Fault> {
    vec![
        fault(
            "nop-wrong-opcode",
            "one bit of the opcode is wrong",
            |isa| replaced(isa, Wrong::Opcode),
        ),
        fault(
            "nop-writes-register",
            "an instruction that writes a register is taken for a NOP",
            |isa| replaced(isa, Wrong::Writes),
        ),
        fault(
            "nop-sets-flags",
            "an instruction without a result is taken for a NOP, and sets flags",
            |isa| replaced(isa, Wrong::Flags),
        ),
        fault(
            "nop-touches-memory",
            "an instruction that accesses memory is taken for a NOP",
            |isa| replaced(isa, Wrong::Memory),
        ),
        fault(
            "nop-traps",
            "the filler between functions is taken for a NOP",
            |isa| replaced(isa, Wrong::Traps),
        ),
        fault(
            "nop-of-newer-isa",
            "a NOP that only newer machines know is offered without asking for them",
            |isa| replaced(isa, Wrong::Newer),
        ),
        fault(
            "nop-wrong-length",
            "a unit lacks its last byte or has one more",
            lengths,
        ),
        fault(
            "nop-byte-order",
            "the unit's bytes are those of the other byte order",
            swapped,
        ),
        fault("nops-none", "the back end offers no NOP units", |_| {
            On::Instances(vec![Instance::new("", |subject| {
                let mut compiled = subject.compiled.clone();
                compiled.nop_units.clear();
                Placement::compiled(Some(compiled))
            })])
        }),
        fault(
            "nop-units-out-of-order",
            "units are offered shortest first",
            |_| {
                On::Instances(vec![Instance::new("", |_| {
                    Placement::Equivalent(
                        "a generator offers its units in any order: who fills a range takes the \
                         longest first whatever the order",
                    )
                })])
            },
        ),
    ]
}

/// Encodings of one wrong unit, each with what it is.
fn encodings(isa: Isa, wrong: Wrong) -> Result<Vec<(&'static str, &'static [u8])>, &'static str> {
    use Isa::{Aarch64, Riscv64gc, S390x, X86_64};
    Ok(match (isa, wrong) {
        (X86_64, Wrong::Opcode) => vec![
            ("xchg ecx, eax", &[0x91]),
            ("imul eax, [rax+rax]", &[0x0f, 0xaf, 0x44, 0, 0]),
        ],
        (X86_64, Wrong::Writes) => vec![("cwde", &[0x98]), ("mov eax, 0", &[0xb8, 0, 0, 0, 0])],
        (X86_64, Wrong::Flags) => vec![("cmc", &[0xf5]), ("cmp eax, 0", &[0x3d, 0, 0, 0, 0])],
        (X86_64, Wrong::Memory) => vec![
            ("push rax", &[0x50]),
            ("mov byte [rsp-8], 0", &[0xc6, 0x44, 0x24, 0xf8, 0]),
        ],
        (X86_64, Wrong::Traps) => vec![
            ("int3", &[0xcc]),
            ("ud1 eax, [rax+rax]", &[0x0f, 0xb9, 0x44, 0, 0]),
        ],
        (X86_64, Wrong::Newer) => vec![("vmovaps xmm0, xmm0", &[0xc4, 0xe1, 0x78, 0x28, 0xc0])],
        (Aarch64, Wrong::Opcode) => vec![("yield", &[0x3f, 0x20, 0x03, 0xd5])],
        (Aarch64, Wrong::Writes) => vec![("mov x0, #0", &[0, 0, 0x80, 0xd2])],
        (Aarch64, Wrong::Flags) => vec![("cmp x0, x0", &[0x1f, 0, 0, 0xeb])],
        (Aarch64, Wrong::Memory) => vec![("stur xzr, [sp, #-8]", &[0xff, 0x83, 0x1f, 0xf8])],
        (Aarch64, Wrong::Traps) => vec![("brk #0", &[0, 0, 0x20, 0xd4]), ("udf #0", &[0, 0, 0, 0])],
        (Aarch64, Wrong::Newer) => vec![("sb", &[0xff, 0x30, 0x03, 0xd5])],
        (Riscv64gc, Wrong::Opcode) => vec![("lb zero, 0(zero)", &[0x03, 0, 0, 0])],
        (Riscv64gc, Wrong::Writes) => vec![("li t0, 0", &[0x93, 0x02, 0, 0])],
        (Riscv64gc, Wrong::Flags) => vec![("csrwi fflags, 31", &[0x73, 0xd0, 0x1f, 0])],
        (Riscv64gc, Wrong::Memory) => vec![("sd zero, -8(sp)", &[0x23, 0x3c, 0x01, 0xfe])],
        (Riscv64gc, Wrong::Traps) => vec![
            ("ebreak", &[0x73, 0, 0x10, 0]),
            ("unimp", &[0x73, 0x10, 0, 0xc0]),
        ],
        (Riscv64gc, Wrong::Newer) => vec![("sh1add zero, zero, zero", &[0x33, 0x20, 0, 0x20])],
        (S390x, Wrong::Opcode) => vec![("br %r7", &[0x07, 0xf7]), ("spm %r7", &[0x04, 0x70])],
        (S390x, Wrong::Writes) => vec![("lr %r2, %r1", &[0x18, 0x21])],
        (S390x, Wrong::Flags) => vec![("cr %r1, %r1", &[0x19, 0x11])],
        (S390x, Wrong::Memory) => vec![("mvi 0(%r15), 0", &[0x92, 0, 0xf0, 0])],
        (S390x, Wrong::Traps) => vec![("0000", &[0, 0]), ("trap2", &[0x01, 0xff])],
        (S390x, Wrong::Newer) => vec![("selgr %r0, %r0, %r0, 0", &[0xb9, 0xe3, 0, 0])],
        (_, Wrong::Opcode) => vec![("ret", &[0x01])],
        (_, Wrong::Writes) => vec![("xconst8 x0, 1", &[0x44, 0, 1])],
        (_, Wrong::Flags) => return Err("Pulley has no flags"),
        (_, Wrong::Memory) => vec![("push_frame", &[0xa8])],
        (_, Wrong::Traps) => vec![("trap", &[0xdc, 0, 0])],
        (_, Wrong::Newer) => return Err("Pulley has no levels of its instruction set"),
    })
}

/// The generator's units with `unit` in place of those of its length, or besides them.
fn with_unit(subject: &Subject, unit: &[u8]) -> Vec<Vec<u8>> {
    let others = subject.compiled.nop_units.iter();
    let mut units: Vec<Vec<u8>> = others.filter(|u| u.len() != unit.len()).cloned().collect();
    units.push(unit.to_vec());
    units
}

fn replaced(isa: Isa, wrong: Wrong) -> On {
    let encodings = match encodings(isa, wrong) {
        Ok(encodings) => encodings,
        Err(reason) => return On::Never(reason),
    };
    let instances = encodings.into_iter().map(|(text, bytes)| {
        Instance::new(text, move |subject: &Subject| {
            let mut compiled = subject.compiled.clone();
            compiled.nop_units = with_unit(subject, bytes);
            Placement::compiled(Some(compiled))
        })
    });
    On::Instances(instances.collect())
}

fn lengths(_: Isa) -> On {
    let changed = |change: fn(&mut Vec<u8>)| {
        move |subject: &Subject| {
            let mut compiled = subject.compiled.clone();
            let longest = compiled.nop_units.iter_mut().max_by_key(|unit| unit.len());
            if let Some(unit) = longest {
                change(unit);
            }
            Placement::compiled(Some(compiled))
        }
    };
    On::Instances(vec![
        Instance::new(
            "a byte too short",
            changed(|unit| unit.truncate(unit.len() - 1)),
        ),
        Instance::new("a byte too long", changed(|unit| unit.push(unit[0]))),
    ])
}

fn swapped(_: Isa) -> On {
    On::Instances(vec![Instance::new("", |subject: &Subject| {
        let mut compiled = subject.compiled.clone();
        compiled
            .nop_units
            .iter_mut()
            .for_each(|unit| unit.reverse());
        let same = |len: u32| {
            let len = usize::try_from(len).unwrap_or(0);
            nop_fill(&compiled.nop_units, len) == nop_fill(&subject.compiled.nop_units, len)
        };
        if compiled.nop_units == subject.compiled.nop_units {
            Placement::Equivalent("the unit reads the same in both byte orders")
        } else if subject.image.sites.iter().all(|site| same(site.len)) {
            Placement::NoPlace
        } else {
            Placement::In(Box::new(Injected::Compiled(compiled)))
        }
    })])
}
