use super::*;
use crate::bench::{Folders, World, changed, honest, policy};
use crate::subject::Subject;
use crate::verify;

const PASSING: &str = "[checks.test]\nrun = \"echo '= 14 passed in 0.1s ='\"\n";

async fn recovered(subject: &Subject, text: &str) -> Option<Recovery> {
    // What fails here fails wherever it runs: nothing of it is the base's doing.
    let policy = policy(&format!("{text}[tests]\nreruns = 0\n"));
    let checks = verify(subject, &policy, &World::new().bench, &Folders::none(), |_| ()).await;
    recovery(&subject.report(&policy, checks))
}

/// Class, error and hints.
async fn told(subject: &Subject, text: &str) -> String {
    let Recovery { class, error, hints, .. } = recovered(subject, text).await.unwrap();
    let mut told = vec![format!("{class:?}: {error}")];
    told.extend(hints.into_iter().map(|hint| format!("- {hint}")));
    told.join("\n")
}

#[tokio::test]
async fn what_passed_teaches_nothing() {
    assert_eq!(recovered(&honest(), PASSING).await, None);
}

#[tokio::test]
async fn without_commits_the_hint_names_the_branch_and_what_was_left() {
    let subject = Subject {
        new_commits: 0,
        changed: vec![],
        worktree_clean: false,
        dirty_paths: vec!["src/cart.rs".to_owned(), "notes.md".to_owned()],
        ..honest()
    };
    insta::assert_snapshot!(told(&subject, PASSING).await, @r#"
    NoCommit: commits: no new commit since the base; the commands were not run (and 2 other checks)
    - commit your work with `git add` and `git commit` on branch gangline/APP-1-cart; the worktree had these uncommitted files: src/cart.rs, notes.md
    - commit what belongs to the work, and delete or ignore (.gitignore) what does not: src/cart.rs, notes.md
    "#);
}

#[tokio::test]
async fn failing_tests_are_named() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cargo-failed.txt");
    let text = format!("[checks.test]\nrun = \"cat {fixture}; exit 101\"\n");
    let recovery = recovered(&honest(), &text).await.unwrap();
    assert_eq!(recovery.class, FailureClass::Test);
    let shown = format!(
        "{}\n{}\n{}",
        recovery.error,
        recovery.lines.join("\n"),
        recovery.hints.join("\n").replace(fixture, "FIXTURE"),
    );
    insta::assert_snapshot!(shown, @r#"
    test: 2 of 4 tests failed
    failed: tests::adds_negative
    failed: tests::finds
    thread 'tests::adds_negative' (32191) panicked at src/lib.rs:8:34:
    assertion `left == right` failed: one and minus two
    left: -1
    right: 3
    thread 'tests::finds' (32192) panicked at src/lib.rs:10:55:
    the cart is empty
    these tests fail: tests::adds_negative, tests::finds; run `cat FIXTURE; exit 101` yourself and let it pass before you finish; do not weaken or remove tests
    "#);
    insta::assert_snapshot!(recovery.facts.join("\n"), @r#"
    commits pass: 1 new commit on gangline/APP-1-cart (claimed: 1 commit)
    files pass: 1 file changed, +3 -1 (claimed: changed src/cart.rs)
    clean pass: nothing was left uncommitted
    protected pass: no protected path changed
    hidden pass: all that changed can be seen
    markers pass: no conflict markers
    test fail: 2 of 4 tests failed (claimed: passes)
    "#);
}

#[tokio::test]
async fn each_failure_says_what_to_do() {
    let mut all = Vec::new();
    all.push(told(&Subject { on_branch: None, ..honest() }, PASSING).await);
    let mut lying = honest();
    lying.claim.files = Some(vec!["src/tax.rs".to_owned()]);
    all.push(told(&lying, PASSING).await);
    let dirty =
        Subject { worktree_clean: false, dirty_paths: vec!["notes.md".to_owned()], ..honest() };
    all.push(told(&dirty, PASSING).await);
    let mut outside = honest();
    outside.scope = vec!["docs/**".to_owned()].try_into().unwrap();
    all.push(told(&outside, PASSING).await);
    let mut rules = honest();
    rules.changed.push(changed("gangline.toml"));
    all.push(told(&rules, PASSING).await);
    all.push(told(&honest(), "[checks.clippy]\nrun = \"echo 'error: unused'; exit 1\"\n").await);
    all.push(told(&honest(), "[checks.tsc]\nrun = \"exit 2\"\n").await);
    insta::assert_snapshot!(all.join("\n"), @r#"
    WrongCommits: commits: 1 new commit, but on no branch, not on gangline/APP-1-cart; the commands were not run
    - move your commits to branch gangline/APP-1-cart and leave it checked out
    FalseClaim: files: 1 file changed, +3 -1; claimed but unchanged: src/tax.rs
    - change what the ticket asks for, and claim only files that your commits change; claimed but unchanged: src/tax.rs
    Uncommitted: clean: left uncommitted: notes.md
    - commit what belongs to the work, and delete or ignore (.gitignore) what does not: notes.md
    Scope: scope: changed outside of docs/**: src/cart.rs
    - take back your changes of files that the ticket does not declare: src/cart.rs
    Protected: protected: changed, and needs a person: gangline.toml
    - take back your changes of protected files, or ask for them: only a person may approve them: gangline.toml
    Lint: clippy: exit code 1
    - run `echo 'error: unused'; exit 1` yourself and let it pass before you finish
    Type: tsc: exit code 2
    - run `exit 2` yourself and let it pass before you finish
    "#);
}

#[tokio::test]
async fn what_could_not_be_measured_is_no_fault_of_the_agent() {
    let text = "[checks.test]\nrun = \"nosuchtool\"\n";
    let recovery = recovered(&honest(), text).await.unwrap();
    assert_eq!(recovery.class, FailureClass::NotMeasured);
    assert!(recovery.hints.is_empty(), "{:?}", recovery.hints);
    insta::assert_snapshot!(recovery.error, @"test: nosuchtool is not installed; exit code 127");
}

#[tokio::test]
async fn a_failure_comes_before_what_could_not_be_measured() {
    let text = "[checks.test]\nrun = \"nosuchtool\"\n[checks.lint]\nrun = \"exit 1\"\n";
    insta::assert_snapshot!(told(&honest(), text).await, @r#"
    Lint: lint: exit code 1 (and 1 other check)
    - run `exit 1` yourself and let it pass before you finish
    "#);
}
