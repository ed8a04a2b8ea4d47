use super::*;
use crate::Policy;

fn read(text: &str) -> Permissions {
    let text = format!("[checks.test]\nrun = \"cargo test\"\n{text}");
    Policy::parse(&text, "gangline.toml").unwrap_or_else(|error| panic!("{error}")).permissions
}

fn refused(text: &str) -> String {
    let text = format!("{text}\n[checks.test]\nrun = \"cargo test\"\n");
    Policy::parse(&text, "gangline.toml").unwrap_err().to_string()
}

const RULES: &str = r#"
[permissions]
default = "ask"
timeout = "5m"
on_timeout = "park"
cannot_ask = "run"

[[permissions.rules]]
tool = "bash"
pattern = "git push*"
then = "deny"
reason = "landing is the queue's business"

[[permissions.rules]]
tool = "Bash"
pattern = "git *"
then = "allow"

[[permissions.rules]]
tool = "*"
pattern = "*/secrets/*"
then = "deny"

[[permissions.rules]]
tool = "Read"
then = "allow"
"#;

fn decided(permissions: &Permissions, tool: &str, detail: &str, paths: &[&str]) -> Leave {
    let paths: Vec<String> = paths.iter().map(|&path| path.to_owned()).collect();
    permissions.decide(&Request { tool, detail, paths: &paths }).leave
}

#[test]
fn without_rules_nothing_is_asked() {
    let permissions = read("");
    assert_eq!(permissions, Permissions::default());
    assert!(!permissions.asks());
    assert_eq!(permissions.timeout.to_string(), "30m");
    assert_eq!(permissions.on_timeout, OnTimeout::Deny);
    let allowing = "[[permissions.rules]]\ntool = \"Bash\"\nthen = \"allow\"";
    assert!(!read(allowing).asks(), "what allows all need not be asked about");
    assert!(read("[[permissions.rules]]\ntool = \"Bash\"\nthen = \"deny\"").asks());
}

#[test]
fn the_first_rule_that_matches_decides() {
    let permissions = read(RULES);
    assert_eq!(permissions.on_timeout, OnTimeout::Park);
    assert_eq!(permissions.cannot_ask, CannotAsk::Run);
    for (tool, detail, paths, expected) in [
        ("Bash", "git push origin main", &[][..], Leave::Deny),
        ("BASH", "git status", &[], Leave::Allow),
        ("Bash", "cargo test", &[], Leave::Ask),
        ("Read", "src/lib.rs", &["src/lib.rs"], Leave::Allow),
        ("Read", "x", &["/w/secrets/key"], Leave::Deny),
        ("Write", "x", &["src/a.rs", "/w/secrets/key"], Leave::Deny),
        ("Write", "src/a.rs", &["src/a.rs"], Leave::Ask),
    ] {
        assert_eq!(decided(&permissions, tool, detail, paths), expected, "{tool} {detail}");
    }
    let reason = permissions.decide(&Request { tool: "Bash", detail: "git push", paths: &[] });
    assert_eq!(reason.rule.unwrap().reason.as_deref(), Some("landing is the queue's business"));
}

#[test]
fn a_command_hides_behind_no_other_one() {
    let permissions = read(RULES);
    for hidden in [
        "cd x && git push",
        "git status; git push -f",
        "git status | git push",
        "echo $(git push)",
        "echo `git push`",
        "(git push)",
        "git status\ngit push",
        "git log & git push",
    ] {
        assert_eq!(decided(&permissions, "Bash", hidden, &[]), Leave::Deny, "{hidden}");
    }
    for mixed in ["git status && rm -r src", "git log | sh", "git log $(rm -r src)"] {
        assert_eq!(decided(&permissions, "Bash", mixed, &[]), Leave::Ask, "{mixed}");
    }
    assert_eq!(decided(&permissions, "Bash", "git add . && git status", &[]), Leave::Allow);
    assert_eq!(decided(&permissions, "Bash", "", &[]), Leave::Ask);
}

#[test]
fn a_star_stands_for_any_characters() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*", "abc", true),
        ("*c", "abc", true),
        ("a*c", "ac", true),
        ("ab*bc", "abc", false),
        ("a*b*c", "a-b-b-c", true),
        ("a**c", "abc", true),
        ("*b*", "abc", true),
        ("*d*", "abc", false),
        ("git push*", "git pushy", true),
    ] {
        assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
    }
    let long = "a".repeat(100_000);
    assert!(!glob(&"a*".repeat(1_000), &format!("{long}b").replace('a', "b")));
}

#[test]
fn what_is_no_rule_is_told_with_its_place() {
    insta::assert_snapshot!(refused("[[permissions.rules]]\ntool = \"\"\nthen = \"deny\""));
    insta::assert_snapshot!(refused("[[permissions.rules]]\ntool = \"Bash\"\nthen = \"forbid\""));
    insta::assert_snapshot!(refused("[[permissions.rules]]\ntool = \"Bash\""));
    insta::assert_snapshot!(refused("[permissions]\ndefualt = \"ask\""));
}
