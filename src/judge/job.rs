//! One outcome held against what the corpus expects of its program.

use super::{Judgement, LeftOut, Record};
use crate::code_generators::{release, short_name};
use crate::codegen::CodeGenerator;
use crate::corpus::{Case, Expectation, Findings, Known};
use crate::isa::Isa;
use crate::oracle::{Discrepancy, Verdict};
use crate::verify::{Outcome, VerifyError};

/// Why there is nothing to judge on an ISA that the header leaves out.
const NOT_NAMED: &str = "the program's header does not name the ISA";

/// Why there is nothing to judge on an ISA whose addresses are not of the width that a program for
/// any ISA takes them to have.
const NOT_VALID: &str = "CLIF's verifier refuses the program for the ISA";

/// What to judge.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// Program with its expectation.
    pub case: &'a Case,
    /// ISA.
    pub isa: Isa,
    /// Code generator.
    pub generator: &'a dyn CodeGenerator,
    /// What is known of generators.
    pub findings: &'a Findings,
}

impl Job<'_> {
    /// The name of the job as a path: `cranelift/s390x/pass/loop-site`.
    pub fn path(&self) -> String {
        let generator = short_name(self.generator);
        format!("{generator}/{}/{}", self.isa, self.case.id)
    }

    /// Judges what came of it.
    ///
    /// # Errors
    /// When there is no verdict: a program that cannot be put into the guest and is not
    /// expected to be refused, or a failure of the suite.
    pub fn judge(&self, outcome: Result<Outcome, VerifyError>) -> Result<Record, VerifyError> {
        match (&self.case.expectation, outcome) {
            (Expectation::Refused(message), Err(VerifyError::Input(error))) => {
                Ok(self.refused(message, &error))
            }
            (Expectation::Refused(message), Ok(_)) => {
                let reason = format!("expected to be refused with '{message}' and is accepted");
                Ok(self.record(Judgement::Fail, Some(reason)))
            }
            (_, Err(error)) => Err(error),
            (Expectation::Pass, Ok(outcome)) => Ok(self.explained(outcome, self.findings)),
            (Expectation::Known(known), Ok(outcome)) => Ok(self.known(known, outcome)),
        }
    }

    /// On an ISA that the program's header leaves out.
    pub(super) fn not_a_target(&self) -> Record {
        let text = self
            .case
            .program
            .as_ref()
            .map_or("", |program| &program.text);
        let mut words = text.lines().map(|line| line.split_whitespace().next());
        let reason = if words.any(|word| word == Some("target")) {
            NOT_NAMED
        } else {
            NOT_VALID
        };
        self.record(Judgement::Unsupported, Some(reason.to_owned()))
    }

    fn record(&self, verdict: Judgement, reason: Option<String>) -> Record {
        Record {
            program: self.case.id.clone(),
            isa: self.isa,
            generator: self.generator.name().to_owned(),
            verdict,
            reason,
            sites: 0,
            scenarios: 0,
            runs: 0,
            hook_hits: 0,
            left_out: Vec::new(),
            discrepancies: Vec::new(),
        }
    }

    fn refused(&self, expected: &str, seen: &str) -> Record {
        if seen.contains(expected) {
            let reason = format!("refused as expected: {expected}");
            self.record(Judgement::Pass, Some(reason))
        } else {
            let reason = format!("expected to be refused with '{expected}', and was with '{seen}'");
            self.record(Judgement::Fail, Some(reason))
        }
    }

    fn as_it_came(&self, outcome: Outcome) -> Record {
        let (verdict, reason, discrepancies) = match outcome.verdict {
            Verdict::Pass => (Judgement::Pass, None, Vec::new()),
            Verdict::Fail(list) => (Judgement::Fail, Some(messages(&list)), list),
            Verdict::Inconclusive(why) => (Judgement::Inconclusive, Some(why), Vec::new()),
            Verdict::Unsupported(why) => (Judgement::Unsupported, Some(why), Vec::new()),
        };
        Record {
            sites: outcome.sites,
            scenarios: outcome.scenarios,
            runs: outcome.runs,
            hook_hits: outcome.hook_hits,
            left_out: outcome
                .left_out
                .into_iter()
                .filter_map(LeftOut::of)
                .collect(),
            discrepancies,
            ..self.record(verdict, reason)
        }
    }

    /// A fail that is nothing but findings is known, in any program.
    fn explained(&self, outcome: Outcome, findings: &Findings) -> Record {
        let mut record = self.as_it_came(outcome);
        let text = self.case.program.as_ref().map_or("", |p| &p.text);
        let explanation = findings.explain(
            short_name(self.generator),
            release(self.generator),
            self.isa,
            text,
            &record.discrepancies,
        );
        if let Some(explanation) = explanation {
            record.verdict = Judgement::Known;
            record.reason = Some(explanation.to_string());
        }
        record
    }

    /// The program of a finding must show it.
    fn known(&self, known: &Known, outcome: Outcome) -> Record {
        // It may lie in another corpus than the findings do.
        let findings = self.findings.and(self.case.name(), known.clone());
        let mut record = self.explained(outcome, &findings);
        if !known.applies(
            short_name(self.generator),
            release(self.generator),
            self.isa,
        ) {
            return record;
        }
        let shows = record.discrepancies.iter().any(|d| known.is_primary(d));
        match record.verdict {
            Judgement::Pass => {
                record.verdict = Judgement::Fail;
                let reason = "expected to fail and passes: remove from corpus/known";
                record.reason = Some(reason.to_owned());
            }
            Judgement::Known if shows => {}
            Judgement::Known | Judgement::Fail => {
                record.verdict = Judgement::Fail;
                let checks = known.checks.iter().map(|check| check.name());
                let check = checks.collect::<Vec<_>>().join(" or ");
                let how = if shows { "more" } else { "otherwise" };
                let seen = messages(&record.discrepancies);
                record.reason = Some(format!(
                    "expected to fail {check} as its header says, and fails {how}: {seen}"
                ));
            }
            Judgement::Inconclusive | Judgement::Unsupported => {}
        }
        record
    }
}

