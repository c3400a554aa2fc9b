//! Tables of operations: one row is an opcode, the manual's mnemonic and what it does.

/// Declares the operations of one format. A row is a variant, its opcode, the mnemonic, and what
/// it does in words.
macro_rules! operations {
    ($(#[$meta:meta])* $name:ident: $code:ty {
        $($variant:ident = $value:literal $mnemonic:literal $what:literal,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $mnemonic, "`: ", $what, ".")] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The operation code.
            pub const fn code(self) -> $code {
                match self {
                    $($name::$variant => $value,)*
                }
            }

            /// The manual's mnemonic.
            pub const fn mnemonic(self) -> &'static str {
                match self {
                    $($name::$variant => $mnemonic,)*
                }
            }
        }
    };
}

pub(super) use operations;
