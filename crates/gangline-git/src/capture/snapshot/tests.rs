use super::*;

#[test]
fn complaints_name_their_path_even_when_it_has_quotes() {
    let cases = [
        ("error: invalid path 'a'b/.GIT'", Some(("a'b/.GIT", SkippedWhy::NotStorable))),
        ("error: unable to index file 'x'", Some(("x", SkippedWhy::Unreadable))),
        (
            "warning: could not open directory 'd/': Permission denied",
            Some(("d", SkippedWhy::Unreadable)),
        ),
        ("error: open(\"x\"): Permission denied", None),
    ];
    for (line, expected) in cases {
        assert_eq!(refused(line), expected, "{line}");
    }
}

#[test]
fn an_excluded_path_counts_only_where_it_lies() {
    assert_eq!(within(b".env", b""), Some(b".env".as_slice()));
    assert_eq!(within(b"sub/.env", b"sub"), Some(b".env".as_slice()));
    assert_eq!(within(b"subway/.env", b"sub"), None);
    assert_eq!(within(b"", b""), None);
}
