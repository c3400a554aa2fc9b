//! Calls, jumps and tables.

use cranelift_codegen::ir::TrapCode;

use super::encode::{
    Access, Address, Alu, Branch, BranchReg, BranchZero, Cond, Extend, NOP, Reg as Hw, Size,
    access, adr, adrp, alu, alu_imm, branch, branch_if, branch_reg, branch_zero, constant,
};
use super::frame::{epilogue, put, trap};
use super::inst::Test;
use super::registers::{SCRATCH, hw};
use super::{Aarch64, Distance};
use crate::backend::buffer::{CodeBuffer, Label};
use crate::backend::call::{CallInfo, Callee};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::codegen::RelocKind;

type E<'a> = Emitter<'a, Aarch64>;

/// Most entries of a jump table.
pub const MAX_TABLE: u32 = 0x4000;

/// Puts the address of a symbol into a register, directly or out of the GOT.
pub fn symbol(
    emitter: &mut E,
    to: Hw,
    (name, addend): (String, i64),
    near: bool,
) -> Result<(), Refusal> {
    let buffer = &mut emitter.buffer;
    let (page, low) = match near {
        true => (RelocKind::Aarch64AdrPage21, RelocKind::Aarch64AddLo12),
        false => (
            RelocKind::Aarch64AdrGotPage21,
            RelocKind::Aarch64Ld64GotLo12,
        ),
    };
    let own_addend = if near { addend } else { 0 };
    buffer.relocate(page, name.clone(), own_addend);
    put(emitter, adrp(to, 0))?;
    emitter.buffer.relocate(low, name, own_addend);
    if near {
        return put(emitter, alu_imm(Alu::ADD, Size::X, to, to, 0));
    }
    put(emitter, access(Access::LDR_X, to, Address::Offset(to, 0)))?;
    if addend == 0 {
        return Ok(());
    }
    for word in constant(SCRATCH, addend.cast_unsigned()) {
        emitter.buffer.put_u32(word);
    }
    emitter
        .buffer
        .put_u32(alu(Alu::ADD, Size::X, to, to, SCRATCH));
    Ok(())
}

/// A call, alone in its site.
pub fn call(emitter: &mut E, call: &CallInfo) -> Result<(), Refusal> {
    let near = match &call.callee {
        Callee::Symbol { name, near: true } => Some(emitter.symbol(name)),
        Callee::Symbol { name, near: false } => {
            let name = emitter.symbol(name);
            symbol(emitter, SCRATCH, (name, 0), false)?;
            None
        }
        Callee::Register(_) => None,
    };
    let target = match &call.callee {
        Callee::Register(reg) => hw(*reg),
        Callee::Symbol { .. } => SCRATCH,
    };
    emitter.site(call.site, |emitter| match near {
        Some(name) => {
            emitter.buffer.relocate(RelocKind::Aarch64Call26, name, 0);
            let word = branch(Branch::BL, 0).expect("the shortest distance");
            emitter.buffer.put_u32(word);
        }
        None => emitter.buffer.put_u32(branch_reg(BranchReg::BLR, target)),
    });
    Ok(())
}

/// The epilogue and a jump. Arguments lie `popped` bytes above where the callee expects the
/// stack pointer.
pub fn tail_call(emitter: &mut E, call: &CallInfo) -> Result<(), Refusal> {
    let popped = i64::from(emitter.frame.popped) - i64::from(call.popped);
    epilogue(emitter, popped)?;
    match &call.callee {
        Callee::Symbol { name, near: true } => {
            let name = emitter.symbol(name);
            emitter.buffer.relocate(RelocKind::Aarch64Call26, name, 0);
            put(emitter, branch(Branch::B, 0))
        }
        Callee::Symbol { name, near: false } => {
            let name = emitter.symbol(name);
            symbol(emitter, SCRATCH, (name, 0), false)?;
            emitter.buffer.put_u32(branch_reg(BranchReg::BR, SCRATCH));
            Ok(())
        }
        Callee::Register(reg) => {
            // Through x16, so that it may land where only calls do (BTI).
            emitter
                .buffer
                .put_u32(alu(Alu::ORR, Size::X, SCRATCH, Hw::ZR, hw(*reg)));
            emitter.buffer.put_u32(branch_reg(BranchReg::BR, SCRATCH));
            Ok(())
        }
    }
}

/// A jump to a block.
pub fn jump(emitter: &mut E, target: BlockId) {
    let label = emitter.label(target);
    emitter.buffer.refer(label, Distance::Jump);
    emitter
        .buffer
        .put_u32(branch(Branch::B, 0).expect("the shortest distance"));
}

/// A jump over bytes behind it.
pub fn jump_over(buffer: &mut CodeBuffer<Distance>, bytes: u32) {
    let distance = i32::try_from(bytes + 4).ok();
    let word = distance.and_then(|distance| branch(Branch::B, distance));
    buffer.put_u32(word.expect("islands are smaller than 128 MiB"));
}

/// A test's branch over `to` bytes.
pub fn test_word(test: Test, to: i32) -> Option<u32> {
    match test {
        Test::Flags(cond) => branch_if(cond, to),
        Test::Zero(size, reg) => branch_zero(BranchZero::CBZ, size, hw(reg), to),
        Test::NonZero(size, reg) => branch_zero(BranchZero::CBNZ, size, hw(reg), to),
    }
}

fn branch_to(emitter: &mut E, test: Test, label: Label) -> Result<(), Refusal> {
    emitter.buffer.refer(label, Distance::Branch);
    put(emitter, test_word(test, 0))
}

