//! A graph memory server that the machine declares, with the real Claude Code CLI.

use std::path::Path;

use gangline_agents::stub::{ModelStub, real_agent, real_claude};
use serde_json::{Value, json};

use crate::world::{POLICY, World};

const PLAIN: &str = "---\nname: plain\ndescription: Has no memory.\nkind: claude\n---\n";

fn body(calls: &Value) -> String {
    format!("```model-stub\n{}\n```\n", json!({ "calls": calls, "final": "Over." }))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_agent_remembers_another_finds_and_nobody_has_it_unasked() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let claude = real_claude(&root).unwrap_or_else(|error| panic!("{error}"));
    let memory = gangline_agents::stub::MCP_MEMORY;
    let memory = real_agent(&root, &memory).unwrap_or_else(|error| panic!("{error}"));
    let modules = memory.ancestors().find(|path| path.ends_with("node_modules")).unwrap();
    let stub = ModelStub::start().await.unwrap();
    let policy = "[agents.definitions.ticket-worker]\nmcp = [\"memory\", \"elsewhere\"]\n";
    let mut world = World::with_policy(&format!("{POLICY}{policy}"));
    world.write(".gangline/agents/plain.md", PLAIN);
    world.git("add -A");
    world.git("commit --quiet -m Agents");
    let kept = world.path("memory");
    std::fs::create_dir(&kept).unwrap();
    let config = format!(
        "[agents.programs]\nclaude = {claude:?}\n\
         [mcp.memory]\ncommand = [\"/usr/bin/env\", \"node\", {memory:?}]\n\
         env = {{ MEMORY_FILE_PATH = {:?} }}\nread = [{modules:?}]\nwrite = [{kept:?}]\n",
        kept.join("graph.jsonl"),
    );
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    world.set("ANTHROPIC_BASE_URL", &stub.base_url());
    world.set("ANTHROPIC_API_KEY", "sk-dummy");
    let entity = json!({ "entities": [
        { "name": "ledger", "entityType": "module", "observations": ["rounds half up"] },
    ] });
    let first = body(&json!([
        { "tool": "mcp__memory__create_entities", "input": entity },
        { "write": { "path": "a.txt", "text": "a\n" } }, { "commit": "APP-1: a" },
    ]));
    let said = world.run(&["run", "--title", "Remember", "--body", &first]);
    let logs = world.done(&["logs", "APP-1"]);
    assert_eq!(said.code, 0, "{}{}\n{logs}", said.out, said.err);
    assert!(logs.contains("declares no MCP server `elsewhere`"), "{logs}");
    let graph = std::fs::read_to_string(kept.join("graph.jsonl")).unwrap();
    assert!(graph.contains("rounds half up"), "{graph}");
    let second = body(&json!([
        { "tool": "mcp__memory__search_nodes", "input": { "query": "ledger" } },
        { "write": { "path": "b.txt", "text": "b\n" } }, { "commit": "APP-2: b" },
    ]));
    let said = world.run(&["run", "--title", "Recall", "--body", &second]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let told = stub.seen().pop().unwrap().body["messages"].to_string();
    assert!(told.contains("rounds half up"), "{told}");
    let before = stub.seen().len();
    let third = body(&json!([
        { "write": { "path": "c.txt", "text": "c\n" } }, { "commit": "APP-3: c" },
    ]));
    let said = world.run(&["run", "--title", "Plain", "--body", &third, "--agent", "plain"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let offered = stub.seen().split_off(before);
    assert!(!offered.is_empty());
    assert!(offered.iter().all(|seen| !seen.body["tools"].to_string().contains("mcp__memory")));
}
