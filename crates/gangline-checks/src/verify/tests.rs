use std::collections::BTreeSet;

use gangline_domain::scope::Scope;
use gangline_domain::verdict::{CheckResult, ClaimSource};

use super::*;
use crate::bench::{Folders, World, changed, honest, merged, policy};

const PASSING: &str = "[checks.test]\nrun = \"echo '= 14 passed in 0.1s ='\"\n";

/// One line for each check; a claim stands behind `|`.
fn told(checks: &[CheckResult]) -> String {
    let line = |check: &CheckResult| {
        let claimed = check.claimed.as_ref().map(|claim| format!(" | {claim}")).unwrap_or_default();
        format!("{} {:?}: {}{claimed}", check.name, check.verdict, check.fact)
    };
    checks.iter().map(line).collect::<Vec<_>>().join("\n")
}

async fn verified(subject: &Subject, text: &str) -> Vec<CheckResult> {
    verify(subject, &policy(text), &World::new().bench, &Folders::none(), |_| ()).await
}

/// What the check called `name` says about a subject.
async fn of(name: &str, subject: &Subject) -> String {
    let checks = verified(subject, PASSING).await;
    let check = checks.into_iter().filter(|check| check.name == name).collect::<Vec<_>>();
    let lines = check.iter().flat_map(|check| &check.lines);
    let lines: Vec<String> = lines.map(|line| format!("\n  {line}")).collect();
    format!("{}{}", told(&check), lines.concat())
}

