//! Header lines that the suite adds to Cranelift's format. They are comments, so that
//! Cranelift's own reader skips them.

/// A header that says nothing or nonsense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderError {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl HeaderError {
    pub(super) fn new(line: usize, message: impl Into<String>) -> HeaderError {
        let message = message.into();
        HeaderError { line, message }
    }
}

/// The comments above the first function, as (line, text without `;`); lines of another kind
/// as `None`.
pub(super) fn comments(text: &str) -> impl Iterator<Item = (usize, Option<&str>)> {
    text.lines()
        .map(str::trim)
        .zip(1..)
        .take_while(|(line, _)| !line.starts_with("function"))
        .map(|(line, number)| {
            let comment = line.strip_prefix(';');
            (
                number,
                comment.map(|rest| rest.trim_start_matches(';').trim()),
            )
        })
}

/// What a file of `corpus/invalid/` must be refused with: its `; error: message` line.
pub(super) fn expected_error(text: &str) -> Result<String, HeaderError> {
    let mut found = None;
    for (line, comment) in comments(text) {
        let Some(message) = comment.and_then(|text| text.strip_prefix("error:")) else {
            continue;
        };
        let message = message.trim();
        if message.is_empty() {
            return Err(HeaderError::new(line, "'; error:' without a message"));
        }
        if found.replace(message.to_owned()).is_some() {
            return Err(HeaderError::new(line, "a second '; error:' line"));
        }
    }
    found.ok_or_else(|| HeaderError::new(1, "no '; error: message' line above the first function"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_line_is_found_above_the_first_function() {
        let text = "; why\n;error: no way \ntest run\nfunction %f() {}\n; error: other";
        assert_eq!(expected_error(text), Ok("no way".to_owned()));
    }

    #[test]
    fn a_missing_empty_or_doubled_error_line_is_named_by_its_line() {
        let line = |text: &str| expected_error(text).unwrap_err().line;
        assert_eq!(line("; why\ntest run"), 1);
        assert_eq!(line("; why\n; error:"), 2);
        assert_eq!(line("; error: a\n\n; error: b"), 3);
    }
}
