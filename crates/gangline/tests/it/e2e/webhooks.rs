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

/// What came in: the path, headers with small letters, and the body.
pub(super) struct Got {
    pub(super) path: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Got {
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    pub(super) fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One request, answered by hand. None when who called hung up, as a killed daemon does.
fn take(stream: TcpStream, status: &str) -> Option<Got> {
    let mut stream = BufReader::new(stream);
    let (mut path, mut headers) = (String::new(), vec![]);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        match line.split_once(": ") {
            Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
            None if line.is_empty() => break,
            None => line.split(' ').nth(1).unwrap_or_default().clone_into(&mut path),
        }
    }
    let mut got = Got { path, headers, body: vec![] };
    got.body = vec![0; got.header("content-length").parse().ok()?];
    stream.read_exact(&mut got.body).ok()?;
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
    let given = serde_json::json!([headers, String::from_utf8_lossy(&got.body)]).to_string();
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
    let body = String::from_utf8_lossy(&got[0].body).replace("seq", "sec").into_bytes();
    let forged = Got { path: String::new(), headers: got[0].headers.clone(), body };
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

/// Answers over TLS with the certificate and key that it is given, and says what came in.
const TLS_RECEIVER: &str = r#"
import http.server, json, ssl, sys
class In(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204); self.end_headers()
        print(json.loads(body)["type"], flush=True)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), In)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
# The handshake is each call's own: one that breaks off ends no other.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
"#;

/// A certificate of its own for a name, and its key.
fn certificate(world: &World, name: &str, file: &str) -> [String; 2] {
    let [cert, key] = ["crt", "key"].map(|end| world.path(&format!("{file}.{end}")));
    let [cert, key] = [cert, key].map(|path| path.display().to_string());
    let subject = [format!("/CN={name}"), format!("subjectAltName=DNS:{name}")];
    let mut openssl = world.other("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
    openssl.args(["-nodes", "-days", "2", "-keyout", &key, "-out", &cert]);
    openssl.args(["-subj", &subject[0], "-addext", &subject[1]]);
    // rustls takes no certificate of an authority for one of a server.
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    let output = openssl.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [cert, key]
}

/// A receiver behind TLS, which ends with the test.
struct TlsReceiver {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    port: u16,
}

impl TlsReceiver {
    fn new(world: &World, [cert, key]: &[String; 2]) -> Self {
        let mut python = world.other("python3");
        python.args(["-c", TLS_RECEIVER, cert, key]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = python.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        Self { child, lines, port }
    }
}

impl Drop for TlsReceiver {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_receiver_behind_tls_is_told_only_if_its_certificate_is_believed() {
    let mut world = World::ready();
    // The stranger is called so as well, but nobody vouches for it; the other is believed elsewhere.
    let trusted = certificate(&world, "localhost", "trusted");
    let stranger = certificate(&world, "localhost", "stranger");
    let other = certificate(&world, "elsewhere.example", "elsewhere");
    let believed = world.path("believed.pem");
    let both = [&trusted, &other].map(|[cert, _]| std::fs::read_to_string(cert).unwrap());
    std::fs::write(&believed, both.concat()).unwrap();
    world.set("SSL_CERT_FILE", &believed.display().to_string());
    let mut receivers = [&trusted, &stranger, &other].map(|of| TlsReceiver::new(&world, of));
    world.set("HOOK_SECRET", SECRET);
    let hook = |name: &str, port: u16| {
        format!(
            "[webhooks.{name}]\nurl = \"https://localhost:{port}/in\"\n\
             secret = \"env://HOOK_SECRET\"\nallow_private = true\n"
        )
    };
    let names = ["trusted", "stranger", "elsewhere"];
    let config: String =
        names.iter().zip(&receivers).map(|(name, receiver)| hook(name, receiver.port)).collect();
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    world.set("GANGLINE_LISTEN", "127.0.0.1:0");
    up(&world);
    assert!(world.done(&["webhooks", "test", "trusted"]).starts_with("trusted answered 204"));
    world.add("One", "- say: Done.");
    let heard: Vec<String> =
        receivers[0].lines.by_ref().take(3).map(|line| line.unwrap()).collect();
    assert!(heard.iter().any(|kind| kind == "ticket_added"), "{heard:?}");
    for name in &names[1..] {
        let refused = world.run(&["webhooks", "test", name]);
        assert_eq!(refused.code, 1, "{}", refused.out);
        assert!(refused.out.contains("its TLS is not in order"), "{}", refused.out);
    }
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
