//! Each form against outsiders: Capstone decodes the bytes, Keystone assembles the text, over
//! all registers and at the boundaries of immediates.
//!
//! Keystone may choose another encoding of the same instruction; then both must decode alike.
//! Text is compared with its numbers cut to the operand's width, because Capstone prints
//! negative immediates now as such, now as patterns.

mod flow;
mod integer;
mod memory;
mod sse;

use super::{Gpr, GprMem, Mem, Size, Xmm, XmmMem};
use crate::assemble::assemble;
use crate::disasm::decode;
use crate::isa::Isa;

const NAMES: [[&str; 4]; 16] = [
    ["al", "ax", "eax", "rax"],
    ["cl", "cx", "ecx", "rcx"],
    ["dl", "dx", "edx", "rdx"],
    ["bl", "bx", "ebx", "rbx"],
    ["spl", "sp", "esp", "rsp"],
    ["bpl", "bp", "ebp", "rbp"],
    ["sil", "si", "esi", "rsi"],
    ["dil", "di", "edi", "rdi"],
    ["r8b", "r8w", "r8d", "r8"],
    ["r9b", "r9w", "r9d", "r9"],
    ["r10b", "r10w", "r10d", "r10"],
    ["r11b", "r11w", "r11d", "r11"],
    ["r12b", "r12w", "r12d", "r12"],
    ["r13b", "r13w", "r13d", "r13"],
    ["r14b", "r14w", "r14d", "r14"],
    ["r15b", "r15w", "r15d", "r15"],
];

fn gprs() -> impl Iterator<Item = Gpr> {
    (0..16).filter_map(Gpr::new)
}

fn xmms() -> impl Iterator<Item = Xmm> {
    (0..16).filter_map(Xmm::new)
}

fn gpr(gpr: Gpr, size: Size) -> &'static str {
    let column = match size {
        Size::B1 => 0,
        Size::B2 => 1,
        Size::B4 => 2,
        Size::B8 => 3,
    };
    NAMES[usize::from(gpr.number())][column]
}

fn xmm(xmm: Xmm) -> String {
    format!("xmm{}", xmm.number())
}

fn pointer(bytes: u8) -> &'static str {
    match bytes {
        1 => "byte",
        2 => "word",
        4 => "dword",
        8 => "qword",
        _ => "xmmword",
    }
}

/// `[rax + r9*4 - 0x10]`.
fn address(mem: Mem) -> String {
    let (place, disp) = match mem {
        Mem::Base { base, disp } => (gpr(base, Size::B8).to_owned(), disp),
        Mem::Index {
            base,
            index,
            shift,
            disp,
        } => {
            let names = (gpr(base, Size::B8), gpr(index, Size::B8));
            let scale = match shift {
                0 => String::new(),
                shift => format!("*{}", 1 << shift),
            };
            (format!("{} + {}{scale}", names.0, names.1), disp)
        }
        Mem::Rip(disp) => ("rip".to_owned(), disp),
    };
    match disp {
        0 => format!("[{place}]"),
        ..0 => format!("[{place} - {:#x}]", disp.unsigned_abs()),
        _ => format!("[{place} + {disp:#x}]"),
    }
}

fn memory(mem: Mem, bytes: u8) -> String {
    format!("{} ptr {}", pointer(bytes), address(mem))
}

fn gpr_mem(operand: GprMem, size: Size) -> String {
    match operand {
        GprMem::Gpr(one) => gpr(one, size).to_owned(),
        GprMem::Mem(mem) => memory(mem, size.bytes()),
    }
}

fn xmm_mem(operand: XmmMem, bytes: u8) -> String {
    match operand {
        XmmMem::Xmm(one) => xmm(one),
        XmmMem::Mem(mem) => memory(mem, bytes),
    }
}

/// Addresses at which encodings change.
fn addresses() -> Vec<Mem> {
    let disps = [0, 1, -1, 127, 128, -128, -129, i32::MAX, i32::MIN];
    let mut list: Vec<Mem> = gprs()
        .flat_map(|base| disps.map(|disp| Mem::base(base, disp)))
        .collect();
    for base in gprs() {
        let indexes = gprs().filter(|index| *index != Gpr::RSP);
        list.extend(indexes.filter_map(|index| {
            let shift = (base.number() ^ index.number()) & 3;
            let disp = disps[usize::from(base.number() + index.number()) % disps.len()];
            Mem::indexed(base, index, shift, disp)
        }));
    }
    list.extend([0, 1, -0x80, i32::MAX, i32::MIN].map(Mem::Rip));
    list
}

/// A few of them, for operations that share their code with one that is checked with all.
fn few_addresses() -> Vec<Mem> {
    let all = addresses();
    all.into_iter().step_by(23).collect()
}

/// `imm` as an unsigned pattern of that size.
fn pattern(imm: i64, size: Size) -> String {
    let mask = u64::MAX >> (64 - u32::from(size.bits()));
    format!("{:#x}", imm.cast_unsigned() & mask)
}

/// Checks bytes against text, and keeps what disagrees.
#[derive(Default)]
struct Referee {
    checked: usize,
    wrong: Vec<String>,
}

impl Referee {
    /// `encode` must append what `text` says, by Capstone and by Keystone.
    fn check(&mut self, text: &str, encode: impl FnOnce(&mut Vec<u8>)) {
        self.check_as(text, text, encode);
    }

    /// The same, where Keystone wants other words than Capstone prints.
    fn check_as(&mut self, text: &str, keystone: &str, encode: impl FnOnce(&mut Vec<u8>)) {
        let bytes = self.decoded(text, encode);
        match assemble(Isa::X86_64, keystone, 0) {
            Ok(other) if other == bytes => {}
            Ok(other) => {
                let said = plain(&other);
                if said != (plain_text(text), other.len()) {
                    self.wrong
                        .push(format!("{keystone}: Keystone {other:02x?}, {said:?}"));
                }
            }
            Err(error) => self.wrong.push(error.to_string()),
        }
    }

    /// Only Capstone knows the words.
    fn decoded(&mut self, text: &str, encode: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(&mut bytes);
        self.checked += 1;
        let said = plain(&bytes);
        if said != (plain_text(text), bytes.len()) {
            self.wrong.push(format!("{text}: {bytes:02x?} is {said:?}"));
        }
        bytes
    }

    /// All agreed, and there were at least so many.
    fn finish(self, least: usize) {
        let shown: Vec<&String> = self.wrong.iter().take(20).collect();
        assert!(
            self.wrong.is_empty(),
            "{} of {}: {shown:#?}",
            self.wrong.len(),
            self.checked
        );
        assert!(self.checked >= least, "only {} checked", self.checked);
    }
}

/// What Capstone says, and how many bytes it takes for that.
fn plain(bytes: &[u8]) -> (String, usize) {
    decode(Isa::X86_64, bytes, 0).map_or_else(Default::default, |one| {
        (plain_text(&one.plain_text()), one.bytes.len())
    })
}

/// Numbers as `0x..`, those below 0 outside of addresses as 64-bit patterns.
fn plain_text(text: &str) -> String {
    let mut out = String::new();
    for (n, word) in text.split(' ').enumerate() {
        if n > 0 {
            out.push(' ');
        }
        let number = word.trim_end_matches([',', ']']);
        let end = &word[number.len()..];
        let (negative, digits) = match number.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, number),
        };
        let value = match digits.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        };
        match value {
            Some(value) if negative => out.push_str(&format!("{:#x}{end}", value.wrapping_neg())),
            Some(value) => out.push_str(&format!("{value:#x}{end}")),
            None => out.push_str(word),
        }
    }
    out
}
