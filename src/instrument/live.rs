//! Which values are live in front of each instruction: read there or later on some path, and
//! defined on every path that comes there.
//!
//! Backwards over the blocks until nothing changes. Block arguments are read by the branch that
//! gives them, block parameters are defined at the start of their block, so that neither a
//! parameter is live into its block nor an argument out of it by that edge.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::{Block, Function, Inst, Value};

/// Values in the order of their numbers.
type Set = BTreeSet<Value>;

/// Liveness of one function.
pub struct Live<'f> {
    function: &'f Function,
    into: BTreeMap<Block, Set>,
}

impl<'f> Live<'f> {
    /// Computes it.
    pub fn of(function: &'f Function) -> Live<'f> {
        let mut live = Live {
            function,
            into: BTreeMap::new(),
        };
        loop {
            let mut changed = false;
            let mut block = function.layout.last_block();
            while let Some(current) = block {
                let mut set = live.out_of(current);
                let mut inst = function.layout.last_inst(current);
                while let Some(step) = inst {
                    live.step_over(step, &mut set);
                    inst = function.layout.prev_inst(step);
                }
                for param in function.dfg.block_params(current) {
                    set.remove(param);
                }
                if live.into.get(&current) != Some(&set) {
                    live.into.insert(current, set);
                    changed = true;
                }
                block = function.layout.prev_block(current);
            }
            if !changed {
                return live;
            }
        }
    }

    /// What is live in front of each of the instructions of `block`, in their order.
    pub fn before_each(&self, block: Block) -> Vec<(Inst, Vec<Value>)> {
        let mut set = self.out_of(block);
        let mut list = Vec::new();
        let mut inst = self.function.layout.last_inst(block);
        while let Some(step) = inst {
            self.step_over(step, &mut set);
            list.push((step, set.iter().copied().collect()));
            inst = self.function.layout.prev_inst(step);
        }
        list.reverse();
        list
    }

    fn out_of(&self, block: Block) -> Set {
        let Some(last) = self.function.layout.last_inst(block) else {
            return Set::new();
        };
        let dfg = &self.function.dfg;
        let targets = dfg.insts[last].branch_destination(&dfg.jump_tables, &dfg.exception_tables);
        let into = |target: &cranelift_codegen::ir::BlockCall| {
            self.into.get(&target.block(&dfg.value_lists))
        };
        targets.iter().filter_map(into).flatten().copied().collect()
    }

    /// From behind `inst` to in front of it.
    fn step_over(&self, inst: Inst, set: &mut Set) {
        let dfg = &self.function.dfg;
        for result in dfg.inst_results(inst) {
            set.remove(result);
        }
        set.extend(
            dfg.inst_values(inst)
                .map(|value| dfg.resolve_aliases(value)),
        );
    }
}
