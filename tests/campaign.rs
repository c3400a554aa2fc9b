//! Campaigns from outside: the same records whatever the jobs, the shards and what was cut short;
//! refusals; ends that nobody asked for.

mod campaigns;

use std::collections::BTreeSet;
use std::fs;

use campaigns::{Campaign, records};

/// Enough programs for threads to overtake each other.
const PROGRAMS: &str = "24";
/// One ISA of each machine.
const ISAS: &str = "x86_64,pulley64";

fn whole(jobs: &str) -> Vec<String> {
    let campaign = Campaign::new();
    let ran = campaign.run(&["--programs", PROGRAMS, "--isa", ISAS, "--jobs", jobs]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    campaign.records("results-0-of-1.jsonl")
}

#[test]
fn records_do_not_depend_on_the_jobs() {
    let one = whole("1");
    assert_eq!(
        one.len(),
        24 * (2 * 2 + 1),
        "two generators on two ISAs, and the traits"
    );
    assert_eq!(one, whole("2"));
}

#[test]
fn shards_together_are_the_whole() {
    let (first, second) = (Campaign::new(), Campaign::new());
    for (campaign, shard) in [(&first, "0/2"), (&second, "1/2")] {
        campaign.run(&["--programs", PROGRAMS, "--isa", ISAS, "--shard", shard]);
    }
    let mut union = first.records("results-0-of-2.jsonl");
    union.extend(second.records("results-1-of-2.jsonl"));
    union.sort();
    assert_eq!(union, whole("2"));

    let both = campaigns::merge(&[&first, &second]);
    assert!(both.out.contains("2 shards: 24 programs"), "{both:?}");
    assert_eq!(both.err, "");
    let half = campaigns::merge(&[&first]);
    assert_eq!(half.code, Some(2));
    assert!(half.err.contains("no results of shard 1 of 2"), "{half:?}");
    let twice = campaigns::merge(&[&first, &second, &first.copy()]);
    assert_eq!(twice.code, Some(2));
    assert!(twice.err.contains("is here and elsewhere"), "{twice:?}");
}

#[test]
fn a_merge_names_programs_that_are_missing() {
    let campaign = Campaign::new();
    campaign.run(&["--programs", "4", "--isa", "pulley32"]);
    let text = campaign.read("results-0-of-1.jsonl");
    let without = text.lines().filter(|line| !line.contains("\"program\":2,"));
    let without: String = without.map(|line| format!("{line}\n")).collect();
    campaign.write("results-0-of-1.jsonl", &without);
    let merged = campaigns::merge(&[&campaign]);
    assert_eq!(merged.code, Some(2));
    assert!(
        merged.err.contains("shard 0/1: missing program 2"),
        "{merged:?}"
    );
}

#[test]
fn a_file_that_was_cut_anywhere_is_resumed() {
    let original = Campaign::new();
    let arguments = ["--programs", "5", "--isa", "x86_64,pulley32", "--seed", "9"];
    let code = original.run(&arguments).code;
    let name = "results-0-of-1.jsonl";
    let text = original.read(name);
    let wanted = records(&text);
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    // The header, two records and the end of the first program, and so on.
    let (header, record, program) = (ends[0], ends[4], ends[6]);
    let cuts = [
        0,
        1,
        header - 1,
        header,
        header + 7,
        record - 1,
        record,
        record + 9,
        program - 1,
        program,
        text.len() - 1,
        text.len(),
    ];
    for cut in BTreeSet::from(cuts) {
        let campaign = Campaign::new();
        campaign.write(name, &text[..cut]);
        let ran = campaign.run(&[&arguments[..], &["--resume"]].concat());
        assert_eq!(ran.code, code, "cut at {cut}: {ran:?}");
        assert_eq!(campaign.records(name), wanted, "cut at {cut}");
    }
}

#[test]
fn resuming_takes_the_seed_from_the_folder_and_only_what_is_its_own() {
    let campaign = Campaign::new();
    let isa = ["--isa", "pulley32"];
    campaign.run(&[&["--programs", "2", "--seed", "77"], &isa[..]].concat());
    let more = campaign.run(&[&["--programs", "5", "--resume"], &isa[..]].concat());
    assert!(
        more.out
            .contains("seed 77, shard 0/1: 5 programs, 3 of them"),
        "{more:?}"
    );
    for words in [&["--seed", "78", "--resume"][..], &["--seed", "77"]] {
        let ran = campaign.run(&[&["--programs", "5"], &isa[..], words].concat());
        assert_eq!(ran.code, Some(2), "{words:?}");
    }
    let name = "results-0-of-1.jsonl";
    let damaged = campaign.read(name).replacen("\"program\":1", "\"pr\":1", 1);
    campaign.write(name, &damaged);
    let ran = campaign.run(&[&["--programs", "9", "--resume"], &isa[..]].concat());
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("no line of a campaign's results"),
        "{ran:?}"
    );
    assert_eq!(campaign.read(name), damaged, "nothing is cut from it");
}

#[test]
fn bad_input_starts_nothing() {
    let cases: [&[&str]; 12] = [
        &[],
        &["--programs", "0"],
        &["--programs", "many"],
        &["--programs", "3", "--for", "3s"],
        &["--for", "0s"],
        &["--for", "a while"],
        &["--programs", "3", "--seed", "x"],
        &["--programs", "3", "--shard", "2/2"],
        &["--programs", "3", "--shard", "half"],
        &["--programs", "3", "--jobs", "0"],
        &["--programs", "3", "--isa", "vax"],
        &["--programs", "3", "--generator", "none"],
    ];
    for words in cases {
        let campaign = Campaign::new();
        let ran = campaign.run(words);
        assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
        assert!(!ran.err.is_empty(), "{words:?}");
        assert!(campaign.is_empty(), "{words:?} started something");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    let campaign = Campaign::new();
    campaign.write("file", "");
    let below = campaign.path("file").join("folder");
    let ran = campaigns::run_into(&below, &["--programs", "3"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot write"), "{ran:?}");
}

#[test]
fn a_full_disk_ends_the_campaign_with_the_safe_position() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let campaign = Campaign::new();
    let results = campaign.path("results-0-of-1.jsonl");
    // The header is written before anything is started; then there is room for nothing more.
    let small = ["--programs", "500", "--isa", "pulley32"];
    let ran = campaigns::run_with_room(&campaign, 2, &small);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.err.contains("are whole, and --resume goes on"),
        "{ran:?}"
    );
    let text = fs::read_to_string(results).unwrap();
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "half a block is cut off"
    );
    assert!(
        campaign
            .run(&[&small[..], &["--resume"]].concat())
            .err
            .is_empty()
    );
    let records = campaign.records("results-0-of-1.jsonl");
    assert_eq!(records.len(), 500 * (2 + 1));
}

#[test]
fn every_isa_judges_a_fixed_campaign_and_all_that_fails_is_known() {
    let campaign = Campaign::new();
    let all = "x86_64,aarch64,riscv64gc,s390x,pulley64,pulley64be,pulley32,pulley32be";
    let ran = campaign.run(&["--programs", "40", "--seed", "20250101", "--isa", all]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let text = campaign.read("results-0-of-1.jsonl");
    assert_eq!(text.matches("\"verdict\":").count(), 40 * 2 * 8);
    for word in ["\"fail\"", "\"broken\"", "crashed"] {
        assert!(!text.contains(word), "{ran:?}");
    }
    assert!(
        text.contains("\"known\""),
        "the released generator has bugs"
    );
}
