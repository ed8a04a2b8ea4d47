use super::*;

fn decisive(text: &str) -> String {
    lines(Printed::new(text.as_bytes()), None).join("\n")
}

#[test]
fn a_compiler_error_comes_with_its_place() {
    insta::assert_snapshot!(decisive(include_str!("../../fixtures/cargo-compile.txt")), @r#"
    error[E0425]: cannot find value `c` in this scope
    --> src/lib.rs:4:41
    "#);
}

#[test]
fn places_in_front_of_errors_are_found() {
    let text = "src/a.ts(3,7): error TS2322: Type 'string' is not assignable\n\
                main.c:4:2: error: expected ';'\n   12:5  error  'x' is never used  no-unused-vars\n\
                built 3 files\n";
    insta::assert_snapshot!(decisive(text), @r#"
    src/a.ts(3,7): error TS2322: Type 'string' is not assignable
    main.c:4:2: error: expected ';'
    12:5  error  'x' is never used  no-unused-vars
    "#);
}

#[test]
fn where_nothing_is_decisive_the_end_is_told() {
    let text: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
    let text = text.join("\n\n");
    assert_eq!(decisive(&text).lines().count(), TAIL_LINES);
    assert!(decisive(&text).ends_with("line 39"));
}

#[test]
fn there_is_a_bound() {
    let text: Vec<String> = (0..400).map(|n| format!("error: number {n}")).collect();
    assert_eq!(decisive(&text.join("\n")).lines().count(), DECISIVE_LINES_MAX);
}
