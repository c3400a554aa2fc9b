//! What Cranelift says where it does not cover something.

/// Whether a panic states a limit: Cranelift states many that way, in these words.
pub fn says_unsupported(panic: &str) -> bool {
    let panic = panic.to_lowercase();
    [
        "not supported",
        "does not support",
        "not implemented",
        "not yet implemented",
        "unsupported",
    ]
    .iter()
    .any(|words| panic.contains(words))
}
