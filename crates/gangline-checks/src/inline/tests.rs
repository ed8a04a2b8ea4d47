use super::*;

const BEFORE: &str = "fn f() -> u8 { 1 }\n\n#[cfg(test)]\nmod tests {\n    // a brace: }\n    #[test]\n    fn a() { assert_eq!(f(), 1, \"}\"); }\n}\n";

#[test]
fn the_code_of_one_commit_meets_the_tests_of_another() {
    let now = "fn f() -> u8 { 2 }\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {}\n}\n";
    let mixed = with_tests_of("src/lib.rs", now, BEFORE).unwrap();
    insta::assert_snapshot!(mixed, @r#"
    fn f() -> u8 { 2 }




    #[cfg(test)]
    mod tests {
        // a brace: }
        #[test]
        fn a() { assert_eq!(f(), 1, "}"); }
    }
    "#);
}

#[test]
fn nothing_is_mixed_where_the_tests_are_the_same() {
    let now = BEFORE.replace("{ 1 }", "{ 2 }");
    assert_eq!(with_tests_of("src/lib.rs", &now, BEFORE), None);
    assert_eq!(with_tests_of("src/lib.rs", BEFORE, "fn f() {}"), None);
    assert_eq!(with_tests_of("src/lib.py", "a", BEFORE), None);
    assert!(with_tests_of("src/lib.rs", "fn f() -> u8 { 2 }", BEFORE).is_some());
    assert!(has_tests("a.rs", BEFORE) && !has_tests("a.rs", "#[cfg(test)]\nmod tests;"));
}

#[test]
fn tests_that_moved_into_a_file_of_their_own_come_back() {
    let now = "fn f() -> u8 { 2 }\n\n#[cfg(test)]\nmod tests;\n";
    let mixed = with_tests_of("src/lib.rs", now, BEFORE).unwrap();
    assert!(!mixed.contains("mod tests;") && mixed.contains("fn a() { assert_eq!"), "{mixed}");
    assert_eq!(with_tests_of("src/lib.rs", now, now), None);
}
