use super::*;
use crate::{CheckKind, CommandLine, LandingMode, LandingStyle, Review, Runner, ScopeCollision};

const TEST: &str = "[checks.test]\nrun = \"cargo test\"\n";

fn policy(text: &str) -> Policy {
    Policy::parse(text, "gangline.toml").unwrap_or_else(|error| panic!("{error}"))
}

/// The error for `text` beside one check that is in order.
fn refused(text: &str) -> String {
    whole_refused(&format!("{text}\n{TEST}"))
}

fn whole_refused(text: &str) -> String {
    Policy::parse(text, "gangline.toml").unwrap_err().to_string()
}

#[test]
fn one_command_is_a_whole_policy() {
    let policy = policy(TEST);
    assert_eq!(policy.project, ProjectPolicy::default());
    assert_eq!(policy.landing.mode, LandingMode::Local);
    assert_eq!((policy.limits.agents, policy.limits.tries, policy.limits.worktrees), (5, 3, 10));
    assert_eq!(policy.limits.session.to_string(), "4h");
    assert_eq!(policy.setup.timeout.to_string(), "10m");
    assert_eq!(policy.agents.default.as_str(), "ticket-worker");
    assert_eq!(policy.worktree.ports, 10);
    assert!(policy.protected.covers("gangline.toml") && policy.protected.covers(".github/x/y.yml"));
    assert!(!policy.protected.covers("src/gangline.toml"));
    for link in [".github", ".claude", ".cargo"] {
        assert!(policy.protected.covers(link), "{link} can be made a link to another folder");
    }
    let [check] = policy.checks.as_slice() else { panic!("{:?}", policy.checks) };
    assert_eq!(check.run, CommandLine::Shell("cargo test".to_owned()));
    assert_eq!((check.kind, check.tests_min), (CheckKind::Test, Some(1)));
    assert!(check.required && !check.network);
    assert_eq!(policy.sha256, Policy::sha256_of(TEST));
    assert_eq!(
        Policy::sha256_of("abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn every_key_is_read() {
    let policy = policy(
        r#"
        version = 1
        [project]
        name = "shop"
        key = "SHOP"
        target = "trunk"
        [landing]
        mode = "branch"
        style = "squash"
        review = "required"
        [checks."zz.first"]
        run = ["python3", "-m", "pytest"]
        timeout = "1h30m"
        kind = "test"
        tests_min = 14
        runner = "pytest"
        results = "reports/*.xml"
        coverage = ["lcov.info", "reports/*.json"]
        coverage_min = 80
        network = true
        env = { CI = "1" }
        [checks.a-lint]
        run = "ruff check ."
        required = false
        [setup]
        run = ["npm ci", ["make", "deps"]]
        timeout = "5m"
        network = false
        cache = [".npm", ".cargo/registry"]
        key = ["package-lock.json"]
        [worktree]
        copy = ["config/*.json"]
        link = ["node_modules"]
        secrets = [".env"]
        backend = "linked"
        worktree_template = "<project>-<KEY>"
        branch_template = "feature/ticket-<id>"
        commit_template = "[<KEY>] <subject>"
        ports = 3
        [agents]
        default = "worker"
        [agents.definitions.worker]
        max_concurrent = 4
        model = "large"
        network = false
        fallback = ["other", "third"]
        [limits]
        agents = 7
        per_definition = 3
        worktrees = 20
        session = "2h"
        verification = "30m"
        tries = 2
        silence_alert = "10m"
        uncommitted_alert = "1h"
        verifications = 1
        scope_collision = "warn"
        [budgets.ticket]
        tokens = 1_000_000
        cost_usd = 2.5
        wall = "2h"
        [budgets.day]
        cost_usd = 40
        [protected]
        paths = ["deploy/**"]
        "#,
    );
    assert_eq!(policy.project.name.as_ref().map(ProjectId::as_str), Some("shop"));
    let cache: Vec<&str> = policy.setup.cache.iter().map(crate::HomePath::as_str).collect();
    assert_eq!(cache, [".npm", ".cargo/registry"]);
    assert_eq!(policy.setup.key, ["package-lock.json".parse().unwrap()]);
    assert_eq!(policy.landing.mode, LandingMode::Branch);
    assert_eq!(policy.landing.style, LandingStyle::Squash);
    assert_eq!(policy.landing.review, Review::Required);
    // In the order of the file, not of the alphabet.
    let names: Vec<_> = policy.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["zz.first", "a-lint"]);
    let first = &policy.checks[0];
    assert_eq!((first.tests_min, first.timeout.ms()), (Some(14), 5_400_000));
    assert_eq!((first.runners.as_slice(), first.env.len()), (&[Runner::Pytest][..], 1));
    assert_eq!(first.results, ["reports/*.xml"]);
    assert_eq!(first.coverage, ["lcov.info", "reports/*.json"]);
    assert_eq!(first.coverage_min, Some(80));
    assert_eq!(policy.checks[1].tests_min, None);
    assert_eq!(policy.setup.run.len(), 2);
    assert_eq!(policy.setup.run[1].to_string(), "make deps");
    assert_eq!(policy.worktree.secrets[0].as_str(), ".env");
    let worker = &policy.agents.definitions[&"worker".parse().unwrap()];
    assert_eq!((worker.max_concurrent, worker.network.needed), (Some(4), Some(false)));
    assert_eq!(worker.fallback.len(), 2);
    assert_eq!(policy.limits.scope_collision, ScopeCollision::Warn);
    assert_eq!(policy.budgets.ticket.cost_microusd, Some(2_500_000));
    assert_eq!(policy.budgets.ticket.wall_ms, Some(7_200_000));
    assert_eq!(policy.budgets.day.cost_microusd, Some(40_000_000));
    assert_eq!(policy.budgets.project, gangline_domain::budget::Budget::default());
    assert!(policy.protected.covers("deploy/x.sh"));
    assert!(policy.protected.covers("gangline.toml"), "the rules protect themselves");
    assert!(!policy.protected.covers(".github/x.yml"));
}

#[test]
fn protecting_nothing_is_not_protecting_everything() {
    let policy = policy(&format!("[protected]\npaths = []\n{TEST}"));
    assert!(!policy.protected.covers("src/main.rs"));
    assert!(policy.protected.covers("gangline.toml"));
}

#[test]
fn an_unknown_key_shows_its_place_and_what_was_meant() {
    insta::assert_snapshot!(
        whole_refused("[checks.test]\nrun = \"cargo test\"\ntimout = \"5m\"\n"),
        @r#"
    gangline.toml:3:1: unknown key `timout`
      |
    3 | timout = "5m"
      | ^^^^^^
      help: did you mean `timeout`?
    "#
    );
    insta::assert_snapshot!(refused("[chekcs.test]\nrun = \"x\""), @r#"
    gangline.toml:1:2: unknown key `chekcs`
      |
    1 | [chekcs.test]
      |  ^^^^^^
      help: did you mean `checks`?
    "#);
    insta::assert_snapshot!(refused("[landing]\nauto = true"), @r#"
    gangline.toml:2:1: unknown key `auto`
      |
    2 | auto = true
      | ^^^^
      help: known keys are `mode`, `style`, `review`
    "#);
}

#[test]
fn a_wrong_type_shows_its_place() {
    insta::assert_snapshot!(refused("[limits]\nagents = \"five\""), @r#"
    gangline.toml:2:10: `limits.agents`: expected a whole number, found string "five"
      |
    2 | agents = "five"
      |          ^^^^^^
    "#);
    insta::assert_snapshot!(refused("[landing]\nreview = true"), @r#"
    gangline.toml:2:10: `landing.review`: expected a word in quotes
      |
    2 | review = true
      |          ^^^^
    "#);
    insta::assert_snapshot!(refused("[setup]\nrun = \"npm ci\""), @r#"
    gangline.toml:2:7: `setup.run`: expected a list, found string "npm ci"
      |
    2 | run = "npm ci"
      |       ^^^^^^^^
    "#);
    insta::assert_snapshot!(whole_refused("[checks.test]\nrun = [\"cargo\", 1]\n"), @r#"
    gangline.toml:2:17: `checks.test.run[1]`: expected a string, found integer `1`
      |
    2 | run = ["cargo", 1]
      |                 ^
    "#);
    insta::assert_snapshot!(refused("limits = 3"), @r#"
    gangline.toml:1:10: `limits`: expected a table, found integer `3`
      |
    1 | limits = 3
      |          ^
    "#);
    insta::assert_snapshot!(refused("[budgets.day]\ntokens = -5"), @r#"
    gangline.toml:2:10: `budgets.day.tokens`: expected a whole number, found integer `-5`
      |
    2 | tokens = -5
      |          ^^
    "#);
    insta::assert_snapshot!(refused("[checks.x]\nrequired = 1\nrun = \"x\""), @r#"
    gangline.toml:2:12: `checks.x.required`: expected true or false, found integer `1`
      |
    2 | required = 1
      |            ^
    "#);
    insta::assert_snapshot!(refused("[landing.mode]"), @r#"
    gangline.toml:1:1: `landing.mode`: expected a string, found a table
      |
    1 | [landing.mode]
      | ^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(whole_refused("checks = 3"), @r#"
    gangline.toml:1:10: `checks`: expected a table, found integer `3`
      |
    1 | checks = 3
      |          ^
    "#);
}

#[test]
fn a_bad_value_shows_its_place_and_what_to_write() {
    insta::assert_snapshot!(refused("[limits]\nsession = 4"), @r#"
    gangline.toml:2:11: `limits.session`: `4` has no unit
      |
    2 | session = 4
      |           ^
      help: write "4s", "4m" or "4h"
    "#);
    insta::assert_snapshot!(refused("[limits]\nsession = \"4 hours\""), @r#"
    gangline.toml:2:11: `limits.session`: `4 hours` is not a period
      |
    2 | session = "4 hours"
      |           ^^^^^^^^^
      help: write it like "90s", "10m", "4h" or "1h30m"
    "#);
    insta::assert_snapshot!(refused("[limits]\nagents = 0"), @r#"
    gangline.toml:2:10: `limits.agents`: 0 is out of range
      |
    2 | agents = 0
      |          ^
      help: it is 1 to 128
    "#);
    insta::assert_snapshot!(refused("[budgets.day]\ncost_usd = -1"), @r#"
    gangline.toml:2:12: `budgets.day.cost_usd`: -1 is out of range
      |
    2 | cost_usd = -1
      |            ^^
      help: it is 0 to 1000000 US dollars
    "#);
    insta::assert_snapshot!(refused("[landing]\nstyle = \"sqash\""), @r#"
    gangline.toml:2:9: `landing.style`: `sqash` is not one of its values
      |
    2 | style = "sqash"
      |         ^^^^^^^
      help: did you mean `squash`?
    "#);
    insta::assert_snapshot!(refused("[landing]\nstyle = \"rebase\""), @r#"
    gangline.toml:2:9: `landing.style`: `rebase` is not one of its values
      |
    2 | style = "rebase"
      |         ^^^^^^^^
      help: known values are `merge`, `squash`
    "#);
    insta::assert_snapshot!(refused("[project]\nkey = \"app\""), @r#"
    gangline.toml:2:7: `project.key`: `app` is not a key prefix such as APP: it must begin with A-Z
      |
    2 | key = "app"
      |       ^^^^^
    "#);
    insta::assert_snapshot!(refused("[project]\ntarget = \"--upload-pack=x\""), @r#"
    gangline.toml:2:10: `project.target`: `--upload-pack=x` is not a branch name: only A-Z, a-z, 0-9, . _ - and / are allowed
      |
    2 | target = "--upload-pack=x"
      |          ^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[project]\nname = \"Wörld\""), @r#"
    gangline.toml:2:8: `project.name`: `Wörld` is not a project name: it must begin with a-z or 0-9
      |
    2 | name = "Wörld"
      |        ^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[worktree]\nbranch_template = \"work/<key>\""), @r#"
    gangline.toml:2:19: `worktree.branch_template`: unknown placeholder `<key>`
      |
    2 | branch_template = "work/<key>"
      |                   ^^^^^^^^^^^^
      help: known are <id>, <KEY>, <slug> and <project>
    "#);
    insta::assert_snapshot!(refused("[worktree]\nsecrets = [\"../.env\"]"), @r#"
    gangline.toml:2:11: `worktree.secrets[0]`: `../.env` is not a path in the repository: it must stay below the repository's root
      |
    2 | secrets = ["../.env"]
      |           ^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[setup]\ncache = [\"/var/cache\"]"), @r#"
    gangline.toml:2:9: `setup.cache[0]`: `/var/cache` is not a folder below HOME such as .npm: it is relative to HOME, and must not begin with / - ~ or $, nor hold a backslash
      |
    2 | cache = ["/var/cache"]
      |         ^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[setup]\ncache = [\".npm\", \".cargo/../..\"]"), @r#"
    gangline.toml:2:9: `setup.cache[1]`: `.cargo/../..` is not a folder below HOME such as .npm: it must stay below HOME
      |
    2 | cache = [".npm", ".cargo/../.."]
      |         ^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[setup]\ncache = [\".\"]"), @r#"
    gangline.toml:2:9: `setup.cache[0]`: `.` is not a folder below HOME such as .npm: all of HOME is never kept
      |
    2 | cache = ["."]
      |         ^^^^^
    "#);
    insta::assert_snapshot!(refused("[setup]\nkey = [\"../package-lock.json\"]"), @r#"
    gangline.toml:2:7: `setup.key[0]`: `../package-lock.json` is not a path in the repository: it must stay below the repository's root
      |
    2 | key = ["../package-lock.json"]
      |       ^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[worktree]\ncopy = [\"a\", \"/etc/*\"]"), @r#"
    gangline.toml:2:8: `worktree.copy`: `/etc/*` is not a path pattern: it must stay below the repository's root
      |
    2 | copy = ["a", "/etc/*"]
      |        ^^^^^^^^^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[protected]\npaths = [\"a[\"]"), @r#"
    gangline.toml:2:9: `protected.paths`: `a[` is not a path pattern: unclosed character class; missing ']'
      |
    2 | paths = ["a["]
      |         ^^^^^^
    "#);
    insta::assert_snapshot!(refused("[checks.commits]\nrun = \"x\""), @r#"
    gangline.toml:1:9: `checks.commits`: `commits` is not a name for a check: a check of Gangline's own has that name
      |
    1 | [checks.commits]
      |         ^^^^^^^
    "#);
    insta::assert_snapshot!(refused("[checks.x]\nrun = \"\""), @r#"
    gangline.toml:2:7: `checks.x.run`: the command is empty
      |
    2 | run = ""
      |       ^^
      help: write it like "cargo test" or ["cargo", "test"]
    "#);
    insta::assert_snapshot!(refused("[checks.x]\ntimeout = \"1m\""), @r#"
    gangline.toml:1:1: `checks.x.run` is missing
      |
    1 | [checks.x]
      | ^^^^^^^^^^
    "#);
}

#[test]
fn pull_requests_are_said_to_be_not_built_yet() {
    insta::assert_snapshot!(refused("[landing]\nmode = \"pull-request\""), @r#"
    gangline.toml:2:8: `landing.mode`: `pull-request` is not built yet
      |
    2 | mode = "pull-request"
      |        ^^^^^^^^^^^^^^
      help: modes that work are "local" and "branch"
    "#);
    insta::assert_snapshot!(refused("[landing]\nmode = \"lokal\""), @r#"
    gangline.toml:2:8: `landing.mode`: `lokal` is not one of its values
      |
    2 | mode = "lokal"
      |        ^^^^^^^
      help: did you mean `local`?
    "#);
}

#[test]
fn a_broken_text_shows_where_it_breaks() {
    insta::assert_snapshot!(whole_refused("[checks.test]\nrun = \"cargo test\n"), @r#"
    gangline.toml:2:18: invalid basic string, expected `"`
      |
    2 | run = "cargo test
      |                  ^
    "#);
    insta::assert_snapshot!(whole_refused("[checks.test\n"), @r#"
    gangline.toml:1:13: unclosed table, expected `]`
      |
    1 | [checks.test
      |             ^
    "#);
    insta::assert_snapshot!(whole_refused(&format!("{TEST}run = \"again\"\n")), @r#"
    gangline.toml:3:1: duplicate key
      |
    3 | run = "again"
      | ^^^
    "#);
    insta::assert_snapshot!(whole_refused("[checks.test]\r\nrun = \"grün\" nonsense\r\n"), @r#"
    gangline.toml:2:14: unexpected key or value, expected newline, `#`
      |
    2 | run = "grün" nonsense
      |              ^
    "#);
}

#[test]
fn a_newer_policy_is_called_newer() {
    insta::assert_snapshot!(whole_refused("version = 2\nbrand_new = true\n"), @r#"
    gangline.toml:1:11: `version`: version 2 is not known here
      |
    1 | version = 2
      |           ^
      help: this gangline reads version 1: install a newer one
    "#);
}

#[test]
fn a_policy_that_verifies_nothing_is_refused_unless_a_person_says_why() {
    insta::assert_snapshot!(whole_refused(""), @r#"
    gangline.toml: no required check: nothing would ever be verified
      help: add one, such as [checks.test] with run = "cargo test", or say why none is needed: checks_waived = "reason" at the top
    "#);
    insta::assert_snapshot!(whole_refused(&format!("{TEST}required = false\n")), @r#"
    gangline.toml:1:9: no required check: nothing would ever be verified
      |
    1 | [checks.test]
      |         ^^^^
      help: remove required = false from a check, or say why none is needed: checks_waived = "reason" at the top
    "#);
    insta::assert_snapshot!(whole_refused("checks_waived = \" \"\n"), @r#"
    gangline.toml:1:17: `checks_waived`: a waiver needs its reason
      |
    1 | checks_waived = " "
      |                 ^^^
    "#);
    insta::assert_snapshot!(refused("checks_waived = \"prose\""), @r#"
    gangline.toml:1:17: checks are waived, and yet `checks.test` is required
      |
    1 | checks_waived = "prose"
      |                 ^^^^^^^
      help: remove `checks_waived`, or write required = false there
    "#);
    let waived = policy(&format!("checks_waived = \"prose\"\n{TEST}required = false\n"));
    assert_eq!(waived.checks_waived.as_deref(), Some("prose"));
}

#[test]
fn counting_tests_where_there_are_none_is_refused() {
    insta::assert_snapshot!(refused("[checks.lint]\nrun = \"x\"\ntests_min = 3"), @r#"
    gangline.toml:3:13: `checks.lint.tests_min` counts tests, and this is none
      |
    3 | tests_min = 3
      |             ^
      help: add kind = "test", or leave it out
    "#);
}

#[test]
fn runners_and_results_are_one_or_several_and_only_for_tests() {
    let several =
        policy(&format!("{TEST}runner = [\"jest\", \"cargo\"]\nresults = [\"a.xml\", \"b\"]\n"));
    assert_eq!(several.checks[0].runners, [Runner::Jest, Runner::Cargo]);
    assert_eq!(several.checks[0].results, ["a.xml", "b"]);
    for runner in Runner::ALL {
        let word = format!("{runner:?}").to_lowercase();
        let named = policy(&format!("{TEST}runner = \"{word}\"\n"));
        assert_eq!(named.checks[0].runners, [runner]);
    }
    insta::assert_snapshot!(whole_refused(&format!("{TEST}runner = \"pytset\"\n")), @r#"
    gangline.toml:3:10: `checks.test.runner`: `pytset` is not one of its values
      |
    3 | runner = "pytset"
      |          ^^^^^^^^
      help: did you mean `pytest`?
    "#);
    insta::assert_snapshot!(whole_refused(&format!("{TEST}runner = []\n")), @r#"
    gangline.toml:3:10: `checks.test.runner`: no runner is named
      |
    3 | runner = []
      |          ^^
      help: write it like "pytest", or leave it out
    "#);
    insta::assert_snapshot!(whole_refused(&format!("{TEST}runner = 3\n")), @r"
    gangline.toml:3:10: `checks.test.runner`: expected a runner's name or a list of them, found integer `3`
      |
    3 | runner = 3
      |          ^
    ");
    insta::assert_snapshot!(whole_refused(&format!("{TEST}results = \"../x.xml\"\n")), @r#"
    gangline.toml:3:11: `checks.test.results`: `../x.xml` is not a path pattern: it must stay below the repository's root
      |
    3 | results = "../x.xml"
      |           ^^^^^^^^^^
    "#);
    insta::assert_snapshot!(whole_refused(&format!("{TEST}results = 3\n")), @r"
    gangline.toml:3:11: `checks.test.results`: expected a path or a list of paths
      |
    3 | results = 3
      |           ^
    ");
    insta::assert_snapshot!(refused("[checks.lint]\nrun = \"x\"\nrunner = \"pytest\""), @r#"
    gangline.toml:3:10: `checks.lint.runner` counts tests, and this is none
      |
    3 | runner = "pytest"
      |          ^^^^^^^^
      help: add kind = "test", or leave it out
    "#);
    insta::assert_snapshot!(refused("[checks.lint]\nrun = \"x\"\nresults = \"a.xml\""), @r#"
    gangline.toml:3:11: `checks.lint.results` counts tests, and this is none
      |
    3 | results = "a.xml"
      |           ^^^^^^^
      help: add kind = "test", or leave it out
    "#);
}

#[test]
fn a_minimum_of_coverage_needs_a_file_and_is_a_percentage() {
    insta::assert_snapshot!(refused("[checks.lint]\nrun = \"x\"\ncoverage_min = 80"), @r#"
    gangline.toml:3:16: `checks.lint.coverage_min` measures nothing, because no file is named
      |
    3 | coverage_min = 80
      |                ^^
      help: add coverage = "lcov.info", or leave it out
    "#);
    let text = format!("{TEST}coverage = \"lcov.info\"\ncoverage_min = 101\n");
    insta::assert_snapshot!(whole_refused(&text), @r"
    gangline.toml:4:16: `checks.test.coverage_min`: 101 is out of range
      |
    4 | coverage_min = 101
      |                ^^^
      help: it is 1 to 100
    ");
}

#[test]
fn an_endless_file_is_refused_before_it_is_parsed() {
    insta::assert_snapshot!(whole_refused(&"#".repeat(POLICY_BYTES_MAX + 1)), @"gangline.toml: the file has 262145 bytes, more than 262144");
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let error = refused("\u{1b}[31m = 1");
    assert!(!error.contains('\u{1b}'), "{error:?}");
    let error = refused("[project]\nname = \"\\u001b[31m\"");
    assert!(!error.contains('\u{1b}'), "{error:?}");
    let error = refused("\"\\u001b[31m\" = 1");
    assert!(!error.contains('\u{1b}'), "{error:?}");
}
