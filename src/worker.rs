//! The child process of the Pulley machines.

/// Serves.
pub fn serve() {}
