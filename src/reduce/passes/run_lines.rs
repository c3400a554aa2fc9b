//! Run lines: which calls are made, and with what.

use super::{Edit, Source};

/// Run lines.
pub fn remove(source: &Source) -> Vec<Edit> {
    each(
        source,
        |_| vec![()],
        |runs, line, ()| {
            runs.remove(line);
            Some(())
        },
    )
}

/// What the results must be: `; run: %f(1) == 2` becomes `; print: %f(1)`.
pub fn forget_results(source: &Source) -> Vec<Edit> {
    let judged = |line: &str| {
        let is = line.contains("run:") && line.contains(')');
        if is { vec![()] } else { Vec::new() }
    };
    each(source, judged, |runs, line, ()| forget(runs.get_mut(line)?))
}

/// Makes a run line print instead of judge.
pub fn forget(line: &mut String) -> Option<()> {
    let call = line.split_once("run:")?.1;
    let end = call.find(')')?;
    *line = format!("; print:{}", &call[..=end]);
    Some(())
}

/// Arguments: 0 instead of any other number.
pub fn zero_arguments(source: &Source) -> Vec<Edit> {
    let all = |line: &str| arguments(line).map_or_else(Vec::new, |a| (0..a.len()).collect());
    each(source, all, |runs, line, argument| {
        let line = runs.get_mut(line)?;
        let mut list = arguments(line)?;
        let old = list.get_mut(argument)?;
        let zero = if old.contains("0x") && old.contains(['.', 'p', 'N', 'I']) || old.contains('.')
        {
            "0.0"
        } else {
            "0"
        };
        if old.as_str() == zero || old.starts_with('[') {
            return None;
        }
        *old = zero.to_owned();
        set_arguments(line, &list)
    })
}

/// Arguments of the call on a run line as written.
pub fn arguments(line: &str) -> Option<Vec<String>> {
    let open = line.find('(')?;
    let close = open + line[open..].find(')')?;
    let inside = line[open + 1..close].trim();
    if inside.is_empty() {
        return Some(Vec::new());
    }
    Some(inside.split(',').map(|a| a.trim().to_owned()).collect())
}

/// Writes other arguments into a run line.
pub fn set_arguments(line: &mut String, list: &[String]) -> Option<()> {
    let open = line.find('(')?;
    let close = open + line[open..].find(')')?;
    line.replace_range(open + 1..close, &list.join(", "));
    Some(())
}

fn each<T: 'static + Copy>(
    source: &Source,
    list: impl Fn(&str) -> Vec<T>,
    change: fn(&mut Vec<String>, usize, T) -> Option<()>,
) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (index, unit) in source.units.iter().enumerate() {
        for (line, text) in unit.runs.iter().enumerate() {
            for one in list(text) {
                edits.push(Box::new(move |source| {
                    change(&mut source.units.get_mut(index)?.runs, line, one)
                }));
            }
        }
    }
    edits
}
