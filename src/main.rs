//! The command: arguments in, exit code out.

use std::process::ExitCode;

/// Compiling and judging make many small objects of short life: with libc's allocator, a fifth of
/// a campaign's time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    patchproof::cli::main()
}
