//! A real agent's work is read by a real agent of another kind.

use serde_json::{Value, json};

use crate::world::{Agent, CHECK, KEY, World};

fn review(shown: &Value) -> &Value {
    let checks = shown["report"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == "review").unwrap()
}

async fn reads(author: Agent, reader: Agent, kinds: [&str; 2]) {
    // Its own kind would be there as well, and is not asked.
    let agents = [("agent", author), ("own", author), ("reader", reader)];
    let policy = format!("{CHECK}[reviewer]\nagents = [\"own\", \"reader\"]\n");
    let world = World::of(&agents, &policy, &[]).await;
    let finding = json!({ "file": "half.txt", "line": 1, "severity": "blocking",
        "text": "price by nothing" });
    let found = json!({ "summary": "one bug", "findings": [finding] });
    let nothing = json!({ "summary": "fine", "findings": [] });
    // The reader runs a program that would like to write, and says what came of it.
    let look = json!([{ "run": "touch stray; git log --oneline -1; ls" }]);
    world
        .add(&json!({
            "calls": [{ "write": { "path": "half.txt", "text": "half = price / 0\n" } },
                      { "commit": "Halve" }],
            "final": "Done.",
            "when": [
                { "contains": "+half = price / 0", "calls": look, "final":
                  format!("I have read it.\n```json\n{found}\n```") },
                { "contains": "# REVIEW APP-1", "calls": look, "final": nothing.to_string() },
                { "contains": "price by nothing", "calls": [
                    { "write": { "path": "half.txt", "text": "half = price / 2\n" } },
                    { "commit": "Halve by two" }], "final": "Mended." },
            ],
        }))
        .await;
    let shown = world.until(|shown| shown["state"] == "landed").await;
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 2, "{shown:#}");
    let [author, reader] = kinds;
    assert_eq!(shown["attempts"][0]["kind"], author);
    let fact = review(&shown)["fact"].as_str().unwrap();
    assert_eq!(fact, format!("nothing found by reader ({reader}): fine"));
    // What the reader ran could read the checkout, and write nothing into it.
    let seen: Vec<String> = world.stub.seen().iter().map(|seen| seen.body.to_string()).collect();
    let told = seen.iter().filter(|body| body.contains("# REVIEW APP-1"));
    let told: Vec<&String> = told.filter(|body| body.contains("Read-only file system")).collect();
    assert!(!told.is_empty(), "its programs were not kept from writing");
    assert!(told.iter().all(|body| body.contains("half.txt")), "it did not see the change");
    let brief = world.run(&["brief", KEY]).await;
    assert!(brief.contains("half.txt:1: price by nothing"), "{brief}");
    let files = world.landed().await;
    assert!(files.contains("half.txt") && !files.contains("stray"), "{files}");
}

#[tokio::test]
async fn codex_reads_what_claude_did() {
    reads(Agent::Claude, Agent::Codex, ["claude", "codex"]).await;
}

#[tokio::test]
async fn claude_reads_what_opencode_did() {
    reads(Agent::OpencodeAcp, Agent::Claude, ["acp", "claude"]).await;
}
