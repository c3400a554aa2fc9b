//! Campaigns that are disturbed while they run: Ctrl-C, and a child process that is killed.
#![cfg(target_os = "linux")]

mod campaigns;

use std::fs;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use campaigns::{Campaign, Ran};
use rustix::process::{Pid, Signal, kill_process};

const RESULTS: &str = "results-0-of-1.jsonl";

/// For a busy host; nobody waits for it unless something is broken.
const PATIENCE: Duration = Duration::from_secs(120);

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "in vain for {what}");
        sleep(Duration::from_millis(5));
    }
}

fn programs(campaign: &Campaign) -> usize {
    let text = fs::read_to_string(campaign.path(RESULTS)).unwrap_or_default();
    text.matches("\"traits\":").count()
}

fn pid(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// The child processes of `parent`.
fn children(parent: &Child) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{}/task", parent.id())).unwrap();
    let lists = tasks.flatten().filter_map(|task| {
        let list = fs::read_to_string(task.path().join("children")).ok()?;
        let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
        Some(pids.filter_map(Pid::from_raw).collect::<Vec<Pid>>())
    });
    lists.flatten().collect()
}

#[test]
fn ctrl_c_ends_with_the_summary_so_far() {
    let campaign = Campaign::new();
    let child = campaign.start(&["--for", "10m", "--jobs", "2", "--isa", "x86_64,s390x"]);
    wait_until("programs", || programs(&campaign) > 2);
    kill_process(pid(&child), Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let last = ran.out.lines().last().unwrap_or_default();
    let count = programs(&campaign);
    let wanted = format!("interrupted; seed 5, shard 0/1: {count} programs");
    assert!(last.starts_with(&wanted), "{wanted} is not in {ran:?}");
}

#[test]
fn a_killed_child_is_a_crash_of_its_program_and_no_end() {
    let campaign = Campaign::new();
    // One generator: it depends on the moment whose program is running.
    let words = [
        "--for",
        "10m",
        "--jobs",
        "1",
        "--isa",
        "x86_64",
        "--generator",
        "cranelift",
    ];
    let child = campaign.start(&words);
    wait_until("a child", || !children(&child).is_empty());
    wait_until("programs", || programs(&campaign) > 2);
    let workers = children(&child);
    assert_eq!(workers.len(), 1, "one job has one child");
    kill_process(workers[0], Signal::KILL).unwrap();
    let count = programs(&campaign);
    wait_until("more programs", || programs(&campaign) > count + 20);
    kill_process(pid(&child), Signal::INT).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let text = campaign.read(RESULTS);
    let crashes = text
        .lines()
        .filter(|line| line.contains("crashed: killed by SIGKILL"));
    assert_eq!(crashes.count(), 1, "{text}");
    assert!(
        ran.out
            .contains("FAIL cranelift x86_64 crashed: killed by SIGKILL"),
        "{ran:?}"
    );
}
