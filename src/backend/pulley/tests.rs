//! Size of the code, beside Cranelift's, with the allocator's checker on.

use cranelift_codegen::settings::OptLevel;

use crate::backend::Own;
use crate::codegen::{CodeGenerator, Cranelift};
use crate::generator;
use crate::isa::Isa;
use crate::program::{Program, Target};

/// Programs compared.
const PROGRAMS: u64 = 250;

/// Bytes of all functions, where the generator compiles the program.
fn size(generator: &dyn CodeGenerator, program: &Program, target: &Target) -> Option<usize> {
    let compiled = generator.compile(program, target).ok()?;
    Some(compiled.functions.iter().map(|f| f.bytes.len()).sum())
}

/// Sizes in percent of Cranelift's without optimisation, in ascending order, and how many
/// programs only Cranelift compiles.
fn percentages(isa: Isa) -> (Vec<usize>, usize) {
    let (mut list, mut refused) = (Vec::new(), 0);
    for number in 0..PROGRAMS {
        let generated = generator::program(0x5153, number);
        let program = Program::parse(&generated.name, &generated.text);
        let program = program.unwrap_or_else(|error| panic!("{}: {error}", generated.name));
        for target in program.targets_of(isa) {
            if target.clif.flags().opt_level() != OptLevel::None {
                continue;
            }
            let Some(other) = size(&Cranelift, &program, target) else {
                continue;
            };
            match size(&Own::PLAIN, &program, target) {
                Some(own) => list.push(100 * own / other),
                None => refused += 1,
            }
        }
    }
    list.sort_unstable();
    (list, refused)
}

#[test]
fn code_is_little_longer_than_cranelifts() {
    for isa in [Isa::Pulley64, Isa::Pulley64be] {
        let (list, refused) = percentages(isa);
        assert!(
            list.len() > 20,
            "{isa}: {} programs are too few",
            list.len()
        );
        let (median, most) = (list[list.len() / 2], list[list.len() - 1]);
        println!(
            "{isa}: {median} % in the median, {most} % at most, of {}",
            list.len()
        );
        assert!(median <= 130, "{isa}: {median} %");
        assert!(refused * 50 <= list.len(), "{isa}: {refused} refused");
    }
}
