//! Text from agents and repositories, made safe for a terminal and for every other surface.
//!
//! Of what agents say, escape sequences are taken out whole. Of what they wrote, which somebody may
//! have to judge, nothing is taken out. What else could move the cursor, hide text or turn its
//! direction around is shown as an escape such as `\u{202e}`.

use std::iter::Peekable;
use std::str::Chars;

/// One line: line breaks become blanks.
pub fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for (at, part) in plain_block(text).iter().enumerate() {
        if at > 0 {
            line.push(' ');
        }
        line.push_str(part.trim_end());
    }
    line
}

/// All lines of a text that is read to be judged: every character shows.
pub fn verbatim_block(text: &str) -> Vec<String> {
    let shown = |line: &str| {
        let mut shown = String::with_capacity(line.len());
        for c in line.chars() {
            match c {
                '\t' => shown.push_str("    "),
                c if c.is_control() || is_deceiving(c) => shown.extend(c.escape_default()),
                c => shown.push(c),
            }
        }
        shown
    };
    text.split('\n').map(shown).collect()
}

/// Whether a text is one line in which nothing has to be made safe. Says no now and then where it is.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// All lines.
pub fn plain_block(text: &str) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => lines.push(std::mem::take(&mut line)),
            '\t' => line.push_str("    "),
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_parameters(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            c if c.is_control() => {}
            c if is_deceiving(c) => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// What follows `ESC` (ECMA-48).
fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.next() {
        Some('[') => skip_parameters(chars),
        Some(']' | 'P' | 'X' | '^' | '_') => skip_string(chars),
        Some(' '..='/') => {
            // Intermediates, then one final character.
            while chars.next_if(|c| (' '..='/').contains(c)).is_some() {}
            chars.next();
        }
        Some(_) | None => {}
    }
}

/// Parameters and intermediates up to the final character.
fn skip_parameters(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// Up to the string's terminator. One without a terminator on its line hides nothing.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    while let Some(c) = ahead.next_if(|c| *c != '\n') {
        if matches!(c, '\u{7}' | '\u{9c}') || (c == '\u{1b}' && ahead.next_if_eq(&'\\').is_some()) {
            *chars = ahead;
            return;
        }
    }
}

/// Characters that change how the ones around them are read.
fn is_deceiving(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            | '\u{200b}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_an_agent_prints_reaches_the_terminal_as_a_command() {
        for (given, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9b}2Jclear", "clear"),
            ("\u{1b}Pq#0;2\u{1b}\\sixel", "sixel"),
            ("a\u{8}\u{8}b\rc\u{7}", "abc"),
            ("\u{1b}(Bx\u{1b}cy", "xy"),
            ("one\ntwo\r\n\tthree", "one two     three"),
            ("safe\u{202e}fdp.exe", "safe\\u{202e}fdp.exe"),
            ("\u{1b}]unterminated\nnext", "unterminated next"),
            ("ends \u{1b}", "ends"),
            ("Zoë → 日本 👩\u{200d}💻", "Zoë → 日本 👩\u{200d}💻"),
        ] {
            assert_eq!(plain(given), shown, "{given:?}");
        }
    }

    #[test]
    fn what_is_to_be_judged_is_shown_whole() {
        let hidden = "label = \"\u{1b}]\"; os.system(\"evil\")\u{7}\"\u{90}x\r\n\u{1b}[8m\ttab";
        let shown = r#"label = "\u{1b}]"; os.system("evil")\u{7}"\u{90}x\r"#;
        assert_eq!(verbatim_block(hidden), [shown, r"\u{1b}[8m    tab"]);
    }

    #[test]
    fn no_text_leaves_a_control_character() {
        for c in (0..=0x2fff).filter_map(char::from_u32) {
            let given = format!("a{c}b{c}");
            for shown in [plain(&given), verbatim_block(&given).concat()] {
                let seen = !shown.chars().any(|c| c.is_control() || is_deceiving(c));
                assert!(seen, "{c:?}: {shown:?}");
            }
        }
    }
}
