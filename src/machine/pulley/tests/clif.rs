//! Code that Cranelift compiled.

use std::collections::BTreeMap;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::ExternalName;
use cranelift_codegen::{Context, FinalizedRelocTarget, isa, settings};

use super::support::{Rig, image, layout, register};
use crate::image::CodeImage;
use crate::isa::Isa;
use crate::machine::{Cpu, Exit, Flow};

const BOTH: [Isa; 2] = [Isa::Pulley64, Isa::Pulley64be];

/// Compiled code, with the offsets of functions and the ranges of patchable calls.
struct Program {
    image: CodeImage,
    entries: BTreeMap<String, u64>,
    sites: Vec<std::ops::Range<u64>>,
}

/// Compiles and links; `%host` is the first hostcall, `%data` the first data symbol.
fn compile(target: Isa, clif: &str) -> Program {
    let isa = isa::lookup(target.triple())
        .expect("Cranelift has Pulley")
        .finish(settings::Flags::new(settings::builder()))
        .expect("default flags are fine");
    let mut image = image(target, Vec::new());
    let mut entries = BTreeMap::new();
    let mut sites = Vec::new();
    let mut fields = Vec::new();
    image.symbols.insert("%data".into(), layout().data);
    image.symbols.insert("%host".into(), layout().stub(0));
    for function in cranelift_reader::parse_functions(clif).expect("the CLIF is valid") {
        let name = function.name.to_string();
        let mut context = Context::for_function(function);
        let code = context
            .compile(&*isa, &mut ControlPlane::default())
            .expect("the function compiles");
        image
            .bytes
            .resize(image.bytes.len().next_multiple_of(16), 0);
        let start = image.bytes.len() as u64;
        let address = image.base + start;
        entries.insert(name.clone(), start);
        image.symbols.insert(name, address);
        image.bytes.extend(code.code_buffer());
        for trap in code.buffer.traps() {
            let code = trap.code.to_string();
            image.traps.insert(address + u64::from(trap.offset), code);
        }
        for site in code.buffer.patchable_call_sites() {
            let end = address + u64::from(site.ret_addr);
            sites.push(end - u64::from(site.len)..end);
        }
        for reloc in code.buffer.relocs() {
            let FinalizedRelocTarget::ExternalName(ExternalName::TestCase(name)) = &reloc.target
            else {
                panic!("the tests name only symbols: {reloc:?}");
            };
            let offset = start + u64::from(reloc.offset);
            fields.push((offset, reloc.kind, name.to_string(), reloc.addend));
        }
    }
    for (offset, kind, name, addend) in fields {
        let symbol = image.symbols[&name].wrapping_add_signed(addend);
        let place = image.base + offset;
        let at = usize::try_from(offset).expect("code is small");
        match kind {
            Reloc::Abs8 => image.bytes[at..at + 8].copy_from_slice(&symbol.to_le_bytes()),
            Reloc::PulleyPcRel => {
                let field = &mut image.bytes[at..at + 4];
                let held = i32::from_le_bytes(field.try_into().expect("four bytes"));
                let distance = i32::try_from(symbol.wrapping_sub(place).cast_signed())
                    .expect("symbols are near");
                field.copy_from_slice(&(held + distance).to_le_bytes());
            }
            other => panic!("relocation {other:?}"),
        }
    }
    Program {
        image,
        entries,
        sites,
    }
}

impl Program {
    fn rig(&self) -> Rig {
        Rig::new(&self.image, &[])
    }

    fn start(&self, rig: &mut Rig) -> Exit {
        rig.run_at(self.entries["%entry"])
    }
}

#[test]
fn recursion_and_branch_tables_give_what_clif_says() {
    let clif = "
function %fib(i64) -> i64 {
    fn0 = colocated %fib(i64) -> i64
block0(v0: i64):
    v8 = iconst.i64 2
    v1 = icmp ult v0, v8
    brif v1, block1(v0), block2
block1(v2: i64):
    return v2
block2:
    v9 = iconst.i64 1
    v3 = isub v0, v9
    v4 = call fn0(v3)
    v5 = isub v0, v8
    v6 = call fn0(v5)
    v7 = iadd v4, v6
    return v7
}
function %entry(i32) -> i64 {
    fn0 = colocated %fib(i64) -> i64
block0(v0: i32):
    br_table v0, block4, [block1, block2, block3]
block1:
    v1 = iconst.i64 10
    jump block5(v1)
block2:
    v2 = iconst.i64 15
    jump block5(v2)
block3:
    v3 = iconst.i64 7
    jump block5(v3)
block4:
    v4 = iconst.i64 1
    jump block5(v4)
block5(v5: i64):
    v6 = call fn0(v5)
    return v6
}";
    for isa in BOTH {
        let program = compile(isa, clif);
        let mut rig = program.rig();
        for (argument, result) in [
            (0, 55),
            (1, 610),
            (2, 13),
            (3, 1),
            (u128::from(u32::MAX), 1),
        ] {
            rig.set("x0", argument);
            assert_eq!(program.start(&mut rig), Exit::Returned);
            assert_eq!(rig.get("x0"), result, "{isa}, case {argument}");
            assert_eq!(rig.get("sp"), layout().stack_top().into());
        }
    }
}

