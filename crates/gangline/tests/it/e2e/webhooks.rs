//! Webhooks across the death of the daemon, checked by a program that knows only the scheme.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use serde_json::Value;

use crate::world::World;

pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const GUIDE: &str = include_str!("../../../../../docs/webhooks.md");

/// What came in: headers with small letters, and the body.
pub(super) struct Got {
    headers: Vec<(String, String)>,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(super) fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// One request, answered by hand. None when who called hung up, as a killed daemon does.
fn take(stream: TcpStream, status: &str) -> Option<Got> {
    let mut stream = BufReader::new(stream);
    let mut headers = vec![];
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        match line.split_once(": ") {
            Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
            None if line.is_empty() => break,
            None => {}
        }
    }
    let mut got = Got { headers, body: String::new() };
    let mut body = vec![0; got.header("content-length").parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    got.body = String::from_utf8(body).unwrap();
    // Who died meanwhile does not hear it.
    drop(write!(stream.get_mut(), "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
    Some(got)
}

/// Answers each request with what `says` gives for its number, from 1; ends with the listener's thread.
pub(super) fn receiver(
    says: impl Fn(usize) -> &'static str + Send + 'static,
) -> (u16, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tells, hears): (SyncSender<Got>, Receiver<Got>) = sync_channel(1_000);
    std::thread::spawn(move || {
        let calls = listener.incoming().map_while(Result::ok);
        for got in calls.enumerate().map(|(at, stream)| take(stream, says(at + 1))) {
            if let Some(got) = got
                && tells.send(got).is_err()
            {
                return;
            }
        }
    });
    (port, hears)
}

fn configured(port: u16, more: &str) -> World {
    let mut world = World::ready();
    world.set("HOOK_SECRET", SECRET);
    let hook = format!(
        "[webhooks.board]\nurl = \"http://127.0.0.1:{port}/in\"\nsecret = \"env://HOOK_SECRET\"\nallow_private = true\n{more}"
    );
    std::fs::write(world.path("config/config.toml"), hook).unwrap();
    world.set("GANGLINE_LISTEN", "127.0.0.1:0");
    world
}

fn up(world: &World) -> String {
    let status = world.json(&["up", "--detach"]);
    world.done(&["project", "add"]);
    format!("http://{}", status["http"].as_str().unwrap())
}

/// Runs the guide's own program on what came in.
fn checked_by_guide(world: &World, got: &Got) -> bool {
    let (_, rest) = GUIDE.split_once("```python\n").unwrap();
    let (program, _) = rest.split_once("\n```").unwrap();
    let call =
        "import json, sys\nh, b = json.load(sys.stdin)\nverify(h, b.encode(), sys.argv[1])\n";
    let mut python = world.other("python3");
    python.args(["-c", &format!("{program}\n{call}"), SECRET]);
    python.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = python.spawn().unwrap();
    let headers: serde_json::Map<String, Value> =
        got.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let given = serde_json::json!([headers, got.body]).to_string();
    child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
    child.wait_with_output().unwrap().status.success()
}

#[test]
fn nothing_is_lost_when_the_daemon_is_killed_between_two_deliveries() {
    // Every third call fails, so that it is killed while something is still to be told.
    let (port, hears) = receiver(|call| match call % 3 {
        0 => "500 Internal Server Error",
        _ => "204 No Content",
    });
    let world = configured(port, "");
    up(&world);
    let key = world
        .add("One", "- write: { path: a.txt, text: a }\n- commit: \"${KEY}: a\"\n- say: Done.");
    let mut got = vec![];
    let wait = Duration::from_mins(1);
    for _ in 0..4 {
        got.push(hears.recv_timeout(wait).unwrap());
    }
    world.kill_daemon();
    world.done(&["up", "--detach"]);
    world.until(&key, |shown| shown["state"] == "landed");
    let landed = |got: &Got| got.event()["type"] == "landed";
    while !landed(got.last().unwrap()) {
        got.push(hears.recv_timeout(wait).unwrap());
    }
    let mut seqs: Vec<u64> =
        got.iter().map(|got| got.event()["data"]["seq"].as_u64().unwrap()).collect();
    assert!(seqs.is_sorted(), "out of order: {seqs:?}");
    seqs.dedup();
    let all: Vec<u64> = (1..=*seqs.last().unwrap()).collect();
    assert_eq!(seqs, all, "an event is missing");
    // One event, one id; and each is signed.
    let mut ids: Vec<&str> = got.iter().map(|got| got.header("webhook-id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), seqs.len());
    assert!(checked_by_guide(&world, &got[0]));
    let forged = Got { headers: got[0].headers.clone(), body: got[0].body.replace("seq", "sec") };
    assert!(!checked_by_guide(&world, &forged));
}

#[test]
fn a_webhook_is_shown_tested_and_found_by_the_doctor() {
    let (port, hears) = receiver(|call| match call {
        1 => "200 OK",
        _ => "503 Service Unavailable",
    });
    let world = configured(port, "events = [\"ticket_added\"]\n");
    up(&world);
    assert_eq!(
        world.done(&["webhooks", "log", "board"]).trim(),
        "nothing was there to be told yet"
    );
    let tested = world.done(&["webhooks", "test", "board"]);
    assert!(tested.starts_with("board answered 200 after"), "{tested}");
    let ping = hears.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(checked_by_guide(&world, &ping));
    world.add("One", "- say: Done.");
    hears.recv_timeout(Duration::from_secs(20)).unwrap();
    let begun = std::time::Instant::now();
    while world.json(&["webhooks"])["webhooks"][0]["health"] != "failing" {
        assert!(begun.elapsed().as_secs() < 20, "{}", world.done(&["webhooks"]));
        std::thread::sleep(Duration::from_millis(50));
    }
    let listed = world.done(&["webhooks"]);
    assert!(listed.contains("board: it answered 503 Service Unavailable"), "{listed}");
    assert!(!listed.contains("whsec_"), "{listed}");
    let logged = world.json(&["webhooks", "log", "board"]);
    let last = &logged["deliveries"][0];
    assert_eq!((&last["type"], &last["outcome"]), (&"ticket_added".into(), &"failing".into()));
    let doctor = world.json(&["doctor"]);
    let findings = doctor["findings"].as_array().unwrap();
    let found = findings.iter().find(|found| found["what"] == "webhook").unwrap();
    assert_eq!(found["health"], "bad", "{found}");
    let failed = world.run(&["webhooks", "test", "board"]);
    assert_eq!(failed.code, 1, "{}", failed.out);
    let none = world.refused(&["webhooks", "log", "none"]);
    assert!(none.contains("no webhook none"), "{none}");
}

/// A sender that knows only the scheme, in Python.
const SENDER: &str = r#"
import base64, hashlib, hmac, json, sys, time, urllib.request, urllib.error
url, secret, id, off = sys.argv[1:5]
body = json.dumps({"title": "From outside", "labels": ["bug"]}).encode()
at = str(int(time.time()) + int(off))
mac = hmac.new(base64.b64decode(secret[6:]), f"{id}.{at}.".encode() + body, hashlib.sha256)
headers = {"webhook-id": id, "webhook-timestamp": at, "content-type": "application/json",
           "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode()}
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, body, headers))
except urllib.error.HTTPError as error:
    answer = error
said = json.loads(answer.read())
print(answer.status, said.get("key") or said.get("code"))
"#;

#[test]
fn an_intake_takes_a_signed_request_once_also_over_a_killed_daemon() {
    let mut world = World::ready();
    world.set("HOOK_SECRET", SECRET);
    world.set("GANGLINE_LISTEN", "127.0.0.1:0");
    let address = up(&world);
    let project = world.json(&["project", "list"])["projects"][0]["name"].clone();
    let intake = format!("[intake.tracker]\nproject = {project}\nsecret = \"env://HOOK_SECRET\"\n");
    std::fs::write(world.path("config/config.toml"), intake).unwrap();
    let send = |address: &str, secret: &str, id: &str, off: &str| {
        let url = format!("{address}/hooks/v1/intake/tracker");
        let output = world.other("python3").args(["-c", SENDER, &url, secret, id, off]).output();
        String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
    };
    assert_eq!(send(&address, SECRET, "m1", "0"), "404 no_such_intake");
    world.done(&["down"]);
    let address = up(&world);
    assert_eq!(send(&address, SECRET, "m1", "0"), "200 APP-1");
    assert_eq!(send(&address, SECRET, "m1", "0"), "200 APP-1");
    let wrong = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(send(&address, wrong, "m2", "0"), "401 bad_signature");
    assert_eq!(send(&address, SECRET, "m2", "-600"), "401 stale_signature");
    world.kill_daemon();
    let address = up(&world);
    assert_eq!(send(&address, SECRET, "m1", "5"), "200 APP-1", "a repeat after the death");
    assert_eq!(send(&address, SECRET, "m2", "0"), "200 APP-2");
    assert_eq!(world.state("APP-1"), "draft");
}
