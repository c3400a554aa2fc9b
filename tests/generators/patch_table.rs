//! The patch table, by a consumer that has only its text and the bytes of the code.

use patchproof::image::{BadTable, PatchTable, TABLE_VERSION, TableError};
use patchproof::isa::Isa;
use patchproof::machine::Exit;
use patchproof::program::{Program, SiteId};
use serde_json::{Value, json};

use crate::guests::{TARGETS, executable, image_by};
use crate::rig::{Rig, entered, generators};

fn program() -> Program {
    let text = format!(
        "{TARGETS}function %hook(i64) preserve_all {{
            gv0 = symbol colocated %hook_memory
        block0(v0: i64):
            v1 = symbol_value.i64 gv0
            store notrap aligned little v0, v1
            return
        }}
        function %other(i64) preserve_all {{
        block0(v0: i64):
            return
        }}
        function %main(i64) -> i64 system_v {{
            fn0 = colocated patchable %hook(i64) preserve_all
            fn1 = colocated patchable %other(i64) preserve_all
        block0(v0: i64):
            call fn0(v0)
            v1 = iadd v0, v0
            call fn0(v1)
            call fn1(v1)
            return v1
        }}
        ; run: %main(4) == 8\n"
    );
    Program::parse("table", &text).unwrap_or_else(|error| panic!("{error}"))
}

fn table_of(generator: &dyn patchproof::codegen::CodeGenerator, isa: Isa) -> PatchTable {
    let image = image_by(generator, &program(), isa);
    PatchTable::of(&image).expect("sites are tiled")
}

#[test]
fn a_table_survives_its_text() {
    for generator in generators() {
        for isa in Isa::ALL {
            if !executable().any(|known| known == isa) {
                continue;
            }
            let table = table_of(generator, isa);
            assert_eq!((table.sites.len(), table.version), (3, TABLE_VERSION));
            let text = serde_json::to_string(&table).expect("it is data");
            let read: PatchTable = serde_json::from_str(&text).expect("it is a table");
            assert_eq!(read, table, "{} on {isa}", generator.name());
            let bytes = postcard::to_allocvec(&table).expect("it is data");
            let read: PatchTable = postcard::from_bytes(&bytes).expect("it is a table");
            assert_eq!(read, table, "{} on {isa}", generator.name());
        }
    }
}

/// The consumer keeps a copy of the code and writes what changed to where the code runs.
#[test]
fn a_consumer_switches_sites_with_the_table_and_the_bytes_alone() {
    let program = program();
    for generator in generators() {
        for isa in executable() {
            let who = format!("{} on {isa}", generator.name());
            let mut rig = Rig::new(&program, image_by(generator, &program, isa));
            let (base, emitted) = (rig.image().base, rig.image().emitted().into_owned());
            let text = serde_json::to_string(&table_of(generator, isa)).expect("it is data");
            let mut table: PatchTable = serde_json::from_str(&text).expect("it is a table");
            let mut memory = emitted.clone();
            let starts: Vec<bool> = table.sites.iter().map(|site| site.starts_live).collect();
            let mut run = |memory: &[u8], live: &[bool]| {
                rig.write(base, memory);
                let seen = rig.run(live);
                assert_eq!(seen.exit, Exit::Returned, "{who}");
                assert_eq!(seen.results[0].bits, 8, "{who}");
                entered(&program, &seen)
            };
            let of = |site, name: &str| (SiteId(site), name.to_owned());
            let all = [of(0, "%hook"), of(1, "%hook"), of(2, "%other")];
            let at_first = all.iter().zip(&starts).filter(|(_, live)| **live);
            let at_first: Vec<_> = at_first.map(|(entry, _)| entry.clone()).collect();
            assert_eq!(run(&memory, &starts), at_first, "{who}");

            let set = |table: &PatchTable, memory: &mut [u8], live: [bool; 3]| {
                for (index, live) in live.into_iter().enumerate() {
                    table.set(index, live, memory, base).expect("it is a site");
                }
            };
            for live in [
                [true; 3],
                [false; 3],
                [false, true, false],
                [true, false, true],
            ] {
                set(&table, &mut memory, live);
                let wanted = all.iter().zip(live).filter(|(_, live)| *live);
                let wanted: Vec<_> = wanted.map(|(entry, _)| entry.clone()).collect();
                assert_eq!(run(&memory, &live), wanted, "{who} {live:?}");
            }

            // The address of the other hook is what the consumer knows of its own code.
            let other = image_by(generator, &program, isa).symbols["%other"];
            set(&table, &mut memory, [false; 3]);
            let kept = table.clone();
            table.retarget(0, other).expect("it is near");
            set(&table, &mut memory, [true; 3]);
            let seen = run(&memory, &[true; 3]);
            assert_eq!(seen[0], of(0, "%other"), "{who}");
            // Live bytes of the table before are foreign to the one after.
            assert!(kept.set(0, false, &mut memory, base).is_err(), "{who}");
            set(&table, &mut memory, [false; 3]);

            let back: Vec<bool> = starts.clone();
            set(&kept, &mut memory, [back[0], back[1], back[2]]);
            assert_eq!(memory, emitted, "{who}: as it came");
        }
    }
}

