//! What agent kinds log in with.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::world::World;

/// `gangline login` with this on its standard input.
fn log_in(world: &World, args: &[&str], value: &str) -> (bool, String) {
    let mut login = world.program(&[&["login"], args].concat(), &world.repo);
    login.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = login.spawn().unwrap();
    child.stdin.take().unwrap().write_all(value.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn a_key_is_kept_by_gangline_for_its_owner_alone() {
    let mut world = World::empty();
    let (done, said) = log_in(&world, &["claude"], "sk-ant-api03-hush-hush\n");
    assert!(done && said.contains("ANTHROPIC_API_KEY is kept") && !said.contains("hush"), "{said}");
    let file = world.path("config/logins/claude.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(&file).unwrap().contains("sk-ant-api03-hush-hush"));
    let (done, said) = log_in(&world, &["claude"], "sk-ant-oat01-hush-hush\n");
    assert!(done && said.contains("CLAUDE_CODE_OAUTH_TOKEN is kept"), "{said}");
    let (done, _) = log_in(&world, &["opencode", "--as", "GEMINI_API_KEY"], "any-key-at-all");
    assert!(done);

    world.set("OPENAI_API_KEY", "sk-of-the-environment");
    let kept = world.done(&["login", "codex", "--from", "env://OPENAI_API_KEY"]);
    assert!(kept.contains("(env://OPENAI_API_KEY)"), "{kept}");
    let file = std::fs::read_to_string(world.path("config/logins/codex.json")).unwrap();
    assert!(!file.contains("sk-of"), "{file}");

    let status = world.json(&["login", "--status"]);
    let rows = status["logins"].as_array().unwrap();
    let kinds: Vec<&str> = rows.iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["claude", "codex", "opencode"]);
    assert_eq!(rows[0]["place"], "kept by Gangline");
    let shown = world.done(&["login", "--status"]);
    assert!(shown.contains("GEMINI_API_KEY") && !shown.contains("hush"), "{shown}");
    assert!(world.done(&["login", "claude", "--forget"]).contains("forgotten"));
    assert!(world.done(&["login", "claude", "--forget"]).contains("there was none"));
    assert!(!world.path("home/.claude").exists() && !world.path("home/.codex").exists());
}

#[test]
fn what_is_no_key_is_refused_and_not_repeated() {
    let world = World::empty();
    for (args, value, why) in [
        (&["claude"][..], "short", "that is no key"),
        (&["claude"], "two words-hush", "one word without blanks"),
        (&["scripted"], "sk-hush-hush-hush", "kinds with a log-in are acp, claude"),
        (&["claude", "--as", "PATH"], "sk-hush-hush-hush", "logs in by ANTHROPIC_API_KEY or"),
        (&["codex", "--from", "sk-hush-hush-hush"], "", "begins with env://"),
        (&["codex", "--from", "env://NOBODY_SETS_THIS"], "", "is not set for the daemon"),
    ] {
        let (done, said) = log_in(&world, args, value);
        assert!(!done && said.contains(why) && !said.contains("hush-hush"), "{args:?}: {said}");
    }
}

#[test]
fn doctor_tells_version_and_log_in_of_each_agent() {
    let mut world = World::empty();
    let program = world.path("claude");
    std::fs::write(&program, "#!/bin/sh\necho '9.9.9 (Claude Code)'\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = format!("[agents.programs]\nclaude = {:?}\n", program.display().to_string());
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    let findings = |world: &World| {
        let told = world.json(&["doctor"]);
        let found = told["findings"].as_array().unwrap().clone();
        let of_claude = found.iter().filter(|finding| {
            finding["found"].as_str().is_some_and(|found| found.starts_with("claude: "))
        });
        of_claude.cloned().collect::<Vec<_>>()
    };
    let find = |all: &[serde_json::Value], what: &str| {
        all.iter().find(|finding| finding["what"] == what).unwrap().clone()
    };
    let told = findings(&world);
    let found = find(&told, "agent")["found"].as_str().unwrap().to_owned();
    assert!(found.starts_with("claude: 9.9.9 (Claude Code) at "), "{found}");
    assert_eq!(find(&told, "log-in")["next"], "gangline login claude");
    world.set("ANTHROPIC_API_KEY", "sk-ant-hush-hush");
    let told = find(&findings(&world), "log-in");
    assert_eq!(told["found"], "claude: ANTHROPIC_API_KEY of this shell's environment");
    log_in(&world, &["claude"], "sk-ant-oat01-hush-hush");
    let told = find(&findings(&world), "log-in");
    assert_eq!(told["found"], "claude: CLAUDE_CODE_OAUTH_TOKEN, kept by Gangline");
    std::fs::write(&program, "#!/bin/sh\nexit 3\n").unwrap();
    let told = find(&findings(&world), "agent");
    assert_eq!((&told["health"], &told["next"]), (&"bad".into(), &"install claude anew".into()));
}
