//! Relocations.
