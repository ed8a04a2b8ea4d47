//! Text of others, made fit to be shown: git's complaints quote paths and subjects that an agent
//! has chosen.

/// At most `chars_max` characters of `text` without control characters, which could steer a
/// terminal, or direction marks, which could make a line read as another.
pub(crate) fn printable(text: &str, chars_max: usize) -> String {
    let shown = |c: &char| *c == '\n' || !(c.is_control() || is_direction_mark(*c));
    let mut kept: String = text.trim().chars().filter(shown).take(chars_max + 1).collect();
    if kept.chars().count() > chars_max {
        kept.pop();
        kept.push('…');
    }
    kept
}

/// As [`printable`], on one line.
pub(crate) fn printable_line(text: &str, chars_max: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    printable(&words.join(" "), chars_max)
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
