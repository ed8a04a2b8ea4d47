//! The tools over streamable HTTP: who comes in, and what each may do by them.

use axum::http::HeaderName;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use gangline_api::main_agent::{MainAgents, Presence};
use gangline_domain::token::Role::{self, Maintainer, Operator, Viewer};
use serde_json::{Value, json};

use super::door::{HERE, OWN_PAGE, Web, web};
use super::*;

/// Every tool, with arguments that mean the ticket, and the role that it needs.
const TOOLS: [(&str, &str, Role); 24] = [
    ("delegate_ticket", r#"{"description":"Another"}"#, Operator),
    ("delegate_ticket", r#"{"description":"Another","ticketPath":"105"}"#, Operator),
    ("plan_goal", r#"{"goal":"Faster"}"#, Operator),
    ("get_plan", r#"{"ticketId":"APP-1"}"#, Viewer),
    ("accept_plan", r#"{"ticketId":"APP-1"}"#, Operator),
    ("check_worker_status", r#"{"workerId":"APP-1"}"#, Viewer),
    ("list_workers", "{}", Viewer),
    ("wait_for_events", r#"{"after":0,"waitMs":0}"#, Viewer),
    ("get_ticket", r#"{"ticketId":"APP-1"}"#, Viewer),
    ("update_ticket", r#"{"ticketId":"APP-1","action":"hold"}"#, Operator),
    ("update_ticket", r#"{"ticketId":"APP-1","action":"permit","paths":["a"]}"#, Maintainer),
    ("update_ticket", r#"{"ticketId":"APP-1","action":"reject","feedback":"no"}"#, Maintainer),
    ("get_evidence", r#"{"ticketId":"APP-1"}"#, Viewer),
    ("get_diff", r#"{"ticketId":"APP-1"}"#, Viewer),
    ("answer_question", r#"{"ticketId":"APP-1","answer":"up","questionId":"q1"}"#, Operator),
    ("steer_worker", r#"{"ticketId":"APP-1","text":"left"}"#, Operator),
    ("retry_ticket", r#"{"ticketId":"APP-1"}"#, Operator),
    ("stop_worker", r#"{"workerId":"APP-1"}"#, Operator),
    ("approve_ticket", r#"{"ticketId":"APP-1"}"#, Maintainer),
    ("get_merge_queue", "{}", Viewer),
    ("get_worktree_status", r#"{"ticket_id":"APP-1"}"#, Viewer),
    ("search", r#"{"query":"One"}"#, Viewer),
    ("get_issue", r#"{"issue_id":"APP-1"}"#, Viewer),
    ("submit_issue_for_review", r#"{"issue_id":"APP-1","commit_url":"0123abc"}"#, Operator),
];

const BOTH: &str = "application/json, text/event-stream";

impl Web {
    /// What the server answers to one message.
    async fn message(&self, secret: &str, path: &str, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let bearer = format!("Bearer {secret}");
        let headers =
            [(AUTHORIZATION, &*bearer), (ACCEPT, BOTH), (CONTENT_TYPE, "application/json")];
        let asked = format!("POST {path}");
        let (status, _, body) = self.ask(&asked, &headers, &message.to_string()).await;
        assert_eq!(status, 200, "{method}: {body}");
        serde_json::from_str(&body).expect(&body)
    }

    async fn tool(&self, secret: &str, tool: &str, arguments: &str) -> Value {
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        let params = json!({ "name": tool, "arguments": arguments });
        self.message(secret, "/mcp", "tools/call", params).await["result"].take()
    }

    /// The code with which a tool was refused, or `ok`.
    async fn code_of(&self, secret: &str, tool: &str, arguments: &str) -> String {
        let result = self.tool(secret, tool, arguments).await;
        let code = &result["_meta"]["gangline/problem"]["code"];
        assert_eq!(result["isError"] == true, code.is_string(), "{tool}: {result}");
        code.as_str().unwrap_or("ok").to_owned()
    }
}

#[tokio::test]
async fn each_tool_may_what_its_caller_may_by_the_routes() {
    for role in Role::ALL {
        for (tool, arguments, needed) in TOOLS {
            let web = web().await;
            web.world.ask("POST /projects/shop/tickets", r#"{"title":"One"}"#).await;
            let secret = web.secret(&role.to_string()).await;
            let before = web.world.app.orchestrator.read(|board| board.seq);
            let code = web.code_of(&secret, tool, arguments).await;
            // Nobody is at the ticket: that is found by looking, before anything is asked for.
            let unasked = code == "not_assigned" && tool == "submit_issue_for_review";
            let turned_away = code == "forbidden" || unasked;
            assert!(turned_away == (role < needed) || unasked, "{role} {tool} {arguments}: {code}");
            let after = web.world.app.orchestrator.read(|board| board.seq);
            assert!(role >= needed || before == after, "{role} {tool} changed something");
        }
    }
}

#[tokio::test]
async fn no_tool_is_forgotten_in_the_matrix() {
    let web = web().await;
    let secret = web.secret("L0").await;
    let listed = web.message(&secret, "/mcp", "tools/list", json!({})).await;
    let listed = listed["result"]["tools"].as_array().unwrap().clone();
    let listed: Vec<&str> = listed.iter().filter_map(|tool| tool["name"].as_str()).collect();
    let mut known: Vec<&str> = TOOLS.map(|(tool, _, _)| tool).to_vec();
    known.dedup();
    assert_eq!(listed, known);
}

#[tokio::test]
async fn the_tools_of_a_token_for_some_projects_know_no_other() {
    let web = web().await;
    web.world.ask("POST /projects", r#"{"path":"/home/ann/cave"}"#).await;
    web.world.ask("POST /projects/shop/tickets", r#"{"title":"One"}"#).await;
    web.world.ask("POST /projects/cave/tickets", r#"{"title":"Hidden"}"#).await;
    let added = web.token(r#"{"name":"bot","role":"L3","projects":["shop"]}"#).await;
    let secret = added.secret.unwrap();
    let before = web.world.app.orchestrator.read(|board| board.seq);
    for (tool, arguments, _) in TOOLS {
        let mut there: Value = serde_json::from_str(arguments).unwrap();
        there["project"] = "cave".into();
        let result = web.tool(&secret, tool, &there.to_string()).await;
        let told = result.to_string();
        assert!(!told.contains("Hidden"), "{tool}: {told}");
        let listed = result["isError"] != true;
        let empty = matches!(tool, "list_workers" | "wait_for_events" | "get_merge_queue");
        assert!(!listed || empty, "{tool}: {told}");
    }
    assert_eq!(web.world.app.orchestrator.read(|board| board.seq), before, "nothing changed");
    // Without a name the only one that it may see is meant.
    let own = web.tool(&secret, "list_workers", "{}").await.to_string();
    assert!(own.contains("One") && !own.contains("Hidden"), "{own}");
    let all = web.secret("L0").await;
    assert_eq!(web.code_of(&all, "list_workers", "{}").await, "no_such_project");
    let params = json!({ "name": "list_workers", "arguments": {} });
    let named = web.message(&all, "/mcp?project=cave", "tools/call", params).await.to_string();
    assert!(named.contains("Hidden") && !named.contains("One"), "{named}");
}

#[tokio::test]
async fn what_is_done_by_a_tool_is_told_as_done_by_a_tool() {
    let web = web().await;
    let added = web.token(r#"{"name":"bot","role":"L1"}"#).await;
    let secret = added.secret.unwrap();
    assert_eq!(web.code_of(&secret, "delegate_ticket", r#"{"description":"One"}"#).await, "ok");
    let last = web.world.app.orchestrator.past().events(0, 100).await.unwrap().pop().unwrap();
    let via = format!("mcp 127.0.0.1 token {}", added.token.id);
    assert_eq!(last.actor, Actor::Remote { name: "bot".to_owned(), via: via.clone() });
    let there = web.world.ask("GET /main-agents", "").await;
    let there: MainAgents = serde_json::from_str(there.strip_prefix("200 ").unwrap()).unwrap();
    let [agent] = there.main_agents.as_slice() else { panic!("{there:?}") };
    assert_eq!(
        (agent.presence, agent.person.as_str(), &agent.via),
        (Presence::Active, "bot", &via)
    );
    assert_eq!(agent.text, "Active - Conversing");
}

#[tokio::test]
async fn the_socket_is_told_of_the_main_agent_that_asks() {
    let world = world().await;
    let ask = async |line: &str, agent: Option<&str>| {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let request = request.header("gangline-person", "ann");
        let request = match agent {
            Some(agent) => request.header("gangline-main-agent", agent),
            None => request,
        };
        let request = request.body(Body::from(r#"{"title":"One"}"#)).unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8_lossy(&body).into_owned()
    };
    let actor = async || {
        let last = world.app.orchestrator.past().events(0, 100).await.unwrap().pop().unwrap();
        last.actor
    };
    ask("POST /projects/shop/tickets", None).await;
    assert_eq!(actor().await, Actor::Person("ann".to_owned()));
    ask("POST /projects/shop/tickets", Some("4711%20claude-code")).await;
    let via = "mcp stdio".to_owned();
    assert_eq!(actor().await, Actor::Remote { name: "ann".to_owned(), via });
    let there = async || {
        let there = ask("GET /main-agents", None).await;
        let there: MainAgents = serde_json::from_str(&there).unwrap();
        there.main_agents.into_iter().map(|it| (it.id, it.name, it.text)).collect::<Vec<_>>()
    };
    let known = |text: &str| ("4711".to_owned(), "claude-code".to_owned(), text.to_owned());
    assert_eq!(there().await, [known("Active - Conversing")]);
    assert_eq!(
        ask("DELETE /main-agents/4711", Some("4711%20claude-code")).await,
        r#"{"known":true}"#
    );
    assert_eq!(there().await, [known("Away")]);
}

#[tokio::test]
async fn nobody_calls_a_tool_who_is_not_let_in() {
    let web = web().await;
    let bearer = format!("Bearer {}", web.secret("L3").await);
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;
    let rest = [(ACCEPT, BOTH), (CONTENT_TYPE, "application/json")];
    let with = |more: &[(HeaderName, &'static str)]| {
        let mut headers = rest.to_vec();
        headers.extend(more.iter().cloned());
        headers
    };
    let mut known = with(&[]);
    known.push((AUTHORIZATION, &*bearer));
    assert_eq!(web.ask("POST /mcp", &with(&[]), body).await.0, 401, "no token");
    assert_eq!(web.ask("POST /mcp", &known, body).await.0, 200);
    for (origin, expected) in [
        (OWN_PAGE, 200),
        ("http://evil.example", 403),
        ("http://127.0.0.1:3002", 403),
        ("null", 403),
    ] {
        let mut headers = known.clone();
        headers.push((ORIGIN, origin));
        assert_eq!(web.ask("POST /mcp", &headers, body).await.0, expected, "{origin}");
    }
    for method in ["GET", "DELETE", "PUT"] {
        assert_eq!(web.ask(&format!("{method} /mcp"), &known, "").await.0, 405, "{method}");
    }
    for broken in ["", "{", "[]", "null", r#"{"jsonrpc":"2.0"}"#] {
        let (status, _, said) = web.ask("POST /mcp", &known, broken).await;
        assert!((400..500).contains(&status), "{broken}: {status} {said}");
    }
    let request = Request::builder().method("POST").uri("/mcp").header(HOST, "evil.example:3001");
    let request = request.header(AUTHORIZATION, &bearer).body(Body::from(body)).unwrap();
    assert_eq!(web.router.clone().oneshot(request).await.unwrap().status(), 403);
    let long = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "x".repeat(2 << 20));
    assert_eq!(web.ask("POST /mcp", &known, &long).await.0, 413);
    assert_eq!(HERE, "127.0.0.1:3001");
}
