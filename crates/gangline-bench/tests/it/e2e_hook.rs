//! Claude Code's own sub-agents become tickets by a hook.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_agents::stub::{CLAUDE, ModelStub, real_agent};
use gangline_bench::program::{Home, Program};
use gangline_process::Cmd;
use serde_json::{Value, json};

const POLICY: &str = "[checks.test]\nrun = \"echo 1..1; echo 'ok 1 - it works'\"\n\
    [agents]\ndefault = \"worker\"\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// As the real program says it, of version 2.1.
fn asked(repo: &Path, agent: &str) -> String {
    json!({
        "session_id": "86190ac6-6c1e-4b7e-9d0f-2a6a5c2f7a10",
        "transcript_path": "/home/ann/.claude/projects/shop/86190ac6.jsonl",
        "cwd": repo, "permission_mode": "default", "hook_event_name": "PreToolUse",
        "tool_name": "Task", "tool_use_id": "toolu_01A09q90qw90lq917835lq9",
        "tool_input": { "description": "Round the total", "subagent_type": agent,
            "prompt": "Round the total to cents, with tests." },
    })
    .to_string()
}

async fn hook(home: &Home, repo: &Path, input: &str) -> Value {
    let cmd = home.cmd(home.path("home").as_path(), &["hook", "task", "--agent", "worker"]);
    let output = cmd.stdin_bytes(input).output().await.unwrap();
    assert!(output.success(), "{} in {}", output.stderr.text(), repo.display());
    let text = output.stdout.text();
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
}

#[tokio::test]
async fn a_sub_agent_that_is_asked_for_becomes_one_ticket() {
    let home = Home::new(&Program::find().unwrap()).unwrap();
    let repo = home.repository("repo", POLICY).await.unwrap();
    home.run(&repo, &["up", "--detach"]).await.unwrap();
    assert_eq!(hook(&home, &repo, &asked(&repo, "explorer")).await, Value::Null);
    for _repeated in 0..2 {
        let told = hook(&home, &repo, &asked(&repo, "worker")).await;
        let told = &told["hookSpecificOutput"];
        assert_eq!(told["permissionDecision"], "deny", "{told:#}");
        let reason = told["permissionDecisionReason"].as_str().unwrap();
        assert!(reason.starts_with("Ticket APP-1 was opened"), "{reason}");
    }
    let listed = home.json(&repo, &["list", "--all"]).await.unwrap();
    assert_eq!(listed["tickets"].as_array().unwrap().len(), 1, "{listed:#}");
    let shown = home.json(&repo, &["show", "APP-1"]).await.unwrap();
    assert_eq!(shown["title"], "Round the total");
    assert_eq!(shown["body"], "Round the total to cents, with tests.");
    home.run(&repo, &["down", "--jobs"]).await.unwrap();
}

#[tokio::test]
async fn the_real_claude_goes_on_without_its_sub_agent() {
    let claude = real_agent(&root(), &CLAUDE).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let program = Program::find().unwrap();
    let home = Home::new(&program).unwrap();
    let repo = home.repository("repo", POLICY).await.unwrap();
    home.run(&repo, &["up", "--detach"]).await.unwrap();
    let wrapper = home.path("home").join("gangline-hook");
    let variables = ["STATE", "CONFIG", "RUNTIME"].map(|name| {
        let folder = if name == "RUNTIME" { "run".to_owned() } else { name.to_lowercase() };
        format!("GANGLINE_{name}_DIR={}", home.path(&folder).display())
    });
    let line = format!(
        "#!/bin/sh\nexec env {} {} hook task --agent worker\n",
        variables.join(" "),
        program.path().display()
    );
    std::fs::write(&wrapper, line).unwrap();
    let settings = json!({ "hooks": { "PreToolUse": [ { "matcher": "Task|Agent", "hooks": [
        { "type": "command", "command": format!("sh {}", wrapper.display()), "timeout": 30 } ] } ] } });
    let agents = json!({ "worker": { "description": "Does a ticket.", "prompt": "Do it." } });
    let input = json!({ "description": "Round the total", "subagent_type": "worker",
        "prompt": "Round the total to cents." });
    let scenario = json!({ "calls": [ { "tool": "Task", "input": input } ], "final": "Done." });
    let prompt = format!("Delegate it.\n\n```model-stub\n{scenario}\n```\n");
    let output = Cmd::new(claude)
        .args(["-p", "--output-format", "stream-json", "--verbose"])
        .args(["--permission-mode", "bypassPermissions", "--setting-sources", "user"])
        .args(["--settings".to_owned(), settings.to_string()])
        .args(["--agents".to_owned(), agents.to_string(), "--".to_owned(), prompt])
        .cwd(&repo)
        .env_from_host(&["PATH"])
        .env("HOME", home.path("home"))
        .env("CLAUDE_CONFIG_DIR", home.path("home").join(".claude"))
        .env("ANTHROPIC_BASE_URL", stub.base_url())
        .env("ANTHROPIC_API_KEY", "sk-dummy")
        .env("IS_SANDBOX", "1")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1")
        .env("CLAUDE_CODE_MAX_RETRIES", "0")
        .deadline(Duration::from_mins(1))
        .output()
        .await
        .unwrap();
    let said = output.stdout.text();
    assert!(said.contains("Ticket APP-1 was opened"), "{said}{}", output.stderr.text());
    let shown = home.json(&repo, &["show", "APP-1"]).await.unwrap();
    assert_eq!(shown["title"], "Round the total", "{shown:#}");
    home.run(&repo, &["down", "--jobs"]).await.unwrap();
}