#[test]
fn code_that_moved_as_a_whole_is_patched_where_it_is() {
    let image = image_by(&patchproof::backend::Own::PLAIN, &program(), Isa::X86_64);
    let table = PatchTable::of(&image).expect("sites are tiled");
    for distance in [-0x1000, 0x7000_0000_0000] {
        let base = image.base.wrapping_add_signed(distance);
        let moved = table.clone().moved(distance);
        let mut memory = image.bytes.clone();
        moved.set(1, false, &mut memory, base).expect("it is there");
        let nops = &moved.sites[1].nops;
        let at = usize::try_from(moved.sites[1].start - base).expect("it is inside");
        assert_eq!(&memory[at..at + nops.len()], nops);
        moved.set(1, true, &mut memory, base).expect("it is there");
        assert_eq!(memory, image.bytes);
    }
}

#[test]
fn what_a_table_cannot_do_is_an_error() {
    for isa in executable() {
        let generator = &patchproof::backend::Own::PLAIN;
        let image = image_by(generator, &program(), isa);
        let mut table = PatchTable::of(&image).expect("sites are tiled");
        let (base, start) = (image.base, table.sites[0].start);
        let mut memory = image.bytes.clone();
        let no_site = Err(TableError::NoSite(3, 3));
        assert_eq!(table.set(3, true, &mut memory, base), no_site);
        assert_eq!(table.retarget(3, base), no_site);
        let outside = Err(TableError::Outside(start));
        assert_eq!(table.set(0, true, &mut memory, start + 1), outside);
        let cut = usize::try_from(start - base).expect("it is inside") + 1;
        assert_eq!(table.set(0, true, &mut memory[..cut], base), outside);
        memory[cut] ^= 0x10;
        let foreign = memory.clone();
        let refused = Err(TableError::Foreign(start));
        assert_eq!(table.set(0, false, &mut memory, base), refused);
        assert_eq!(memory, foreign, "nothing is written");
        let kept = table.clone();
        let far = table.retarget(0, base.wrapping_add(1 << 40));
        assert!(matches!(far, Err(TableError::Reach(_))), "{isa} {far:?}");
        assert_eq!(table, kept, "nothing is changed");
        table.sites[0].retarget = None;
        assert_eq!(table.retarget(0, base), Err(TableError::NotDirect));
    }
}

/// Makes a bad table of a good one.
type Change = Box<dyn Fn(&mut Value)>;

/// The table as text with something else in it.
fn refused(change: impl Fn(&mut Value)) -> String {
    let table = table_of(&patchproof::backend::Own::ATOMIC, Isa::X86_64);
    let mut value = serde_json::to_value(&table).expect("it is data");
    change(&mut value);
    let read: Result<PatchTable, _> = serde_json::from_value(value);
    read.expect_err("it is no table").to_string()
}

#[test]
fn tables_that_could_not_be_used_are_refused() {
    let site = |value: &mut Value, field: &str, to: Value| value["sites"][1][field] = to;
    let start = table_of(&patchproof::backend::Own::ATOMIC, Isa::X86_64).sites[1].start;
    let lengths = BadTable::Lengths {
        start,
        live: 5,
        nops: 4,
    };
    let cases: [(BadTable, Change); 9] = [
        (BadTable::Version(2), Box::new(|v| v["version"] = json!(2))),
        (
            lengths,
            Box::new(move |v| site(v, "nops", json!([1, 2, 3, 4]))),
        ),
        (
            BadTable::Empty(start),
            Box::new(move |v| {
                site(v, "nops", json!([]));
                site(v, "live", json!([]));
            }),
        ),
        (
            BadTable::Beyond(u64::MAX - 3),
            Box::new(move |v| site(v, "start", json!(u64::MAX - 3))),
        ),
        (
            BadTable::Order(0x10),
            Box::new(move |v| site(v, "start", json!(0x10))),
        ),
        (
            BadTable::AtomicWord { start, word: 7 },
            Box::new(move |v| site(v, "atomic_word", json!(7))),
        ),
        (
            BadTable::AtomicWord { start, word: 4 },
            Box::new(move |v| site(v, "atomic_word", json!(4))),
        ),
        (
            BadTable::Field(start),
            Box::new(|v| v["sites"][1]["retarget"]["offset"] = json!(2)),
        ),
        (
            BadTable::Field(start),
            Box::new(|v| v["sites"][1]["retarget"]["field"] = json!("PulleyPc32")),
        ),
    ];
    for (expected, change) in cases {
        let message = refused(change);
        assert!(
            message.contains(&expected.to_string()),
            "{message}: {expected}"
        );
    }
    let message = refused(|v| {
        v.as_object_mut().expect("it has fields").remove("version");
    });
    assert!(message.contains("version"), "{message}");
}
