//! z/Architecture, 64-bit, with the instructions of the z14.
//!
//! Registers of the allocator are r2 to r13, v0 to v15 for scalar floats (their left halves are the
//! floating-point registers) and v16 to v31 for vectors. r0 and r1 are scratch inside of
//! instructions, r14 links, r15 is the stack pointer. Inside of functions a vector's lane 0 is its
//! rightmost element: a vector's 128 bits are the number that CLIF's little-endian bitcasts take
//! it for.
//!
//! Sources: z/Architecture Principles of Operation (SA22-7832-12); ELF Application Binary
//! Interface, s390x Supplement 1.6.

mod abi;
mod arch;
mod calls;
mod emit;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the encoder has whole families of instructions, of which selection takes some"
    )
)]
mod encode;
mod form;
mod frame;
mod guard;
mod inst;
mod lower;
mod memory;
mod moves;
mod narrow_atomic;
mod saves;

pub use arch::S390x;
