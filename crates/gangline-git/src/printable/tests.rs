use super::*;

#[test]
fn nothing_that_steers_a_terminal_is_left() {
    assert_eq!(printable("a\u{1b}[31mb\u{7}\r\nc\u{202e}d", 100), "a[31mb\ncd");
    assert_eq!(printable_line(" a \n\t b\u{0}", 100), "a b");
}

#[test]
fn what_is_too_long_ends_with_a_mark() {
    assert_eq!(printable("äöüß", 3), "äöü…");
    assert_eq!(printable("äöü", 3), "äöü");
}
