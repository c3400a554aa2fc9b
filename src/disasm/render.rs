//! A listing of an image for people and snapshots: every byte of every function once, code as
//! text, data as bytes, and the patch sites marked. Addresses are relative to their function,
//! so that a change in one function shows in no other.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{FunctionCode, Instruction, Symbols, decode_all, direct_call, hex, hex_list, text};
use crate::image::{CodeImage, ImageFunction, PatchSite};

/// How the sites are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderMode {
    /// As emitted.
    Live,
    /// Filled with NOPs.
    Nopped,
    /// As emitted, with the NOPs to the right.
    SideBySide,
}

/// Bytes of data on one line.
const DATA_LINE: usize = 8;

/// The listing.
pub fn render(image: &CodeImage, mode: RenderMode) -> String {
    let symbols = Symbols::of(image);
    let mut out = String::new();
    for (index, function) in image.functions.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let sites = image.sites.iter();
        let own: Vec<&PatchSite> = sites
            .filter(|site| usize::try_from(site.function) == Ok(index))
            .collect();
        let listing = Listing {
            image,
            symbols: &symbols,
            function,
            mode,
        };
        listing.write(&own, &mut out);
    }
    out
}

struct Listing<'a> {
    image: &'a CodeImage,
    symbols: &'a Symbols<'a>,
    function: &'a ImageFunction,
    mode: RenderMode,
}

impl Listing<'_> {
    fn write(&self, sites: &[&PatchSite], out: &mut String) {
        let size = self.function.end.saturating_sub(self.function.start);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "function {}: {size} bytes", self.function.name);
        let lines = self.lines();
        let mut sites: Vec<&PatchSite> = sites.to_vec();
        sites.sort_by_key(|site| (site.start(), site.ret_addr));
        let mut next = 0;
        for site in sites {
            while let Some(line) = lines.get(next).filter(|l| l.address < site.start()) {
                self.line(line, out);
                next += 1;
            }
            let first = next;
            while lines.get(next).is_some_and(|l| l.address < site.ret_addr) {
                next += 1;
            }
            self.site(site, lines.get(first..next).unwrap_or_default(), out);
        }
        for line in lines.get(next..).unwrap_or_default() {
            self.line(line, out);
        }
    }

    /// All bytes of the function as instructions; data as `.byte`.
    fn lines(&self) -> Vec<Instruction> {
        let code = FunctionCode::of(self.image, self.function);
        let mut lines = Vec::new();
        let mut at = self.function.start;
        for (&address, instruction) in &code.instructions {
            self.data(at, address, &mut lines);
            lines.push(instruction.clone());
            at = instruction.end();
        }
        self.data(at, self.function.end.min(self.image.end()), &mut lines);
        lines
    }

    /// Data in `[start, end)`; no line lies across the edge of a site.
    fn data(&self, start: u64, end: u64, lines: &mut Vec<Instruction>) {
        let sites = self.image.sites.iter();
        let edges = sites.flat_map(|site| [site.start(), site.ret_addr]);
        let inner = edges.filter(|&edge| start < edge && edge < end);
        let cuts: BTreeSet<u64> = inner.chain([start, end]).collect();
        for (&from, &to) in cuts.iter().zip(cuts.iter().skip(1)) {
            let mut at = from;
            let bytes = self.image.slice(from..to).unwrap_or_default();
            for bytes in bytes.chunks(DATA_LINE) {
                let line = Instruction::unknown(self.image, bytes, at);
                at = line.end();
                lines.push(line);
            }
        }
    }

    fn site(&self, site: &PatchSite, live: &[Instruction], out: &mut String) {
        let id = site
            .id
            .map_or("no patchable call".to_owned(), |id| id.to_string());
        let hook = direct_call(live).map_or_else(
            || "no fixed address".to_owned(),
            |call| self.symbols.name(call.target),
        );
        let _ = writeln!(out, "  ; {id} -> {hook}: {} bytes", site.len);
        let nops = match self.image.nop_bytes(site) {
            Ok(bytes) => decode_all(self.image, &bytes, site.start()),
            Err(error) => {
                let _ = writeln!(out, "  ; no NOPs: {error}");
                Vec::new()
            }
        };
        match self.mode {
            RenderMode::Live => live.iter().for_each(|i| self.marked(i, out)),
            RenderMode::Nopped => nops.iter().for_each(|i| self.marked(i, out)),
            RenderMode::SideBySide => self.side_by_side(live, &nops, out),
        }
        let rebuild = site.rebuild.map_or(String::new(), |code| {
            let (popped, len) = (code.popped, code.len);
            format!("; {popped} bytes are popped, and {len} bytes of code set the stack pointer")
        });
        let _ = writeln!(out, "  ; end of {id}{rebuild}");
    }

    fn side_by_side(&self, live: &[Instruction], nops: &[Instruction], out: &mut String) {
        for row in 0..live.len().max(nops.len()) {
            let left = live.get(row).map_or(String::new(), |i| self.columns(i));
            let right = nops.get(row).map_or(String::new(), |i| {
                format!("{}  {}", hex(&i.bytes), text(i, self.symbols))
            });
            let line = format!("| {left:<68} | {right}");
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }

    fn marked(&self, instruction: &Instruction, out: &mut String) {
        let _ = writeln!(out, "| {}", self.columns(instruction));
    }

    fn line(&self, instruction: &Instruction, out: &mut String) {
        let _ = writeln!(out, "  {}", self.columns(instruction));
    }

    fn columns(&self, instruction: &Instruction) -> String {
        let offset = instruction.address.saturating_sub(self.function.start);
        let bytes = &instruction.bytes;
        let text = if instruction.mnemonic == ".byte" {
            format!(".byte {}", hex_list(bytes))
        } else {
            text(instruction, self.symbols)
        };
        format!("{offset:>6x}: {:<30}  {text}", hex(bytes))
    }
}
