use super::*;

fn plain_lines(text: &str) -> Vec<String> {
    Printed::new(text.as_bytes()).lines().map(Cow::into_owned).collect()
}

/// The same text in pieces of `size` bytes.
fn in_pieces(text: &[u8], size: usize) -> Vec<String> {
    let mut lines = Lines::default();
    let mut told = vec![];
    for piece in text.chunks(size) {
        lines.push(piece, |raw| raw.each_plain(|line| told.push(line.to_owned())));
    }
    lines.finish(|raw| raw.each_plain(|line| told.push(line.to_owned())));
    told
}

#[test]
fn colours_cursors_and_titles_are_not_text() {
    let text =
        "\u{1b}[1;31mred\u{1b}[0m\tplain\n\u{1b}]0;title\u{7}a\u{1b}]8;;x\u{1b}\\b\u{1b}(0\u{8}c";
    assert_eq!(plain_lines(text), ["red plain", "ab0c"]);
}

#[test]
fn an_unfinished_escape_takes_no_line_with_it() {
    assert_eq!(plain_lines("a\u{1b}[12\nb\u{1b}]0;x\nc\u{1b}\nd"), ["a", "b", "c", "d"]);
}

#[test]
fn what_a_progress_bar_wrote_over_is_a_line() {
    assert_eq!(plain_lines("10%\r20%\r\ndone"), ["10%", "20%", "", "done"]);
}

#[test]
fn a_long_line_is_cut() {
    assert_eq!(plain_lines(&"x".repeat(10_000))[0].len(), LINE_CHARS_MAX);
    assert_eq!(plain_lines(&"é".repeat(10_000))[0].chars().count(), LINE_CHARS_MAX);
}

#[test]
fn lines_are_the_same_in_whatever_pieces_they_come() {
    let text = "one\n\ntwo \u{1b}[1mbold\u{1b}[0m\r10%\nlast €uro".as_bytes();
    let whole: Vec<String> = Printed::new(text).lines().map(Cow::into_owned).collect();
    for size in 1..=text.len() {
        assert_eq!(in_pieces(text, size), whole, "in pieces of {size}");
    }
}

#[test]
fn a_line_without_an_end_is_held_no_longer_than_its_bound() {
    let mut lines = Lines::default();
    for _ in 0..1_000 {
        lines.push(&[b'x'; 1_000], |_| panic!("it has no end"));
    }
    assert_eq!(lines.begun.len(), LINE_BYTES_MAX);
    let mut told = vec![];
    lines.push(b"\nnext\n", |raw| raw.each_plain(|line| told.push(line.to_owned())));
    assert_eq!(told[1], "next");
}

#[test]
fn the_last_lines_that_hold_anything_are_found_from_the_end() {
    let text: Vec<String> = (0..400).map(|n| format!("line {n}")).collect();
    for between in ["\n", "\n\n", &"\n".repeat(900)] {
        let text = text.join(between);
        assert_eq!(Printed::new(text.as_bytes()).tail(2), ["line 398", "line 399"]);
        assert_eq!(Printed::new(text.as_bytes()).tail(1_000).len(), 400);
    }
    assert_eq!(Printed::new(b"").tail(3), Vec::<String>::new());
}
