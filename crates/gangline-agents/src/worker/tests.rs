//! The server over pipes in memory, with a job that the test plays.

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::sync::mpsc;

use super::call::Call;
use super::serve::serve;
use super::wire::{Reply, Request};

/// What the server has written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    /// By the request's id.
    fn answers(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let mut answers: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        answers.sort_by_key(|answer| answer["id"].to_string());
        answers
    }
}

/// Serves these lines to the end; calls reach `socket`.
async fn served(lines: &[&str], socket: &Path) -> Vec<Value> {
    let (tell, told) = mpsc::channel(64);
    for line in lines {
        tell.send((*line).to_owned()).await.unwrap();
    }
    drop(tell);
    let written = Written::default();
    serve(told, written.clone(), socket).await.unwrap();
    written.answers()
}

/// Answers each call with what was called.
async fn echo(listener: UnixListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (from, mut into) = stream.into_split();
        let mut line = String::new();
        BufReader::new(from).read_line(&mut line).await.unwrap();
        let request: Request = serde_json::from_str(&line).unwrap();
        let reply = match request.tool.as_str() {
            "remember_lesson" => Reply::Refused("too long".to_owned()),
            "get_issue" => Reply::Done(json!({ "key": "APP-1" })),
            tool => Reply::Done(format!("{tool} v{}", request.version).into()),
        };
        let line = serde_json::to_string(&reply).unwrap() + "\n";
        into.write_all(line.as_bytes()).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_finds_the_tools_and_calls_them() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("worker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let answers = tokio::select! {
        () = echo(listener) => unreachable!(),
        answers = served(&[
            r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#,
            r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"report_progress","arguments":{"message":"half"}}}"#,
            r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_issue"}}"#,
            r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"remember_lesson","arguments":{}}}"#,
            r#"{"jsonrpc":"2.0","id":5,"method":"resources/list"}"#,
            r#"{"jsonrpc":"2.0","id":6,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"base"}}"#,
        ], &socket) => answers,
    };
    let result = |at: usize| &answers[at]["result"];
    assert_eq!(result(0)["protocolVersion"], "2025-06-18");
    assert_eq!(result(0)["serverInfo"]["name"], "gangline");
    let names: Vec<&str> = result(1)["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    insta::assert_snapshot!(names.join(" "), @"report_progress report_outcome submit_issue_for_review remember_lesson ask_human get_issue search_lessons list_changed_since_base");
    assert_eq!(result(2)["content"][0]["text"], "report_progress v1");
    assert_eq!(result(3)["structuredContent"]["key"], "APP-1");
    assert_eq!(
        (&result(4)["isError"], &result(4)["content"][0]["text"]),
        (&json!(true), &json!("too long"))
    );
    assert_eq!(answers[5]["error"]["code"], -32601);
    assert_eq!(*result(6), json!({}));
    assert_eq!(result(7)["isError"], true);
}

#[tokio::test]
async fn without_a_job_a_call_fails_and_the_server_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let lines = [
        "not json",
        r#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"get_issue"}}"#,
        r#"{"jsonrpc":"2.0","id":"b","method":"initialize","params":{"protocolVersion":"1999-01-01"}}"#,
    ];
    let answers = served(&lines, &folder.path().join("none.sock")).await;
    let [a, b, garbage] = answers.as_slice() else { panic!("{answers:#?}") };
    assert_eq!(garbage["error"]["code"], -32700);
    assert!(a["result"]["content"][0]["text"].as_str().unwrap().contains("does not listen"));
    assert_eq!(b["result"]["protocolVersion"], "2025-11-25", "its own newest");
}

#[tokio::test]
async fn a_cancelled_call_hangs_up_and_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("worker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let (tell, told) = mpsc::channel(64);
    let ask = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ask_human","arguments":{"question":"?"}}}"#;
    tell.send(ask.to_owned()).await.unwrap();
    let written = Written::default();
    let person = async {
        let (stream, _) = listener.accept().await.unwrap();
        let mut from = BufReader::new(stream);
        let mut line = String::new();
        from.read_line(&mut line).await.unwrap();
        let cancel =
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
        tell.send(cancel.to_owned()).await.unwrap();
        line.clear();
        assert_eq!(from.read_line(&mut line).await.unwrap(), 0, "it hangs up");
        drop(tell);
    };
    let (served, ()) = tokio::join!(serve(told, written.clone(), &socket), person);
    served.unwrap();
    assert_eq!(written.answers(), Vec::<Value>::new());
}

