//! Callers of all kinds at the desk.

use std::path::Path;
use std::time::Duration;

use gangline_agents::worker::{self, Call, CallError, Reply};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::Desk;

fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(&folder.path().join("w/0123.sock")).unwrap();
    (folder, desk)
}

/// Says a line and gives what is answered.
async fn said(socket: &Path, line: &str) -> String {
    let mut stream = BufReader::new(UnixStream::connect(socket).await.unwrap());
    // Who is turned away early may find the connection closed.
    stream.write_all(line.as_bytes()).await.ok();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(20), stream.read_line(&mut answer))
        .await
        .expect("it answers or hangs up")
        .ok();
    answer
}

#[tokio::test]
async fn a_call_is_answered_by_whoever_holds_the_desk() {
    let (_folder, mut desk) = desk();
    let socket = desk.path().to_owned();
    let asking = worker::ask(&socket, "ask_human", json!({ "question": "Which?" }));
    let answering = async {
        let visit = desk.next().await;
        let expected = Call::Ask { question: "Which?".to_owned(), options: vec![] };
        assert_eq!(visit.call, expected);
        visit.reply.send(Reply::Done("this one".into())).unwrap();
    };
    let (answer, ()) = tokio::join!(asking, answering);
    assert_eq!(answer.unwrap(), Reply::Done("this one".into()));
    drop(desk);
    assert!(!socket.exists());
    let after = worker::ask(&socket, "get_issue", json!({})).await;
    assert!(matches!(after, Err(CallError::Deaf { .. })), "{after:?}");
}

#[tokio::test]
async fn what_is_no_call_is_refused_and_reaches_nobody() {
    let (_folder, mut desk) = desk();
    let socket = desk.path().to_owned();
    let long = format!("{{\"version\":1,\"tool\":\"{}", "x".repeat(300 * 1024));
    for (line, expected) in [
        ("{}\n", "missing field"),
        ("stop\n", "not understood"),
        ("{\"op\":\"kill\"}\n", "missing field"),
        ("{\"version\":9,\"tool\":\"get_issue\"}\n", "version 9"),
        ("{\"version\":1,\"tool\":\"kill\"}\n", "no tool `kill`"),
        (long.as_str(), "bytes or more"),
    ] {
        let answer = said(&socket, line).await;
        assert!(answer.contains(expected), "{line:.40}: {answer}");
    }
    let visit = tokio::time::timeout(Duration::from_millis(50), desk.next()).await;
    assert!(visit.is_err(), "{visit:?}");
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_noticed_and_too_many_are_turned_away() {
    let (_folder, mut desk) = desk();
    let socket = desk.path().to_owned();
    let line = "{\"version\":1,\"tool\":\"ask_human\",\"arguments\":{\"question\":\"?\"}}\n";
    let mut callers = vec![];
    let mut visits = vec![];
    for _ in 0..32 {
        let mut caller = UnixStream::connect(&socket).await.unwrap();
        caller.write_all(line.as_bytes()).await.unwrap();
        callers.push(caller);
        visits.push(desk.next().await);
    }
    assert_eq!(said(&socket, line).await, "");
    callers.clear();
    for mut visit in visits {
        visit.reply.closed().await;
    }
    let mut caller = UnixStream::connect(&socket).await.unwrap();
    caller.write_all(line.as_bytes()).await.unwrap();
    drop(desk.next().await);
}
