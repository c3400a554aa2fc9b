//! The table of operations says where each has no lowering: held against Cranelift itself.

use super::super::build::single_operation;
use super::super::isas::Isas;
use super::super::operations::OPS;
use super::super::types::{T, VECTORS};
use crate::codegen::{CodeGenerator, Cranelift};
use crate::isa::Isa;
use crate::panic_guard;
use crate::program::Program;

#[test]
fn operations_are_lowered_where_the_table_says() {
    let mut wrong = Vec::new();
    for (row, op) in OPS.iter().enumerate() {
        for ty in T::ALL.into_iter().filter(|ty| op.types.has(*ty)) {
            for (number, isa) in Isa::ALL.into_iter().enumerate() {
                if isa == Isa::Riscv64gc && VECTORS.has(ty) {
                    continue;
                }
                let listed = op.types_on(Isas(1 << number)).has(ty);
                let mut all = true;
                for variant in 0..8 {
                    let Some(text) = single_operation(row, ty, variant, isa) else {
                        continue;
                    };
                    let program = match Program::parse("one", &text) {
                        Ok(program) => program,
                        Err(error) => {
                            wrong.push(format!("{} {}: {error}", op.name, ty.name()));
                            continue;
                        }
                    };
                    let compiled = panic_guard::catch(|| {
                        Cranelift.compile(&program, &program.targets[0]).map(|_| ())
                    });
                    all &= matches!(compiled, Ok(Ok(())));
                }
                if all != listed {
                    wrong.push(format!("{} {} {isa}: {all}", op.name, ty.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
