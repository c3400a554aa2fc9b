//! Pulley.