#[tokio::test]
async fn an_honest_commit_passes_with_claim_beside_fact() {
    let subject = honest();
    let checks = verified(&subject, PASSING).await;
    insta::assert_snapshot!(told(&checks), @r#"
    commits Pass: 1 new commit on gangline/APP-1-cart | 1 commit
    files Pass: 1 file changed, +3 -1 | changed src/cart.rs
    clean Pass: nothing was left uncommitted
    protected Pass: no protected path changed
    hidden Pass: all that changed can be seen
    markers Pass: no conflict markers
    test Pass: 14 tests passed | passes
    "#);
    let report = subject.report(&policy(PASSING), checks);
    assert_eq!(report.verdict(), Verdict::Pass);
    assert_eq!(report.policy_sha256, policy(PASSING).sha256);
}

/// What the commit's own tests do to the tree or to the home is over when they are.
#[tokio::test]
async fn no_command_decides_what_a_later_one_measures() {
    let text = r#"
[setup]
run = ["echo fetched > $HOME/cache; mkdir dep; echo whole > dep/lib"]
[checks.test]
kind = "custom"
run = "rm bad.txt; echo planted > $HOME/rc; rm $HOME/cache; echo broken > dep/lib; echo x > .rc"
[checks.lint]
run = "test -e bad.txt && test ! -e .rc && test ! -e $HOME/rc && grep -q fetched $HOME/cache && grep -q whole dep/lib"
[checks.style]
run = "rm bad.txt && mkdir built && echo yes > built/out"
[checks.fmt]
continues = true
run = "test ! -e bad.txt && grep -q yes built/out"
[checks.build]
run = "test -e bad.txt && test ! -e built && grep -q whole dep/lib"
"#;
    let mut world = World::new();
    world.file("bad.txt", "BADCODE");
    world.bench.env.push(("HOME".to_owned(), world.bench.home.display().to_string()));
    let checks = verify(&honest(), &policy(text), &world.bench, &Folders::none(), |_| ()).await;
    let commands = checks.iter().position(|check| check.name == "test").unwrap();
    insta::assert_snapshot!(told(&checks[commands..]), @"
    test Pass: exit code 0 | passes
    lint Pass: exit code 0
    style Pass: exit code 0
    fmt Pass: exit code 0
    build Pass: exit code 0
    ");
}

#[tokio::test]
async fn claiming_passing_tests_does_not_make_them_pass() {
    let text = "[checks.test]\nrun = \"echo '= 2 failed, 12 passed in 0.1s ='; exit 1\"\n";
    let subject = honest();
    let checks = verified(&subject, text).await;
    insta::assert_snapshot!(told(&checks[checks.len() - 1..]), @"test Fail: 2 of 14 tests failed | passes");
    assert_eq!(subject.report(&policy(text), checks).verdict(), Verdict::Fail);
}

#[tokio::test]
async fn claiming_commits_does_not_make_them_and_nothing_is_run() {
    let mut subject = honest();
    subject.new_commits = 0;
    subject.changed.clear();
    subject.worktree_clean = false;
    subject.dirty_paths = vec!["src/cart.rs".to_owned()];
    let world = World::new();
    let policy = policy("[setup]\nrun = [\"touch ran\"]\n[checks.test]\nrun = \"touch ran\"\n");
    let checks = verify(&subject, &policy, &world.bench, &Folders::none(), |_| ()).await;
    insta::assert_snapshot!(told(&checks), @r#"
    commits Fail: no new commit since the base; the commands were not run | 1 commit
    files Fail: nothing changed | changed src/cart.rs
    clean Fail: left uncommitted: src/cart.rs
    "#);
    assert!(!world.bench.checkout.join("ran").exists());
}

#[tokio::test]
async fn a_history_without_the_base_fails() {
    let subject = Subject { descends_from_base: false, ..honest() };
    insta::assert_snapshot!(of("commits", &subject).await, @r#"
    commits Fail: the base is not in the history of 1 new commit; the commands were not run | 1 commit
      bring your commits onto cccccccccccccccccccccccccccccccccccccccc, without rewriting what was there
    "#);
}

#[tokio::test]
async fn commits_on_another_branch_or_on_none_fail() {
    let subject = Subject { on_branch: Some("main\u{1b}".to_owned()), ..honest() };
    insta::assert_snapshot!(of("commits", &subject).await, @r#"
    commits Fail: 1 new commit, but on branch main\u{1b}, not on gangline/APP-1-cart; the commands were not run | 1 commit
      move your commits to branch gangline/APP-1-cart and leave it checked out
    "#);
    let subject = Subject { on_branch: None, ..honest() };
    insta::assert_snapshot!(of("commits", &subject).await, @r#"
    commits Fail: 1 new commit, but on no branch, not on gangline/APP-1-cart; the commands were not run | 1 commit
      move your commits to branch gangline/APP-1-cart and leave it checked out
    "#);
}

#[tokio::test]
async fn commits_that_change_nothing_fail() {
    let mut subject = Subject { changed: vec![], ..honest() };
    subject.claim.files = None;
    insta::assert_snapshot!(of("files", &subject).await, @r#"
    files Fail: the new commits change no file
      commit the files that you changed
    "#);
}

#[tokio::test]
async fn a_claimed_file_that_did_not_change_fails() {
    let mut subject = honest();
    subject.claim.files = Some(vec!["src/cart.rs".to_owned(), "src/tax.rs".to_owned()]);
    insta::assert_snapshot!(of("files", &subject).await, @r#"
    files Fail: 1 file changed, +3 -1; claimed but unchanged: src/tax.rs | changed src/cart.rs, src/tax.rs
      claimed but unchanged: src/tax.rs
    "#);
    subject.claim.source = ClaimSource::Message;
    insta::assert_snapshot!(of("files", &subject).await, @"files Pass: 1 file changed, +3 -1; claimed but unchanged: src/tax.rs | changed src/cart.rs, src/tax.rs");
}

#[tokio::test]
async fn a_changed_file_that_was_not_claimed_is_only_told() {
    let mut subject = honest();
    subject.changed.push(changed("src/tax.rs"));
    insta::assert_snapshot!(of("files", &subject).await, @"files Pass: 2 files changed, +6 -2; not claimed: src/tax.rs | changed src/cart.rs");
}

#[tokio::test]
async fn a_claim_may_name_a_folder_or_an_absolute_path() {
    let mut subject = honest();
    for claim in ["./src/cart.rs", "src/", "src", "/home/me/worktrees/worker-1/src/cart.rs"] {
        subject.claim.files = Some(vec![claim.to_owned()]);
        let told = of("files", &subject).await;
        assert!(told.starts_with("files Pass"), "{claim}: {told}");
    }
    for claim in ["/home/me/xsrc/cart.rs", "cart.rs", "src/cart.rs.bak", "sr"] {
        subject.claim.files = Some(vec![claim.to_owned()]);
        let told = of("files", &subject).await;
        assert!(told.starts_with("files Fail"), "{claim}: {told}");
    }
}

#[tokio::test]
async fn a_dirty_worktree_fails_and_names_what_was_left() {
    let dirty_paths = (0..7).map(|n| format!("notes-{n}.txt")).collect();
    let subject = Subject { worktree_clean: false, dirty_paths, ..honest() };
    insta::assert_snapshot!(of("clean", &subject).await, @r#"
    clean Fail: left uncommitted: notes-0.txt, notes-1.txt, notes-2.txt, notes-3.txt, notes-4.txt and 2 more
      notes-0.txt
      notes-1.txt
      notes-2.txt
      notes-3.txt
      notes-4.txt
      notes-5.txt
      notes-6.txt
    "#);
}

#[tokio::test]
async fn a_change_outside_the_declared_scope_fails() {
    let mut subject = honest();
    subject.scope = Scope::try_from(vec!["src/**".to_owned()]).unwrap();
    insta::assert_snapshot!(of("scope", &subject).await, @"scope Pass: all changes are within src/**");
    subject.changed.push(changed("docs/tax.md"));
    insta::assert_snapshot!(of("scope", &subject).await, @r#"
    scope Fail: changed outside of src/**: docs/tax.md
      docs/tax.md
    "#);
    subject.scope = Scope::default();
    assert_eq!(of("scope", &subject).await, "", "what declares nothing is not measured");
}

#[tokio::test]
async fn a_change_of_the_rules_needs_a_person() {
    let mut subject = honest();
    subject.changed.push(changed("gangline.toml"));
    insta::assert_snapshot!(of("protected", &subject).await, @r#"
    protected Fail: changed, and needs a person: gangline.toml
      gangline.toml
    "#);
    subject.approved_paths = BTreeSet::from(["gangline.toml".to_owned()]);
    insta::assert_snapshot!(of("protected", &subject).await, @"protected Pass: approved by a person: gangline.toml");
}

#[tokio::test]
async fn a_conflict_that_was_left_fails() {
    let world = World::new();
    world.file("src/cart.rs", "fn a() {}\n<<<<<<< HEAD\n=======\n>>>>>>> other\n");
    let checks = verify(&honest(), &policy(PASSING), &world.bench, &Folders::none(), |_| ()).await;
    let marked: Vec<_> = checks.into_iter().filter(|check| check.name == "markers").collect();
    insta::assert_snapshot!(told(&marked), @"markers Fail: conflict markers: src/cart.rs:2");
}

#[tokio::test]
async fn that_nothing_needs_to_change_is_measured_like_a_change() {
    let mut subject = honest();
    subject.new_commits = 0;
    subject.changed.clear();
    subject.claim.files = None;
    subject.no_change_claimed = true;
    insta::assert_snapshot!(told(&verified(&subject, PASSING).await), @r#"
    commits Pass: no new commit, as none was said to be needed | no change needed
    files Pass: nothing changed, as was said
    clean Pass: nothing was left uncommitted
    test Pass: 14 tests passed | passes
    "#);
    let red = "[checks.test]\nrun = \"echo '= 1 failed in 0.1s ='; exit 1\"\n";
    let report = subject.report(&policy(red), verified(&subject, red).await);
    assert_eq!(report.verdict(), Verdict::Fail);
}

#[tokio::test]
async fn a_waiver_is_told_in_every_report() {
    let checks = verified(&honest(), "checks_waived = \"only prose\"\n").await;
    insta::assert_snapshot!(told(&checks[checks.len() - 1..]), @"waived Pass: the policy requires no command: only prose");
}

#[tokio::test]
async fn setup_comes_first_and_what_it_makes_is_there_for_the_checks() {
    let text = "[setup]\nrun = [\"mkdir deps\", [\"touch\", \"deps/a\"]]\n\
                [checks.lint]\nrun = \"test -f deps/a\"\n";
    let checks = verified(&honest(), text).await;
    insta::assert_snapshot!(told(&checks[checks.len() - 2..]), @r#"
    setup Pass: 2 commands, exit code 0
    lint Pass: exit code 0
    "#);
}

#[tokio::test]
async fn without_setup_nothing_is_measured() {
    let text = "[setup]\nrun = [\"echo 'cannot reach the registry'; exit 1\", \"touch ran\"]\n\
                [checks.lint]\nrun = \"true\"\n";
    let world = World::new();
    let checks = verify(&honest(), &policy(text), &world.bench, &Folders::none(), |_| ()).await;
    let setup = checks.last().unwrap();
    insta::assert_snapshot!(told(std::slice::from_ref(setup)), @"setup Inconclusive: `echo 'cannot reach the registry'; exit 1`: exit code 1; the commands were not run");
    assert!(!world.bench.checkout.join("ran").exists());
    let evidence = setup.evidence.as_ref().unwrap();
    let log = std::fs::read_to_string(world.bench.log_dir.join(&evidence.log_file)).unwrap();
    assert!(log.contains("cannot reach the registry"), "{log}");
}

#[tokio::test]
async fn a_lockfile_that_does_not_fit_is_the_commits_own_failure() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/npm-ci-out-of-sync.txt");
    let text =
        format!("[setup]\nrun = [\"cat {fixture}; exit 1\"]\n[checks.lint]\nrun = \"true\"\n");
    let checks = verified(&honest(), &text).await;
    let setup = checks.last().unwrap();
    assert_eq!((setup.name.as_str(), setup.verdict), ("setup", Verdict::Fail), "{}", setup.fact);
}

#[tokio::test]
async fn setup_has_one_deadline_for_all_of_it() {
    let text = "[setup]\nrun = [\"sleep 600\"]\ntimeout = \"1s\"\n[checks.lint]\nrun = \"true\"\n";
    let checks = verified(&honest(), text).await;
    insta::assert_snapshot!(told(&checks[checks.len() - 1..]), @"setup Inconclusive: `sleep 600`: did not end within 1s; the commands were not run");
}

#[tokio::test]
async fn a_failed_check_does_not_keep_the_next_from_running() {
    let text = "[checks.a-lint]\nrun = \"exit 1\"\n[checks.b-lint]\nrun = \"true\"\n";
    let checks = verified(&honest(), text).await;
    insta::assert_snapshot!(told(&checks[checks.len() - 2..]), @r#"
    a-lint Fail: exit code 1
    b-lint Pass: exit code 0
    "#);
}

#[tokio::test]
async fn a_check_that_is_not_required_cannot_fail_the_commit() {
    let text = format!("{PASSING}[checks.lint]\nrun = \"exit 1\"\nrequired = false\n");
    let subject = honest();
    let report = subject.report(&policy(&text), verified(&subject, &text).await);
    assert_eq!(report.verdict(), Verdict::Pass);
}

#[tokio::test]
async fn a_candidate_is_measured_by_its_tree_and_the_commands() {
    let mut merged = merged();
    let policy = policy(PASSING);
    let world = World::new();
    let checks = verify_candidate(&merged, &policy, &world.bench, |_| ()).await;
    insta::assert_snapshot!(told(&checks), @r#"
    protected Pass: no protected path changed
    hidden Pass: all that changed can be seen
    markers Pass: no conflict markers
    test Pass: 14 tests passed
    "#);
    assert_eq!(merged.report(&policy, checks).verdict(), Verdict::Pass);
    merged.changed.push(changed(".github/workflows/ci.yml"));
    let checks = verify_candidate(&merged, &policy, &world.bench, |_| ()).await;
    assert_eq!(merged.report(&policy, checks).verdict(), Verdict::Fail);
}

#[tokio::test]
async fn progress_tells_each_check_as_it_happens() {
    let text = format!("[setup]\nrun = [\"true\"]\n{PASSING}");
    let mut told = Vec::new();
    let note = |progress: Progress| {
        told.push(match progress {
            Progress::Started { name, command } => {
                format!("{name}: {}", command.unwrap_or_default())
            }
            Progress::Finished { name, verdict, .. } => format!("{name} {verdict:?}"),
        });
    };
    verify(&honest(), &policy(&text), &World::new().bench, &Folders::none(), note).await;
    insta::assert_snapshot!(told.join("\n"), @r#"
    commits Pass
    files Pass
    clean Pass
    protected Pass
    hidden Pass
    markers Pass
    setup: true
    setup Pass
    test: echo '= 14 passed in 0.1s ='
    test Pass
    "#);
}

/// The whole way under the wall that real verifications have.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn in_the_sandbox_commands_reach_the_checkout_and_nothing_else() {
    use gangline_process::Sandbox;

    let mut world = World::new();
    let outside = world.path().join("outside");
    let (home, checkout) = (world.bench.home.clone(), world.bench.checkout.clone());
    world.bench.sandbox = Sandbox::with_system().writable(&checkout).home(&home);
    // Whatever the policy says of it.
    world.bench.network = false;
    let logs = world.bench.log_dir.display();
    let outside_shown = outside.display();
    let text = format!(
        "[checks.inside]\nrun = \"touch inside && test ! -e {logs}\"\n\
         [checks.outside]\nrun = \"test ! -e inside && echo x > {outside_shown}\"\n\
         [checks.network]\nnetwork = true\nrun = [\"sh\", \"-c\", \"test $(ls /sys/class/net 2>/dev/null | grep -vc '^lo$') = 0\"]\n\
         [checks.missing]\nrun = [\"nosuchtool\"]\n"
    );
    let checks = verify(&honest(), &policy(&text), &world.bench, &Folders::none(), |_| ()).await;
    let verdict = |name: &str| checks.iter().find(|check| check.name == name).unwrap();
    assert_eq!(verdict("inside").verdict, Verdict::Pass, "{:?}", verdict("inside"));
    // Whatever the command saw, it was not the host.
    assert!(!outside.exists(), "{:?}", verdict("outside"));
    assert_eq!(verdict("network").verdict, Verdict::Pass, "{:?}", verdict("network"));
    assert_eq!(verdict("missing").verdict, Verdict::Inconclusive, "{:?}", verdict("missing"));
}

/// Behind a wall that shows each of them its own tree at the one path.
#[tokio::test]
async fn commands_that_do_not_depend_on_one_another_run_at_once_and_apart() {
    let text = r#"
[setup]
run = ["echo set > dep"]
[checks.one]
run = "pwd > where; test ! -e mine && echo one > mine && test \"$(cat dep)\" = set && echo $HOME && cat where"
[checks.two]
run = "pwd > where; test ! -e mine && echo two > mine && test \"$(cat dep)\" = set && echo $HOME && cat where"
[checks.three]
continues = true
run = "test \"$(cat mine)\" = two"
"#;
    let world = World::new();
    let mut bench = world.bench.clone();
    bench.sandbox =
        gangline_process::Sandbox::with_system().writable(&bench.checkout).home(&bench.home);
    bench.env.push(("HOME".to_owned(), bench.home.display().to_string()));
    let mut order = vec![];
    let note = |progress: Progress| match progress {
        Progress::Started { name, .. } => order.push(format!("{name} begins")),
        Progress::Finished { name, .. } => order.push(format!("{name} ends")),
    };
    let checks = verify(&honest(), &policy(text), &bench, &Folders::none(), note).await;
    let commands = told(&checks[checks.len() - 3..]);
    insta::assert_snapshot!(commands, @r"
    one Pass: exit code 0
    two Pass: exit code 0
    three Pass: exit code 0
    ");
    let at = |what: &str| order.iter().position(|said| said == what).unwrap();
    assert!(at("two begins") < at("one ends"), "{order:?}");
    assert!(at("two ends") < at("three begins"), "{order:?}");
    let logs = ["one", "two"]
        .map(|name| std::fs::read_to_string(bench.log_dir.join(format!("{name}.log"))).unwrap());
    assert_eq!(logs[0], logs[1], "they stand at the same paths");
}

const COVERED: &str =
    "[checks.test]\nkind = \"custom\"\ncoverage = \"out/lcov\"\ncoverage_min = 100\n";
/// Line 2 is not new in `honest()`.
const LCOV: &str = "SF:src/cart.rs\\nDA:1,1\\nDA:2,1\\nDA:3,1\\nDA:4,1\\nend_of_record\\n";

#[tokio::test]
async fn what_a_command_writes_of_the_lines_that_ran_is_a_check_of_its_own() {
    let write = format!("{COVERED}run = \"mkdir -p out && printf '{LCOV}' > out/lcov\"\n");
    let subject = honest();
    let found = |checks: Vec<CheckResult>| {
        told(
            &checks.into_iter().filter(|check| check.name.contains("coverage")).collect::<Vec<_>>(),
        )
    };
    insta::assert_snapshot!(found(verified(&subject, &write).await), @"test:coverage Pass: 3 of 3 new lines ran (100 %)");
    // What the commit brings along is removed before.
    let world = World::new();
    world.file("out/lcov", LCOV.replace("\\n", "\n"));
    let forged = policy(&format!("{COVERED}run = \"true\"\n"));
    let checks = verify(&subject, &forged, &world.bench, &Folders::none(), |_| ()).await;
    assert_eq!(subject.report(&forged, checks.clone()).verdict(), Verdict::Inconclusive);
    insta::assert_snapshot!(found(checks), @"test:coverage Inconclusive: no coverage was written to out/lcov");
}

#[tokio::test]
async fn what_is_done_elsewhere_begins_when_nothing_is_wrong_and_is_dropped_when_something_is() {
    let outside = |asked: &std::rc::Rc<std::cell::Cell<bool>>| {
        let asked = std::rc::Rc::clone(asked);
        async move {
            asked.set(true);
            CheckResult::required("external-ci", Verdict::Fail, "1 run failed".to_owned())
        }
    };
    let of = async |subject: &Subject, text: &str| {
        let asked = std::rc::Rc::new(std::cell::Cell::new(false));
        let (world, folders) = (World::new(), Folders::none());
        let beside = (Some(outside(&asked)), |_| ());
        let checks = verify_beside(subject, &policy(text), &world.bench, &folders, beside).await;
        (asked.get(), checks.into_iter().find(|check| check.name == "external-ci"))
    };
    let (asked, found) = of(&honest(), PASSING).await;
    assert!(asked);
    assert_eq!(found.unwrap().verdict, Verdict::Fail);
    let protected = Subject { changed: vec![changed("gangline.toml")], ..honest() };
    assert_eq!(of(&protected, PASSING).await, (false, None), "not before the facts are in order");
    let (world, folders) = (World::new(), Folders::none());
    let never = (Some(std::future::pending()), |_| ());
    let failing = policy("[checks.test]\nrun = \"false\"\n");
    let checks = verify_beside(&honest(), &failing, &world.bench, &folders, never).await;
    assert!(checks.iter().all(|check| check.name != "external-ci"), "it is not waited for");
}
