//! What code generators deliver besides code, put to use: NOP units, patch tables, sites that are
//! pointed elsewhere, variants of sites, and refusals. Every generator, every ISA.

#[path = "../guests/mod.rs"]
mod guests;

mod nops;
mod patch_table;
mod refusals;
mod retarget;
mod rig;
mod variants;
