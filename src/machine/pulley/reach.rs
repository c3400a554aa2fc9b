// Which load or store an instruction makes: included beside `release.rs`.

use pulley_interpreter::{AddrG32, AddrG32Bne, AddrO32, AddrZ};

use crate::machine::pulley::access::Reach;

/// An operand's addressing mode.
trait Mode {
    /// Base, offset, and whether a null base traps; `None` where the interpreter sees to it itself.
    fn parts(self) -> Option<(u8, i32, bool)>;
}

impl Mode for AddrO32 {
    fn parts(self) -> Option<(u8, i32, bool)> {
        Some((self.addr as u8, self.offset, false))
    }
}

impl Mode for AddrZ {
    fn parts(self) -> Option<(u8, i32, bool)> {
        Some((self.addr as u8, self.offset, true))
    }
}

impl Mode for AddrG32 {
    fn parts(self) -> Option<(u8, i32, bool)> {
        None
    }
}

impl Mode for AddrG32Bne {
    fn parts(self) -> Option<(u8, i32, bool)> {
        None
    }
}

/// A field that is called `addr` is an addressing mode; no other field is.
macro_rules! address {
    ($op:ident, addr) => {
        $op.addr.parts()
    };
    ($op:ident, $other:ident) => {
        None
    };
}

/// Of the instructions with an address those with a source are stores; the others have a
/// destination.
macro_rules! is_source {
    (src) => {
        true
    };
    ($other:ident) => {
        false
    };
}

macro_rules! reach {
    ($op:ident $(, $field:ident)*) => {{
        let parts: Option<(u8, i32, bool)> = None $( .or(address!($op, $field)) )*;
        let writes = false $( || is_source!($field) )*;
        parts.map(|(base, offset, null_traps)| Reach { base, offset, null_traps, writes })
    }};
}

macro_rules! define_reach {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        /// How `op` finds the address of its load or store; `None` if it makes none.
        fn reach(op: &pulley_interpreter::Op) -> Option<Reach> {
            match op {
                $( pulley_interpreter::Op::$name(_op) => reach!(_op $( $( , $field )* )?), )*
                pulley_interpreter::Op::ExtendedOp(op) => extended(op),
            }
        }
    };
}
pulley_interpreter::for_each_op!(define_reach);

macro_rules! define_extended {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        fn extended(op: &ExtendedOp) -> Option<Reach> {
            match op {
                $( ExtendedOp::$name(_op) => reach!(_op $( $( , $field )* )?), )*
            }
        }
    };
}
pulley_interpreter::for_each_extended_op!(define_extended);
