use std::io::Cursor;

use super::*;

/// Long enough for a busy host, not waited for unless something is broken.
const PATIENT: Duration = Duration::from_secs(60);

fn shell(script: &str) -> Worker {
    Worker::spawn(Path::new("/bin/sh"), ["-c", script]).expect("a shell starts")
}

fn ask(worker: &mut Worker) -> Result<u32, WorkerDeath> {
    worker.request(&7_u32, PATIENT)
}

#[test]
fn requests_get_replies_in_turn() {
    let mut echo = shell("exec cat");
    for n in 0..100_u32 {
        let sent = (n, format!("request {n}"));
        assert_eq!(echo.request(&sent, PATIENT), Ok(sent));
    }
}

#[test]
fn frames_larger_than_a_pipe_get_through() {
    let request = vec![0_u8; 1 << 20];
    // Length field, the length of the sequence, the bytes; the reply is as long.
    let mut worker = shell(
        r"head -c 1048583 >/dev/null
          printf '\003\000\020\000\200\200\100'; head -c 1048576 /dev/zero; exec sleep 600",
    );
    assert_eq!(worker.request(&request, PATIENT), Ok(request));
}

#[test]
fn death_by_a_signal_names_it() {
    for (signal, name) in [
        ("SEGV", "SIGSEGV"),
        ("ABRT", "SIGABRT"),
        ("KILL", "SIGKILL"),
    ] {
        let mut worker = shell(&format!("kill -{signal} $$"));
        let death = ask(&mut worker).unwrap_err();
        assert!(
            matches!(&death, WorkerDeath::Signal { name: n, .. } if n == name),
            "{death}"
        );
        assert_eq!(ask(&mut worker), Err(death), "it stays dead");
    }
}

#[test]
fn an_exit_tells_its_code() {
    let death = ask(&mut shell("exit 3"));
    assert_eq!(death, Err(WorkerDeath::Exited { code: 3 }));
}

#[test]
fn a_stalled_worker_is_killed() {
    let limit = Duration::from_millis(50);
    let mut worker = shell("exec sleep 600");
    let death = worker.request::<_, u32>(&7_u32, limit);
    assert_eq!(death, Err(WorkerDeath::Stalled { limit }));
    assert!(matches!(worker.child.try_wait(), Ok(Some(_))), "reaped");
}

#[test]
fn a_worker_that_does_not_read_stalls_too() {
    let limit = Duration::from_millis(50);
    let mut worker = shell("exec sleep 600");
    let death = worker.request::<_, u32>(&vec![0_u8; 1 << 20], limit);
    assert_eq!(death, Err(WorkerDeath::Stalled { limit }));
}

#[test]
fn a_garbled_reply_is_an_error() {
    let oversized = r"printf '\377\377\377\377'; exec sleep 600";
    let no_u32 = r"printf '\006\000\000\000\377\377\377\377\377\377'; exec sleep 600";
    for script in [oversized, no_u32] {
        let death = ask(&mut shell(script));
        assert!(matches!(death, Err(WorkerDeath::Garbled(_))), "{death:?}");
    }
}

#[test]
fn a_reply_that_ends_early_is_the_death_that_cut_it() {
    let death = ask(&mut shell(r"printf '\377\000\000\000abc'; kill -SEGV $$"));
    assert!(
        matches!(death, Err(WorkerDeath::Signal { .. })),
        "{death:?}"
    );
}

#[test]
fn an_executable_that_is_not_there_is_an_error() {
    assert!(Worker::spawn(Path::new("/nonexistent"), ["x"]).is_err());
}

fn frames(requests: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for request in requests {
        let mut frame = Vec::new();
        frame::fill(&mut frame, request).unwrap();
        bytes.extend(frame);
    }
    bytes
}

#[test]
fn the_child_serves_until_its_input_ends() {
    let mut output = Vec::new();
    serve(Cursor::new(frames(&[1, 2, 300])), &mut output, |n: u32| {
        n * 2
    })
    .unwrap();
    assert_eq!(output, frames(&[2, 4, 600]));
}

#[test]
fn the_child_refuses_what_is_no_request() {
    let whole = frames(&[300]);
    let garbled: [&[u8]; 4] = [
        &[1, 0],
        &whole[..whole.len() - 1],
        &[0xff, 0xff, 0xff, 0xff],
        &[0, 0, 0, 0],
    ];
    for input in garbled {
        let mut output = Vec::new();
        let result = serve(Cursor::new(input), &mut output, |n: u32| n);
        assert!(result.is_err(), "{input:?}");
        assert!(output.is_empty());
    }
}
