//! What all runs of one image have in common: where to stop, and where arguments lie.

mod wrongly;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::abi::{self, CallLayout};
use super::super::tampering::{Moment, PatcherFault, Tampering};
use super::super::{Cpu, MemoryFault};
use crate::image::{CodeImage, Layout, PatchSite};
use crate::isa::Isa;
use crate::program::{DATA_BYTES, HostcallDecl, HostcallKind, Interface, SiteId};

/// A signature that the ABI tables do not cover.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}{signature} on {isa}: {reason}")]
pub struct PlanError {
    /// Function or hostcall.
    pub name: String,
    /// Its signature, as text.
    pub signature: String,
    /// The ISA.
    pub isa: Isa,
    /// What is not covered.
    pub reason: String,
}

/// Why the session wants to hear of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breakpoint {
    /// Behind a site. Comes before the others: the next site may begin right here.
    SiteEnd,
    /// Behind the code that puts the stack pointer right behind a site.
    Rebuilt,
    /// A hook's first instruction.
    HookEntry {
        /// Its index among the functions.
        function: u32,
    },
    /// A site's first byte.
    SiteStart {
        /// Which one.
        site: SiteId,
        /// Behind its last byte.
        ret_addr: u64,
    },
    /// Where a tampering acts.
    Tamper,
}

/// An image with everything that runs of it need.
pub struct Plan {
    image: Arc<CodeImage>,
    interface: Arc<Interface>,
    functions: Vec<Option<CallLayout>>,
    hostcalls: Vec<(HostcallKind, Option<CallLayout>)>,
    breakpoints: BTreeMap<u64, Vec<Breakpoint>>,
    tampering: Tampering,
}

impl Plan {
    /// Prepares runs of `image` that call the functions `entries`.
    ///
    /// # Errors
    /// When the signature of an entry, hook or hostcall has something that the ABI tables do
    /// not cover.
    pub fn new(
        image: Arc<CodeImage>,
        interface: Arc<Interface>,
        entries: &[u32],
    ) -> Result<Plan, PlanError> {
        let isa = image.isa;
        let layout = |name: &str, signature| {
            abi::call_layout(isa, signature).map_err(|error| PlanError {
                name: name.to_owned(),
                signature: signature.to_string(),
                isa,
                reason: error.to_string(),
            })
        };
        let functions = (0..).zip(&interface.functions).map(|(index, function)| {
            let seen_from_outside = function.is_hook || entries.contains(&index);
            let layout = || layout(&function.name, &function.signature);
            seen_from_outside.then(layout).transpose()
        });
        let functions = functions.collect::<Result<Vec<_>, _>>()?;
        let hostcalls = interface.hostcalls.iter().map(|decl| {
            let kind = HostcallKind::of(decl).expect("the survey accepted it");
            // No generator calls a routine that its ISA cannot pass the arguments of.
            match (kind, layout(&decl.name, &decl.signature)) {
                (HostcallKind::Library(_), layout) => Ok((kind, layout.ok())),
                (_, layout) => Ok((kind, Some(layout?))),
            }
        });
        let hostcalls = hostcalls.collect::<Result<Vec<_>, _>>()?;
        let breakpoints = breakpoints(&image, &interface);
        Ok(Plan {
            image,
            interface,
            functions,
            hostcalls,
            breakpoints,
            tampering: Tampering::default(),
        })
    }

    /// The same runs with faults in them.
    #[must_use]
    pub fn tampered(mut self, tampering: Tampering) -> Plan {
        for act in &tampering.acts {
            if let Moment::At(places) = &act.moment {
                for &place in places {
                    self.breakpoints
                        .entry(place)
                        .or_default()
                        .push(Breakpoint::Tamper);
                }
            }
        }
        self.tampering = tampering;
        self
    }

    pub(super) fn tampering(&self) -> &Tampering {
        &self.tampering
    }

    /// What executes the image.
    pub fn isa(&self) -> Isa {
        self.image.isa
    }

    /// The image.
    pub fn image(&self) -> &CodeImage {
        &self.image
    }

