//! Small correct images by hand, for tests that then corrupt them one way at a time. The bytes
//! come from the ISA manuals, not from a code generator.

use std::collections::BTreeMap;

use super::{Evidence, Oracle, Run, Verdict};
use crate::image::{CodeImage, ImageFunction, Layout, PatchSite, Rebuild};
use crate::isa::Isa;
use crate::machine::abi::call_layout;
use crate::machine::{Exit, RunEvidence, Scrutiny};
use crate::program::{
    CallConv, Extension, FunctionDecl, Interface, Param, PredictedEvent, PredictedExit, Prediction,
    Purpose, Signature, SiteDecl, SiteId, Ty,
};

/// Distance between the functions of a specimen.
pub const STRIDE: u64 = 0x40;

/// What follows a call that pops: in the range, or behind it.
#[derive(Default)]
struct Back {
    popped: u32,
    reclaim: Vec<u8>,
    rebuild: Vec<u8>,
}

/// Functions `%main` with site0 and site1, `%hook`, `%other`, `%second` with site2. All sites
/// call `%hook`.
pub struct Specimen {
    pub interface: Interface,
    pub image: CodeImage,
    pub runs: Vec<Run>,
}

impl Specimen {
    /// The hook takes nothing and has the no-clobber ABI.
    pub fn new(isa: Isa) -> Specimen {
        Specimen::build(isa, CallConv::PreserveAll, 0)
    }

    /// The hook pops its stack arguments, and each call is followed by the reclaim.
    pub fn popping(isa: Isa) -> Specimen {
        Specimen::build(isa, CallConv::Tail, 20)
    }

    /// The hook pops its stack arguments, and behind each site the stack pointer is put right.
    pub fn rebuilding(isa: Isa) -> Specimen {
        Specimen::assemble(isa, CallConv::Tail, 20, true)
    }

    fn build(isa: Isa, conv: CallConv, params: usize) -> Specimen {
        Specimen::assemble(isa, conv, params, false)
    }

    fn assemble(isa: Isa, conv: CallConv, params: usize, rebuilding: bool) -> Specimen {
        let base = Layout::of(isa).code;
        let names = ["%main", "%hook", "%other", "%second"];
        let starts: BTreeMap<String, u64> = names
            .iter()
            .zip((base..).step_by(0x40))
            .map(|(name, start)| ((*name).to_owned(), start))
            .collect();
        let image = CodeImage {
            bytecode: crate::releases::Bytecode::NEWEST,
            isa,
            base,
            bytes: Vec::new(),
            functions: Vec::new(),
            symbols: starts.clone(),
            sites: Vec::new(),
            nop_units: nop_units(isa),
            traps: BTreeMap::new(),
            extensions: Vec::new(),
            scratch: Vec::new(),
        };
        let interface = interface(&names, conv, params);
        let hook = &interface.functions[1].signature;
        let layout = call_layout(isa, hook).expect("integers have a place");
        let popped = layout.callee_pops;
        let mut back = Back::default();
        if rebuilding {
            back.popped = u32::try_from(popped).expect("specimens are small");
            back.rebuild = rebuild(isa, popped);
        } else if popped != 0 {
            back.reclaim = reclaim(isa, popped);
        }
        let mut specimen = Specimen {
            interface,
            image,
            runs: Vec::new(),
        };
        let hook = starts["%hook"];
        for (name, sites) in names.iter().zip([2, 0, 0, 1]) {
            specimen.function(name, sites, hook, &back);
        }
        specimen
    }

    fn function(&mut self, name: &str, sites: u32, hook: u64, back: &Back) {
        let isa = self.image.isa;
        let start = self.image.symbols[name];
        let mut function = ImageFunction {
            name: name.to_owned(),
            start,
            end: start + STRIDE,
            call_returns: Vec::new(),
            stack_maps: Vec::new(),
            blocks: vec![start],
            relocations: Vec::new(),
        };
        let mut code = filler(isa);
        let index = u32::try_from(self.image.functions.len()).expect("there are few");
        for _ in 0..sites {
            let at = start + code.len() as u64;
            let mut live = call(isa, at, hook);
            function.call_returns.push(at + live.len() as u64);
            function.stack_maps.push(at + live.len() as u64);
            function.relocations.push(call_field(isa, at, live.len()));
            live.extend_from_slice(&back.reclaim);
            code.extend_from_slice(&live);
            let id = self.image.sites.len();
            let id = Some(SiteId(u32::try_from(id).expect("there are few")));
            let ret_addr = at + live.len() as u64;
            let mut site = PatchSite::live(id, index, ret_addr, live);
            if !back.rebuild.is_empty() {
                let len = u32::try_from(back.rebuild.len()).expect("specimens are small");
                let popped = back.popped;
                site.rebuild = Some(Rebuild { popped, len });
            }
            self.image.sites.push(site);
            code.extend_from_slice(&back.rebuild);
            code.extend(filler(isa));
        }
        code.extend(ret(isa));
        code.resize(0x40, 0);
        self.image.bytes.extend(code);
        self.image.functions.push(function);
    }

