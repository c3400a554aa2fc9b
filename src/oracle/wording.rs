//! How static findings are worded: each names function and offset, bytes, decoded text and
//! hook, so that a compiler engineer can act on it without opening the suite.

use std::cell::OnceCell;

use super::{Check, Discrepancy, Evidence, Subject, Verdict};
use crate::disasm::{FunctionCode, Instruction, Symbols, decode_all, hex, text};
use crate::image::{CodeImage, PatchSite};
use crate::program::{FunctionDecl, SiteDecl};

/// What a static check has found so far.
pub struct Findings<'a> {
    check: Check,
    evidence: &'a Evidence<'a>,
    /// Made when the first finding needs it.
    symbols: OnceCell<Symbols<'a>>,
    /// The code of each function.
    pub code: &'a [FunctionCode],
    failures: Vec<Discrepancy>,
    doubts: Vec<String>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub fn new(check: Check, evidence: &'a Evidence<'a>) -> Findings<'a> {
        Findings {
            check,
            evidence,
            symbols: OnceCell::new(),
            code: evidence.code,
            failures: Vec::new(),
            doubts: Vec::new(),
        }
    }

    /// Names for addresses.
    pub fn symbols(&self) -> &Symbols<'a> {
        self.symbols.get_or_init(|| Symbols::of(self.image()))
    }

    /// The image.
    pub fn image(&self) -> &'a CodeImage {
        self.evidence.image
    }

    /// A promise that was not kept.
    pub fn fail(
        &mut self,
        site: Option<&PatchSite>,
        subject: Subject,
        expected: impl Into<String>,
        seen: impl Into<String>,
        message: impl Into<String>,
    ) {
        let discrepancy = Discrepancy {
            check: self.check,
            site: site.and_then(|site| site.id),
            subject,
            expected: expected.into(),
            seen: seen.into(),
            scenario: None,
            message: message.into(),
        };
        self.failures.push(discrepancy);
    }

    /// A broken promise about `site`'s range as the metadata states it.
    pub fn fail_site(
        &mut self,
        site: &PatchSite,
        expected: impl Into<String>,
        seen: impl Into<String>,
    ) {
        let (expected, seen) = (expected.into(), seen.into());
        let message = format!("{}: expected {expected}, but {seen}", self.site(site));
        self.fail(Some(site), Subject::Metadata, expected, seen, message);
    }

    /// A broken promise about the bytes of `site`'s range.
    pub fn fail_code(
        &mut self,
        site: &PatchSite,
        expected: impl Into<String>,
        seen: impl Into<String>,
    ) {
        let (expected, seen) = (expected.into(), seen.into());
        let message = format!("{}: expected {expected}, but {seen}", self.site(site));
        let subject = self.code_subject(site.start(), site.ret_addr);
        self.fail(Some(site), subject, expected, seen, message);
    }

    /// Something that could not be told.
    pub fn doubt(&mut self, reason: String) {
        self.doubts.push(reason);
    }

    /// The verdict: a failure outweighs a doubt.
    pub fn verdict(self) -> Verdict {
        if !self.failures.is_empty() {
            Verdict::Fail(self.failures)
        } else if !self.doubts.is_empty() {
            Verdict::Inconclusive(self.doubts.join("; "))
        } else {
            Verdict::Pass
        }
    }

    /// Code `[start, end)` as a subject.
    pub fn code_subject(&self, start: u64, end: u64) -> Subject {
        let function = self.image().function_at(start);
        let base = function.map_or(0, |f| f.start);
        Subject::Code {
            function: function.map_or_else(String::new, |f| f.name.clone()),
            start: start.saturating_sub(base),
            end: end.saturating_sub(base),
        }
    }

    /// The declaration of `site`, if its number is one of the program's.
    pub fn declaration(&self, site: &PatchSite) -> Option<&'a SiteDecl> {
        let index = usize::try_from(site.id?.0).ok()?;
        self.evidence.interface.sites.get(index)
    }

    /// The hook of a declared site.
    pub fn hook(&self, decl: &SiteDecl) -> Option<&'a FunctionDecl> {
        let index = usize::try_from(decl.hook).ok()?;
        self.evidence.interface.functions.get(index)
    }

    /// `site` in words: number, place, hook, bytes and text.
    pub fn site(&self, site: &PatchSite) -> String {
        let id = site
            .id
            .map_or("a site without call".to_owned(), |id| id.to_string());
        let hook = self.declaration(site).and_then(|decl| self.hook(decl));
        let hook = hook.map_or("no hook", |hook| hook.name.as_str());
        let place = self.place(site.start());
        let code = match self.image().slice(site.range()) {
            Some(bytes) => self.listing(&decode_all(self.image().isa, bytes, site.start())),
            None => "outside of the code".to_owned(),
        };
        format!("{id} (hook {hook}) at {place}, {} bytes [{code}]", site.len)
    }

    /// `function+offset`, always with the offset; the bare address outside of all functions.
    pub fn place(&self, address: u64) -> String {
        self.image().describe(address)
    }

    /// Instructions as `e8 00 00 00 00 (call %hook); ...`.
    pub fn listing(&self, instructions: &[Instruction]) -> String {
        let one = |i: &Instruction| format!("{} ({})", hex(&i.bytes), text(i, self.symbols()));
        let all: Vec<String> = instructions.iter().map(one).collect();
        all.join("; ")
    }
}
