use std::collections::BTreeSet;

use super::*;
use crate::propose::propose;

fn defaults() -> Defaults {
    Defaults {
        name: "shop".parse().unwrap(),
        key: "SHOP".parse().unwrap(),
        target: "trunk".parse().unwrap(),
    }
}

fn found(files: &[(&str, &str)]) -> Proposals {
    let paths: BTreeSet<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let read = |wanted: &str| {
        files.iter().find(|(path, _)| *path == wanted).map(|(_, text)| (*text).to_owned())
    };
    propose(&paths, &read)
}

#[test]
fn what_is_proposed_comes_back_from_the_text() {
    let package =
        r#"{"scripts": {"test": "node --test", "lint": "x"}, "dependencies": {"a": "1"}}"#;
    for files in [
        &[("Cargo.toml", "[workspace]\n"), ("Cargo.lock", "")][..],
        &[("Cargo.toml", "[package]\n")],
        &[("package.json", package), ("package-lock.json", ""), ("go.mod", "module x\n")],
        &[("pytest.ini", ""), ("tests/test_a.py", "")],
        &[("pom.xml", ""), ("mvnw", "")],
        &[("Makefile", "test: build\n\ttrue\n")],
    ] {
        let proposals = found(files);
        let text = Policy::render_default(&defaults(), &proposals);
        let policy =
            Policy::parse(&text, "gangline.toml").unwrap_or_else(|e| panic!("{e}\n{text}"));
        let mut active: Vec<_> = proposals.checks.clone();
        active.retain(|check| check.adoption == Adoption::Active);
        assert_eq!(policy.checks.len(), active.len(), "{text}");
        for (read, proposed) in policy.checks.iter().zip(&active) {
            assert_eq!(read.name.as_str(), proposed.name);
            assert_eq!((&read.run, read.kind), (&proposed.run, proposed.kind));
            assert_eq!(read.network, proposed.network);
            assert!(proposed.tests_min.is_none() || read.tests_min == proposed.tests_min);
        }
        assert_eq!(policy.setup.run, proposals.setup);
        assert_eq!(policy.project.key, defaults().key);
        assert_eq!(policy.project.target, defaults().target);
    }
}

/// Every commented default is what an absent key means.
#[test]
fn the_defaults_that_are_shown_are_the_defaults() {
    let text = Policy::render_default(&defaults(), &found(&[("go.mod", "module x\n")]));
    let plain = Policy::parse(&text, "gangline.toml").unwrap();
    let (head, tail) = text.split_once("# What follows are the defaults.").unwrap();
    let mut all = head.to_owned();
    for line in tail.lines() {
        all.push_str(line.strip_prefix("# ").unwrap_or(line));
        all.push('\n');
    }
    let all = all.replace("Changes of these need a person.", "");
    let shown = Policy::parse(&all, "gangline.toml").unwrap_or_else(|e| panic!("{e}\n{all}"));
    assert_eq!((&shown.worktree, &shown.agents), (&plain.worktree, &plain.agents));
    assert_eq!((&shown.limits, &shown.protected), (&plain.limits, &plain.protected));
    assert_eq!(shown.landing, plain.landing);
}

#[test]
fn a_repository_in_which_nothing_was_found_gets_an_explained_template() {
    let text = Policy::render_default(&defaults(), &Proposals::default());
    insta::assert_snapshot!(Policy::parse(&text, "gangline.toml").unwrap_err().to_string(), @r#"
    gangline.toml: no required check: nothing would ever be verified
      help: add one, such as [checks.test] with run = "cargo test", or say why none is needed: checks_waived = "reason" at the top
    "#);
    let waived = text.replace("# checks_waived", "checks_waived");
    assert!(Policy::parse(&waived, "gangline.toml").unwrap().checks_waived.is_some());
    let named = text.replace("# [checks.test]", "[checks.test]").replace("# run =", "run =");
    let named = named.replace("# checks_waived", "x_waived");
    // The example stands where it can be switched on just by removing its `#`s.
    let error = Policy::parse(&named, "gangline.toml").unwrap_err().to_string();
    assert!(error.contains("unknown key `x_waived`"), "{error}");
}

#[test]
fn a_first_policy_reads_well() {
    let files = &[("Cargo.toml", "[package]\n"), ("Cargo.lock", "")];
    insta::assert_snapshot!(Policy::render_default(&defaults(), &found(files)), @r#"
    # How work on this project is judged. Gangline reads this file from the commit that a ticket's
    # branch grew from, so that no agent can change the rules it is judged by. Commit it.
    version = 1

    [project]
    name = "shop"
    key = "SHOP"
    target = "trunk"

    # Run in every fresh checkout, before the agent and before the checks.
    [setup]
    run = ["cargo fetch --locked"]

    # Each must exit with 0 before a commit can land. They run in this order, in a fresh checkout of
    # the exact commit. Tests are counted as well: a suite that ran none has not passed.
    # Keys: run, timeout = "10m", required = true, kind = "test|typecheck|lint|build|custom" (else
    # guessed from the name), tests_min = 1, runner = "pytest" (else guessed from the command),
    # results = "reports/*.xml" (JUnit XML), network = false, env = { NAME = "value" }.

    [checks.typecheck]  # from Cargo.toml
    run = "cargo check --all-targets --locked"

    [checks.test]  # from Cargo.toml
    run = "cargo test --locked"

    # [checks.clippy]  # from Cargo.toml
    # run = "cargo clippy --all-targets --locked -- -D warnings"

    # [checks.fmt]  # from Cargo.toml
    # run = "cargo fmt --all --check"

    [landing]
    mode = "local"    # "local": onto the target branch; "branch": left as a branch
    style = "merge"   # or "squash"
    review = "none"   # "required": a person approves each landing

    # What follows are the defaults.

    # [worktree]
    # copy = []       # patterns of untracked files that each worktree needs
    # link = []
    # secrets = []    # such as [".env"]: copied only when named here
    # branch_template = "gangline/<KEY>-<slug>"
    # commit_template = "<KEY>: <subject>"
    # ports = 10

    # [agents]
    # default = "ticket-worker"

    # [limits]
    # agents = 5
    # per_definition = 2
    # worktrees = 10
    # session = "4h"
    # verification = "1h"
    # tries = 3
    # silence_alert = "30m"
    # uncommitted_alert = "2h"
    # verifications = 2
    # scope_collision = "avoid"  # or "warn", "ignore"

    # [resources]        # of all programs of one attempt, or of one commit's checks
    # memory = "8GiB"    # at most three quarters of the machine's
    # processes = 4096   # and threads
    # open_files = 65536
    # cpu_seconds = 36000  # without a limit unless given
    # disk = "20GiB"

    # [budgets.day]     # also budgets.ticket and budgets.project
    # tokens = 20_000_000
    # cost_usd = 50
    # wall = "24h"

    # Changes of these need a person.
    # [protected]
    # paths = [
    #   "gangline.toml",
    #   ".gangline/**",
    #   ".claude/**",
    #   ".github/**",
    #   ".gitlab-ci.yml",
    #   ".gitmodules",
    #   ".cargo/config",
    #   ".cargo/config.toml",
    #   ".npmrc",
    # ]
    "#);
}
