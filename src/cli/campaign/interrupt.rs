//! Ctrl-C: the first one asks for the end, the second one is the end.

use std::process::exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a shell says of a process that Ctrl-C ended: 128 and the number of SIGINT.
const KILLED: i32 = 130;

/// A flag that the first Ctrl-C sets, or the first signal that asks a process to end.
///
/// # Errors
/// When the signals cannot be listened for.
pub fn flag() -> Result<Arc<AtomicBool>, ctrlc::Error> {
    let flag = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::Relaxed) {
            exit(KILLED);
        }
    })?;
    Ok(flag)
}
