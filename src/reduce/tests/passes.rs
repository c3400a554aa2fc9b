//! Each pass where it is needed: what a program must keep, and what it comes to.
