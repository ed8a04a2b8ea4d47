use super::*;

#[test]
fn a_command_is_shown_as_a_person_would_type_it() {
    let argv = |words: &[&str]| {
        CommandLine::argv(words.iter().map(ToString::to_string).collect()).unwrap().to_string()
    };
    assert_eq!(argv(&["cargo", "test", "--", "--quiet"]), "cargo test -- --quiet");
    assert_eq!(argv(&["echo", "two words", "it's", ""]), r"echo 'two words' 'it'\''s' ''");
    assert_eq!(CommandLine::shell(" make test \n").unwrap().to_string(), "make test");
}

#[test]
fn what_cannot_be_run_is_refused() {
    assert_eq!(CommandLine::shell(" \n"), Err(BadCommand::Empty));
    assert_eq!(CommandLine::argv(vec![]), Err(BadCommand::Empty));
    assert_eq!(CommandLine::argv(vec![String::new(), "x".into()]), Err(BadCommand::Empty));
    assert_eq!(CommandLine::shell("a\0b"), Err(BadCommand::Nul));
    assert_eq!(CommandLine::argv(vec!["a".into(); 257]), Err(BadCommand::TooLong));
    assert_eq!(CommandLine::shell("x".repeat(20_000)), Err(BadCommand::TooLong));
}
