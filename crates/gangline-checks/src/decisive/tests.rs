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

macro_rules! fixture {
    ($name:literal) => {
        decisive(include_str!(concat!("../../fixtures/", $name, ".txt")))
    };
}

#[test]
fn typescript() {
    insta::assert_snapshot!(fixture!("tsc"), @"t/a.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.");
    insta::assert_snapshot!(fixture!("tsc-pretty"), @"t/a.ts:1:14 - error TS2322: Type 'string' is not assignable to type 'number'.");
}

#[test]
fn eslint_with_the_file_before_each_place() {
    insta::assert_snapshot!(fixture!("eslint"), @r"
    /checkout/t/b.js:1:7  error  'a' is assigned a value but never used  no-unused-vars
    /checkout/t/b.js:2:1  error  'foo' is not defined                    no-undef
    ");
}

#[test]
fn mypy() {
    insta::assert_snapshot!(fixture!("mypy"), @r#"
    m.py:2: error: Incompatible return value type (got "int", expected "str")  [return-value]
    m.py:3: error: Argument 1 to "f" has incompatible type "str"; expected "int"  [arg-type]
    "#);
}

#[test]
fn go_vet_and_go_build() {
    insta::assert_snapshot!(fixture!("go-vet"), @r#"vet: bad/a.go:2:23: cannot use "x" (untyped string constant) as int value in return statement"#);
    insta::assert_snapshot!(decisive("# shop\n./cart.go:3:2: total declared but not used\n"), @"./cart.go:3:2: total declared but not used");
}

#[test]
fn maven() {
    insta::assert_snapshot!(fixture!("surefire-2-compile"), @"[ERROR] /home/ann/shop/core/src/test/java/x/CartTest.java:[7,33] incompatible types: java.lang.String cannot be converted to int");
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