    /// The verdict.
    pub fn judge(&self, oracle: &dyn Oracle) -> Verdict {
        oracle.judge(&Evidence {
            interface: &self.interface,
            image: &self.image,
            code: &super::decoded(&self.image),
            runs: &self.runs,
        })
    }

    /// Overwrites linked bytes.
    pub fn write(&mut self, address: u64, bytes: &[u8]) {
        let at = usize::try_from(address - self.image.base).expect("an address of the image");
        self.image.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        self.capture();
    }

    /// Captures the live bytes of each range anew, as linking does.
    pub fn capture(&mut self) {
        for index in 0..self.image.sites.len() {
            let range = self.image.sites[index].range();
            if let Some(live) = self.image.slice(range) {
                self.image.sites[index].live = live.to_vec();
            }
        }
    }

    /// Moves the start and the end of site `index` by so many bytes.
    pub fn resize(&mut self, index: usize, start: i64, end: i64) {
        let site = &mut self.image.sites[index];
        site.ret_addr = site.ret_addr.wrapping_add_signed(end);
        let len = i64::from(site.len) + end - start;
        site.len = u32::try_from(len).expect("the range keeps a length");
        self.capture();
    }

    /// Adds a run whose prediction passes these sites.
    pub fn predict(&mut self, sites: &[u32]) {
        let pass = |&site: &u32| PredictedEvent::Pass {
            site: SiteId(site),
            live: true,
            args: Vec::new(),
        };
        self.runs.push(Run {
            scenario: "live".to_owned(),
            invocation: 0,
            entry: self.interface.functions[0].signature.clone(),
            entry_pops: 0,
            sites_live: Vec::new(),
            evidence: RunEvidence {
                exit: Exit::Returned,
                results: Vec::new(),
                events: Vec::new(),
                registers: Vec::new(),
                data: Vec::new(),
                code_differs: Vec::new(),
                sites_live: Vec::new(),
                fuel_used: 0,
                full: false,
                scrutiny: Scrutiny {
                    overwritten: Some(1),
                    full_width: true,
                },
            },
            prediction: Ok(Prediction {
                exit: PredictedExit::Returned(Vec::new()),
                events: sites.iter().map(pass).collect(),
                data: Vec::new(),
                sites_live: Vec::new(),
                instructions: 1,
            }),
            expected: None,
        });
    }

    /// The messages of a failure.
    pub fn failures(&self, oracle: &dyn Oracle) -> Vec<String> {
        match self.judge(oracle) {
            Verdict::Fail(all) => all.into_iter().map(|d| d.message).collect(),
            other => vec![format!("{other:?}")],
        }
    }

    /// Asserts that `oracle` fails with a message that contains `words`.
    pub fn assert_fails(&self, oracle: &dyn Oracle, words: &str) {
        let messages = self.failures(oracle);
        let verdict = self.judge(oracle);
        assert!(
            matches!(verdict, Verdict::Fail(_)) && messages.iter().any(|m| m.contains(words)),
            "{}: no '{words}' in {messages:#?}",
            self.image.isa
        );
    }
}

fn interface(names: &[&str], conv: CallConv, params: usize) -> Interface {
    let param = Param {
        ty: Ty::int(64),
        extension: Extension::None,
        purpose: Purpose::Normal,
    };
    let function = |name: &&str| {
        let is_hook = *name == "%hook";
        FunctionDecl {
            name: (*name).to_owned(),
            signature: Signature {
                call_conv: if is_hook { conv } else { CallConv::SystemV },
                params: vec![param; if is_hook { params } else { 0 }],
                returns: Vec::new(),
            },
            is_hook,
        }
    };
    let site = |(id, function)| SiteDecl {
        id: SiteId(id),
        function,
        hook: 1,
        reachable: true,
        ordinary_too: false,
        text: "call fn0()".to_owned(),
    };
    Interface {
        functions: names.iter().map(function).collect(),
        sites: [(0, 0), (1, 0), (2, 3)].into_iter().map(site).collect(),
        ..Interface::default()
    }
}

mod encode;
pub mod runs;

pub use encode::{call, filler, jump, reclaim};
use encode::{call_field, nop_units, rebuild, ret};
