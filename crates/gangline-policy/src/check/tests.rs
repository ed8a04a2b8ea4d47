use super::*;

#[test]
fn the_kind_is_guessed_from_the_last_word_that_says_so() {
    for (name, kind) in [
        ("test", CheckKind::Test),
        ("unit-tests", CheckKind::Test),
        ("web.e2e", CheckKind::Test),
        ("cargo-check", CheckKind::Typecheck),
        ("typecheck", CheckKind::Typecheck),
        ("test-types", CheckKind::Typecheck),
        ("go-vet", CheckKind::Lint),
        ("fmt", CheckKind::Lint),
        ("build_release", CheckKind::Build),
        ("latest", CheckKind::Custom),
        ("docs", CheckKind::Custom),
    ] {
        assert_eq!(CheckKind::of_name(name), kind, "{name}");
    }
}