    /// What the program shows to the outside.
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// Addresses that [`super::Session::breakpoint`] wants to hear of.
    pub fn breakpoints(&self) -> Vec<u64> {
        self.breakpoints.keys().copied().collect()
    }

    pub(super) fn breakpoints_at(&self, address: u64) -> &[Breakpoint] {
        self.breakpoints.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Whether `address` is in the stub area.
    pub(super) fn is_stub(&self, address: u64) -> bool {
        let layout = Layout::of(self.isa());
        (layout.stubs..layout.exit()).contains(&address)
    }

    /// Index of the hostcall whose stub is at `address`.
    pub(super) fn hostcall_at(&self, address: u64) -> Option<u32> {
        let layout = Layout::of(self.isa());
        let offset = address.checked_sub(layout.stubs)?;
        let index = offset / Layout::STUB_BYTES;
        let exists = usize::try_from(index).is_ok_and(|i| i < self.hostcalls.len());
        (exists && offset % Layout::STUB_BYTES == 0)
            .then(|| u32::try_from(index).ok())
            .flatten()
    }

    /// A hostcall; `None` where its arguments have no place on this ISA.
    pub(super) fn hostcall(
        &self,
        index: u32,
    ) -> Option<(HostcallKind, &HostcallDecl, &CallLayout)> {
        let (kind, layout) = &self.hostcalls[index as usize];
        let decl = &self.interface.hostcalls[index as usize];
        Some((*kind, decl, layout.as_ref()?))
    }

    /// Where arguments and results of a hook or an entry lie.
    ///
    /// # Panics
    /// For any other function.
    pub fn function_layout(&self, function: u32) -> &CallLayout {
        let layout = self.functions[function as usize].as_ref();
        layout.expect("hooks and entries have a layout")
    }

    /// Where the arguments of a site's hook lie.
    pub fn site_layout(&self, site: SiteId) -> &CallLayout {
        self.function_layout(self.interface.sites[site.0 as usize].hook)
    }

    /// The site that a call with this return address was made from.
    pub(super) fn site_returning_to(&self, address: u64) -> Option<SiteId> {
        let inside = |site: &&PatchSite| site.start() < address && address <= site.ret_addr;
        self.image
            .sites
            .iter()
            .find(inside)
            .and_then(|site| site.id)
    }

    pub(super) fn stack_top(&self) -> u64 {
        Layout::of(self.isa()).stack_top()
    }

    /// Writes a site's live bytes or NOPs.
    ///
    /// # Errors
    /// When the site is not in the image, its length cannot be tiled, or it is not in memory;
    /// nothing is written then.
    pub fn write_site(&self, cpu: &mut dyn Cpu, id: SiteId, live: bool) -> Result<(), MemoryFault> {
        for (address, bytes) in self.pieces(id, live)? {
            if self.tampering.patcher == Some(PatcherFault::NoInvalidation) {
                cpu.store(address, &bytes)?;
            } else {
                cpu.write_code(address, &bytes)?;
            }
        }
        Ok(())
    }

    /// Brings the sites from `current` to `wanted` states. One that cannot be written keeps its
    /// state.
    pub fn set_sites(&self, cpu: &mut dyn Cpu, current: &mut [bool], wanted: &[bool]) {
        if self.tampering.patcher.is_some() {
            return self.set_sites_wrongly(cpu, current, wanted);
        }
        let ids = (0..).map(SiteId).zip(current.iter().zip(wanted));
        let changes = ids.filter(|(_, (now, wanted))| now != wanted);
        let pieces: Result<Vec<_>, MemoryFault> = changes
            .map(|(id, (_, live))| self.pieces(id, *live))
            .collect();
        let at_once = pieces.and_then(|pieces| cpu.write_code_pieces(&pieces.concat()));
        let written = at_once.is_ok();
        for (number, (now, &wanted)) in (0..).zip(current.iter_mut().zip(wanted)) {
            if *now != wanted && (written || self.write_site(cpu, SiteId(number), wanted).is_ok()) {
                *now = wanted;
            }
        }
    }

    /// What makes a site live or NOPed: addresses and bytes.
    fn pieces(&self, id: SiteId, live: bool) -> Result<Vec<(u64, Vec<u8>)>, MemoryFault> {
        let own = self.image.sites.iter().filter(|site| site.id == Some(id));
        own.map(|site| {
            let address = site.start();
            let bytes = if live {
                Ok(site.live.clone())
            } else {
                self.image.nop_bytes(site)
            };
            Ok((address, bytes.map_err(|_| MemoryFault { address })?))
        })
        .collect::<Result<_, _>>()
        .map(|pieces| self.mangled(id, live, pieces))
    }

    /// Contents of the data symbols, trailing zeros cut off.
    pub(super) fn data(&self, cpu: &mut dyn Cpu) -> Vec<Vec<u8>> {
        let layout = Layout::of(self.isa());
        let mut contents = Vec::with_capacity(self.interface.data.len());
        for index in 0..self.interface.data.len() {
            let mut bytes = vec![0; usize::try_from(DATA_BYTES).expect("4 KiB")];
            if cpu.load(layout.data_symbol(index), &mut bytes).is_err() {
                bytes.clear();
            }
            bytes.truncate(used(&bytes));
            contents.push(bytes);
        }
        contents
    }

    /// Addresses of code bytes that are not what the image with these sites has.
    pub(super) fn code_differences(&self, cpu: &mut dyn Cpu, sites_live: &[bool]) -> Vec<u64> {
        let mut expected = self.image.bytes.clone();
        for site in &self.image.sites {
            let live = site.id.is_none_or(|id| sites_live[id.0 as usize]);
            let Ok(nops) = self.image.nop_bytes(site) else {
                continue;
            };
            let start = usize::try_from(site.start().wrapping_sub(self.image.base));
            let Some(range) = start.ok().map(|s| s..s.saturating_add(nops.len())) else {
                continue;
            };
            if let Some(bytes) = expected.get_mut(range)
                && !live
            {
                bytes.copy_from_slice(&nops);
            }
        }
        let mut seen = vec![0; expected.len()];
        if cpu.load(self.image.base, &mut seen).is_err() {
            return vec![self.image.base];
        }
        if seen == expected {
            return Vec::new();
        }
        let addresses = self.image.base..;
        addresses
            .zip(expected.iter().zip(&seen))
            .filter(|(_, (a, b))| a != b)
            .map(|(a, _)| a)
            .collect()
    }
}

/// Length of `bytes` without the zeros at the end, of which there are many.
pub(super) fn used(bytes: &[u8]) -> usize {
    const BLOCK: usize = 64;
    let blocks = bytes.len().div_ceil(BLOCK);
    let zeros = bytes
        .rchunks(BLOCK)
        .take_while(|block| *block == &[0; BLOCK][..block.len()]);
    let rest = bytes.len().min((blocks - zeros.count()) * BLOCK);
    let last = bytes[..rest].iter().rposition(|byte| *byte != 0);
    last.map_or(0, |last| last + 1)
}

fn breakpoints(image: &CodeImage, interface: &Interface) -> BTreeMap<u64, Vec<Breakpoint>> {
    let mut map = BTreeMap::<u64, Vec<Breakpoint>>::new();
    for site in &image.sites {
        if let Some(id) = site.id {
            let start = Breakpoint::SiteStart {
                site: id,
                ret_addr: site.ret_addr,
            };
            map.entry(site.start()).or_default().push(start);
            map.entry(site.ret_addr)
                .or_default()
                .push(Breakpoint::SiteEnd);
            if let Some(address) = site.rebuilt_at() {
                map.entry(address).or_default().push(Breakpoint::Rebuilt);
            }
        }
    }
    for (index, function) in interface.functions.iter().enumerate() {
        if let (true, Some(&address)) = (function.is_hook, image.symbols.get(&function.name)) {
            let function = u32::try_from(index).expect("functions are few");
            map.entry(address)
                .or_default()
                .push(Breakpoint::HookEntry { function });
        }
    }
    for list in map.values_mut() {
        list.sort_unstable();
        list.dedup();
    }
    map
}
