//! What faults are put into: programs that pass every check without one.
//!
//! A program that shows a finding, known or new, is no subject: what an oracle says of it would
//! prove nothing about the fault. So the list holds the programs of the corpus and then generated
//! ones that pass, for each code generator and ISA its own.

use std::sync::Arc;

use crate::codegen::{CodeGenerator, Compiled};
use crate::disasm::FunctionCode;
use crate::generator;
use crate::image::{CodeImage, link};
use crate::isa::Isa;
use crate::machine::RunEvidence;
use crate::machine::tampering::Tampering;
use crate::oracle::{Verdict, View, decoded};
use crate::program::{FunctionDecl, Program, SiteId, Target};
use crate::verify::Verifier;

/// A program on one ISA from one code generator, with what it does without a fault.
pub struct Subject {
    /// The program.
    pub program: Program,
    /// Its target.
    pub target: Target,
    /// Who compiled it.
    pub generator: &'static dyn CodeGenerator,
    /// As compiled.
    pub compiled: Compiled,
    /// As linked.
    pub image: Arc<CodeImage>,
    /// Its decoded functions.
    pub code: Vec<FunctionCode>,
    /// What its runs show.
    pub evidence: Vec<RunEvidence>,
    /// What it looks like without an ISA.
    pub view: Option<View>,
    /// Whether the reference says of some run what it must do.
    pub predicted: bool,
}

impl Subject {
    /// The subject that `program` is on `isa`; `None` unless it passes every check.
    pub fn new(
        program: &Program,
        isa: Isa,
        generator: &'static dyn CodeGenerator,
        verifier: &mut Verifier,
    ) -> Option<Subject> {
        let target = program.targets_of(isa).next()?.clone();
        let compiled = generator.compile(program, &target).ok()?;
        let image = Arc::new(link(isa, &program.interface, &compiled).ok()?);
        let given = verifier.verify_image(program, Arc::clone(&image), &Tampering::default(), &[]);
        let given = given.ok()?;
        let passes = |(_, verdict): &(_, Verdict)| *verdict == Verdict::Pass;
        given.verdicts.iter().all(passes).then(|| Subject {
            program: program.clone(),
            target,
            generator,
            compiled,
            code: decoded(&image),
            image,
            evidence: given.evidence,
            view: given.view,
            predicted: given.predicted,
        })
    }

    /// The ISA.
    pub fn isa(&self) -> Isa {
        self.image.isa
    }

    /// The sites whose hook is as `wanted`.
    pub fn sites(&self, wanted: impl Fn(&FunctionDecl) -> bool) -> Vec<SiteId> {
        let interface = &self.program.interface;
        let ids = interface.sites.iter().map(|site| site.id);
        ids.filter(|id| wanted(interface.hook_of(*id))).collect()
    }
}

/// The programs that faults are put into, in their order.
pub struct Subjects {
    corpus: Vec<Program>,
    seed: u64,
    generated: u64,
}

impl Subjects {
    /// The programs of `corpus`, then `generated` ones of `seed`.
    pub fn new(corpus: Vec<Program>, seed: u64, generated: u64) -> Subjects {
        Subjects {
            corpus,
            seed,
            generated,
        }
    }

    /// How many programs there are.
    pub fn len(&self) -> usize {
        self.corpus.len() + usize::try_from(self.generated).unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Program `index`; `None` where the generator's is refused.
    pub fn program(&self, index: usize) -> Option<Program> {
        if let Some(program) = self.corpus.get(index) {
            return Some(program.clone());
        }
        let number = u64::try_from(index - self.corpus.len()).ok()?;
        let made = generator::program(self.seed, number);
        Program::parse(&made.name, &made.text).ok()
    }
}
