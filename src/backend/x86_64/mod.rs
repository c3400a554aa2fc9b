//! x86-64: legacy-encoded SSE to SSE4.2, as the target's flags allow.
//!
//! Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volumes 1 and 2; System
//! V x86-64 psABI 1.0; Microsoft's "x64 calling convention".
//!
//! Floats and vectors share the register class `Float`. rsp and rbp are never handed out: a
//! function that makes calls has a frame record. No register is set aside as scratch: prologues
//! and epilogues do without one.

mod abi;
mod arch;
mod emit;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "complete for its groups, used or not; all of it is tested"
    )
)]
mod encode;
mod fixup;
mod frame;
mod inst;
mod lower;

use regalloc2::MachineEnv;

use super::options::Settings;
use encode::sse::Level;

/// The x86-64 back end.
#[derive(Debug)]
pub struct X64 {
    environment: MachineEnv,
    /// The highest level of SSE that the target has, and so all below it.
    level: Level,
    lzcnt: bool,
    bmi1: bool,
    popcnt: bool,
    pinned: bool,
    llvm_abi: bool,
}

impl X64 {
    /// For a target's flags.
    pub fn new(settings: &Settings) -> X64 {
        let levels = [
            ("has_sse3", Level::Sse3),
            ("has_ssse3", Level::Ssse3),
            ("has_sse41", Level::Sse41),
            ("has_sse42", Level::Sse42),
        ];
        let on = levels.iter().take_while(|(flag, _)| settings.has(flag));
        X64 {
            environment: abi::environment(settings.pinned_register),
            level: on.last().map_or(Level::Base, |(_, level)| *level),
            lzcnt: settings.has("has_lzcnt"),
            bmi1: settings.has("has_bmi1"),
            popcnt: settings.has("has_popcnt"),
            pinned: settings.pinned_register,
            llvm_abi: settings.llvm_abi,
        }
    }

    /// Whether the target has an extension.
    fn has(&self, level: Level) -> bool {
        self.level >= level
    }
}
