//! What `docs/configuration.md` shows is what is read here.

use crate::{AgentOverride, MachineConfig, Permissions, Policy};

const PAGE: &str = include_str!("../../../docs/configuration.md");

/// The page's block of this name.
fn block(name: &str) -> String {
    let (_, rest) = PAGE.split_once(&format!("```toml {name}\n")).unwrap();
    rest.split_once("\n```").unwrap().0.to_owned()
}

#[test]
fn the_documented_policy_holds_the_defaults() {
    let documented = Policy::parse(&block("gangline.toml"), "docs/configuration.md")
        .unwrap_or_else(|error| panic!("{error}"));
    let least = Policy::parse("[checks.test]\nrun = \"cargo test\"\n", "gangline.toml").unwrap();
    let mut expected = Policy { sha256: documented.sha256.clone(), ..least };
    let ticket_worker = AgentOverride { max_concurrent: Some(2), ..AgentOverride::default() };
    expected.agents.definitions.insert("ticket-worker".parse().unwrap(), ticket_worker);
    assert_eq!(documented, expected);
    for pattern in documented.protected.patterns() {
        assert!(PAGE.contains(&format!("`{pattern}`")), "`{pattern}` is not documented");
    }
}

#[test]
fn the_documented_machine_configuration_holds_the_defaults() {
    let documented = MachineConfig::parse(&block("config.toml"), "docs/configuration.md")
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(documented, MachineConfig::default());
}

#[test]
fn the_documented_rules_are_rules() {
    let text = format!("checks_waived = \"an example\"\n{}", block("permissions"));
    let policy = Policy::parse(&text, "docs/configuration.md").unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(policy.permissions.rules.len(), 3);
    assert_ne!(policy.permissions, Permissions::default());
}

#[test]
fn the_documented_external_ci_is_one() {
    let text = format!("checks_waived = \"an example\"\n{}", block("external_ci"));
    let policy = Policy::parse(&text, "docs/configuration.md").unwrap_or_else(|e| panic!("{e}"));
    let external = policy.external_ci.unwrap();
    assert_eq!((external.timeout.ms(), external.poll.ms()), (1_800_000, 15_000));
    assert_eq!((external.accept.len(), external.required), (1, true));
}
