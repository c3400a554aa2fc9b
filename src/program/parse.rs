//! From text to program, by Cranelift's own reader and verifier.

use std::sync::Arc;

use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::{self, TargetIsa};
use cranelift_codegen::{settings, verify_function};
use cranelift_reader::{
    Comparison, Details, IsaSpec, ParseError, ParseOptions, RunCommand, parse_run_command,
    parse_test,
};

use super::convert::from_data_value;
use super::survey::{SurveyError, survey};
use super::{Expected, Interface, Invocation, Param, Program, ProgramError, Target, Value};
use crate::isa::Isa;

/// See [`Program::parse`].
pub fn parse(name: &str, text: &str) -> Result<Program, ProgramError> {
    let file = parse_test(text, ParseOptions::default()).map_err(reader_error)?;
    let targets = targets(&file.isa_spec, text)?;
    let (mut functions, details): (Vec<Function>, Vec<Details>) =
        file.functions.into_iter().unzip();
    verify(&functions, &details, &targets)?;
    let interface = survey(&mut functions).map_err(|error| survey_error(&error, &details))?;
    if interface.sites.is_empty() {
        return Err(error(None, "no patchable call in the program".to_owned()));
    }
    let invocations = invocations(&functions, &details, &interface)?;
    Ok(Program {
        name: name.to_owned(),
        path: None,
        text: Arc::from(text),
        interface: Arc::new(interface),
        functions,
        targets,
        invocations,
    })
}

fn error(line: Option<usize>, message: String) -> ProgramError {
    ProgramError {
        path: None,
        line,
        message,
    }
}

fn reader_error(parse: ParseError) -> ProgramError {
    let line = Some(parse.location.line_number).filter(|&line| line > 0);
    error(line, parse.message)
}

fn survey_error(survey: &SurveyError, details: &[Details]) -> ProgramError {
    let details = &details[survey.function];
    let entity = survey
        .inst
        .and_then(|inst| details.map.location(inst.into()));
    let line = entity.unwrap_or(details.location).line_number;
    error(Some(line), survey.message.clone())
}

/// The header's targets; every ISA with the header's settings where it names none.
fn targets(spec: &IsaSpec, text: &str) -> Result<Vec<Target>, ProgramError> {
    let target = |clif: Arc<dyn TargetIsa>, flags: String| match Isa::from_triple(clif.triple()) {
        Some(isa) => Ok(Target { isa, flags, clif }),
        None => Err(error(None, format!("unknown ISA '{}'", clif.triple()))),
    };
    match spec {
        IsaSpec::Some(list) => {
            let lines = text.lines().map(str::split_whitespace);
            let flags = lines.filter_map(|mut words| {
                (words.next() == Some("target"))
                    .then(|| words.skip(1).collect::<Vec<_>>().join(" "))
            });
            list.iter()
                .zip(flags)
                .map(|(clif, flags)| target(clif.clone(), flags))
                .collect()
        }
        IsaSpec::None(flags) => Isa::ALL
            .iter()
            .map(|isa| target(lookup(*isa, flags)?, String::new()))
            .collect(),
    }
}

fn lookup(isa: Isa, flags: &settings::Flags) -> Result<isa::OwnedTargetIsa, ProgramError> {
    isa::lookup(isa.triple())
        .map_err(|e| e.to_string())
        .and_then(|builder| builder.finish(flags.clone()).map_err(|e| e.to_string()))
        .map_err(|message| error(None, format!("{isa}: {message}")))
}

/// Cranelift's verifier, for each target once: pointer types differ.
fn verify(
    functions: &[Function],
    details: &[Details],
    targets: &[Target],
) -> Result<(), ProgramError> {
    for target in targets {
        for (function, details) in functions.iter().zip(details) {
            let Err(errors) = verify_function(function, &*target.clif) else {
                continue;
            };
            let first = &errors.0[0];
            let line = details
                .map
                .location(first.location)
                .unwrap_or(details.location)
                .line_number;
            return Err(error(
                Some(line),
                format!("{}: {}", function.name, first.message),
            ));
        }
    }
    Ok(())
}

/// Every run line, and `%main` where it has none.
fn invocations(
    functions: &[Function],
    details: &[Details],
    interface: &Interface,
) -> Result<Vec<Invocation>, ProgramError> {
    let mut list = Vec::new();
    for (function, details) in functions.iter().zip(details) {
        for comment in &details.comments {
            let line = line_of(details, comment.entity);
            let command = parse_run_command(comment.text, &function.signature)
                .map_err(|parse| error(Some(line), parse.message))?;
            if let Some(command) = command {
                list.push(
                    invocation(command, interface).map_err(|message| error(Some(line), message))?,
                );
            }
        }
    }
    if list.is_empty() {
        list.push(default_entry(details, interface)?);
    }
    Ok(list)
}

fn line_of(details: &Details, entity: cranelift_codegen::ir::entities::AnyEntity) -> usize {
    details
        .map
        .location(entity)
        .unwrap_or(details.location)
        .line_number
}

fn invocation(command: RunCommand, interface: &Interface) -> Result<Invocation, String> {
    let (call, expected) = match command {
        RunCommand::Print(call) => (call, None),
        RunCommand::Run(call, comparison, values) => (
            call,
            Some((matches!(comparison, Comparison::Equals), values)),
        ),
    };
    let name = format!("%{}", call.func);
    let function = interface
        .function_index(&name)
        .ok_or_else(|| format!("the run line calls {name}, which is not defined"))?;
    let signature = &interface.functions[function as usize].signature;
    // The reader's vectors do not know their lanes, the signature does.
    let convert = |values: &[cranelift_codegen::data_value::DataValue], declared: &[Param]| {
        let typed = values.iter().zip(declared);
        let values = typed
            .map(|(value, param)| Some(Value::new(param.ty, from_data_value(value)?.bits)))
            .collect::<Option<Vec<_>>>();
        values.ok_or_else(|| "a value on the run line is wider than 128 bits".to_owned())
    };
    let expected = match expected {
        Some((equal, values)) => Some(Expected {
            equal,
            values: convert(&values, &signature.returns)?,
        }),
        None => None,
    };
    Ok(Invocation {
        function,
        args: convert(&call.args, &signature.params)?,
        expected,
    })
}

fn default_entry(details: &[Details], interface: &Interface) -> Result<Invocation, ProgramError> {
    let Some(function) = interface.function_index("%main") else {
        return Err(error(None, "no run line and no function %main".to_owned()));
    };
    let decl = &interface.functions[function as usize];
    if decl.signature.params.is_empty() {
        return Ok(Invocation {
            function,
            args: Vec::new(),
            expected: None,
        });
    }
    let line = details[function as usize].location.line_number;
    let message = format!(
        "no run line: %main has signature {} and cannot be called without",
        decl.signature
    );
    Err(error(Some(line), message))
}