/// A branch to one of two blocks.
pub fn two_ways(emitter: &mut E, test: Test, [then, other]: [BlockId; 2]) -> Result<(), Refusal> {
    if emitter.falls_into(then) {
        let label = emitter.label(other);
        return branch_to(emitter, test.inverted(), label);
    }
    let label = emitter.label(then);
    branch_to(emitter, test, label)?;
    if !emitter.falls_into(other) {
        jump(emitter, other);
    }
    Ok(())
}

/// Traps if the test holds.
pub fn trap_if(emitter: &mut E, test: Test, code: TrapCode) -> Result<(), Refusal> {
    put(emitter, test_word(test.inverted(), 8))?;
    trap(emitter, code);
    Ok(())
}

/// A jump by number: through a table of distances right behind the jump, or by comparisons
/// where branch targets must be marked.
pub fn table(
    emitter: &mut E,
    index: Hw,
    (address, distance): (Hw, Hw),
    targets: &[BlockId],
) -> Result<(), Refusal> {
    let (default, entries) = targets.split_first().expect("a table has a default");
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    if count > MAX_TABLE {
        return Err(Refusal::limit(format!(
            "a jump table of {count} entries, beyond {MAX_TABLE}"
        )));
    }
    if entries.is_empty() {
        jump(emitter, *default);
        return Ok(());
    }
    if emitter.settings.has("use_bti") {
        return chain(emitter, (index, address), entries, *default);
    }
    compare(emitter, index, address, count)?;
    let label = emitter.label(*default);
    branch_to(emitter, Test::Flags(Cond::Hs), label)?;
    put(emitter, adr(address, 16))?;
    let entry = Address::Index {
        base: address,
        index,
        extend: Extend::Uxtw,
        scaled: true,
    };
    put(emitter, access(Access::LDRSW, distance, entry))?;
    emitter
        .buffer
        .put_u32(alu(Alu::ADD, Size::X, address, address, distance));
    emitter.buffer.put_u32(branch_reg(BranchReg::BR, address));
    for (number, target) in (0u32..).zip(entries) {
        let label = emitter.label(*target);
        emitter.buffer.refer(label, Distance::Entry(number * 4));
        emitter.buffer.put_u32(NOP);
    }
    Ok(())
}

fn compare(emitter: &mut E, index: Hw, spare: Hw, with: u32) -> Result<(), Refusal> {
    if let Some(word) = alu_imm(Alu::SUBS, Size::W, Hw::ZR, index, with.into()) {
        return put(emitter, Some(word));
    }
    for word in constant(spare, with.into()) {
        emitter.buffer.put_u32(word);
    }
    emitter
        .buffer
        .put_u32(alu(Alu::SUBS, Size::W, Hw::ZR, index, spare));
    Ok(())
}

fn chain(
    emitter: &mut E,
    (index, spare): (Hw, Hw),
    entries: &[BlockId],
    default: BlockId,
) -> Result<(), Refusal> {
    // Three instructions an entry at most: as much room as a table three times as large.
    let limit = MAX_TABLE / 4;
    if u32::try_from(entries.len()).is_ok_and(|count| count > limit) {
        return Err(Refusal::limit(format!(
            "a table beyond {limit} entries with BTI"
        )));
    }
    for (number, target) in (0u32..).zip(entries) {
        compare(emitter, index, spare, number)?;
        let label = emitter.label(*target);
        branch_to(emitter, Test::Flags(Cond::Eq), label)?;
    }
    if !emitter.falls_into(default) {
        jump(emitter, default);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disasm::{Kind, decode};
    use crate::isa::Isa;

    /// Where the word at `offset` leads, through jumps that it leads to.
    fn lands(code: &[u8], offset: u64) -> u64 {
        let at = usize::try_from(offset).expect("a short test");
        match decode(Isa::Aarch64, &code[at..], offset)
            .expect("code")
            .kind
        {
            Kind::Branch(target) | Kind::Jump(target) => lands(code, target),
            _ => offset,
        }
    }

    #[test]
    fn short_branches_reach_far_blocks_through_veneers() {
        // Forward to a block 3 MiB away, backward from behind it, and a jump that needs none.
        let mut buffer: CodeBuffer<Distance> = CodeBuffer::new(2);
        let (start, end) = (buffer.block(BlockId(0)), buffer.block(BlockId(1)));
        buffer.bind(start);
        let short = |buffer: &mut CodeBuffer<Distance>, label| {
            let at = buffer.offset();
            buffer.refer(label, Distance::Branch);
            buffer.put_u32(branch_if(Cond::Eq, 0).expect("the shortest distance"));
            at
        };
        let filler = 0x9100_0021;
        buffer.put_u32(filler);
        let forward = short(&mut buffer, end);
        for _ in 0..3 << 18 {
            buffer.make_room(64, jump_over).expect("small enough");
            buffer.put_u32(filler);
        }
        buffer.make_room(64, jump_over).expect("small enough");
        buffer.bind(end);
        let target = buffer.offset();
        buffer.put_u32(filler);
        let backward = short(&mut buffer, start);
        buffer.put_u32(branch_reg(BranchReg::RET, Hw::LR));
        let code = buffer.finish(0).expect("every branch reaches").bytes;
        assert_eq!(lands(&code, forward.into()), u64::from(target));
        assert_eq!(lands(&code, backward.into()), 0);
        // Straight on, the code runs around every island.
        let mut at = u64::from(forward) + 4;
        while at < u64::from(target) {
            at = lands(&code, at) + 4;
        }
        assert_eq!(at, u64::from(target));
    }
}
