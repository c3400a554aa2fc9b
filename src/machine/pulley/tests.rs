//! Tests of the Pulley machine, by hand-assembled and by compiled code.

mod clif;
mod control;
mod death;
mod frame;
mod guest;
mod support;
