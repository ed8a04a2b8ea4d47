use super::*;
use crate::driver::{McpServer, specimen};

fn plan(front_matter: &str, body: &str) -> SessionPlan {
    specimen::plan(&format!("kind: codex\n{front_matter}"), body)
}

#[test]
fn the_configuration_is_quiet_and_trusts_nothing_in_the_worktree() {
    let mut plan = plan("model: gpt-5.5", "");
    plan.env = vec![
        ("CODEX_API_KEY".to_owned(), "secret".to_owned()),
        ("OPENAI_BASE_URL".to_owned(), "http://localhost:1/v1/".to_owned()),
    ];
    plan.mcp = vec![McpServer {
        name: "gangline".to_owned(),
        command: "/usr/bin/gangline".to_owned(),
        args: vec!["worker-mcp".to_owned(), "a \"b\"".to_owned()],
        env: vec![("GANGLINE_KEY".to_owned(), "APP-1".to_owned())],
    }];
    let text = config::text(&plan, true);
    assert!(!text.contains("secret"));
    insta::assert_snapshot!(text, @r#"
    model = "gpt-5.5"
    model_provider = "gangline"
    approval_policy = "never"
    # Something else confines it: the sandbox that it runs in, or a person's explicit word.
    sandbox_mode = "danger-full-access"
    check_for_update_on_startup = false
    suppress_unstable_features_warning = true
    web_search = "disabled"

    [model_providers.gangline]
    name = "gangline"
    base_url = "http://localhost:1/v1"
    env_key = "CODEX_API_KEY"
    wire_api = "responses"

    [analytics]
    enabled = false

    [features]
    apps = false
    default_mode_request_user_input = true
    goals = false
    plugins = false
    skill_mcp_dependency_install = false
    # A refused connection would be tried again for ever.
    unbounded_connection_retries = false

    [shell_environment_policy]
    exclude = ["CODEX_API_KEY"]

    # Neither settings, tools nor rules from the worktree: an agent could have written them.
    [projects."/w"]
    trust_level = "untrusted"

    [mcp_servers."gangline"]
    command = "/usr/bin/gangline"
    args = ["worker-mcp", "a \"b\""]
    env = { "GANGLINE_KEY" = "APP-1" }
    startup_timeout_sec = 60
    tool_timeout_sec = 86400
    "#);
}

#[test]
fn the_definition_becomes_a_request_and_arguments() {
    let mut plan = plan("args: [-c, 'x=1']\nmode: exec", "You work.");
    assert_eq!(arguments(Mode::Server, &plan).join(" "), "app-server -c x=1");
    assert_eq!(
        arguments(Mode::Exec, &plan).join(" "),
        "exec --json --skip-git-repo-check -c x=1 -"
    );
    let about = json!({ "cwd": "/w", "developerInstructions": "You work." });
    assert_eq!(thread_request(&plan), ("thread/start", about));
    plan.asks_leave = true;
    plan.definition.system_prompt = SystemPrompt::Replace;
    plan.session = SessionStart::Resume { session: "abcd".to_owned() };
    let about = json!({
        "cwd": "/w", "baseInstructions": "You work.", "approvalPolicy": "untrusted",
        "threadId": "abcd", "excludeTurns": true,
    });
    assert_eq!(thread_request(&plan), ("thread/resume", about));
    assert_eq!(
        arguments(Mode::Exec, &plan).join(" "),
        "exec --json --skip-git-repo-check -c x=1 resume abcd -"
    );
}

#[test]
fn who_may_not_ask_cannot_ask() {
    let can = |front_matter: &str| Codex.can_ask(&plan(front_matter, "").definition);
    assert!(can("description: d") && can("mode: app-server"));
    assert!(!can("mode: exec") && !can("disallowedTools: AskUserQuestion"));
    let error = Codex.launch(&plan("mode: dance", "")).err().unwrap().to_string();
    assert_eq!(error, "agent `worker`: mode `dance` is not known; known are app-server and exec");
}

#[test]
fn nothing_that_an_earlier_session_planted_is_followed_or_kept() {
    let root = tempfile::tempdir().unwrap();
    let (home, theirs) = (root.path().join("home"), root.path().join("theirs"));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(theirs.join("rules")).unwrap();
    std::fs::write(theirs.join("config.toml"), "theirs").unwrap();
    std::os::unix::fs::symlink(&theirs, home.join(".codex")).unwrap();
    let plan = SessionPlan { home: home.clone(), ..plan("description: d", "") };
    config::write(&plan, true).unwrap();
    assert_eq!(std::fs::read_to_string(theirs.join("config.toml")).unwrap(), "theirs");
    assert!(theirs.join("rules").is_dir());

    let own = home.join(".codex");
    std::fs::create_dir(own.join("rules")).unwrap();
    std::fs::write(own.join("rules/all.rules"), "allow").unwrap();
    std::fs::write(own.join("hooks.json"), "{}").unwrap();
    std::fs::write(own.join("kept.sqlite"), "").unwrap();
    std::fs::remove_file(own.join("config.toml")).unwrap();
    std::os::unix::fs::symlink(theirs.join("config.toml"), own.join("config.toml")).unwrap();
    config::write(&plan, true).unwrap();
    assert_eq!(std::fs::read_to_string(theirs.join("config.toml")).unwrap(), "theirs");
    assert!(std::fs::read_to_string(own.join("config.toml")).unwrap().contains("gangline"));
    assert!(!own.join("rules").exists() && !own.join("hooks.json").exists());
    assert!(own.join("kept.sqlite").is_file());
}
