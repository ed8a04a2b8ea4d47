use super::*;

#[test]
fn records_and_counts_are_matched_by_their_order() {
    let id = "a".repeat(40);
    let text = format!(
        ":000000 100644 {id} {id} A\0new\tfile\0:100644 000000 {id} {id} D\0b\nin\0\
         3\t0\tnew\tfile\0-\t-\tb\nin\0"
    );
    let found = changed_files(text.as_bytes(), Spaces::Count).unwrap();
    insta::assert_debug_snapshot!(found.iter().map(|f| (&f.path, f.status.letter(), f.added, f.deleted)).collect::<Vec<_>>(), @r#"
    [
        (
            "new\tfile",
            'A',
            Some(
                3,
            ),
            Some(
                0,
            ),
        ),
        (
            "b\nin",
            'D',
            None,
            None,
        ),
    ]
    "#);
}

#[test]
fn a_record_that_is_cut_short_is_an_error_and_not_a_short_list() {
    let id = "a".repeat(40);
    assert!(
        changed_files(format!(":000000 100644 {id} {id} A").as_bytes(), Spaces::Count).is_err()
    );
    assert!(
        changed_files(format!(":000000 100644 {id} {id} Q\0x\0").as_bytes(), Spaces::Count)
            .is_err()
    );
    assert!(changed_files(b"", Spaces::Count).unwrap().is_empty());
}