fn refused(tool: &str, arguments: Value) -> String {
    Call::parse(tool, arguments).unwrap_err().to_string()
}

#[test]
fn calls_are_read_within_their_bounds() {
    let parsed = |tool: &str, arguments: Value| Call::parse(tool, arguments).unwrap();
    let progress = Call::Progress { message: "half".to_owned(), percent: Some(50) };
    assert_eq!(parsed("report_progress", json!({ "message": "half", "percent": 50 })), progress);
    assert_eq!(parsed("get_issue", Value::Null), Call::Issue { issue_id: None });
    let address = "https://example.org/shop/commit/abc123def?x=1";
    let submitted =
        parsed("submit_issue_for_review", json!({ "issue_id": "APP-1", "commit_url": address }));
    let commit = "abc123def".to_owned();
    assert_eq!(submitted, Call::Submit { issue_id: "APP-1".to_owned(), commit });
    let outcome = json!({ "status": "completed", "summary": "x".repeat(2_000), "commits": 1 });
    let Call::Outcome(outcome) = parsed("report_outcome", outcome) else { panic!() };
    assert_eq!((outcome.claim.summary.len(), outcome.claim.commits), (2_000, Some(1)));
}

#[test]
fn what_is_wrong_with_a_call_is_said_so_that_it_can_be_mended() {
    let long = json!({ "status": "completed", "summary": "x".repeat(2_001) });
    let refusals = [
        refused("report_outcome", long),
        refused("report_outcome", json!({ "status": "done", "summary": "s" })),
        refused("report_outcome", json!({ "status": "completed", "summary": "s", "test": 1 })),
        refused("report_outcome", json!({ "status": "completed" })),
        refused("report_progress", json!({ "message": "x".repeat(501) })),
        refused("report_progress", json!({ "message": "x", "percent": 101 })),
        refused("report_progress", json!({ "text": "x" })),
        refused("ask_human", json!({ "question": " " })),
        refused("ask_human", json!({ "question": "?", "options": vec!["a"; 21] })),
        refused("submit_issue_for_review", json!({ "issue_id": "APP-1", "commit_url": "main" })),
        refused("stop", json!({})),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @"
    `summary` has 2001 characters, more than 2000: shorten it, and call again
    report_outcome: unknown variant `done`, expected one of `completed`, `gave_up`, `no_change_needed` at line 1 column 16
    report_outcome: unknown keys: test
    `summary` is empty
    `message` has 501 characters, more than 500: shorten it, and call again
    `percent` is 101, more than 100
    report_progress: unknown field `text`, expected `message` or `percent`
    `question` is empty
    21 options are more than 20
    `commit_url` does not end with a commit's id: give the id, or an address that ends with it
    there is no tool `stop`
    ");
}

#[tokio::test]
async fn changes_are_listed_as_git_sees_them() {
    let folder = tempfile::tempdir().unwrap();
    let git = async |args: &[&str]| {
        let cmd = gangline_process::Cmd::new("git").args(args).cwd(folder.path());
        let output = cmd.env_from_host(&["PATH"]).env("HOME", folder.path()).output().await;
        let output = output.unwrap();
        assert!(output.success(), "{}", output.stderr.text());
        output.stdout.text().trim().to_owned()
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    git(&["init", "-q"]).await;
    write("a.txt", "a");
    write("b.txt", "b");
    git(&["add", "-A"]).await;
    git(&["-c", "user.name=A", "-c", "user.email=a@localhost", "commit", "-qm", "base"]).await;
    let base = git(&["rev-parse", "HEAD"]).await;
    write("a.txt", "changed");
    std::fs::remove_file(folder.path().join("b.txt")).unwrap();
    write("new file.txt", "c");
    let Reply::Done(listed) = super::changes::since(&base, folder.path()).await else { panic!() };
    insta::assert_snapshot!(listed["files"].to_string(), @r#"[{"change":"modified","path":"a.txt"},{"change":"deleted","path":"b.txt"},{"change":"untracked","path":"new file.txt"}]"#);
    let none = super::changes::since(&"0".repeat(40), folder.path()).await;
    assert!(matches!(none, Reply::Refused(why) if why.contains("cannot be listed")));
}
