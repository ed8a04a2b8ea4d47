use super::*;

#[test]
fn a_slip_of_the_finger_finds_its_word_and_a_stranger_finds_none() {
    let known = ["timeout", "run", "required", "tests_min", "network"];
    for (given, expected) in [
        ("timout", Some("timeout")),
        ("tiemout", Some("timeout")),
        ("Run", Some("run")),
        ("rum", Some("run")),
        ("tests-min", Some("tests_min")),
        ("reqired", Some("required")),
        ("colour", None),
        ("x", None),
        ("", None),
    ] {
        assert_eq!(nearest(given, known), expected, "{given}");
    }
}
