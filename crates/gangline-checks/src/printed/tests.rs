use super::*;

#[test]
fn colours_cursors_and_titles_are_not_text() {
    let text =
        "\u{1b}[1;31mred\u{1b}[0m\tplain\n\u{1b}]0;title\u{7}a\u{1b}]8;;x\u{1b}\\b\u{1b}(0\u{8}c";
    assert_eq!(plain_lines(text), ["red plain", "ab0c"]);
}

#[test]
fn an_unfinished_escape_takes_no_line_with_it() {
    assert_eq!(plain_lines("a\u{1b}[12\nb\u{1b}]0;x\nc\u{1b}"), ["a", "b", "c"]);
}

#[test]
fn what_a_progress_bar_wrote_over_is_a_line() {
    assert_eq!(plain_lines("10%\r20%\r\ndone"), ["10%", "20%", "", "done"]);
}

#[test]
fn a_long_line_is_cut() {
    assert_eq!(plain_lines(&"x".repeat(10_000))[0].len(), LINE_CHARS_MAX);
}
