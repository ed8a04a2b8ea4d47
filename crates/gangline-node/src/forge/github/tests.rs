use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

const COMMIT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A server that gives prepared answers, one for each call, and keeps what it was asked.
struct Server {
    asks: GitHub,
    heard: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Server {
    async fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/api", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(vec![]));
        let (mut answers, kept) = (VecDeque::from(answers), Arc::clone(&heard));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (mut asked, mut byte) = (vec![], [0]);
                while !asked.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap() > 0 {
                    asked.push(byte[0]);
                }
                kept.lock().unwrap().push(String::from_utf8(asked).unwrap());
                let Some(answer) = answers.pop_front() else { return };
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let token = Secret::new("token-of-a-forge").unwrap();
        let repository = "ann/shop".parse().unwrap();
        let asks = GitHub::new(&address.parse().unwrap(), &repository, &token).unwrap();
        Self { asks, heard, _serving: serving }
    }

    async fn runs(&self) -> Result<Vec<Run>, ForgeError> {
        self.asks.runs(&COMMIT.parse().unwrap()).await
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
    )
}

fn ok(body: &str) -> String {
    answer("200 OK", "", body)
}

const NO_STATUSES: &str = r#"{"state":"pending","statuses":[],"total_count":0}"#;

#[tokio::test]
async fn check_runs_and_statuses_of_the_exact_commit_are_read() {
    let runs = r#"{"total_count":3,"check_runs":[
        {"name":"build","status":"completed","conclusion":"success","html_url":"https://f.example/1",
         "output":{"title":null,"summary":null}},
        {"name":"test","status":"in_progress","conclusion":null,"html_url":null,"output":null},
        {"name":"lint","status":"completed","conclusion":"timed_out","output":{"title":"t","summary":"s"}}
    ]}"#;
    let statuses = r#"{"state":"failure","statuses":[
        {"context":"ci/old","state":"failure","description":"2 failed","target_url":"https://f.example/2"},
        {"context":"ci/slow","state":"pending","description":null,"target_url":null},
        {"context":"ci/odd","state":"error"}
    ]}"#;
    let server = Server::new(vec![ok(runs), ok(statuses)]).await;
    let read = server.runs().await.unwrap();
    let told: Vec<String> =
        read.iter().map(|run| format!("{}: {:?}", run.name, run.state)).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    build: Concluded(Success)
    test: Waiting
    lint: Concluded(Broken("timed_out"))
    ci/old: Concluded(Failure)
    ci/slow: Waiting
    ci/odd: Concluded(Broken("error"))
    "#);
    assert_eq!((read[2].title.as_str(), read[2].summary.as_str()), ("t", "s"));
    assert_eq!((read[3].title.as_str(), read[3].url.as_str()), ("2 failed", "https://f.example/2"));
    let heard = server.heard();
    let first =
        format!("GET /api/repos/ann/shop/commits/{COMMIT}/check-runs?per_page=100&page=1 HTTP/1.1");
    assert!(heard[0].starts_with(&first), "{}", heard[0]);
    assert!(heard[0].contains("authorization: Bearer token-of-a-forge\r\n"));
    assert!(heard[1].contains(&format!("/commits/{COMMIT}/status?per_page=100&page=1 ")));
}

#[tokio::test]
async fn all_pages_are_read() {
    let page = |from: usize, to: usize| {
        let run = |n| format!(r#"{{"name":"r{n}","status":"queued","conclusion":null}}"#);
        let all: Vec<String> = (from..to).map(run).collect();
        ok(&format!(r#"{{"check_runs":[{}]}}"#, all.join(",")))
    };
    let server = Server::new(vec![page(0, 100), page(100, 130), ok(NO_STATUSES)]).await;
    let runs = server.runs().await.unwrap();
    assert_eq!((runs.len(), runs[129].name.as_str()), (130, "r129"));
    assert!(server.heard()[1].contains("&page=2 "));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let runs = r#"{"check_runs":[{"name":"build","status":"completed","conclusion":"success"}]}"#;
    let first = answer("200 OK", "etag: W/\"one\"\r\n", runs);
    let unchanged = answer("304 Not Modified", "", "");
    let server = Server::new(vec![first, ok(NO_STATUSES), unchanged, ok(NO_STATUSES)]).await;
    let before = server.runs().await.unwrap();
    assert_eq!(server.runs().await.unwrap(), before);
    let heard = server.heard();
    assert!(
        !heard[0].contains("if-none-match") && heard[2].contains("if-none-match: W/\"one\"\r\n")
    );
}

#[tokio::test]
async fn it_is_left_alone_for_as_long_as_it_wants() {
    let seconds = |error: ForgeError| match error {
        ForgeError::Later { after, .. } => after.map(|after| after.as_secs()),
        ForgeError::Refused(why) => panic!("{why}"),
    };
    for (status, headers, expected) in [
        ("429 Too Many Requests", "retry-after: 7\r\n", Some(7)),
        ("429 Too Many Requests", "", Some(60)),
        ("403 Forbidden", "retry-after: 3\r\n", Some(3)),
        ("403 Forbidden", "retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", Some(60)),
        ("403 Forbidden", "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1\r\n", Some(1)),
        ("503 Service Unavailable", "", None),
        ("502 Bad Gateway", "retry-after: 9\r\n", Some(9)),
        ("422 Unprocessable Entity", "", None),
    ] {
        let server = Server::new(vec![answer(status, headers, "{}")]).await;
        assert_eq!(seconds(server.runs().await.unwrap_err()), expected, "{status} {headers}");
    }
}

#[tokio::test]
async fn what_only_a_person_can_mend_is_said_at_once() {
    for (status, expected) in [
        ("401 Unauthorized", "does not accept the token"),
        ("403 Forbidden", "does not let the token read"),
        ("404 Not Found", "knows no such repository"),
        ("301 Moved Permanently", "has the repository elsewhere"),
    ] {
        let server =
            Server::new(vec![answer(status, "location: http://127.0.0.1:1/\r\n", "{}")]).await;
        match server.runs().await.unwrap_err() {
            ForgeError::Refused(why) => assert!(why.contains(expected), "{why}"),
            ForgeError::Later { why, .. } => panic!("{why}"),
        }
        assert_eq!(server.heard().len(), 1, "no address in an answer is followed");
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_asked_for_again() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"check".to_owned();
    for odd in [ok("<html>"), ok("{}"), cut, String::new()] {
        let server = Server::new(vec![odd]).await;
        assert!(matches!(server.runs().await, Err(ForgeError::Later { after: None, .. })));
    }
    let api: ApiAddress = "http://127.0.0.1:1".parse().unwrap();
    let token = Secret::new("token-of-a-forge").unwrap();
    let nobody = GitHub::new(&api, &"ann/shop".parse().unwrap(), &token).unwrap();
    let begun = Instant::now();
    let found = nobody.runs(&COMMIT.parse().unwrap()).await;
    assert!(matches!(found, Err(ForgeError::Later { .. })), "{found:?}");
    assert!(begun.elapsed() < ANSWER_MAX);
}
