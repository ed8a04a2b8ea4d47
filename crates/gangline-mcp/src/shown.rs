//! Texts and moments as answers carry them.

use gangline_api::plain::{is_plain, plain, plain_block, verbatim_block};
use serde_json::Value;

/// Characters of one text in an answer that is to be small.
pub(crate) const TEXT_CHARS_MAX: usize = 4_000;
/// Characters of one text in an answer that is to be full.
pub(crate) const FULL_TEXT_CHARS_MAX: usize = 40_000;

/// Characters of one text in an answer.
pub(crate) const fn text_chars_max(is_full: bool) -> usize {
    if is_full { FULL_TEXT_CHARS_MAX } else { TEXT_CHARS_MAX }
}

/// One line.
pub(crate) fn line(text: &str) -> String {
    plain(text)
}

/// All lines.
pub(crate) fn block(text: &str) -> String {
    plain_block(text).join("\n")
}

/// All lines of a text that is read to be judged: every character shows, save that tabs stay what
/// they are, because they may be what it is about.
pub(crate) fn verbatim(text: &str) -> String {
    let part = |part: &str| verbatim_block(part).join("\n");
    text.split('\t').map(part).collect::<Vec<_>>().join("\t")
}

/// At most so many characters, and how many there are besides.
pub(crate) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((at, _)) => {
            let more = text[at..].chars().count();
            format!("{}… ({more} more characters)", &text[..at])
        }
    }
}

/// Makes every text of a document safe and bounded, wherever it stands.
pub(crate) fn harmless(value: &mut Value, chars_max: usize) {
    match value {
        Value::String(text) if is_plain(text) && text.len() <= chars_max => {}
        Value::String(text) => *text = cut(&block(text), chars_max),
        Value::Array(items) => items.iter_mut().for_each(|item| harmless(item, chars_max)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| harmless(field, chars_max));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A moment in microseconds since the Unix epoch, as `2026-11-22T05:30:00Z`, to the second.
pub(crate) fn moment(us: i64) -> String {
    let seconds = us.div_euclid(1_000_000);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and date of a day since the Unix epoch: Howard Hinnant, "chrono-Compatible Low-Level
/// Date Algorithms".
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00Z"),
            (1_795_325_400_999_999, "2026-11-22T05:30:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ];
        for (us, expected) in cases {
            assert_eq!(moment(us), expected);
        }
    }

    #[test]
    fn no_text_of_a_document_can_act_on_its_reader() {
        let mut value = json!({ "a": ["\u{1b}[2Jx\u{202e}y"], "b": { "c": "12345" }, "n": 1 });
        harmless(&mut value, 4);
        let expected = json!({ "a": ["x\\u{… (6 more characters)"], "b": { "c": "1234… (1 more characters)" },
                    "n": 1 });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_text_that_is_judged_keeps_its_tabs_and_shows_all_else() {
        assert_eq!(verbatim("a\tb\r\n\u{1b}[8m"), "a\tb\\r\n\\u{1b}[8m");
    }
}
