//! Run lines, in the one form that says all: `run: %f(1) == 2` or `print: %f(1)`.
//!
//! Filetests have shorter forms, and a name on a run line is only written down: the line calls
//! the function that it stands behind.

use cranelift_codegen::ir::{ExternalName, Function, UserFuncName};
use cranelift_reader::{Details, parse_run_command};

use super::Refused;

/// The run lines of each function, without those that say the same.
///
/// # Errors
/// When one cannot be read.
pub fn commands(
    text: &str,
    functions: &[Function],
    details: &[Details],
) -> Result<Vec<Vec<String>>, Refused> {
    let each = functions.iter().zip(details);
    each.map(|(function, details)| {
        let mut list = Vec::new();
        for comment in &details.comments {
            let read = parse_run_command(comment.text, &function.signature);
            // The reader keeps comments without their place: it is behind the function's.
            let start = details.location.line_number;
            let is_it = |line: &str| line.trim_end().ends_with(comment.text.trim_end());
            let at = text.lines().skip(start).position(is_it);
            let line = at.map_or(start, |at| start + at + 1);
            let read = read.map_err(|parse| Refused::bad(Some(line), parse.message))?;
            if read.is_some() {
                list.push(explicit(comment.text, function));
            }
        }
        Ok(list)
    })
    .collect()
}

/// `text`, which the reader takes for a run line of `function`, with all that it leaves out.
fn explicit(text: &str, function: &Function) -> String {
    let name = name(function);
    let text = text.trim_start_matches([' ', ';']).trim_end();
    let (verb, call) = match text.split_once(':') {
        Some((verb, call)) if verb.trim() == "run" || verb.trim() == "print" => (verb, call.trim()),
        _ if text.starts_with("print") => return format!("; print: {name}()"),
        _ => return format!("; run: {name}() != 0"),
    };
    let arguments = call.find('(').map_or("()", |at| &call[at..]);
    format!("; {}: {name}{arguments}", verb.trim())
}

/// The function's name as a run line spells it.
fn name(function: &Function) -> String {
    match &function.name {
        UserFuncName::Testcase(_) => function.name.to_string(),
        UserFuncName::User(_) => format!("%{}", super::outside::plain(&function.name.to_string())),
    }
}

/// The name that `function` has from now on: run lines know only names with a percent sign.
pub fn renamed(function: &Function) -> Option<(String, ExternalName)> {
    matches!(function.name, UserFuncName::User(_)).then(|| {
        let old = function.name.to_string();
        let new = super::outside::plain(&old);
        (old, ExternalName::testcase(new))
    })
}
