//! Push messages across the death of the daemon, read by another program than the one that seals them.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;

use super::webhooks::{Got, receiver};
use crate::world::World;

const ASKS: &str = "- ask: { text: \"Which one?\", otherwise: [] }\n";
const WAIT: Duration = Duration::from_mins(1);
/// The browser's secrets: bytes that are all the same, in base64url without padding.
const KEY: [u8; 32] = [7; 32];
const AUTH: [u8; 16] = [0; 16];
const AUTH_TEXT: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// Bytes in base64url, without padding.
fn encoded(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let group = |bytes: &[u8]| {
        let number = [0, 1, 2].map(|at| u32::from(*bytes.get(at).unwrap_or(&0)));
        let number = number[0] << 16 | number[1] << 8 | number[2];
        let digits = [18, 12, 6, 0].map(|by| DIGITS[(number >> by & 63) as usize] as char);
        digits[..=bytes.len()].iter().collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// Asks the daemon over its socket.
fn asked(world: &World, method: &str, path: &str, body: &Value) -> Value {
    let socket = world.path("run/gangline.sock").display().to_string();
    let mut curl = world.other("curl");
    curl.args(["--silent", "--show-error", "--max-time", "30", "--unix-socket", &socket]);
    curl.args(["--request", method, "--header", "gangline-person: ann"]);
    curl.args(["--data", &body.to_string(), &format!("http://localhost/api/v1{path}")]);
    let output = curl.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{method} {path}: {text}"))
}

fn subscribed(world: &World, port: u16) -> String {
    let point = SecretKey::from_slice(&KEY).unwrap().public_key().to_encoded_point(false);
    let keys = json!({ "p256dh": encoded(point.as_bytes()), "auth": AUTH_TEXT });
    let endpoint = format!("http://127.0.0.1:{port}/send/one");
    let device = json!({ "endpoint": endpoint, "keys": keys, "label": "phone" });
    let entered = asked(world, "POST", "/push/subscriptions", &device);
    entered["id"].as_str().unwrap_or_else(|| panic!("{entered}")).to_owned()
}

/// What the browser reads.
fn read(got: &Got) -> Value {
    let key = SecretKey::from_slice(&KEY).unwrap();
    let text = web_push_native::decrypt(got.body.clone(), &key, &AUTH.into()).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn tag(message: &Value) -> String {
    message["tag"].as_str().unwrap().to_owned()
}

fn configured(more: &str) -> World {
    let world = World::ready();
    let config = format!("[push]\nallow_private = true\n{more}");
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    world.done(&["up", "--detach"]);
    world.done(&["project", "add"]);
    world
}

#[test]
fn no_message_is_lost_when_the_daemon_is_killed_between_two_of_them() {
    // The second is not taken, so that it still waits when the daemon is killed.
    let (port, hears) = receiver(|call| match call {
        2 => "503 Service Unavailable",
        _ => "201 Created",
    });
    let world = configured("");
    let id = subscribed(&world, port);
    let mut told: Vec<String> = vec![];
    let mut tags = BTreeSet::new();
    for title in ["One", "Two"] {
        let key = world.add(title, ASKS);
        let got = hears.recv_timeout(WAIT).unwrap();
        let message = read(&got);
        assert_eq!(message["title"], format!("{key} asks"), "{message}");
        assert_eq!(message["body"], format!("{title}\nWhich one?"));
        assert_eq!(message["tag"], format!("shop.{key}"));
        assert_eq!(message["url"], format!("/t/shop/{key}"));
        assert_eq!(got.header("content-encoding"), "aes128gcm");
        assert!(got.header("authorization").starts_with("vapid t="));
        told.push(tag(&message));
        tags.insert(tag(&message));
    }
    world.kill_daemon();
    world.done(&["up", "--detach"]);
    // Two wait for an answer, and no more of one kind are at work at once.
    world.done(&["answer", told[0].trim_start_matches("shop."), "this one"]);
    let key = world.add("Three", ASKS);
    let third = format!("shop.{key}");
    let mut after = vec![];
    while !after.contains(&third) || !after.contains(&told[1]) {
        after.push(tag(&read(&hears.recv_timeout(WAIT).unwrap())));
    }
    tags.insert(third);
    let all: BTreeSet<String> = told.into_iter().chain(after).collect();
    assert_eq!(all, tags, "each is told, and nothing else");
    let shown = asked(&world, "GET", "/push", &json!(null));
    assert_eq!(shown["subscriptions"][0]["id"], id, "{shown}");
    assert!(!shown.to_string().contains("/send/one"), "an endpoint is shown to nobody: {shown}");
}

#[test]
fn what_cannot_be_told_is_found_by_the_doctor_and_a_changed_configuration_switches_it_off() {
    let (port, hears) = receiver(|_call| "403 Forbidden");
    let world = configured("");
    let id = subscribed(&world, port);
    let healthy = world.json(&["doctor"]);
    let of_push = |doctor: &Value| {
        let findings = doctor["findings"].as_array().unwrap().iter();
        findings.filter(|found| found["what"] == "push").cloned().collect::<Vec<_>>()
    };
    assert!(of_push(&healthy).is_empty(), "nothing is said where nothing is wrong");
    let tested = asked(&world, "POST", &format!("/push/subscriptions/{id}/test"), &json!(null));
    assert_eq!(tested["error"], "it answered 403 Forbidden");
    assert_eq!(read(&hears.recv_timeout(WAIT).unwrap())["url"], "/settings");
    world.add("One", ASKS);
    hears.recv_timeout(WAIT).unwrap();
    // The second try comes when the first one's end is written.
    hears.recv_timeout(WAIT).unwrap();
    let [found] = &of_push(&world.json(&["doctor"]))[..] else { panic!("{id} is not found") };
    assert!(found["found"].as_str().unwrap().contains("it answered 403 Forbidden"), "{found}");
    std::fs::write(world.path("config/config.toml"), "[push]\nenabled = false\n").unwrap();
    let begun = std::time::Instant::now();
    while asked(&world, "GET", "/push", &json!(null))["enabled"] != false {
        assert!(begun.elapsed() < WAIT, "it is still on");
        std::thread::sleep(Duration::from_millis(50));
    }
}