#[test]
fn floats_and_vectors_give_what_clif_says() {
    let clif = "
function %entry(f64, f32, i32x4) -> f64, f32, i32x4, i64 {
block0(v0: f64, v1: f32, v2: i32x4):
    v3 = f64const 0x1.8p1
    v4 = fmul v0, v3
    v5 = sqrt v4
    v6 = fadd v1, v1
    v7 = iadd v2, v2
    v8 = fcvt_to_sint_sat.i64 v5
    return v5, v6, v7, v8
}";
    for isa in BOTH {
        let program = compile(isa, clif);
        let mut rig = program.rig();
        rig.set("f0", 12.0_f64.to_bits().into());
        rig.set("f1", 1.25_f32.to_bits().into());
        rig.set("v0", 0x0000_0004_0000_0003_0000_0002_8000_0001);
        assert_eq!(program.start(&mut rig), Exit::Returned);
        assert_eq!(rig.get("f0"), 6.0_f64.to_bits().into());
        assert_eq!(rig.get("f1") as u32, 2.5_f32.to_bits());
        assert_eq!(rig.get("v0"), 0x0000_0008_0000_0006_0000_0004_0000_0002);
        assert_eq!(rig.get("x0"), 6);
    }
}

#[test]
fn data_has_the_byte_order_of_the_isa() {
    let clif = "
function %entry(i32, f64) {
    gv0 = symbol colocated %data
    ss0 = explicit_slot 8
block0(v0: i32, v1: f64):
    v2 = symbol_value.i64 gv0
    store v0, v2
    store little v0, v2+4
    store big v0, v2+8
    store v1, v2+16
    v4 = stack_addr.i64 ss0
    store v0, v4
    v3 = load.i32 v4
    store v3, v2+24
    return
}";
    for isa in BOTH {
        let program = compile(isa, clif);
        let mut rig = program.rig();
        rig.set("x0", 0x0102_0304);
        let float = 0x4001_0203_0405_0607_u64;
        rig.set("f0", float.into());
        assert_eq!(program.start(&mut rig), Exit::Returned);
        let mut bytes = [0; 28];
        rig.machine.cpu.load(layout().data, &mut bytes).unwrap();
        let (native, float) = if isa.is_big_endian() {
            ([1, 2, 3, 4], float.to_be_bytes())
        } else {
            ([4, 3, 2, 1], float.to_le_bytes())
        };
        assert_eq!(bytes[..4], native, "{isa}");
        assert_eq!(bytes[4..12], [4, 3, 2, 1, 1, 2, 3, 4]);
        assert_eq!(bytes[16..24], float);
        assert_eq!(bytes[24..], native);
    }
}

#[test]
fn traps_carry_cliffs_codes() {
    let clif = "
function %entry(i32, i32) -> i32 {
block0(v0: i32, v1: i32):
    v2 = sdiv v0, v1
    trapz v2, user7
    return v2
}";
    for isa in BOTH {
        let program = compile(isa, clif);
        let mut rig = program.rig();
        for (a, b, wanted) in [
            (1, 0, "int_divz"),
            (0x8000_0000, 0xffff_ffff, "int_ovf"),
            (1, 2, "user7"),
        ] {
            rig.set("x0", a);
            rig.set("x1", b);
            let exit = program.start(&mut rig);
            assert!(
                matches!(&exit, Exit::Trap { code, .. } if code == wanted),
                "{isa}: {exit}"
            );
        }
        rig.set("x0", 9);
        rig.set("x1", 3);
        assert_eq!(program.start(&mut rig), Exit::Returned);
    }
}

