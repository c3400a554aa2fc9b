//! JSON lines: one object a verdict, then one with the counts. Programs read this, so fields are
//! never renamed or dropped.

use serde::Serialize;

use super::Summary;
use crate::judge::Record;

#[derive(Serialize)]
struct Last<'a> {
    summary: &'a Summary,
}

/// The whole report.
pub fn render(records: &[Record], summary: &Summary) -> String {
    let line = |json: serde_json::Result<String>| {
        let mut line = json.expect("records hold nothing but strings and numbers");
        line.push('\n');
        line
    };
    let mut text: String = records
        .iter()
        .map(|record| line(serde_json::to_string(record)))
        .collect();
    text += &line(serde_json::to_string(&Last { summary }));
    text
}
