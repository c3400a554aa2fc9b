//! Stray accesses kill the process, and nothing worse.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use pulley_interpreter::op::*;
use pulley_interpreter::{AddrO32, XReg};

use super::support::{Rig, assemble, image, layout};
use crate::isa::Isa;
use crate::machine::Exit;

/// Names the address for the process that is to die.
const ADDRESS: &str = "PATCHPROOF_TEST_STRAY_ADDRESS";
/// This file's test that dies, as the test binary knows it.
const VICTIM: &str = "machine::pulley::tests::death::victim";

fn store_to(address: u64) -> Exit {
    let addr = AddrO32 {
        addr: XReg::x0,
        offset: 0,
    };
    let src = XReg::x1;
    let code = assemble(&[XStore8O32 { addr, src }.into(), Ret {}.into()]);
    let mut image = image(Isa::Pulley64, code);
    image.symbols.insert("%data0".into(), layout().data);
    let mut rig = Rig::new(&image, &[]);
    rig.set("x0", address.into());
    rig.run()
}

#[test]
#[ignore = "dies; `a_stray_store_kills_the_process` runs it in a process of its own"]
fn victim() {
    let address = std::env::var(ADDRESS).expect("the parent names the address");
    store_to(address.parse().expect("the address is a number"));
}

/// Runs [`victim`] in a process of its own; the signal that ended it.
fn signal_of_store_to(address: u64) -> Option<i32> {
    let binary = std::env::current_exe().expect("the test has a path");
    Command::new(binary)
        .args(["--exact", VICTIM, "--ignored"])
        .env(ADDRESS, address.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the test binary starts")
        .signal()
}

#[test]
fn a_stray_store_kills_the_process() {
    let layout = layout();
    let places = [
        ("null", 0),
        ("below the code", layout.code - 1),
        ("code", layout.code),
        ("stubs", layout.stubs),
        ("behind a data symbol", layout.data + 4096),
        ("a data symbol that the image lacks", layout.data_symbol(1)),
        ("below the stack", layout.stack - 1),
        ("above the stack", layout.stack_top()),
    ];
    for (place, address) in places {
        let signal = signal_of_store_to(address);
        // macOS reports a protected page as a bus error.
        let expected = [
            rustix::process::Signal::SEGV.as_raw(),
            rustix::process::Signal::BUS.as_raw(),
        ];
        assert!(
            signal.is_some_and(|signal| expected.contains(&signal)),
            "{place}: {signal:?}"
        );
    }
}

#[test]
fn a_store_to_data_or_stack_kills_nothing() {
    let layout = layout();
    for address in [
        layout.data,
        layout.data + 4095,
        layout.stack,
        layout.stack_top() - 1,
    ] {
        assert_eq!(store_to(address), Exit::Returned);
        assert_eq!(signal_of_store_to(address), None);
    }
}
