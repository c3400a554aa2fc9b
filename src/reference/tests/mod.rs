//! What the reference says, program by program.

mod corpus;
mod endings;
mod interpreter;
mod patching;

use super::predict;
use crate::program::{
    Invocation, PredictedEvent, PredictedExit, Prediction, Program, SiteId, Ty, Value,
};

const FUEL: u64 = 1_000_000;

/// A hook. The line below it only satisfies the reader, which wants something to call.
const HOOK: &str = "
function %hook(i64) preserve_all {
    fn0 = %host_hook(i64) system_v
block0(v0: i64):
    call fn0(v0)
    return
}
; print: %hook(0)
";

fn program(functions: &str) -> Program {
    Program::parse(
        "test",
        &format!(
            "test run\nset enable_nan_canonicalization=true\ntarget x86_64\n{HOOK}\n{functions}"
        ),
    )
    .unwrap()
}

/// `%main` with this signature and body; `fn0` is the patchable hook, called right at the start.
fn body(signature: &str, preamble: &str, instructions: &str) -> Program {
    program(&format!(
        "function %main{signature} {{\n{preamble}\nfn0 = colocated patchable %hook(i64) preserve_all\n{instructions}\n}}"
    ))
}

fn run(program: &Program, function: &str, args: &[Value], live: &[bool]) -> Prediction {
    attempt(program, function, args, live, FUEL).unwrap()
}

fn attempt(
    program: &Program,
    function: &str,
    args: &[Value],
    live: &[bool],
    fuel: u64,
) -> Result<Prediction, String> {
    let invocation = Invocation {
        function: program.interface.function_index(function).unwrap(),
        args: args.to_vec(),
        expected: None,
    };
    predict(program, &invocation, live, fuel)
}

fn int(bits: u8, value: i128) -> Value {
    Value::new(Ty::int(bits), value.cast_unsigned())
}

fn i64s(values: &[i64]) -> Vec<Value> {
    values.iter().map(|v| int(64, i128::from(*v))).collect()
}

fn returned(values: &[i64]) -> PredictedExit {
    PredictedExit::Returned(i64s(values))
}

/// The passes of a prediction as site and state.
fn passes(prediction: &Prediction) -> Vec<(u32, bool)> {
    let events = prediction.events.iter();
    events
        .filter_map(|event| match event {
            PredictedEvent::Pass { site, live, .. } => Some((site.0, *live)),
            _ => None,
        })
        .collect()
}

fn site(number: u32) -> SiteId {
    SiteId(number)
}
