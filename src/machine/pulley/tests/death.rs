//! Stray accesses are faults; one that runs over the end of memory kills the process, and nothing
//! worse.

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

/// A store of eight bytes at `address`, of which `below` come from the offset.
fn store_to(address: u64, below: i32) -> Exit {
    let addr = AddrO32 {
        addr: XReg::x0,
        offset: below,
    };
    let src = XReg::x1;
    let code = assemble(&[XStore64LeO32 { addr, src }.into(), Ret {}.into()]);
    let mut image = image(Isa::Pulley64, code);
    image.symbols.insert("%data0".into(), layout().data);
    let mut rig = Rig::new(&image, &[]);
    let base = address.wrapping_add_signed(-i64::from(below));
    rig.set("x0", base.into());
    rig.run()
}

#[test]
#[ignore = "dies; `a_store_over_the_end_kills_the_process` runs it in a process of its own"]
fn victim() {
    let address = std::env::var(ADDRESS).expect("the parent names the address");
    store_to(address.parse().expect("the address is a number"), 0);
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
fn a_stray_store_is_a_fault() {
    let layout = layout();
    for (place, address) in [
        ("below the code", layout.code - 8),
        ("code", layout.code),
        ("stubs", layout.stubs),
        ("behind a data symbol", layout.data + 4096),
        ("a data symbol that the image lacks", layout.data_symbol(1)),
        ("below the stack", layout.stack - 8),
        ("above the stack", layout.stack_top()),
        ("null", 0),
        ("the last bytes", u64::MAX - 7),
    ] {
        for below in [0, 24, -24] {
            let fault = Exit::Fault {
                pc: layout.code,
                address,
                access: "write".to_owned(),
            };
            assert_eq!(store_to(address, below), fault, "{place}");
        }
    }
}

#[test]
fn a_store_over_the_end_kills_the_process() {
    let layout = layout();
    for address in [layout.data + 4092, layout.stack_top() - 4] {
        let signal = signal_of_store_to(address);
        // macOS reports a protected page as a bus error.
        let expected = [
            rustix::process::Signal::SEGV.as_raw(),
            rustix::process::Signal::BUS.as_raw(),
        ];
        assert!(
            signal.is_some_and(|signal| expected.contains(&signal)),
            "{address:#x}: {signal:?}"
        );
    }
}

#[test]
fn a_store_to_data_or_stack_kills_nothing() {
    let layout = layout();
    for address in [
        layout.data,
        layout.data + 4088,
        layout.stack,
        layout.stack_top() - 8,
    ] {
        assert_eq!(store_to(address, 0), Exit::Returned);
        assert_eq!(signal_of_store_to(address), None);
    }
}
