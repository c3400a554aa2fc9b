//! The releases of Cranelift that are built in, in the one place that lists them.
//!
//! Which release had a bug is worth as much as the bug. So what touches Cranelift or Pulley from
//! outside is written once and instantiated for each release: a macro of the module that does it
//! goes to `older_releases`, which hands it all releases but the newest. Each is there if its
//! feature is on.
//!
//! A release comes with the bytecode that its Pulley back end emits, which only the interpreter
//! and disassembler of that release read: numbers of instructions move from one to the next.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Calls macro `$each` with a list of the older releases: feature, name of modules, crate of the
/// code generator, crate of the reader, crate of the Pulley interpreter and its major version.
/// Arguments behind the macro's name come before the list.
macro_rules! older_releases {
    ($each:ident $($before:tt)*) => {
        $each! {
            $($before)*
            ("cranelift-0-127", v0_127, cranelift_codegen_0_127, cranelift_reader_0_127, pulley_interpreter_40, 40)
            ("cranelift-0-128", v0_128, cranelift_codegen_0_128, cranelift_reader_0_128, pulley_interpreter_41, 41)
            ("cranelift-0-129", v0_129, cranelift_codegen_0_129, cranelift_reader_0_129, pulley_interpreter_42, 42)
            ("cranelift-0-130", v0_130, cranelift_codegen_0_130, cranelift_reader_0_130, pulley_interpreter_43, 43)
            ("cranelift-0-131", v0_131, cranelift_codegen_0_131, cranelift_reader_0_131, pulley_interpreter_44, 44)
            ("cranelift-0-132", v0_132, cranelift_codegen_0_132, cranelift_reader_0_132, pulley_interpreter_45, 45)
            ("cranelift-0-133", v0_133, cranelift_codegen_0_133, cranelift_reader_0_133, pulley_interpreter_46, 46)
            ("cranelift-0-134", v0_134, cranelift_codegen_0_134, cranelift_reader_0_134, pulley_interpreter_47, 47)
        }
    };
}
pub(crate) use older_releases;

macro_rules! list {
    ($(($feature:literal, $module:ident, $codegen:ident, $reader:ident, $pulley:ident, $major:literal))*) => {
        /// The releases of Cranelift that can be built in besides the newest, oldest first.
        pub const OLDER: &[Older] = &[
            $(Older { feature: $feature, is_built_in: cfg!(feature = $feature) },)*
        ];
    };
}
older_releases!(list);

/// A release of Cranelift that can be built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Older {
    /// Cargo feature that builds it in, `cranelift-0-127`.
    pub feature: &'static str,
    /// Whether it is.
    pub is_built_in: bool,
}

impl Older {
    /// Its number without the patch, `0.127`.
    pub fn minor(&self) -> String {
        let number = self.feature.strip_prefix("cranelift-");
        number.unwrap_or(self.feature).replace('-', ".")
    }
}

/// Which Pulley bytecode: the major version of the `pulley-interpreter` that executes it, 40 for
/// that of Cranelift 0.127.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Bytecode(pub u16);

impl Bytecode {
    /// That of the newest release.
    pub const NEWEST: Bytecode = Bytecode(48);
}

impl Default for Bytecode {
    fn default() -> Bytecode {
        Bytecode::NEWEST
    }
}

impl fmt::Display for Bytecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bytecode of pulley-interpreter {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_name_the_release() {
        assert_eq!(OLDER[0].minor(), "0.127");
        let sorted = OLDER.is_sorted_by_key(|release| release.feature);
        assert!(sorted, "oldest first");
    }

    #[test]
    fn every_release_has_its_feature_and_dependencies() {
        let manifest = include_str!("../Cargo.toml");
        macro_rules! check {
            ($(($feature:literal, $module:ident, $codegen:ident, $reader:ident, $pulley:ident, $major:literal))*) => {
                $(
                    assert!(manifest.contains(concat!("\n", $feature, " = [")), $feature);
                    for dependency in [stringify!($codegen), stringify!($reader), stringify!($pulley)] {
                        let line = format!("\n{} = {{ package", dependency.replace('_', "-"));
                        assert!(manifest.contains(&line), "{dependency}");
                    }
                )*
            };
        }
        older_releases!(check);
    }
}
