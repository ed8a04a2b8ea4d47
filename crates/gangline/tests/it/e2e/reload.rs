//! A daemon that follows its configuration while it runs.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::webhooks::{SECRET, receiver};
use crate::world::World;

const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);

/// Replaces the file as editors do.
fn configure(world: &World, text: &str) {
    std::fs::write(world.path("config/config.toml.new"), text).unwrap();
    std::fs::rename(world.path("config/config.toml.new"), world.path("config/config.toml"))
        .unwrap();
}

/// What the daemon says of its configuration.
fn configured(world: &World) -> Value {
    world.json(&["up", "--detach"])["config"].clone()
}

fn until(world: &World, holds: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let found = configured(world);
        if holds(&found) {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "it never came to be: {found:#}");
        std::thread::sleep(LOOK);
    }
}

/// The status of an answer to who calls the daemon by this name.
fn called(world: &World, address: &str, host: &str) -> String {
    let mut curl = world.other("curl");
    curl.args(["--silent", "--max-time", "20", "--output", "/dev/null"]);
    curl.args(["--write-out", "%{http_code}", "--header", &format!("host: {host}")]);
    let output = curl.arg(format!("http://{address}/health")).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn doctor(world: &World) -> String {
    let findings = world.json(&["doctor"]);
    let all = findings["findings"].as_array().unwrap().iter();
    let found = all.filter(|finding| finding["what"] == "configuration");
    let found: Vec<&str> = found.map(|finding| finding["found"].as_str().unwrap()).collect();
    world.shown(&found.join("\n"))
}

#[test]
fn a_changed_configuration_is_followed_and_a_broken_one_is_not() {
    let mut world = World::ready();
    world.set("GANGLINE_LISTEN", "127.0.0.1:0");
    let begun = world.json(&["up", "--detach"]);
    let (pid, address) = (begun["pid"].clone(), begun["http"].as_str().unwrap().to_owned());
    assert_eq!(called(&world, &address, "board.example"), "403");
    configure(&world, "[http]\nhosts = [\"board.example\"]\n");
    until(&world, |config| config["since_us"] != begun["config"]["since_us"]);
    assert_eq!(called(&world, &address, "board.example"), "200");
    assert_eq!(doctor(&world), "");

    // Nothing of it is taken over, not even what comes before the mistake.
    configure(&world, "[http]\nhosts = [\"other.example\"]\n[daemon]\nlog_mib = 0\n");
    let refused = until(&world, |config| config["refused"].is_object());
    let why = world.shown(refused["refused"]["why"].as_str().unwrap());
    assert!(why.starts_with("~/config/config.toml:4:11: `daemon.log_mib`: "), "{why}");
    assert_eq!(called(&world, &address, "board.example"), "200");
    assert_eq!(called(&world, &address, "other.example"), "403");
    let told = doctor(&world);
    assert!(told.starts_with("~/config/config.toml:4:11: `daemon.log_mib`: "), "{told}");
    assert!(told.contains("the daemon follows the one of "), "{told}");
    let list = world.shown(&world.done(&["list", "--all-projects"]));
    let warned = "config.toml is not followed: ~/config/config.toml:4:11: `daemon.log_mib`: ";
    assert!(list.contains(warned), "{list}");
    let log = world.shown(&std::fs::read_to_string(world.path("state/daemon.log")).unwrap());
    assert!(log.contains("config.toml:4:11: `daemon.log_mib`"), "{log}");

    // A file that is emptied and written again in one go is never taken as an empty one.
    std::fs::write(world.path("config/config.toml"), "").unwrap();
    let mended =
        "[http]\nhosts = [\"board.example\", \"other.example\"]\n[daemon]\nagents_max = 3\n";
    std::fs::write(world.path("config/config.toml"), mended).unwrap();
    let found = until(&world, |config| {
        assert_ne!(called(&world, &address, "board.example"), "403", "{config}");
        config["refused"].is_null()
    });
    assert_eq!(found["restart"], serde_json::json!(["daemon.agents_max"]));
    assert_eq!(called(&world, &address, "other.example"), "200");
    assert_eq!(doctor(&world), "waits for the daemon's next start: daemon.agents_max");

    // What is put back waits no more. Who asks has it read at once.
    configure(&world, "[http]\nhosts = [\"other.example\"]\n");
    let status = world.other("kill").args(["-HUP", &pid.to_string()]).status().unwrap();
    assert!(status.success());
    until(&world, |config| config["restart"] == serde_json::json!([]));
    assert_eq!(called(&world, &address, "board.example"), "403");
    assert_eq!(doctor(&world), "");
    assert_eq!(world.json(&["up", "--detach"])["pid"], pid, "it is the same daemon");
    world.done(&["down"]);
}

#[test]
fn a_new_webhook_is_told_from_then_on_and_one_that_is_gone_no_more() {
    let (port, hears) = receiver(|_| "204 No Content");
    let mut world = World::ready();
    world.set("HOOK_SECRET", SECRET);
    world.json(&["up", "--detach"]);
    world.done(&["add", "--draft", "Before"]);
    let hook = |name: &str| {
        format!(
            "[webhooks.{name}]\nurl = \"http://127.0.0.1:{port}/{name}\"\n\
             secret = \"env://HOOK_SECRET\"\nallow_private = true\n"
        )
    };
    let begun = configured(&world);
    configure(&world, &hook("board"));
    until(&world, |config| config["since_us"] != begun["since_us"]);
    let known = |name: &str| world.path(&format!("state/webhooks/{name}.json")).exists();
    world.done(&["add", "--draft", "After"]);
    let told = hears.recv_timeout(PATIENCE).unwrap().event();
    assert_eq!(told["data"]["key"], "APP-2", "{told}");
    assert!(known("board"));

    let begun = configured(&world);
    configure(&world, &hook("other"));
    until(&world, |config| config["since_us"] != begun["since_us"]);
    world.done(&["add", "--draft", "Last"]);
    let told = hears.recv_timeout(PATIENCE).unwrap();
    assert_eq!(told.event()["data"]["key"], "APP-3");
    let begun = Instant::now();
    while known("board") || !known("other") {
        assert!(begun.elapsed() < PATIENCE, "the ledger of one that is gone stays");
        std::thread::sleep(LOOK);
    }
    let listed = world.json(&["webhooks"]);
    let names = listed["webhooks"].as_array().unwrap().iter().map(|hook| hook["name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), ["other"]);
    assert!(hears.try_recv().is_err(), "each event was told once");
    world.done(&["down"]);
}

/// What the nodes run short of.
fn alerts(status: &Value) -> Vec<&str> {
    let nodes = status["nodes"].as_array().unwrap().iter();
    nodes
        .flat_map(|node| node["alerts"].as_array().unwrap())
        .map(|alert| alert["kind"].as_str().unwrap())
        .collect()
}

fn until_alerts(world: &World, wanted: &[&str]) {
    let begun = Instant::now();
    loop {
        let status = world.json(&["up", "--detach"]);
        if alerts(&status) == wanted {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "it never came to be: {status:#}");
        std::thread::sleep(LOOK);
    }
}

/// What the daemon answers to the bearer of a token.
fn asked(world: &World, secret: &str, path: &str) -> String {
    let address = world.json(&["up", "--detach"])["http"].as_str().unwrap().to_owned();
    let mut curl = world.other("curl");
    curl.args(["--silent", "--max-time", "20", "--header"]);
    curl.arg(format!("Authorization: Bearer {}", secret.trim()));
    let output = curl.arg(format!("http://{address}{path}")).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What is told of alerts of nodes among the events.
fn told(world: &World, secret: &str) -> Vec<String> {
    let types = "node_alert_raised,node_alert_cleared";
    let page = asked(world, secret, &format!("/api/v1/events?after=0&types={types}"));
    let page: Value = serde_json::from_str(&page).unwrap();
    let events = page["events"].as_array().unwrap().iter();
    events.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_a_node_runs_short_of_is_an_event_and_told_everywhere_while_it_is_so() {
    let mut world = World::ready();
    world.set("GANGLINE_LISTEN", "127.0.0.1:0");
    // More than any disk has.
    configure(&world, "[daemon]\ndisk_alert = \"9000TiB\"\nmemory_alert = \"1MiB\"\n");
    let begun = world.json(&["up", "--detach"]);
    until_alerts(&world, &["disk"]);
    let secret = world.done(&["token", "add", "prometheus", "--role", "L0"]);
    let raised = ["node_alert_raised"];
    assert_eq!(told(&world, &secret), raised);
    let list = world.done(&["list", "--all-projects"]);
    assert!(list.contains("node local runs short: "), "{list}");
    assert!(list.contains(" disk free, an alert is raised below 9216000GiB"), "{list}");
    let page = asked(&world, &secret, "/metrics");
    let figure = "gangline_alerts_raised{node=\"local\",kind=\"disk\"} 1";
    assert!(page.lines().any(|line| line == figure), "{page}");
    let findings = world.json(&["doctor"]);
    let mut findings = findings["findings"].as_array().unwrap().iter();
    let found = findings.find(|finding| finding["what"] == "node").expect("doctor is silent");
    assert_eq!(found["next"], "make space there");

    // It is raised once, also over a restart, and what is stored is what the events say.
    world.done(&["down"]);
    world.json(&["up", "--detach"]);
    until_alerts(&world, &["disk"]);
    world.json(&["doctor", "--replay"]);
    assert_eq!(told(&world, &secret), raised);

    // A daemon that begins and finds enough clears it.
    world.done(&["down"]);
    configure(&world, "[daemon]\ndisk_alert = \"1MiB\"\nmemory_alert = \"1MiB\"\n");
    world.json(&["up", "--detach"]);
    let begun_again = Instant::now();
    while told(&world, &secret) == raised {
        assert!(begun_again.elapsed() < PATIENCE, "it is not cleared");
        std::thread::sleep(LOOK);
    }
    assert_eq!(told(&world, &secret), ["node_alert_raised", "node_alert_cleared"]);
    until_alerts(&world, &[]);
    assert!(!world.done(&["list", "--all-projects"]).contains("runs short"));

    // The thresholds are followed while it runs.
    configure(&world, "[daemon]\ndisk_alert = \"1MiB\"\nmemory_alert = \"9000TiB\"\n");
    until_alerts(&world, if cfg!(target_os = "linux") { &["memory"] } else { &[] });
    assert_ne!(world.json(&["up", "--detach"])["pid"], begun["pid"]);
}
