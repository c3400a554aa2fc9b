//! Turns panics of the libraries under test into values.
//!
//! Cranelift and its interpreter report much of what they do not cover by panicking. That is
//! an outcome to be judged, not one to print a backtrace for.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A panic. Displays as its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What it said.
    pub message: String,
    /// Source file below its package, and line: `src/isa/x64/abi.rs:944`.
    pub place: String,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The part of a source's path that does not depend on where its package lies; of a generated
/// source, which has no such part, its name.
fn below_package(file: &str) -> &str {
    let at = file.rfind("/src/").or_else(|| file.rfind('/'));
    match at {
        Some(at) if !file.starts_with("src/") => &file[at + 1..],
        _ => file,
    }
}

/// Runs `work`; gives the panic if it panics, and prints nothing.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                return usual(info);
            }
            let place = info.location().map_or_else(String::new, |location| {
                format!("{}:{}", below_package(location.file()), location.line())
            });
            PLACE.set(place);
        }));
    });
    let outer = GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    outcome.map_err(|payload| Panic {
        message: match payload.downcast_ref::<String>() {
            Some(message) => message.clone(),
            None => payload
                .downcast_ref::<&str>()
                .unwrap_or(&"panic without a message")
                .to_string(),
        },
        place: PLACE.take(),
    })
}

#[cfg(test)]
mod tests {
    use super::{below_package, catch};

    #[test]
    fn a_panic_becomes_its_message_and_place() {
        assert_eq!(catch(|| 7), Ok(7));
        let panic = catch(|| -> u8 { panic!("no {}", 1) }).unwrap_err();
        assert_eq!(panic.to_string(), "no 1");
        let (file, line) = panic.place.split_once(':').unwrap();
        assert_eq!(file, "src/panic_guard.rs");
        assert!(line.parse::<u32>().is_ok());
    }

    #[test]
    fn a_place_does_not_depend_on_where_the_package_lies() {
        let file = "/x/src/wasmtime/cranelift/codegen/src/isa/x64/abi.rs";
        assert_eq!(below_package(file), "src/isa/x64/abi.rs");
        assert_eq!(below_package("src/isa/x64.rs"), "src/isa/x64.rs");
        assert_eq!(below_package("/x/target/out/isle_x64.rs"), "isle_x64.rs");
    }
}
