//! Where calls are put.
//!
//! A call may stand in front of every instruction of a block: behind the block's parameters, which
//! are defined at its very start, and before its one terminator at the latest. Behind a terminator
//! nothing may stand. Where no branch leads no site is put, since none would be reached.

use std::str::FromStr;

use cranelift_codegen::dominator_tree::DominatorTree;
use cranelift_codegen::flowgraph::ControlFlowGraph;
use cranelift_codegen::ir::{Function, Inst};

/// Which of the points get a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sites {
    /// All.
    #[default]
    EveryInstruction,
    /// The first one of each block.
    EveryBlock,
    /// The first one of a function, and then each n-th.
    EveryNth(usize),
}

impl FromStr for Sites {
    type Err = String;

    fn from_str(text: &str) -> Result<Sites, String> {
        match text {
            "every-instruction" => Ok(Sites::EveryInstruction),
            "every-block" => Ok(Sites::EveryBlock),
            _ => match text.parse() {
                Ok(n @ 1..) => Ok(Sites::EveryNth(n)),
                _ => Err("expected every-instruction, every-block, or a number from 1".to_owned()),
            },
        }
    }
}

/// The instructions of `function` that get a site in front of them, in layout order.
pub fn of(function: &Function, sites: Sites) -> Vec<Inst> {
    let flow = ControlFlowGraph::with_function(function);
    let tree = DominatorTree::with_function(function, &flow);
    let layout = &function.layout;
    let reachable = layout.blocks().filter(|&block| tree.is_reachable(block));
    let blocks = reachable.map(|block| layout.block_insts(block));
    match sites {
        Sites::EveryInstruction => blocks.flatten().collect(),
        Sites::EveryBlock => blocks.filter_map(|mut insts| insts.next()).collect(),
        Sites::EveryNth(n) => blocks.flatten().step_by(n).collect(),
    }
}
