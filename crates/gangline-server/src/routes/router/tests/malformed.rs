//! Requests that no client of ours would send.

use std::time::Duration;

use axum::http::HeaderName;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use gangline_api::codes;
use gangline_api::problem::PROBLEM_MEDIA_TYPE;

use super::door::{HERE, web};
use super::*;

const REQUESTS: u32 = 10_000;
/// What asks the daemon to end is left out; it would.
const LEFT_OUT: [&str; 1] = ["/api/v1/shutdown"];

/// The same numbers in each run, so that what fails fails again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        // Knuth's multiplier and a shift: more than enough to mix requests.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What stands where a name is wanted.
fn name(dice: &mut Dice) -> String {
    let long = "a".repeat(9_000);
    let names = [
        "shop",
        "APP-1",
        "APP-99999999999999999999",
        "app-1",
        "..",
        "%2e%2e%2f",
        "%00",
        "%ff%fe",
        "%",
        "%zz",
        "-1",
        "0",
        "null",
        "%F0%9F%92%A5",
        "a%20b",
        "%0d%0aSet-Cookie:%20x",
        "worker-1",
        "L1",
        "claude",
        long.as_str(),
        "",
    ];
    (*dice.pick(&names)).to_owned()
}

fn query(dice: &mut Dice) -> String {
    let keys =
        ["after", "limit", "closed", "project", "state", "label", "types", "search", "x", ""];
    let values = [
        "",
        "-1",
        "0",
        "1e9",
        "99999999999999999999999",
        "true",
        "maybe",
        "%00",
        "%ff",
        "[]",
        "a&a=b",
        "landed,,",
        "NaN",
        "%",
    ];
    let mut query = String::new();
    for _ in 0..dice.below(4) {
        query.extend([*dice.pick(&keys), "=", *dice.pick(&values), "&"]);
    }
    query
}

fn body(dice: &mut Dice) -> Vec<u8> {
    let whole = br#"{"title":"T","body":"B","labels":["a"],"depends_on":["APP-1"],"scope":["src/**"],
        "priority":"high","budget":{"tokens":5},"draft":true,"paths":["x"],"hint":"h","feedback":"f",
        "text":"t","parts":["a","b"],"ticketId":"1","description":"d","ticketPath":"/x"}"#;
    match dice.below(12) {
        0 => vec![],
        1 => whole[..dice.below(whole.len())].to_vec(),
        2 => b"[".repeat(20_000),
        3 => b"{\"a\":".repeat(5_000),
        4 => vec![0xff, 0xfe, 0x00, b'{'],
        5 => br#"{"title":null,"labels":{},"depends_on":"APP-1","budget":-1}"#.to_vec(),
        6 => br#"{"title":1e400,"budget":{"tokens":-5,"cost_microusd":1.5}}"#.to_vec(),
        7 => br#"{"title":"a","title":"b"}"#.to_vec(),
        8 => format!(r#"{{"title":"{}"}}"#, "\\ud800".repeat(dice.below(3))).into_bytes(),
        9 => {
            let mut bytes = whole.to_vec();
            let at = dice.below(bytes.len());
            bytes[at] = u8::try_from(dice.below(256)).unwrap();
            bytes
        }
        10 => br#"{"paths":["[","**/***/{","\u0000"],"scope":["["],"labels":["\n"],"key":"../x"}"#
            .to_vec(),
        _ => b"null".to_vec(),
    }
}

fn headers(dice: &mut Dice) -> Vec<(HeaderName, &'static [u8])> {
    const NAMES: [&str; 11] = [
        "content-type",
        "idempotency-key",
        "gangline-person",
        "if-none-match",
        "last-event-id",
        "range",
        "upgrade",
        "origin",
        "cookie",
        "x-api-key",
        "gangline-main-agent",
    ];
    const VALUES: [&[u8]; 10] = [
        b"",
        b"application/json",
        b"text/plain; charset=utf-16",
        b"\xff\xfe",
        b"%zz",
        b"9999999999999999999999",
        b"-1",
        b"websocket",
        b"http://evil.example",
        b"gangline=; =",
    ];
    let one =
        |dice: &mut Dice| (HeaderName::from_static(NAMES[dice.below(11)]), VALUES[dice.below(10)]);
    (0..dice.below(3)).map(|_| one(dice)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_malformed_requests_are_refused_in_words() {
    let web = web().await;
    let bearer = format!("Bearer {}", web.secret("L3").await);
    let document = openapi::<Rules, NoFiles>();
    let mut paths: Vec<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    paths.retain(|path| !LEFT_OUT.contains(&path.as_str()));
    paths.extend(
        [
            "/mcp",
            "/api/workers",
            "/api/workers/spawn",
            "/api/workers/{worker}/status",
            "/api/workers/{worker}",
            "/hooks/v1/intake/{name}",
            "/login",
            "/health",
            "/metrics",
            "/",
            "/nowhere",
        ]
        .map(str::to_owned),
    );
    let mut dice = Dice(7);
    let (mut asked, mut refused) = (0, 0);
    while asked < REQUESTS {
        let method =
            *dice.pick(&["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD", "BREW"]);
        let filled: Vec<String> = dice
            .pick(&paths)
            .clone()
            .split('/')
            .map(|part| if part.starts_with('{') { name(&mut dice) } else { part.to_owned() })
            .collect();
        let uri = format!("{}?{}", filled.join("/"), query(&mut dice));
        let mut request = Request::builder().method(method).uri(&uri).header(HOST, HERE);
        if dice.below(10) > 0 {
            request = request.header(AUTHORIZATION, &bearer);
        }
        for (name, value) in headers(&mut dice) {
            request = request.header(name, value);
        }
        // What cannot be written down cannot be sent.
        let Ok(request) = request.body(Body::from(body(&mut dice))) else { continue };
        asked += 1;
        let answer = web.router.clone().oneshot(request);
        // A reader of a stream, or one that waits for news, goes away.
        let Ok(Ok(response)) = tokio::time::timeout(Duration::from_secs(20), answer).await else {
            panic!("no answer to {method} {uri}");
        };
        let status = response.status().as_u16();
        assert!(status < 500, "{method} {uri}: {status}");
        let is_problem = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes() == PROBLEM_MEDIA_TYPE.as_bytes());
        if is_problem {
            refused += 1;
            let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            if method != "HEAD" {
                let problem: Problem = serde_json::from_slice(&bytes).unwrap();
                let known = codes::ALL.iter().any(|(code, _)| *code == problem.code);
                assert!(known, "{method} {uri}: {problem:?}");
            }
        } else {
            assert!(status < 400 || !uri.starts_with("/api/v1"), "{method} {uri}: {status}");
        }
    }
    assert!(refused > asked / 2, "{refused} of {asked} were refused");
}
