//! A target's flags as names and values, on the way to a builder of any release.

use cranelift_codegen::isa::{self, TargetIsa};
use cranelift_codegen::settings;

/// The flag that makes Cranelift tell where blocks start. It changes no code.
pub const TELL_BLOCKS: &str = "machine_code_cfg_info";

/// A flag of the newest release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// Its name.
    pub name: &'static str,
    /// Its value as text.
    pub value: String,
    /// Whether it has the value that it has by default. A release that lacks such a flag has
    /// not learnt yet what it switches on.
    pub is_default: bool,
}

/// All flags of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flags {
    /// Those of every ISA.
    pub shared: Vec<Flag>,
    /// Those of this ISA.
    pub isa: Vec<Flag>,
}

impl Flags {
    /// The flags of `target`.
    pub fn of(target: &dyn TargetIsa) -> Flags {
        let plain = settings::Flags::new(settings::builder());
        let plain = isa::lookup(target.triple().clone())
            .ok()
            .and_then(|builder| builder.finish(plain).ok());
        let defaults = plain.as_ref().map(|plain| {
            let shared = plain.flags().iter().collect::<Vec<_>>();
            (shared, plain.isa_flags())
        });
        let (shared, isa) = defaults.unwrap_or_default();
        Flags {
            shared: flags(target.flags().iter(), &shared),
            isa: flags(target.isa_flags().into_iter(), &isa),
        }
    }
}

fn flags(all: impl Iterator<Item = settings::Value>, defaults: &[settings::Value]) -> Vec<Flag> {
    all.map(|flag| {
        let value = flag.value_string();
        let is_same = |other: &&settings::Value| other.name == flag.name;
        let default = defaults.iter().find(is_same);
        Flag {
            name: flag.name,
            is_default: default.is_some_and(|default| default.value_string() == value),
            value,
        }
    })
    .collect()
}
