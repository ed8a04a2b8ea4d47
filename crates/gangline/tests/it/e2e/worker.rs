//! The real Claude Code CLI with the worker's tools, through a whole run.

use std::path::Path;

use gangline_agents::stub::{ModelStub, real_claude};

use crate::world::{POLICY, World};

/// What the model does, one call after the other.
fn scenario() -> serde_json::Value {
    let tool = |name: &str, input: serde_json::Value| serde_json::json!({ "tool": format!("mcp__gangline__{name}"), "input": input });
    serde_json::json!({
        "calls": [
            tool("get_issue", serde_json::json!({})),
            tool("report_progress", serde_json::json!({ "message": "reading", "percent": 10 })),
            tool("ask_human", serde_json::json!({ "question": "Which name?", "options": ["a", "b"] })),
            { "write": { "path": "name.txt", "text": "b\n" } },
            tool("list_changed_since_base", serde_json::json!({})),
            { "commit": "APP-1: name" },
            tool("remember_lesson", serde_json::json!({ "lesson": "names are short" })),
            tool("report_outcome", serde_json::json!({
                "status": "completed", "summary": "named it b", "commits": 1, "files": ["name.txt"],
            })),
        ],
        "final": "Over.",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_reports_asks_and_claims_by_the_workers_tools() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let claude = real_claude(&root).unwrap_or_else(|error| panic!("{error}"));
    let stub = ModelStub::start().await.unwrap();
    let mut world = World::with_policy(POLICY);
    let config = format!("[agents.programs]\nclaude = {:?}\n", claude.canonicalize().unwrap());
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    world.set("ANTHROPIC_BASE_URL", &stub.base_url());
    world.set("ANTHROPIC_API_KEY", "sk-dummy");
    let body = format!("Name it.\n\n```model-stub\n{}\n```\n", scenario());
    let asked = world.run(&["run", "--title", "Name it", "--body", &body]);
    assert_eq!(asked.code, 7, "{}{}\n{}", asked.out, asked.err, world.run(&["logs", "APP-1"]).out);
    assert!(asked.out.contains("Which name?"), "{}", asked.out);
    world.until("APP-1", |shown| shown["activity"].to_string().contains("10 % reading"));
    world.done(&["answer", "APP-1", "b"]);
    let said = world.run(&["run", "APP-1"]);
    let logs = world.done(&["logs", "APP-1"]);
    assert_eq!(said.code, 0, "{}{}\n{logs}", said.out, said.err);
    assert_eq!(world.git("show main:name.txt"), "b");
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(shown["attempts"][0]["claim"]["summary"], "named it b", "{shown:#}");
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "it was not parked");
    for line in ["▸ 10 % reading", "? Which name?", "lesson: names are short", "claims completed"]
    {
        assert!(logs.contains(line), "no `{line}`: {logs}");
    }
    let told: Vec<String> =
        stub.seen().iter().map(|seen| seen.body["messages"].to_string()).collect();
    let last = told.last().unwrap();
    for result in [r#"\"title\":\"Name it\""#, r#"\"change\":\"untracked\""#] {
        assert!(last.contains(result), "no {result} in {last}");
    }
}
