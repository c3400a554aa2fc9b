//! Addresses that `auipc` makes: of symbols, and of a table of the function's own.

use cranelift_codegen::ir::ExternalName;

use super::{Riscv64, fits};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::riscv64::encode::{
    Access, Alu, AluImm, Shift, X, alu, alu_imm, auipc, jump_register, load, shift_imm,
};
use crate::backend::riscv64::fixup::Reference;
use crate::codegen::RelocKind;

impl Riscv64 {
    /// Puts `auipc` and an instruction that takes the low part, both for a symbol.
    fn put_pair(
        &self,
        emitter: &mut Emitter<Self>,
        kind: RelocKind,
        (symbol, offset): (String, i64),
        to: X,
        low: u32,
    ) -> Result<(), Refusal> {
        let high_at = emitter.buffer.offset();
        emitter.buffer.relocate(kind, symbol, offset);
        emitter.buffer.put_u32(fits(auipc(to, 0))?);
        emitter
            .buffer
            .relocate_local(RelocKind::RiscvPcRelLo12I, high_at);
        emitter.buffer.put_u32(low);
        Ok(())
    }

    /// `to` = the address of a symbol, by its distance or by what the table holds.
    pub(super) fn put_symbol(
        &self,
        emitter: &mut Emitter<Self>,
        to: X,
        name: &ExternalName,
        offset: i64,
        far: bool,
    ) -> Result<(), Refusal> {
        let symbol = emitter.symbol(name);
        if !far {
            let low = fits(alu_imm(AluImm::Addi, to, to, 0))?;
            return self.put_pair(
                emitter,
                RelocKind::RiscvPcRelHi20,
                (symbol, offset),
                to,
                low,
            );
        }
        self.put_got(emitter, to, symbol)?;
        if offset != 0 {
            let Some(word) = alu_imm(AluImm::Addi, to, to, offset) else {
                return Err(Refusal::limit(format!(
                    "{offset} bytes beyond a far symbol"
                )));
            };
            self.put(emitter, word);
        }
        Ok(())
    }

    /// `to` = what the global offset table holds for a symbol.
    pub(in crate::backend::riscv64) fn put_got(
        &self,
        emitter: &mut Emitter<Self>,
        to: X,
        symbol: String,
    ) -> Result<(), Refusal> {
        let low = fits(load(Access::D, to, to, 0))?;
        self.put_pair(emitter, RelocKind::RiscvGotHi20, (symbol, 0), to, low)
    }

    /// Jumps to the target whose number is `index`. The table holds distances from itself.
    pub(super) fn put_table(
        &self,
        emitter: &mut Emitter<Self>,
        [index, base, part]: [X; 3],
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        let labels = targets
            .iter()
            .map(|&target| emitter.label(target))
            .collect();
        let own = emitter.buffer.new_label();
        let table = emitter.buffer.table(own, labels, false);
        emitter.buffer.alias(own, table);
        emitter.buffer.refer(table, Reference::Address);
        emitter.buffer.put_u32(fits(auipc(base, 0))?);
        emitter
            .buffer
            .put_u32(fits(alu_imm(AluImm::Addi, base, base, 0))?);
        let words = [
            shift_imm(Shift::Slli, part, index, 2),
            Some(alu(Alu::Add, part, part, base)),
            load(Access::W, part, part, 0),
            Some(alu(Alu::Add, part, part, base)),
            jump_register(X::ZERO, part, 0),
        ];
        for word in words {
            self.put(emitter, fits(word)?);
        }
        Ok(())
    }
}
