//! The server of Gangline's tools for a main agent: asked by the official client of the protocol,
//! and by a real Claude Code that hands a ticket on, goes on, and learns of the landing.

use std::path::PathBuf;
use std::time::Duration;

use gangline_agents::stub::{CLAUDE, MCP_INSPECTOR, ModelStub, NODE, RealAgent, real_agent};
use gangline_bench::program::{Home, Program};
use gangline_bench::soak::nothing_runs;
use gangline_process::Cmd;
use serde_json::{Value, json};

use crate::world::{CHECK, claude_of_a_person, root};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(2);
/// Which client is asked, and how: with a handshake, as most do, and without, as the newest do.
const MODES: [&str; 2] = ["legacy", "auto"];

const SCRIPT: &str = "```gangline-script
steps:
  - write: { path: total.txt, text: \"3.00\\n\" }
  - commit: \"${KEY}: round\"
  - claim: { summary: \"rounded\\u001b[2J\", commits: 1, tests_pass: true }
  - say: Rounded.
```";

/// A real program.
fn installed(agent: &RealAgent) -> String {
    let found = real_agent(&root(), agent).unwrap_or_else(|error| panic!("{error}"));
    found.display().to_string()
}

struct World {
    home: Home,
    repo: PathBuf,
}

impl World {
    async fn new(policy: &str, files: &[(&str, &str)]) -> Self {
        let home = Home::new(&Program::find().unwrap()).unwrap();
        let policy = format!("{}{policy}", CHECK.replace("agent\"\n", "worker\"\n"));
        let repo = home.repository("repo", &policy).await.unwrap();
        for (name, text) in files {
            let file = repo.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        home.other(&repo, &["git", "add", "--all"]).await.unwrap();
        home.other(&repo, &["git", "commit", "--quiet", "--allow-empty", "-m", "Files"])
            .await
            .unwrap();
        Self { home, repo }
    }

    /// The same at an address of HTTP, with that address and a token of this role.
    async fn over_http(role: &str) -> (Self, String, String) {
        let world = Self::new("", &[]).await;
        let home = world.home.with("GANGLINE_LISTEN", "127.0.0.1:0");
        let status = home.json(&world.repo, &["up", "--detach"]).await.unwrap();
        let address = format!("http://{}/mcp", status["http"].as_str().unwrap());
        home.run(&world.repo, &["project", "add"]).await.unwrap();
        let token = home.json(&world.repo, &["token", "add", "bot", "--role", role]).await.unwrap();
        let secret = token["secret"].as_str().unwrap().to_owned();
        let home = home.with("TOKEN", &secret);
        (Self { home, ..world }, address, secret)
    }

    /// What the official client is answered over stdio, step by step.
    async fn talk(&self, mode: &str, steps: &Value) -> Vec<Value> {
        let program = Program::find().unwrap().path().display().to_string();
        self.talk_to(&program, mode, steps).await
    }

    /// What it is answered by a server that it starts, or at an address.
    async fn talk_to(&self, server: &str, mode: &str, steps: &Value) -> Vec<Value> {
        let python = root().join("target/gauntlet/python/bin/python3");
        assert!(python.is_file(), "no {}: cargo xtask setup --for test", python.display());
        let talk = root().join("crates/gangline-bench/tests/fixtures/mcp/talk.py");
        let (python, talk) = (python.display().to_string(), talk.display().to_string());
        let (repo, steps) = (self.repo.display().to_string(), steps.to_string());
        let line = [&python, &talk, mode, server, &repo, &steps];
        let said = self.home.other(&self.repo, &line).await.unwrap();
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// What the inspector prints of a server that it starts, or of one at an address.
    async fn inspect(&self, server: &[&str], what: &[&str]) -> Value {
        let (node, inspector) = (installed(&NODE), installed(&MCP_INSPECTOR));
        let line = [&[node.as_str(), &inspector, "--cli"], server, what].concat();
        let said = self.home.other(&self.repo, &line).await.unwrap();
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    async fn on_main(&self, file: &str) -> String {
        let shown = ["git", "show", &format!("main:{file}")];
        self.home.other(&self.repo, &shown).await.unwrap()
    }

    async fn end(&self) {
        self.home.run(&self.repo, &["down", "--jobs"]).await.unwrap();
        nothing_runs(&self.home).await.unwrap();
    }
}

/// Nothing in it can act on a terminal.
fn is_harmless(value: &Value) {
    match value {
        Value::String(text) => {
            let acts = text.chars().any(|c| c.is_control() && !"\n\t".contains(c));
            assert!(!acts, "{text:?}");
        }
        Value::Array(items) => items.iter().for_each(is_harmless),
        Value::Object(fields) => fields.values().for_each(is_harmless),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a tool answered.
fn document(answer: &Value) -> &Value {
    assert_ne!(answer["isError"], true, "{answer:#}");
    &answer["structuredContent"]
}

fn text(answer: &Value) -> &str {
    answer["content"][0]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_ticket_is_delegated_in_the_words_of_others_and_its_landing_is_told() {
    for mode in MODES {
        let readme = format!("# Ticket #105: Round\n**Priority:** High\n\nTo cents.\n\n{SCRIPT}\n");
        let world = World::new("", &[("tickets/105/README.md", &readme)]).await;
        let steps = json!([
            { "call": "delegate_ticket", "arguments": { "ticketId": "105",
                "description": "Round the total", "ticketPath": "tickets/105" } },
            { "until": "landed", "arguments": { "after": "$0.seq", "ticketId": "105" } },
            { "call": "check_worker_status", "arguments": { "workerId": "$0.workerId" } },
            { "call": "get_evidence", "arguments": { "ticketId": "APP-105" } },
            { "call": "get_diff", "arguments": { "ticketId": "APP-105", "path": "total.txt" } },
            { "call": "get_issue", "arguments": { "issue_id": "APP-105" } },
            { "call": "list_workers", "arguments": { "all": true } },
            { "call": "search", "arguments": { "query": "ROUND app" } },
            { "call": "get_merge_queue", "arguments": {} },
            { "call": "get_worktree_status", "arguments": { "ticket_id": "105" } },
            { "read": "gangline://repo/tickets/APP-105/evidence" },
            { "read": "gangline://repo/tickets/APP-105/journal" },
            { "read": "gangline://repo/tickets/APP-105" },
        ]);
        let told = world.talk(mode, &steps).await;
        let begun = document(&told[0]);
        assert_eq!((&begun["workerId"], &begun["existed"]), (&json!("APP-105"), &json!(false)));
        let words = text(&told[0]);
        assert!(
            words.starts_with("Worker spawned successfully!\n\nWorker ID: APP-105\n"),
            "{words}"
        );
        let worker = document(&told[2]);
        assert_eq!((&worker["status"], &worker["state"]), (&json!("completed"), &json!("landed")));
        let evidence = document(&told[3]);
        assert_eq!(
            (&evidence["verdict"], &evidence["claim"]),
            (&json!("pass"), &json!("rounded[2J"))
        );
        let diff = document(&told[4])["text"].as_str().unwrap();
        assert!(diff.starts_with("diff --git ") && diff.contains("\n+3.00"), "{diff}");
        let issue = document(&told[5]);
        assert_eq!((&issue["status"], &issue["priority"]), (&json!("landed"), &json!("high")));
        assert_eq!(document(&told[6])["workers"][0]["status"], "completed", "{:#}", told[6]);
        assert_eq!(document(&told[7])["tickets"][0]["ticketId"], "APP-105", "{:#}", told[7]);
        assert_eq!(document(&told[8])["total"], 0);
        assert_eq!(document(&told[9])["has_changes"], false, "{:#}", told[9]);
        let read = |at: usize| told[at]["contents"][0]["text"].as_str().unwrap_or_default();
        assert!(read(10).contains("\"verdict\": \"pass\""), "{:#}", told[10]);
        assert!(read(11).contains("Rounded."), "{:#}", told[11]);
        assert!(read(12).contains("APP-105"), "{:#}", told[12]);
        told.iter().for_each(is_harmless);
        assert_eq!(world.on_main("total.txt").await, "3.00\n");
        world.end().await;
    }
}

#[tokio::test]
async fn a_person_decides_by_the_main_agent_what_only_a_person_may() {
    let world = World::new("[landing]\nreview = \"required\"\n", &[]).await;
    let body = "```gangline-script\nsteps:\n  - ask: { text: \"Which?\", options: [up, down], \
                answers: { up: [ { write: { path: up.txt, text: up } } ] } }\n  - commit: \"${KEY}: \
                chosen\"\n  - say: Done.\n```";
    let steps = json!([
        { "call": "delegate_ticket", "arguments": { "description": "Choose", "body": body } },
        { "until": "question_asked", "arguments": { "after": "$0.seq" } },
        { "call": "check_worker_status", "arguments": { "workerId": "APP-1" } },
        { "call": "answer_question", "arguments": { "ticketId": "APP-1", "answer": "up" } },
        { "until": "review_requested", "arguments": { "after": "$3.seq" } },
        { "call": "get_diff", "arguments": { "ticketId": "APP-1" } },
        { "call": "approve_ticket", "arguments": { "ticketId": "APP-1", "commit": "$5.commit" } },
        { "until": "landed", "arguments": { "after": "$6.seq" } },
        { "call": "approve_ticket", "arguments": { "ticketId": "APP-1" } },
    ]);
    let told = world.talk("legacy", &steps).await;
    let question = &document(&told[2])["questions"][0];
    assert_eq!(
        (&question["text"], &question["options"]),
        (&json!("Which?"), &json!(["up", "down"]))
    );
    let diff = document(&told[5]);
    assert_eq!((&diff["files"][0]["path"], diff.get("text")), (&json!("up.txt"), None));
    assert_eq!(told[8]["isError"], true);
    assert!(text(&told[8]).starts_with("ticket_closed: "), "{:#}", told[8]);
    assert_eq!(world.on_main("up.txt").await, "up");
    world.end().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told_so_that_the_model_can_mend_it() {
    let world = World::new("", &[]).await;
    let steps = json!([
        { "list": "resources" },
        { "list": "tools" },
        { "list": "templates" },
        { "list": "prompts" },
        { "prompt": "break_into_tickets", "arguments": { "goal": "Faster carts" } },
        { "call": "delegate_ticket", "arguments": { "description": "Later", "draft": true } },
        { "call": "get_ticket", "arguments": { "ticketId": "APP-77" } },
        { "call": "get_ticket", "arguments": { "ticket": "APP-77" } },
        { "call": "delegate_ticket", "arguments": { "description": "x", "ticketPath": "../x" } },
        { "call": "update_ticket", "arguments": { "ticketId": "1", "action": "reject" } },
        { "call": "update_ticket", "arguments": { "ticketId": "1", "action": "cancel" } },
        { "call": "submit_issue_for_review", "arguments": { "issue_id": "APP-1",
            "commit_url": "https://example.com/commit/abc1234" } },
        { "call": "get_evidence", "arguments": { "ticketId": "APP-1" } },
        { "call": "list_workers", "arguments": { "project": "nobody" } },
        { "read": "gangline://repo/tickets/APP-77" },
        { "call": "sing", "arguments": {} },
        { "call": "wait_for_events", "arguments": { "after": 0, "waitMs": 0, "types": ["all"] } },
    ]);
    let told = world.talk("legacy", &steps).await;
    assert_eq!(told[0]["resources"], json!([]), "listing starts no daemon and finds nothing");
    assert_eq!(told[1]["tools"].as_array().unwrap().len(), 21);
    assert_eq!(told[2]["resourceTemplates"].as_array().unwrap().len(), 3);
    assert_eq!(told[3]["prompts"].as_array().unwrap().len(), 3);
    let said = told[4]["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(said.contains("Faster carts"), "{said}");
    let refused = |at: usize, code: &str| {
        assert_eq!(told[at]["isError"], true, "{:#}", told[at]);
        let problem = &told[at]["_meta"]["gangline/problem"];
        assert_eq!(problem["code"], code, "{:#}", told[at]);
        assert!(text(&told[at]).starts_with(&format!("{code}: ")), "{:#}", told[at]);
    };
    assert_eq!(document(&told[5])["state"], "draft");
    refused(6, "no_such_ticket");
    refused(7, "bad_request");
    refused(8, "bad_ticket");
    refused(9, "bad_request");
    assert_eq!(document(&told[10])["state"], "cancelled");
    refused(11, "not_assigned");
    refused(12, "nothing_to_show");
    refused(13, "no_such_project");
    assert!(told[14]["error"].as_str().unwrap().contains("no_such_ticket"), "{:#}", told[14]);
    assert!(
        told[15]["error"].as_str().unwrap().contains("there is no tool `sing`"),
        "{:#}",
        told[15]
    );
    let events = document(&told[16])["events"].as_array().unwrap();
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds, ["project_configured", "ticket_added", "cancelled"]);
    world.end().await;
}

#[tokio::test]
async fn the_same_tools_are_there_over_http() {
    for mode in MODES {
        let (world, address, _) = World::over_http("L1").await;
        let steps = json!([
            { "call": "delegate_ticket",
              "arguments": { "description": "Round the total", "body": SCRIPT } },
            { "until": "landed", "arguments": { "after": "$0.seq" } },
            { "call": "list_workers", "arguments": { "all": true } },
            { "call": "approve_ticket", "arguments": { "ticketId": "APP-1" } },
            { "list": "tools" },
            { "read": "gangline://repo/tickets/APP-1" },
        ]);
        let told = world.talk_to(&address, mode, &steps).await;
        assert_eq!(document(&told[0])["workerId"], "APP-1", "{:#}", told[0]);
        let workers = document(&told[2]);
        assert_eq!(workers["workers"][0]["status"], "completed", "{workers:#}");
        let there = &workers["mainAgents"][0];
        assert_eq!(
            (&there["person"], &there["presence"]),
            (&json!("bot"), &json!("Active - Conversing"))
        );
        assert!(text(&told[3]).starts_with("forbidden: "), "{:#}", told[3]);
        assert_eq!(told[4]["tools"].as_array().unwrap().len(), 21);
        told.iter().for_each(is_harmless);
        let events = world.home.json(&world.repo, &["worklog", "APP-1"]).await.unwrap();
        assert!(!events.to_string().contains("gl_"), "no secret is kept: {events}");
        assert_eq!(world.on_main("total.txt").await, "3.00\n");
        world.end().await;
    }
}

#[tokio::test]
async fn the_inspector_finds_the_tools_by_both_transports() {
    let (world, address, secret) = World::over_http("L1").await;
    let program = Program::find().unwrap().path().display().to_string();
    let bearer = format!("Authorization: Bearer {secret}");
    // It hands on no more of the environment than it is told to.
    let [state, config, run] = [("STATE", "state"), ("CONFIG", "config"), ("RUNTIME", "run")]
        .map(|(name, part)| format!("GANGLINE_{name}_DIR={}", world.home.path(part).display()));
    let stdio = ["-e", &state, "-e", &config, "-e", &run, &program, "mcp"];
    let http = [address.as_str(), "--transport", "http", "--header", bearer.as_str()];
    let delegate = ["--method", "tools/call", "--tool-name", "delegate_ticket", "--tool-arg"];
    for (server, key) in [(&stdio[..], "APP-1"), (&http[..], "APP-2")] {
        let listed = world.inspect(server, &["--method", "tools/list", "--strict"]).await;
        assert_eq!(listed["tools"].as_array().unwrap().len(), 21, "{listed:#}");
        let what = [&delegate[..], &["description=Later", "draft=true"]].concat();
        let added = world.inspect(server, &what).await;
        assert_eq!(document(&added)["workerId"], key, "{added:#}");
        let uri = format!("gangline://repo/tickets/{key}");
        let read = world.inspect(server, &["--method", "resources/read", "--uri", &uri]).await;
        assert!(read["contents"][0]["text"].as_str().unwrap().contains(key), "{read:#}");
        let prompts = world.inspect(server, &["--method", "prompts/list"]).await;
        assert_eq!(prompts["prompts"].as_array().unwrap().len(), 3, "{prompts:#}");
    }
    world.end().await;
}

/// What a real Claude Code does as somebody's main agent, started by these words.
async fn claude(world: &World, stub: &ModelStub, calls: &Value, words: &[&str]) -> String {
    let scenario = json!({ "calls": calls, "final": "Over." });
    let prompt = format!("Delegate it.\n\n```model-stub\n{scenario}\n```\n");
    let (program, words) = words.split_first().unwrap();
    let claude = Cmd::new(*program)
        .args(words.iter().copied())
        .args(["-p", "--output-format", "stream-json", "--verbose"])
        .args(["--permission-mode", "bypassPermissions"])
        .arg(&prompt)
        .cwd(&world.repo)
        .env("ENABLE_TOOL_SEARCH", "false")
        .deadline(PATIENCE);
    claude_of_a_person(claude, &world.home, "run", stub).await
}

#[tokio::test]
async fn claude_hands_a_ticket_on_goes_on_and_learns_of_the_landing() {
    let world = World::new("", &[]).await;
    let stub = ModelStub::start().await.unwrap();
    let install = ["mcp", "install", "--for", "claude", "--yes"];
    world.home.run(&world.repo, &install).await.unwrap();
    let calls = json!([
        { "tool": "mcp__gangline__delegate_ticket",
          "input": { "description": "Round the total", "body": SCRIPT } },
        { "run": "echo meanwhile" },
        { "tool": "mcp__gangline__wait_for_events",
          "input": { "after": 0, "waitMs": 50_000, "types": ["landed"] } },
    ]);
    let program = installed(&CLAUDE);
    let words = [program.as_str(), "--mcp-config", ".mcp.json", "--strict-mcp-config"];
    let said = claude(&world, &stub, &calls, &words).await;
    let told = stub.seen().pop().unwrap().body["messages"].to_string();
    let at = |what: &str| told.find(what).unwrap_or_else(|| panic!("no {what}: {told}\n{said}"));
    // In this order: handed on and not waited for, something else, the news.
    let (handed, meanwhile) = (at("\\\"workerId\\\":\\\"APP-1\\\""), at("meanwhile\""));
    let landed = at("\\\"type\\\":\\\"landed\\\"");
    assert!(handed < landed && meanwhile < landed, "{told}");
    assert!(
        !told[handed..meanwhile.max(handed)].contains("landed\\\""),
        "it was waited for: {told}"
    );
    assert_eq!(world.on_main("total.txt").await, "3.00\n");
    world.end().await;
}

#[tokio::test]
async fn a_main_agent_that_talks_on_is_told_of_the_landing_before_it_stops() {
    let world = World::new("", &[]).await;
    let stub = ModelStub::start().await.unwrap();
    // It asks for nothing any more: the landing is waited for by nobody but this test.
    let landed =
        "for n in $(seq 600); do git show main:total.txt && exit 0; sleep 0.1; done; exit 1";
    let calls = json!([
        { "tool": "mcp__gangline__delegate_ticket",
          "input": { "description": "Round the total", "body": SCRIPT } },
        { "run": landed },
    ]);
    let gangline = Program::find().unwrap().path().display().to_string();
    let program = installed(&CLAUDE);
    let words = [gangline.as_str(), "chat", "--program", &program, "--"];
    let said = claude(&world, &stub, &calls, &words).await;
    let seen = stub.seen();
    let system = seen.iter().map(|asked| asked.body["system"].to_string());
    assert!(system.clone().any(|it| it.contains("You are the person's main agent")), "{said}");
    let told = seen.last().unwrap().body["messages"].to_string();
    let news = told.find("News of Gangline").unwrap_or_else(|| panic!("no news: {told}\n{said}"));
    assert!(told[news..].contains("APP-1 landed: "), "{told}");
    assert_eq!(told.matches("Stop hook feedback:").count(), 1, "it is told once: {told}");
    assert!(!told.contains("wait_for_events\""), "it waited: {told}");
    assert!(!world.repo.join(".mcp.json").exists() && !world.repo.join(".claude").exists());
    assert_eq!(world.on_main("total.txt").await, "3.00\n");
    world.end().await;
}