fn messages(discrepancies: &[Discrepancy]) -> String {
    let lines: Vec<String> = discrepancies
        .iter()
        .map(|d| format!("{}: {}", d.check, d.message))
        .collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::Cranelift;
    use crate::oracle::{Check, Subject};
    use crate::program::ProgramError;

    fn case(expectation: Expectation) -> Case {
        let program = Err(ProgramError {
            path: None,
            line: Some(3),
            message: "no way".into(),
        });
        Case {
            id: "x".into(),
            path: "x.clif".into(),
            expectation,
            program,
            parts: Vec::new(),
        }
    }

    fn outcome(verdict: Verdict) -> Outcome {
        Outcome {
            verdict,
            sites: 1,
            scenarios: 3,
            runs: 5,
            hook_hits: 2,
            left_out: Vec::new(),
            view: None,
        }
    }

    fn fail(check: Check) -> Verdict {
        Verdict::Fail(vec![Discrepancy {
            check,
            site: None,
            subject: Subject::Exit,
            expected: "a".into(),
            seen: "b".into(),
            scenario: None,
            message: "a is b".into(),
        }])
    }

    const HEADER: &str = "\
; known: generator cranelift
; known: releases 0.127..
; known: isa s390x
; known: check lockstep
; known: subject exit
; known: cause Only half is saved. It should be all.
";

    fn known() -> Known {
        Known::parse(HEADER).unwrap()
    }

    fn findings() -> Findings {
        Findings::new(vec![("x".to_owned(), known())])
    }

    fn judged(expectation: Expectation, isa: Isa, verdict: Verdict) -> Record {
        let case = case(expectation);
        let job = Job {
            case: &case,
            isa,
            generator: &Cranelift,
            findings: &findings(),
        };
        job.judge(Ok(outcome(verdict))).unwrap()
    }

    fn known_on(isa: Isa, verdict: Verdict) -> Record {
        judged(Expectation::Known(Box::new(known())), isa, verdict)
    }

    fn both(checks: [Check; 2]) -> Verdict {
        fail(checks[0]).and(fail(checks[1]))
    }

    #[test]
    fn a_finding_is_known_where_its_header_says_so() {
        let record = known_on(Isa::S390x, fail(Check::Lockstep));
        assert_eq!(record.verdict, Judgement::Known);
        assert_eq!(record.reason.as_deref(), Some("x: Only half is saved"));
        assert_eq!(record.hook_hits, 2);
    }

    #[test]
    fn a_finding_is_known_in_any_program_unless_there_is_more() {
        let pass = |isa, verdict| judged(Expectation::Pass, isa, verdict);
        let record = pass(Isa::S390x, fail(Check::Lockstep));
        assert_eq!(record.verdict, Judgement::Known);
        assert_eq!(record.reason.as_deref(), Some("x: Only half is saved"));
        assert_eq!(record.discrepancies.len(), 1);
        let more = pass(Isa::S390x, both([Check::Lockstep, Check::State]));
        assert_eq!(more.verdict, Judgement::Fail);
        assert_eq!(
            more.reason.as_deref(),
            Some("lockstep: a is b; state: a is b")
        );
        let other_isa = pass(Isa::X86_64, fail(Check::Lockstep));
        assert_eq!(other_isa.verdict, Judgement::Fail);
        assert_eq!(pass(Isa::S390x, Verdict::Pass).verdict, Judgement::Pass);
        let unclear = pass(Isa::S390x, Verdict::Inconclusive("why".into()));
        assert_eq!(unclear.verdict, Judgement::Inconclusive);
    }

    #[test]
    fn a_finding_that_is_gone_has_moved_or_has_grown_is_a_fail() {
        let gone = known_on(Isa::S390x, Verdict::Pass);
        assert_eq!(gone.verdict, Judgement::Fail);
        assert!(gone.reason.unwrap().contains("remove from corpus/known"));
        let other_check = known_on(Isa::S390x, fail(Check::State));
        assert_eq!(other_check.verdict, Judgement::Fail);
        assert!(other_check.reason.unwrap().contains("otherwise: state"));
        let grown = known_on(Isa::S390x, both([Check::Lockstep, Check::State]));
        assert_eq!(grown.verdict, Judgement::Fail);
        assert!(grown.reason.unwrap().contains("more: lockstep"));
        let other_isa = known_on(Isa::X86_64, fail(Check::Lockstep));
        assert_eq!(other_isa.verdict, Judgement::Fail);
        assert_eq!(
            known_on(Isa::X86_64, Verdict::Pass).verdict,
            Judgement::Pass
        );
    }

    #[test]
    fn the_program_of_one_finding_that_shows_only_another_is_a_fail() {
        let text = HEADER.replace("check lockstep", "check state");
        let other = Expectation::Known(Box::new(Known::parse(&text).unwrap()));
        let record = judged(other, Isa::S390x, fail(Check::Lockstep));
        assert_eq!(record.verdict, Judgement::Fail);
        assert!(record.reason.unwrap().contains("otherwise: lockstep"));
    }

    #[test]
    fn a_refusal_must_say_what_was_expected() {
        let verdict = |expected: &str| {
            let case = case(Expectation::Refused(expected.into()));
            let job = Job {
                case: &case,
                isa: Isa::X86_64,
                generator: &Cranelift,
                findings: &Findings::default(),
            };
            job.refused(expected, "x.clif:3: no way").verdict
        };
        assert_eq!(verdict("no way"), Judgement::Pass);
        assert_eq!(verdict("some way"), Judgement::Fail);
    }

    #[test]
    fn a_job_is_named_as_a_path() {
        let case = case(Expectation::Pass);
        let job = Job {
            case: &case,
            isa: Isa::S390x,
            generator: &Cranelift,
            findings: &Findings::default(),
        };
        assert_eq!(job.path(), "cranelift/s390x/x");
    }
}