#[test]
fn endless_recursion_overflows_the_stack() {
    let clif = "
function %entry(i64) -> i64 {
    ss0 = explicit_slot 1024
    fn0 = colocated %entry(i64) -> i64
block0(v0: i64):
    v1 = stack_addr.i64 ss0
    v2 = call fn0(v1)
    v3 = iadd v2, v1
    return v3
}";
    let program = compile(Isa::Pulley64, clif);
    let mut rig = program.rig();
    let exit = program.start(&mut rig);
    assert!(
        matches!(&exit, Exit::Trap { code, .. } if code == "stk_ovf"),
        "{exit}"
    );
}

/// `%entry` calls `%hook` with swapped arguments, which adds them to the data and calls the host.
const HOOKED: &str = "
function %hook(i64, i64) preserve_all {
    gv0 = symbol colocated %data
    fn0 = colocated %host(i64)
block0(v0: i64, v1: i64):
    v2 = symbol_value.i64 gv0
    v3 = load.i64 little v2
    v4 = isub v0, v1
    v5 = iadd v3, v4
    store little v5, v2
    call fn0(v5)
    return
}
function %entry(i64, i64) -> i64 {
    fn0 = colocated patchable %hook(i64, i64) preserve_all
block0(v0: i64, v1: i64):
    v2 = iconst.i64 0
    jump block1(v2)
block1(v3: i64):
    call fn0(v1, v0)
    v7 = iconst.i64 1
    v8 = iconst.i64 5
    v4 = iadd v3, v7
    v5 = icmp ult v4, v8
    brif v5, block1(v4), block2
block2:
    v6 = iadd v0, v1
    return v6
}";

/// What the hook would see in its first two argument registers.
fn hook_args(cpu: &mut dyn Cpu) -> [u128; 2] {
    let moves = cpu.pending_moves();
    ["x0", "x1"].map(|name| {
        let wanted = register(name);
        let moved = moves.iter().find(|(register, _)| *register == wanted);
        moved.map_or_else(|| cpu.read(wanted), |&(_, value)| value)
    })
}

#[test]
fn pending_moves_are_what_the_hook_sees() {
    // Cranelift leaves moves to calls of any ABI but `preserve_all`.
    let both = HOOKED.replace("preserve_all", "fast");
    let program = compile(Isa::Pulley64, &both);
    let hook = program.image.symbols["%hook"];
    let mut breakpoints: Vec<u64> = program.sites.iter().map(|site| site.start).collect();
    breakpoints.push(hook);
    let mut rig = Rig::new(&program.image, &breakpoints);
    let (mut predicted, mut moves, mut passes) = (None, 0, 0);
    rig.seen.on_stop = Box::new(move |cpu, address| {
        if address == hook {
            let seen = ["x0", "x1"].map(|name| cpu.read(register(name)));
            assert_eq!(predicted.take(), Some(seen));
        } else if address != layout().stub(0) {
            moves += cpu.pending_moves().len();
            predicted = Some(hook_args(cpu));
        } else {
            passes += 1;
            assert!(passes == 1 || moves > 0, "no call moves anything");
        }
        Flow::Continue
    });
    rig.set("x0", 30);
    rig.set("x1", 100);
    assert_eq!(program.start(&mut rig), Exit::Returned);
    assert_eq!(
        rig.seen.stops.len(),
        3 * 5,
        "site, hook and host, five times"
    );
}

#[test]
fn a_patchable_call_can_be_disabled_and_enabled_from_inside_the_hook() {
    for isa in BOTH {
        let program = compile(isa, HOOKED);
        assert_eq!(program.sites.len(), 1);
        let site = program.sites[0].clone();
        let live = program
            .image
            .slice(site.clone())
            .expect("in the image")
            .to_vec();
        let mut rig = Rig::new(&program.image, &[site.start]);
        let (mut passes, start) = (0, site.start);
        // Live in pass 1, in which the hook disables it; live again from pass 4 on.
        rig.seen.on_stop = Box::new(move |cpu, address| {
            if address == layout().stub(0) {
                cpu.write_code(start, &vec![0; live.len()]).unwrap();
                return Flow::Continue;
            }
            passes += 1;
            assert_eq!(hook_args(cpu), [100, 30]);
            if passes == 4 {
                cpu.write_code(start, &live).unwrap();
            }
            Flow::Continue
        });
        rig.set("x0", 30);
        rig.set("x1", 100);
        assert_eq!(program.start(&mut rig), Exit::Returned);
        assert_eq!(rig.get("x0"), 130);
        let stub = layout().stub(0);
        let at = site.start;
        assert_eq!(rig.seen.stops, [at, stub, at, at, at, stub, at]);
        let mut sum = [0; 8];
        rig.machine.cpu.load(layout().data, &mut sum).unwrap();
        assert_eq!(u64::from_le_bytes(sum), 140);
    }
}
