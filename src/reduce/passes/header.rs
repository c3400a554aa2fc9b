//! Header lines: comments, settings, targets. `test` lines stay: they say what the file is. So
//! does one `target` line, if there is any: without, a program is for every ISA.

use super::{Edit, Source};

/// Lines of the header but `test` lines.
pub fn lines(source: &Source) -> Vec<Edit> {
    let lines = source.header.iter().enumerate();
    lines
        .filter(|(_, line)| !line.trim_start().starts_with("test"))
        .map(|(index, _)| -> Edit {
            Box::new(move |source| {
                let is_target = |line: &&String| line.trim_start().starts_with("target");
                let targets = source.header.iter().filter(is_target).count();
                if is_target(&source.header.get(index)?) && targets == 1 {
                    return None;
                }
                source.header.remove(index);
                Some(())
            })
        })
        .collect()
}

/// Flags on `target` lines.
pub fn target_flags(source: &Source) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (index, line) in source.header.iter().enumerate() {
        let words = line.split_whitespace().count();
        if !line.starts_with("target ") {
            continue;
        }
        for word in 2..words {
            edits.push(Box::new(move |source| {
                let line = source.header.get_mut(index)?;
                let mut words: Vec<&str> = line.split_whitespace().collect();
                words.remove(word);
                *line = words.join(" ");
                Some(())
            }));
        }
    }
    edits
}
