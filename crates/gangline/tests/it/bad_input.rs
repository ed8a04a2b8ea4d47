//! Every kind of bad input: the exact words, the exit code, and that nothing is half done.

use crate::world::{POLICY, World};

#[test]
fn outside_a_repository() {
    let world = World::empty();
    insta::assert_snapshot!(world.refused(&["init"]), @r#"
    exit 1
    error: ~/shop is not inside a git repository
     next: cd into one, or make one: git init && git commit --allow-empty -m "Start"
    "#);
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: ~/shop is not inside a git repository
     next: cd into one, or make one: git init && git commit --allow-empty -m "Start"
    "#);
    assert!(!world.path("run/gangline.sock").exists(), "a daemon was started for nothing");
}

#[test]
fn a_repository_without_commits() {
    let world = World::unborn();
    insta::assert_snapshot!(world.refused(&["init", "--yes"]), @r#"
    exit 1
    error: ~/shop has no commits yet (`git commit` makes the first)
     next: git add -A && git commit -m "Start"
    "#);
    world.write("gangline.toml", POLICY);
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: ~/shop has no commits yet (`git commit` makes the first)
     next: git add -A && git commit -m "Start"
    "#);
}

#[test]
fn a_detached_head() {
    let world = World::unborn();
    world.git("commit --quiet --allow-empty -m Start");
    world.git("checkout --quiet --detach");
    let said = world.refused(&["init", "--yes"]).replace(&world.git("rev-parse HEAD"), "HEAD");
    insta::assert_snapshot!(said, @"
    exit 1
    error: HEAD is detached at HEAD, not on a branch (`git switch BRANCH`, or name the target branch)
     next: git switch BRANCH
    ");
    assert!(!world.repo.join("gangline.toml").exists());
    world.done(&["init", "--yes", "--target", "main"]);
}

#[test]
fn a_target_branch_that_is_not_there() {
    let world = World::with_policy(&format!("[project]\ntarget = \"trunk\"\n{POLICY}"));
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: there is no branch trunk; there are main
     next: write target = "main" under [project] in gangline.toml
    "#);
    insta::assert_snapshot!(world.refused(&["init", "--yes", "--force", "--target", "trunk"]), @r#"
    exit 1
    error: there is no branch trunk; there are main
     next: write target = "main" under [project] in gangline.toml
    "#);
}

#[test]
fn a_repository_without_a_policy() {
    let world = World::unborn();
    world.git("commit --quiet --allow-empty -m Start");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @"
    exit 1
    error: ~/shop has no gangline.toml
     next: gangline init
    ");
}

#[test]
fn an_unknown_key_in_the_policy() {
    let world = World::with_policy("[checks.test]\nrun = \"sh test.sh\"\ntimeuot = \"1m\"\n");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: gangline.toml of main:3:1: unknown key `timeuot`
        |
      3 | timeuot = "1m"
        | ^^^^^^^
        help: did you mean `timeout`?
     next: mend gangline.toml, and commit it
    "#);
}

#[test]
fn a_wrong_type_in_the_policy() {
    let world = World::with_policy(&format!("[limits]\nagents = \"five\"\n{POLICY}"));
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: gangline.toml of main:2:10: `limits.agents`: expected a whole number, found string "five"
        |
      2 | agents = "five"
        |          ^^^^^^
     next: mend gangline.toml, and commit it
    "#);
}

#[test]
fn a_policy_without_checks() {
    let world = World::with_policy("[project]\nkey = \"APP\"\n");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: gangline.toml of main: no required check: nothing would ever be verified
        help: add one, such as [checks.test] with run = "cargo test", or say why none is needed: checks_waived = "reason" at the top
     next: mend gangline.toml, and commit it
    "#);
}

#[test]
fn an_existing_policy_is_not_written_over() {
    let world = World::ready();
    let before = std::fs::read_to_string(world.repo.join("gangline.toml")).unwrap();
    insta::assert_snapshot!(world.refused(&["init", "--yes"]), @"
    exit 5
    error: gangline.toml is there already
     next: gangline up
       or: gangline init --print, to compare
       or: gangline init --force, to write over it
    ");
    assert_eq!(std::fs::read_to_string(world.repo.join("gangline.toml")).unwrap(), before);
}

#[test]
fn an_unknown_agent_kind() {
    let world = World::ready();
    world.write(".gangline/agents/odd.md", "---\nname: odd\nkind: telepathy\n---\n");
    let said = world.refused(&["add", "x"]);
    let (before, after) = said.split_once("; known are ").unwrap_or_else(|| panic!("{said}"));
    let (known, next) = after.split_once('\n').unwrap();
    insta::assert_snapshot!(format!("{before}\n{next}"), @"
    exit 1
    error: agent odd: agent kind `telepathy` is not known
     next: mend gangline.toml, or the definitions in .gangline/agents and .claude/agents
    ");
    assert!(known.contains("claude") && known.contains("scripted"), "{known}");
}

#[test]
fn an_agent_that_is_not_defined() {
    let world = World::ready();
    insta::assert_snapshot!(world.refused(&["add", "x", "--agent", "nobody"]), @"
    exit 1
    error: project shop has no agent nobody; it has code-reviewer, conflict-resolver, documentation-writer, orchestrator, planner, scripted, test-writer, ticket-worker
     next: choose one of these, or write .gangline/agents/nobody.md
    ");
    world.write("gangline.toml", format!("{POLICY}[agents]\ndefault = \"nobody\"\n"));
    world.git("commit --quiet -a -m Broken");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @"
    exit 1
    error: gangline.toml names the agent nobody; there are code-reviewer, conflict-resolver, documentation-writer, orchestrator, planner, scripted, test-writer, ticket-worker
     next: mend gangline.toml, or the definitions in .gangline/agents and .claude/agents
    ");
}

#[test]
fn a_ticket_that_cannot_be_read() {
    let world = World::ready();
    insta::assert_snapshot!(world.refused(&["add", "-f", "none.md"]), @"
    exit 1
    error: the ticket none.md cannot be read: No such file or directory (os error 2)
     next: gangline add -f FILE, with a Markdown file
    ");
    insta::assert_snapshot!(world.refused(&["add", "-f", "."]), @"
    exit 1
    error: the ticket . cannot be read: Is a directory (os error 21)
     next: gangline add -f FILE, with a Markdown file
    ");
    world.write("latin1.md", b"# Caf\xe9\n");
    insta::assert_snapshot!(world.refused(&["add", "-f", "latin1.md"]), @"
    exit 1
    error: the ticket latin1.md cannot be read: it is not UTF-8 text
     next: gangline add -f FILE, with a Markdown file
    ");
    world.write("long.md", "x".repeat(300 * 1024));
    insta::assert_snapshot!(world.refused(&["add", "-f", "long.md"]), @"
    exit 1
    error: the ticket long.md cannot be read: it has more than 266240 bytes
     next: gangline add -f FILE, with a Markdown file
    ");
    insta::assert_snapshot!(world.refused(&["add", ""]), @r#"
    exit 2
    error: a ticket needs a title
     next: gangline add "What is wanted"
    "#);
    insta::assert_snapshot!(world.refused(&["add", "two\nlines"]), @"
    exit 1
    error: the title has a line break or another control character: it is one line
     next: gangline add --help
    ");
}

#[test]
fn a_key_that_is_taken() {
    let world = World::ready();
    world.done(&["add", "--draft", "x", "--key", "APP-7"]);
    insta::assert_snapshot!(world.refused(&["add", "--draft", "y", "--key", "APP-7"]), @"
    exit 5
    error: shop.APP-7 exists already
     next: gangline show APP-7
    ");
    insta::assert_snapshot!(world.refused(&["--json", "add", "--draft", "y", "--key", "APP-7"]), @r#"
    exit 5
    {"error":{"causes":[],"code":"duplicate_key","exit":5,"message":"shop.APP-7 exists already","next":["gangline show APP-7"]}}
    "#);
}

#[test]
fn keys_that_are_none() {
    let world = World::ready();
    world.done(&["add", "--draft", "x"]);
    for key in ["../../etc/passwd", "APP-..", "app-1", "APP-1\u{1b}[2J", "ÄPP-1", "APP-01", ""] {
        let said = world.run(&["show", key]);
        assert_eq!(said.code, 1, "{key:?}: {}", said.err);
        assert!(said.err.contains("is not a ticket key such as APP-12"), "{key:?}: {}", said.err);
        assert!(!said.err.contains('\u{1b}'), "{key:?}");
    }
    insta::assert_snapshot!(world.refused(&["show", "APP-.."]), @"
    exit 1
    error: `APP-..` is not a ticket key such as APP-12: behind the dash stands a number without leading zeros
     next: gangline list
    ");
    insta::assert_snapshot!(world.refused(&["show", "--", "--help"]), @"
    exit 1
    error: `--help` is not a ticket key such as APP-12: it must begin with A-Z
     next: gangline list
    ");
    insta::assert_snapshot!(world.refused(&["add", "x", "--depends-on", "APP-1/../2"]), @"
    exit 1
    error: `APP-1/../2` is not a ticket key such as APP-12: behind the dash stands a number without leading zeros
     next: gangline list --all
    ");
    insta::assert_snapshot!(world.refused(&["add", "x", "--scope", "../elsewhere"]), @"
    exit 1
    error: `../elsewhere` is not a path pattern: it must stay below the repository's root
     next: gangline add --help
    ");
    insta::assert_snapshot!(world.refused(&["list", "--project", "../x"]), @"
    exit 1
    error: `../x` is not a project name: it must begin with a-z or 0-9
     next: gangline project list
    ");
    insta::assert_snapshot!(world.refused(&["init", "--force", "--yes", "--target", "-oProxy"]), @"
    exit 2
    error: unexpected argument '-o' found

    Usage: gangline init [OPTIONS]

    For more information, try '--help'.
    ");
}

#[test]
fn branches_that_are_none() {
    let world = World::ready();
    let names = [
        "../x",
        "a..b",
        "--output=x",
        "a b",
        "a\tb",
        "bränch",
        "refs/heads/main",
        "HEAD",
        "a.lock",
        "/x",
        "",
        "a;id",
        "$(id)",
        "x\u{1b}[2J",
    ];
    for name in names {
        let said = world.run(&["init", "--print", &format!("--target={name}")]);
        assert_eq!(said.code, 1, "{name:?}: {}", said.err);
        assert!(said.err.contains("is not a branch name: "), "{name:?}: {}", said.err);
        assert!(said.err.contains(" next: "), "{name:?}: {}", said.err);
        assert!(!said.err.contains('\u{1b}'), "{name:?}");
    }
    for name in ["../x", "--output=x", "bränch"] {
        let target = format!("[project]\ntarget = \"{name}\"\n");
        world.write("gangline.toml", format!("{target}{POLICY}"));
        world.git("commit --quiet -a -m Target");
        let said = world.refused(&["add", "x"]);
        let place = "exit 1\nerror: gangline.toml of main:2:10: `project.target`: ";
        assert!(said.starts_with(place), "{said}");
    }
    let template = format!("[worktree]\nbranch_template = \"../<KEY>\"\n{POLICY}");
    world.write("gangline.toml", template);
    world.git("commit --quiet -a -m Template");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: gangline.toml of main:2:19: `worktree.branch_template`: it gives no branch name: only letters, digits, . _ - and / are allowed, no part may be empty, and none may begin or end with a dot or end with .lock
        |
      2 | branch_template = "../<KEY>"
        |                   ^^^^^^^^^^
     next: mend gangline.toml, and commit it
    "#);
}

#[test]
fn words_that_are_none() {
    let world = World::ready();
    world.done(&["add", "--draft", "x"]);
    insta::assert_snapshot!(world.refused(&["list", "--state", "bogus"]), @"
    exit 1
    error: `bogus` is not a state; one is draft, open, backoff, parked, held, working, verifying, review, queued, landing, landed, delivered, escalated, cancelled
     next: gangline list --all
    ");
    insta::assert_snapshot!(world.refused(&["add", "--draft", "y", "--label", "two\nlines"]), @r#"
    exit 1
    error: `two\nlines` is not a label: it is a word or a few, in one line of at most 64 bytes
     next: gangline add --help
    "#);
    insta::assert_snapshot!(world.refused(&["add", "--draft", "y", "--external-ref", "\u{1b}[2J"]), @r#"
    exit 1
    error: `\u{1b}[2J` is not a reference: it is one line of at most 500 bytes
     next: gangline add --help
    "#);
    insta::assert_snapshot!(world.refused(&["add", "--draft", &"y".repeat(301)]), @"
    exit 1
    error: the title has 301 bytes, more than 300: say the rest in the body
     next: gangline add --help
    ");
    insta::assert_snapshot!(world.refused(&["add", "--draft", "-f", "test.sh"]), @r#"
    exit 2
    error: the ticket test.sh has no title: its first line is no heading
     next: begin it with `# What is wanted`, or gangline add "…" -f test.sh
    "#);
    insta::assert_snapshot!(world.refused(&["project", "add", "nowhere"]), @"
    exit 1
    error: there is no directory ~/shop/nowhere
     next: gangline project add DIR, with a git repository
    ");
    insta::assert_snapshot!(world.refused(&["logs", "APP-1", "--job", "shop.APP-2.a1"]), @"
    exit 1
    error: the job belongs to another ticket
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["logs", "APP-1", "--job", "shop.APP-1.a9"]), @"
    exit 4
    error: shop.APP-1.a9 has no journal
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["logs", "APP-1", "--job", "nonsense"]), @"
    exit 1
    error: `shop.APP-1.nonsense` is not a job id such as shop.APP-12.a1: its last part begins with a, c, v, i or r
     next: gangline list --all
    ");
    assert_eq!(world.json(&["list"])["tickets"].as_array().unwrap().len(), 1);
}

#[test]
fn dependencies_that_cannot_be() {
    let world = World::ready();
    insta::assert_snapshot!(world.refused(&["add", "x", "--depends-on", "APP-9"]), @"
    exit 1
    error: APP-1 cannot depend on APP-9: there is no such ticket
     next: gangline list --all
    ");
    insta::assert_snapshot!(world.refused(&["add", "x", "--key", "APP-3", "--depends-on", "APP-3"]), @"
    exit 1
    error: these tickets would wait for one another: APP-3 → APP-3
     next: leave the dependency out
    ");
    world.write("cycle/1.md", "# Ticket #1: a\n**Depends on:** #2\n");
    world.write("cycle/2.md", "# Ticket #2: b\n**Depends on:** #1\n");
    insta::assert_snapshot!(world.refused(&["import", "cycle"]), @"
    exit 1
    error: these tickets would wait for one another: APP-1 → APP-2 → APP-1
     next: remove one of these dependencies; nothing was added
    ");
    world.write("broken/1.md", "# Ticket #1: a\n");
    world.write("broken/2.md", "# Ticket #2: b\n\n**Priority:** at once\n");
    insta::assert_snapshot!(world.refused(&["import", "broken"]), @"
    exit 1
    error: broken/2.md:3: `at once` is not a priority; one is critical, high, medium or low
     next: mend these files; nothing was added
    ");
    world.write("unknown/1.md", "# Ticket #1: a\n**Depends on:** #77\n");
    insta::assert_snapshot!(world.refused(&["import", "unknown"]), @"
    exit 1
    error: APP-1 cannot depend on APP-77: there is no such ticket
     next: gangline list --all
    ");
    insta::assert_snapshot!(world.refused(&["import", "nowhere"]), @"
    exit 1
    error: nowhere cannot be read
      because No such file or directory (os error 2)
     next: gangline import DIR, with a folder that exists
    ");
    assert_eq!(world.json(&["list"])["tickets"].as_array().unwrap().len(), 0);
}

#[test]
fn what_does_not_fit_the_state() {
    let world = World::ready();
    world.done(&["add", "--draft", "x"]);
    insta::assert_snapshot!(world.refused(&["approve", "APP-1"]), @"
    exit 5
    error: shop.APP-1 is draft; approve needs it to be in review
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["answer", "APP-1", "yes"]), @"
    exit 4
    error: shop.APP-1 has no open question
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["take-over", "APP-1"]), @"
    exit 5
    error: shop.APP-1 is draft; take over needs it to be working, escalated, held or waiting
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["diff", "APP-1"]), @"
    exit 5
    error: no attempt of shop.APP-1 has left a commit yet
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["logs", "APP-1"]), @"
    exit 4
    error: no agent has worked on shop.APP-1 yet
     next: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["open", "APP-1"]), @"
    exit 5
    error: APP-1 has no worktree now
     next: gangline diff APP-1
       or: gangline show APP-1
    ");
    insta::assert_snapshot!(world.refused(&["show", "APP-99"]), @"
    exit 4
    error: there is no ticket shop.APP-99
     next: gangline list --all
    ");
    insta::assert_snapshot!(world.refused(&["project", "remove", "shop"]), @"
    exit 5
    error: project shop has 1 live tickets, such as APP-1
     next: gangline list --project shop
    ");
}

#[test]
fn a_configuration_of_the_machine_that_is_wrong() {
    let world = World::ready();
    std::fs::write(world.path("config/config.toml"), "[daemon]\nbalast_mib = 8\n").unwrap();
    insta::assert_snapshot!(world.refused(&["up"]), @"
    exit 1
    error: ~/config/config.toml:2:1: unknown key `balast_mib`
        |
      2 | balast_mib = 8
        | ^^^^^^^^^^
        help: did you mean `ballast_mib`?
     next: mend ~/config/config.toml, then gangline up
    ");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @"
    exit 3
    error: the daemon did not start: it ended with exit code 1
      | error: ~/config/config.toml:2:1: unknown key `balast_mib`
      |     |
      |   2 | balast_mib = 8
      |     | ^^^^^^^^^^
      |     help: did you mean `ballast_mib`?
      |  next: mend ~/config/config.toml, then gangline up
     next: less ~/state/daemon.log
       or: gangline doctor
    ");
}

#[test]
fn a_command_line_that_is_wrong() {
    let world = World::empty();
    insta::assert_snapshot!(world.refused(&["frobnicate"]), @"
    exit 2
    error: unrecognized subcommand 'frobnicate'

    Usage: gangline [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(world.refused(&["--json", "show"]), @r#"
    exit 2
    {"error":{"causes":[],"code":"usage","exit":2,"message":"the following required arguments were not provided:\n  <KEY>\n\nUsage: gangline show <KEY>\n\nFor more information, try '--help'.","next":["gangline help"]}}
    "#);
    insta::assert_snapshot!(world.refused(&["add", "x", "--priority", "urgent"]), @"
    exit 2
    error: invalid value 'urgent' for '--priority <PRIORITY>'
      [possible values: critical, high, medium, low]

    For more information, try '--help'.
    ");
    assert_eq!(world.run(&[]).code, 2);
    assert_eq!(world.run(&["--version"]).code, 0);
}
