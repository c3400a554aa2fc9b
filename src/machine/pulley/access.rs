// Where a load or store goes, known before the interpreter makes it.
//
// The interpreter takes the guest's addresses for its own: a stray access would kill the process,
// and with it all that the run had shown up to there. So an access that begins outside of what the
// guest may touch is a fault of its instruction, as on any machine with a memory of its own. What
// still kills is an access that begins inside and runs over the end, and WebAssembly's addressing
// modes, whose bounds the interpreter checks by itself.
//
// Included into a module for each release (`engine.rs`).

use pulley_interpreter::{AddrG32, AddrG32Bne, AddrO32, AddrZ};

use super::Access;

/// An operand's addressing mode.
trait Mode {
    /// The first byte; `None` where the interpreter sees to it itself.
    fn address(self, registers: &Interpreter) -> Option<u64>;
}

impl Mode for AddrO32 {
    fn address(self, registers: &Interpreter) -> Option<u64> {
        let base = registers.x(self.addr as u8);
        Some(base.wrapping_add_signed(self.offset.into()))
    }
}

impl Mode for AddrZ {
    /// A null base traps.
    fn address(self, registers: &Interpreter) -> Option<u64> {
        let base = registers.x(self.addr as u8);
        (base != 0).then(|| base.wrapping_add_signed(self.offset.into()))
    }
}

impl Mode for AddrG32 {
    fn address(self, _: &Interpreter) -> Option<u64> {
        None
    }
}

impl Mode for AddrG32Bne {
    fn address(self, _: &Interpreter) -> Option<u64> {
        None
    }
}

/// A field that is called `addr` is an addressing mode; no other field is.
macro_rules! address {
    ($op:ident, $registers:ident, addr) => {
        $op.addr.address($registers)
    };
    ($op:ident, $registers:ident, $other:ident) => {
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

macro_rules! access {
    ($op:ident, $registers:ident $(, $field:ident)*) => {{
        let address: Option<u64> = None $( .or(address!($op, $registers, $field)) )*;
        let writes = false $( || is_source!($field) )*;
        address.map(|address| Access { address, writes })
    }};
}

macro_rules! define_access {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        /// The access that `op` makes, by what the registers hold now.
        fn access(op: &pulley_interpreter::Op, registers: &Interpreter) -> Option<Access> {
            match op {
                $( pulley_interpreter::Op::$name(_op) => access!(_op, registers $( $( , $field )* )?), )*
                pulley_interpreter::Op::ExtendedOp(op) => extended(op, registers),
            }
        }
    };
}
pulley_interpreter::for_each_op!(define_access);

macro_rules! define_extended {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        fn extended(op: &ExtendedOp, registers: &Interpreter) -> Option<Access> {
            match op {
                $( ExtendedOp::$name(_op) => access!(_op, registers $( $( , $field )* )?), )*
            }
        }
    };
}
pulley_interpreter::for_each_extended_op!(define_extended);
