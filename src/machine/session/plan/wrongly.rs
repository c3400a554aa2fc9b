//! A patcher that does it wrong: [`PatcherFault`] carried out.

use super::super::super::tampering::PatcherFault;
use super::{Cpu, Plan};
use crate::program::SiteId;

/// A piece of code and its address.
type Piece = (u64, Vec<u8>);

impl Plan {
    /// [`Plan::set_sites`] site by site, as the faulty patcher does it.
    pub(super) fn set_sites_wrongly(
        &self,
        cpu: &mut dyn Cpu,
        current: &mut [bool],
        wanted: &[bool],
    ) {
        let changes: Vec<usize> = (0..current.len().min(wanted.len()))
            .filter(|&site| current[site] != wanted[site])
            .collect();
        let written = match self.tampering.patcher {
            Some(PatcherFault::OnlyFirst) => changes.first().into_iter().copied().collect(),
            Some(PatcherFault::OnlyLast) => changes.last().into_iter().copied().collect(),
            _ => changes.clone(),
        };
        for site in changes {
            let id = u32::try_from(site).map(SiteId);
            let done = !written.contains(&site)
                || id.is_ok_and(|id| self.write_site(cpu, id, wanted[site]).is_ok());
            if done {
                current[site] = wanted[site];
            }
        }
    }

    /// What the faulty patcher writes instead of `pieces`.
    pub(super) fn mangled(&self, id: SiteId, live: bool, pieces: Vec<Piece>) -> Vec<Piece> {
        let Some(fault) = &self.tampering.patcher else {
            return pieces;
        };
        let each = |change: &dyn Fn(Piece) -> Piece| pieces.iter().cloned().map(change).collect();
        match (fault, live) {
            (PatcherFault::FillStart(bytes), false) => each(&|(address, mut fill)| {
                fill.truncate(usize::try_from(*bytes).unwrap_or(usize::MAX));
                (address, fill)
            }),
            (PatcherFault::FillEnd(bytes), false) => each(&|(address, fill)| {
                let skipped = usize::try_from(*bytes)
                    .unwrap_or(usize::MAX)
                    .min(fill.len());
                (address + skipped as u64, fill[skipped..].to_vec())
            }),
            (PatcherFault::ShortestFirst, false) => each(&|(address, fill)| {
                let fill = shortest_first(&self.image.nop_units, fill.len()).unwrap_or(fill);
                (address, fill)
            }),
            (PatcherFault::Restores(sites), true) => {
                let own = sites.iter().find(|(site, _)| *site == id);
                let other = |(address, bytes): Piece| {
                    (address, own.map_or(bytes, |(_, stale)| stale.clone()))
                };
                each(&other)
            }
            (PatcherFault::NeverRestores, true) => Vec::new(),
            (PatcherFault::NeverLive, true) => each(&|(address, bytes)| {
                let nops = crate::image::nop_fill(&self.image.nop_units, bytes.len());
                (address, nops.unwrap_or(bytes))
            }),
            _ => pieces,
        }
    }
}

/// The same units as [`crate::image::nop_fill`] takes, in the opposite order.
fn shortest_first(units: &[Vec<u8>], len: usize) -> Option<Vec<u8>> {
    let mut by_length: Vec<&Vec<u8>> = units.iter().filter(|unit| !unit.is_empty()).collect();
    by_length.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    let mut tiles = Vec::new();
    let mut left = len;
    for unit in by_length {
        while left >= unit.len() {
            tiles.push(unit.clone());
            left -= unit.len();
        }
    }
    tiles.reverse();
    (left == 0).then(|| tiles.concat())
}
