//! What a program printed, as lines that can be read and shown.

/// Characters of a line that are read. Longer ones are cut.
const LINE_CHARS_MAX: usize = 4_000;

/// Plain lines: without colours, cursor movements and other control characters. A carriage
/// return ends a line, because what a progress bar wrote over was a line as well.
pub(crate) fn plain_lines(text: &str) -> Vec<String> {
    without_escapes(text).split(['\n', '\r']).map(plain).collect()
}

fn plain(line: &str) -> String {
    let visible = line.chars().map(|c| if c == '\t' { ' ' } else { c });
    let visible: String = visible.filter(|c| !c.is_control()).take(LINE_CHARS_MAX).collect();
    visible.trim_end().to_owned()
}

/// Drops ANSI escape sequences: CSI (`ESC [ … letter`), OSC (`ESC ] … BEL` or `ESC ] … ESC \`)
/// and the two-character ones.
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            kept.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => {
                // A sequence that never ends must not swallow the lines behind it.
                while let Some(&next) = chars.peek() {
                    if next == '\n' {
                        break;
                    }
                    chars.next();
                    if ('@'..='~').contains(&next) {
                        break;
                    }
                }
            }
            Some(']') => {
                while let Some(&next) = chars.peek() {
                    if next == '\n' {
                        break;
                    }
                    chars.next();
                    if next == '\u{7}' {
                        break;
                    }
                    if next == '\u{1b}' {
                        chars.next_if_eq(&'\\');
                        break;
                    }
                }
            }
            Some('\n') => kept.push('\n'),
            Some(_) | None => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests;
