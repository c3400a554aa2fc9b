//! The order of blocks, with critical edges split.
//!
//! Code is laid out in reverse post-order, so that a value's definition lies before its uses,
//! back edges apart. The register allocator puts an edge's moves at the end of its source or
//! the start of its target: an edge whose source has several targets and whose target has
//! several sources has neither place free, and gets a block of its own. So does each edge of a
//! `try_call`, behind which nothing can happen but on the edges.

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, BlockCall, Function, Inst};

use super::lower::is_try;

/// Index of a laid-out block; also its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(pub u32);

impl BlockId {
    /// As an index of lists by block.
    pub fn index(self) -> usize {
        usize::try_from(self.0).expect("32 bits fit")
    }
}

/// A laid-out block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// A block of the program.
    Block(Block),
    /// A block of its own on a critical edge: only jumps to its target.
    Edge(BlockId),
}

/// Blocks in the order of layout and the edges between them.
#[derive(Debug, Default)]
pub struct BlockOrder {
    /// What each is.
    pub blocks: Vec<Placed>,
    /// Targets of each block, in the order of its terminator's branches.
    pub succs: Vec<Vec<BlockId>>,
    /// Sources of each block.
    pub preds: Vec<Vec<BlockId>>,
    /// The values that each edge carries in [`BlockOrder::succs`]: none where an edge block
    /// carries them on.
    pub edge_calls: Vec<Vec<Option<BlockCall>>>,
}

/// The branches of a block's terminator in order.
fn branches(function: &Function, terminator: Inst) -> &[BlockCall] {
    let dfg = &function.dfg;
    dfg.insts[terminator].branch_destination(&dfg.jump_tables, &dfg.exception_tables)
}

impl BlockOrder {
    /// Of all blocks that can be reached from the entry.
    pub fn new(function: &Function) -> BlockOrder {
        let order = reverse_post_order(function);
        let mut sources: SecondaryMap<Block, u32> = SecondaryMap::new();
        for &block in &order {
            for call in calls(function, block) {
                sources[call.block(&function.dfg.value_lists)] += 1;
            }
        }
        let mut result = BlockOrder::default();
        let mut number: SecondaryMap<Block, u32> = SecondaryMap::new();
        // Edge blocks follow their source; their targets are known only when all have numbers.
        let mut edges: Vec<Vec<Option<BlockId>>> = Vec::new();
        for &block in &order {
            number[block] = result.next_id().0;
            result.blocks.push(Placed::Block(block));
            let calls = calls(function, block);
            let mut own = Vec::with_capacity(calls.len());
            let home = result.blocks.len();
            let last = function.layout.last_inst(block);
            let is_try = last.is_some_and(|inst| is_try(function.dfg.insts[inst].opcode()));
            for call in calls {
                let target = call.block(&function.dfg.value_lists);
                let critical = is_try || calls.len() > 1 && sources[target] > 1;
                own.push(critical.then(|| {
                    let id = result.next_id();
                    result.blocks.push(Placed::Edge(BlockId(0)));
                    id
                }));
            }
            edges.resize(home, Vec::new());
            edges[home - 1] = own;
        }
        edges.resize(result.blocks.len(), Vec::new());
        result.connect(function, &number, &edges);
        result
    }

    fn next_id(&self) -> BlockId {
        BlockId(u32::try_from(self.blocks.len()).expect("CLIF numbers blocks in 32 bits"))
    }

    fn connect(
        &mut self,
        function: &Function,
        number: &SecondaryMap<Block, u32>,
        edges: &[Vec<Option<BlockId>>],
    ) {
        let count = self.blocks.len();
        self.succs = vec![Vec::new(); count];
        self.edge_calls = vec![Vec::new(); count];
        self.preds = vec![Vec::new(); count];
        for (source, edges) in edges.iter().enumerate() {
            let Placed::Block(block) = self.blocks[source] else {
                continue;
            };
            for (place, call) in calls(function, block).iter().enumerate() {
                let target = BlockId(number[call.block(&function.dfg.value_lists)]);
                match edges[place] {
                    Some(edge) => {
                        self.blocks[edge.index()] = Placed::Edge(target);
                        self.succs[edge.index()] = vec![target];
                        self.edge_calls[edge.index()] = vec![Some(*call)];
                        self.succs[source].push(edge);
                        self.edge_calls[source].push(None);
                    }
                    None => {
                        self.succs[source].push(target);
                        self.edge_calls[source].push(Some(*call));
                    }
                }
            }
        }
        for source in 0..count {
            let id = BlockId(u32::try_from(source).expect("counted above"));
            for target in self.succs[source].clone() {
                self.preds[target.index()].push(id);
            }
        }
    }
}

fn calls(function: &Function, block: Block) -> &[BlockCall] {
    let last = function.layout.last_inst(block);
    last.map_or(&[], |inst| branches(function, inst))
}

/// Blocks reachable from the entry, each before the blocks that it dominates.
fn reverse_post_order(function: &Function) -> Vec<Block> {
    let Some(entry) = function.layout.entry_block() else {
        return Vec::new();
    };
    let mut seen: SecondaryMap<Block, bool> = SecondaryMap::new();
    let mut post = Vec::new();
    seen[entry] = true;
    // Block and the number of its branches still to be followed, the last one first, so that
    // the first one ends up right behind the block.
    let mut stack = vec![(entry, calls(function, entry).len())];
    while let Some((block, left)) = stack.pop() {
        let Some(place) = left.checked_sub(1) else {
            post.push(block);
            continue;
        };
        stack.push((block, place));
        let target = calls(function, block)[place].block(&function.dfg.value_lists);
        if !std::mem::replace(&mut seen[target], true) {
            stack.push((target, calls(function, target).len()));
        }
    }
    post.reverse();
    post
}
