//! The text of a function with its entities numbered from 0 and without declarations that
//! nothing uses. On the text, because there each name says what it is, and a name that edits
//! left behind without a definition stays for the reader to refuse.
//!
//! Stack slots are kept, used or not: they make the frame.

use std::collections::{HashMap, HashSet};

/// What a name may begin with that numbers follow. `ret` and `exn` name positions.
const KINDS: [&str; 7] = ["v", "block", "ss", "gv", "sig", "fn", "const"];

/// Tidies one function as the IR displays it.
pub fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(without_comment).collect();
    let lines = with_signatures(&lines);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let body = lines
        .iter()
        .position(|line| line.trim_start().starts_with("block"))
        .unwrap_or(lines.len());
    let (head, body) = lines.split_at(body);
    let mut kept = used_declarations(head, body);
    if kept.last().is_some_and(|line| line.is_empty()) && kept.len() == 2 {
        kept.pop();
    }
    kept.extend(body);
    let numbers = numbers(&kept);
    let mut tidied = String::new();
    for line in kept {
        for (piece, _) in pieces(line) {
            tidied.push_str(numbers.get(piece).map_or(piece, String::as_str));
        }
        tidied.push('\n');
    }
    tidied
}

/// Instructions are displayed with the constants that they use: `iadd v0, v1  ; v1 = 7`.
fn without_comment(line: &str) -> &str {
    line.find("  ; v").map_or(line, |at| &line[..at]).trim_end()
}

/// Functions declared with their signatures written out, as people do.
fn with_signatures(lines: &[&str]) -> Vec<String> {
    let signatures: HashMap<&str, &str> = lines
        .iter()
        .filter_map(|line| declared(line).filter(|name| is_of_kind(name, "sig")))
        .filter_map(|name| {
            let prefix = format!("    {name} = ");
            Some((name, lines.iter().find_map(|l| l.strip_prefix(&*prefix))?))
        })
        .collect();
    let line = |line: &&str| {
        let of_function = declared(line).is_some_and(|name| is_of_kind(name, "fn"));
        let split = line.rsplit_once(' ').filter(|_| of_function);
        let signature = split.and_then(|(front, last)| Some((front, signatures.get(last)?)));
        signature.map_or_else(
            || (*line).to_owned(),
            |(front, text)| format!("{front}{text}"),
        )
    };
    lines.iter().map(line).collect()
}

/// The name that a line of the preamble declares.
fn declared(line: &str) -> Option<&str> {
    let name = line.split_once(" = ")?.0.trim();
    KINDS
        .iter()
        .any(|kind| is_of_kind(name, kind))
        .then_some(name)
}

fn used_declarations<'a>(head: &[&'a str], body: &[&str]) -> Vec<&'a str> {
    let mut kept = head.to_vec();
    loop {
        let used: HashSet<&str> = kept
            .iter()
            .map(|line| {
                declared(line).map_or(*line, |_| line.split_once(" = ").map_or("", |l| l.1))
            })
            .chain(body.iter().copied())
            .flat_map(|line| pieces(line).into_iter().filter(|p| p.1).map(|p| p.0))
            .collect();
        let before = kept.len();
        kept.retain(|line| {
            declared(line).is_none_or(|name| name.starts_with("ss") || used.contains(name))
        });
        if kept.len() == before {
            return kept;
        }
    }
}

/// The new name of each defined entity, in order of definition.
fn numbers(lines: &[&str]) -> HashMap<String, String> {
    let mut numbers = HashMap::new();
    let mut next = HashMap::new();
    for line in lines {
        let defines = if line.trim_start().starts_with("block") {
            line
        } else {
            line.split_once(" = ").map_or("", |l| l.0)
        };
        for (name, is_name) in pieces(defines) {
            let kind = KINDS.iter().find(|kind| is_of_kind(name, kind));
            let Some(kind) = kind.filter(|_| is_name && !numbers.contains_key(name)) else {
                continue;
            };
            let number: &mut usize = next.entry(*kind).or_default();
            numbers.insert(name.to_owned(), format!("{kind}{number}"));
            *number += 1;
        }
    }
    numbers
}

fn is_of_kind(name: &str, kind: &str) -> bool {
    let digits = name.strip_prefix(kind).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `line` cut into words and what is between; `true` for a word that may name an entity, which
/// symbols (`%v1`) do not.
fn pieces(line: &str) -> Vec<(&str, bool)> {
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '%' | '@');
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest
            .find(|c| in_word(c) != in_word(first))
            .unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end);
        pieces.push((
            piece,
            first.is_ascii_lowercase() && !piece.contains(['%', '@']),
        ));
        rest = behind;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn entities_are_numbered_in_order_and_unused_declarations_go() {
        let text = "\
function %v7(i64) system_v {
    ss3 = explicit_slot 8
    gv1 = vmctx
    gv2 = load.i64 gv1
    sig0 = () fast
    sig4 = (i64) preserve_all
    fn2 = colocated patchable %fn2 sig4
    fn3 = %gone sig0

block2(v9: i64):
    v4 = iconst.i64 7
    call fn2(v4)  ; v4 = 7
    jump block8(v9)

block8(v2: i64):
    v1 = stack_addr.i64 ss3+8
    return v1
}
";
        let tidied = "\
function %v7(i64) system_v {
    ss0 = explicit_slot 8
    fn0 = colocated patchable %fn2(i64) preserve_all

block0(v0: i64):
    v1 = iconst.i64 7
    call fn0(v1)
    jump block1(v0)

block1(v2: i64):
    v3 = stack_addr.i64 ss0+8
    return v3
}
";
        assert_eq!(tidy(text), tidied);
        assert_eq!(tidy(tidied), tidied);
    }

    #[test]
    fn a_name_without_definition_stays() {
        let text = "function %f() fast {\nblock3:\n    return v9\n}\n";
        assert!(tidy(text).contains("return v9"));
    }
}
