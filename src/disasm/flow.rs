//! A function's code, told from its data by following the flow.
//!
//! Strategy: a work list of addresses where code is known to start. The entry comes first, and
//! what it leads to; then the addresses that the generator names (blocks, returns from calls),
//! which also reach what only landing pads lead to; then jump tables. An address inside of an
//! instruction that is already decoded never starts another one: when metadata and flow
//! disagree, the flow wins, and the oracle tells them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::{Instruction, Kind, decode, tables};
use crate::image::{CodeImage, ImageFunction};

/// The instructions of a function, all sites live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionCode {
    /// Instructions by address. They do not overlap.
    pub instructions: BTreeMap<u64, Instruction>,
    /// Branch targets, each with the addresses of the branches that lead there. Calls are no
    /// branches; neither is a branch into itself, which s390x code uses to trap.
    pub targets: BTreeMap<u64, Vec<u64>>,
    /// Addresses where the flow went on and nothing could be decoded.
    pub undecoded: Vec<u64>,
}

impl FunctionCode {
    /// The code of each function of `image`.
    pub fn all(image: &CodeImage) -> Vec<FunctionCode> {
        let functions = image.functions.iter();
        functions.map(|f| FunctionCode::of(image, f)).collect()
    }

    /// Decodes `function`. Code outside of the image is left out.
    pub fn of(image: &CodeImage, function: &ImageFunction) -> FunctionCode {
        let mut code = FunctionCode::default();
        for &root in std::iter::once(&function.start).chain(&function.blocks) {
            code.follow(image, function, root);
        }
        for &root in &function.call_returns {
            if !code.is_behind_the_flow(root) {
                code.follow(image, function, root);
            }
        }
        code.follow_tables(image, function);
        code
    }

    /// Whether the flow is known to end right before `address`. Cranelift also names the address
    /// behind a tail call, which nothing returns to: constants may lie there.
    fn is_behind_the_flow(&self, address: u64) -> bool {
        let before = address.checked_sub(1).and_then(|at| self.covering(at));
        before.is_some_and(|before| before.end() == address && before.kind.ends_flow())
    }

    /// The instruction that the byte at `address` belongs to.
    pub fn covering(&self, address: u64) -> Option<&Instruction> {
        let (_, instruction) = self.instructions.range(..=address).next_back()?;
        (address < instruction.end()).then_some(instruction)
    }

    /// Whether an instruction starts or ends at `address`.
    pub fn is_boundary(&self, address: u64) -> bool {
        self.instructions.contains_key(&address)
            || address
                .checked_sub(1)
                .and_then(|before| self.covering(before))
                .is_some_and(|instruction| instruction.end() == address)
    }

    fn follow(&mut self, image: &CodeImage, function: &ImageFunction, root: u64) {
        let mut todo = vec![root];
        while let Some(address) = todo.pop() {
            if function.contains(address) && self.covering(address).is_none() {
                self.straight(image, function, address, &mut todo);
            }
        }
    }

    /// Decodes from `start` on to the first instruction that leads elsewhere, which `todo` then
    /// names, or that is decoded already.
    fn straight(
        &mut self,
        image: &CodeImage,
        function: &ImageFunction,
        start: u64,
        todo: &mut Vec<u64>,
    ) {
        // Never across an instruction that another root decoded from.
        let next = self.instructions.range(start..).next();
        let end = next.map_or(function.end.min(image.end()), |(&next, _)| next);
        let mut address = start;
        while address == start || (address < end && function.contains(address)) {
            let decoded = image
                .slice(address..end)
                .and_then(|bytes| decode(image, bytes, address));
            let Some(instruction) = decoded else {
                self.undecoded.push(address);
                return;
            };
            let lost = instruction.kind == Kind::Unknown && instruction.bytes.len() == 1;
            if lost {
                self.undecoded.push(address);
                return;
            }
            let behind = instruction.end();
            let goes_on = !instruction.kind.ends_flow();
            let targets = self.note_targets(&instruction);
            self.instructions.insert(address, instruction);
            if !targets.is_empty() {
                // Targets come before what follows the branch.
                todo.extend(goes_on.then_some(behind));
                todo.extend(targets);
                return;
            }
            if !goes_on {
                return;
            }
            address = behind;
        }
        // Into code that is decoded already, or out of the function or the image.
        todo.push(address);
    }

    /// Follows the tables behind indirect jumps, and those behind the jumps that they lead to.
    fn follow_tables(&mut self, image: &CodeImage, function: &ImageFunction) {
        let mut seen = BTreeSet::new();
        loop {
            let jumps = self.instructions.values();
            let jump = jumps
                .filter(|i| matches!(i.kind, Kind::JumpIndirect { .. }))
                .find(|i| !seen.contains(&i.address));
            let Some(jump) = jump else { return };
            let (address, end) = (jump.address, jump.end());
            seen.insert(address);
            for target in tables::behind(image, function, self, end) {
                self.targets.entry(target).or_default().push(address);
                self.follow(image, function, target);
            }
        }
    }

    /// Notes where a branch leads and returns it.
    fn note_targets(&mut self, instruction: &Instruction) -> Vec<u64> {
        let targets = match &instruction.kind {
            Kind::Jump(target) | Kind::Branch(target) => vec![*target],
            Kind::JumpTable(targets) => targets.clone(),
            Kind::JumpIndirect { base: Some(base) } => {
                self.far_jump(instruction, *base).into_iter().collect()
            }
            _ => Vec::new(),
        };
        let inside = instruction.address.saturating_add(1)..instruction.end();
        let outside = |target: &u64| !inside.contains(target);
        let targets: Vec<u64> = targets.into_iter().filter(outside).collect();
        for &target in &targets {
            let sources = self.targets.entry(target).or_default();
            sources.push(instruction.address);
        }
        targets
    }

    /// Where RISC-V's `auipc` right before and `jalr` through the same register lead.
    fn far_jump(&self, jump: &Instruction, (base, offset): (u8, i64)) -> Option<u64> {
        let before = self.covering(jump.address.checked_sub(1)?)?;
        match before.kind {
            Kind::AddPc { register, value } if register == base => {
                Some(value.wrapping_add_signed(offset))
            }
            _ => None,
        }
    }
}
