use super::*;

/// Put together here, so that no file of the repository holds one.
fn token(start: &str, letters: &str, long: usize) -> String {
    let tail: String = letters.chars().cycle().take(long).collect();
    format!("{start}{tail}")
}

fn check(text: &str, expected: Option<&str>) {
    assert_eq!(secret_shape(text.as_bytes()).map(|(what, _)| what), expected, "{text}");
}

#[test]
fn well_known_secrets_are_known() {
    check(&format!("key = '{}'", token("AKIA", "Q7ZX2MWP9RTB4KDH", 16)), Some("an AWS access key"));
    check(&token("ghp_", "aB3dE5gH7jK9mN", 36), Some("a GitHub token"));
    let body = token("", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n", 300);
    check(&format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END"), Some("a private key"));
}

#[test]
fn what_only_looks_like_one_is_none() {
    check("AKIAIOSFODNN7EXAMPLE", None);
    check(&token("AKIA", "X", 16), None);
    check("the prefix is ghp_ and then 36 letters", None);
    check("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----", None);
    check("let ASIAN = 1; // sk-ant-", None);
    check(&token("xAKIA", "Q7ZX2MWP9RTB4KDH", 16), None);
}
