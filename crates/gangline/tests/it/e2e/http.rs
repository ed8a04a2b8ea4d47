//! Over HTTP: clients that are not on the daemon's socket.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::world::World;

/// A client in the spelling of the first worker orchestrators: it knows an address and nothing else.
const CLIENT: &str = r#"
const at = `${process.env.WORKERS_API_URL}/api/workers`;
const json = async (path, options) => (await fetch(`${at}${path}`, options)).json();
const [description, ticketPath] = process.argv.slice(2);
const spawned = await json("/spawn", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ ticketId: "105", description, ticketPath }),
});
if (spawned.status !== "spawned") throw new Error(JSON.stringify(spawned));
const seen = new Set();
let worker;
do {
  worker = await json(`/${spawned.workerId}/status`);
  seen.add(worker.status);
  await new Promise((resolve) => setTimeout(resolve, 50));
} while (worker.status !== "completed" && worker.status !== "failed");
const { workers } = await json("");
const ended = await json(`/${spawned.workerId}`, { method: "DELETE" });
console.log(JSON.stringify({ spawned, worker, count: workers.length, ended, seen: [...seen] }));
"#;

pub(super) fn listening() -> (World, String) {
    let mut world = World::with_policy(&format!(
        "{}\n[agents]\ndefault = \"scripted\"\n\n[worktree]\nbranch_template = \"feature/ticket-<id>\"\n",
        crate::world::POLICY
    ));
    world.set("GANGLINE_LISTEN", "127.0.0.1:0");
    let status = world.json(&["up", "--detach"]);
    world.done(&["project", "add"]);
    let address = status["http"].as_str().unwrap_or_else(|| panic!("{status}")).to_owned();
    (world, format!("http://{address}"))
}

/// What `curl` shows: the status, and the body.
fn curl(world: &World, args: &[&str]) -> (String, String) {
    let mut curl = world.other("curl");
    curl.args(["--silent", "--show-error", "--max-time", "20", "--write-out", "\n%{http_code}"]);
    let output = curl.args(args).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap_or(("", ""));
    (status.to_owned(), body.to_owned())
}

#[test]
fn a_client_of_the_workers_api_has_its_ticket_landed() {
    let (world, address) = listening();
    world.write(
        "tickets/105/README.md",
        "# Total\n\n```gangline-script\nsteps:\n  - write: { path: src/total.txt, text: \"3.00\" }\n  \
         - commit: \"${KEY}: total\"\n  - say: Done.\n```\n",
    );
    let mut node = world.other("node");
    node.args(["--input-type=module", "-", "Round the total"]);
    node.arg(world.repo.join("tickets/105")).env("WORKERS_API_URL", &address);
    let mut child =
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(CLIENT.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (spawned, worker) = (&told["spawned"], &told["worker"]);
    assert_eq!(spawned["status"], "spawned");
    assert_eq!(worker["status"], "completed", "{told}");
    assert_eq!(worker["branch"], "feature/ticket-105");
    assert_eq!(worker["worktreePath"], spawned["worktreePath"], "it was known from the start");
    assert_eq!((&told["count"], &told["ended"]["status"]), (&1.into(), &"terminated".into()));
    world.until("APP-1", |shown| shown["state"] == "landed" || shown["state"] == "held");
    if world.state("APP-1") == "held" {
        world.done(&["resume", "APP-1"]);
    }
    world.until("APP-1", |shown| shown["state"] == "landed");
    assert_eq!(world.git("show main:src/total.txt"), "3.00");
    // The number stays the same over a restart.
    world.done(&["down"]);
    let status = world.json(&["up", "--detach"]);
    let address = format!("http://{}", status["http"].as_str().unwrap());
    let id = spawned["workerId"].as_str().unwrap();
    let (status, body) = curl(&world, &[&format!("{address}/api/workers/{id}/status")]);
    assert_eq!(status, "200", "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["ticketId"], "105");
}

/// Speaks the client that the project ships.
const SHIPPED: &str = r#"
const { WorkersClient, WorkersError } = await import(process.argv[2]);
const workers = new WorkersClient();
const spawned = await workers.spawnWorker("105", "Round the total", process.argv[3]);
const worker = await workers.getWorkerStatus(spawned.workerId);
const all = await workers.getAllWorkers();
const unknown = await workers.getWorkerStatus("worker-999999").catch((error) => error);
const ended = await workers.stopWorker(spawned.workerId);
const refused = unknown instanceof WorkersError && [unknown.status, unknown.code];
console.log(JSON.stringify({ spawned, worker, count: all.workers.length, refused, ended }));
"#;

#[test]
fn the_shipped_client_of_the_workers_api_speaks_it() {
    let (world, address) = listening();
    world.write("tickets/105/README.md", "# Total\n");
    let client = concat!(env!("CARGO_MANIFEST_DIR"), "/../../clients/workers/index.js");
    let mut node = world.other("node");
    node.args(["--input-type=module", "-", client]).arg(world.repo.join("tickets/105"));
    let mut child = node
        .env("WORKERS_API_URL", format!("{address}/"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(SHIPPED.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["spawned"]["status"], "spawned");
    assert_eq!(told["worker"]["workerId"], told["spawned"]["workerId"]);
    assert_eq!((&told["count"], &told["ended"]["status"]), (&1.into(), &"terminated".into()));
    assert_eq!(told["refused"], serde_json::json!([404, "no_such_worker"]));
}

/// `gangline` as it asks the daemon at an address.
fn elsewhere(world: &World, secret: Option<&str>, args: &[&str]) -> (Option<i32>, String) {
    let mut gangline = world.program(args, &world.path("."));
    gangline.env("GANGLINE_RUNTIME_DIR", world.path("nowhere"));
    if let Some(secret) = secret {
        gangline.env("GANGLINE_TOKEN", secret);
    }
    let output = gangline.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(told).unwrap())
}

#[test]
fn the_command_line_asks_a_daemon_elsewhere() {
    let (world, address) = listening();
    let secret = world.done(&["token", "add", "laptop", "--role", "operator"]);
    let ask = |args: &[&str]| elsewhere(&world, Some(secret.trim()), args);
    let at = ["--url", &address];
    let (code, told) = ask(&[&at[..], &["add", "Elsewhere", "--draft"]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(world.json(&["show", "APP-1"])["created_by"], "person:laptop");
    let (code, told) = ask(&[&at[..], &["show", "APP-1", "--json"]].concat());
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["title"], "Elsewhere");
    // What a token may not, it may not there, either.
    let (code, told) = ask(&[&at[..], &["token", "list"]].concat());
    assert_eq!(code, Some(1), "{told}");
    let (code, told) = ask(&[&at[..], &["open", "APP-1"]].concat());
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("its worktrees on the daemon's own machine"), "{told}");
    let (code, told) = elsewhere(&world, None, &[&at[..], &["list"]].concat());
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("GANGLINE_TOKEN"), "{told}");
    let (code, told) = elsewhere(&world, Some("wrong"), &[&at[..], &["list"]].concat());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("token"), "{told}");
    // Nobody is started where somebody was named.
    let (code, told) = ask(&["--url", "http://127.0.0.1:1", "run", "Nobody"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("no daemon answers at http://127.0.0.1:1"), "{told}");
    let (code, told) = ask(&["--url", "crew:3001", "list"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("like http://127.0.0.1:3001"), "{told}");
}

#[test]
fn a_token_made_on_the_command_line_opens_the_door_until_it_is_revoked() {
    let (world, address) = listening();
    let status = format!("{address}/api/v1/status");
    assert_eq!(curl(&world, &[&status]).0, "401");
    for open in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(curl(&world, &[&format!("{address}{open}")]).0, "200", "{open}");
    }
    let secret = world.done(&["token", "add", "nightly", "--role", "operator"]);
    let bearer = format!("Authorization: Bearer {}", secret.trim());
    let (code, body) = curl(&world, &["-H", &bearer, &status]);
    assert_eq!(code, "200", "{body}");
    let evil = curl(&world, &["-H", &bearer, "-H", "Host: evil.example", &status]);
    assert_eq!(evil.0, "403", "{}", evil.1);
    let project = world.json(&["project", "list"])["projects"][0]["name"].clone();
    let add = format!("{address}/api/v1/projects/{}/tickets", project.as_str().unwrap());
    let twice = [
        "-H",
        &bearer,
        "-H",
        "Idempotency-Key: once",
        "-d",
        r#"{"title":"One","draft":true}"#,
        &add,
    ];
    let (first, second) = (curl(&world, &twice), curl(&world, &twice));
    assert_eq!((&first.0[..], &first), ("200", &second));
    assert_eq!(world.json(&["show", "APP-1"])["created_by"], "person:nightly");
    // The command line's own door is the socket.
    let listed = world.json(&["token", "list"]);
    let id = listed["tokens"][0]["id"].as_str().unwrap();
    world.done(&["token", "revoke", id]);
    assert_eq!(curl(&world, &["-H", &bearer, &status]).0, "401");
    let link = world.done(&["dashboard", "--role", "L0"]);
    let jar = world.path("cookies").display().to_string();
    let opened = curl(&world, &["--cookie-jar", &jar, link.trim()]);
    assert_eq!(opened.0, "303", "{}", opened.1);
    assert_eq!(curl(&world, &["--cookie", &jar, &status]).0, "200");
    let page = format!("Origin: {address}");
    let wish = ["--cookie", &jar, "-H", &page, "-d", r#"{"title":"Two"}"#, &add];
    assert_eq!(curl(&world, &wish).0, "403", "it only looks");
}

/// Prometheus' own tool finds nothing to complain of, neither in the figures nor in the rules.
#[test]
fn figures_and_rules_are_as_prometheus_wants_them() {
    let (world, address) = listening();
    let steps = "- write: { path: a.txt, text: a }\n- commit: \"${KEY}: a\"\n- say: Done.";
    let key = world.add("One", steps);
    world.until(&key, |shown| shown["state"] == "landed");
    let secret = world.done(&["token", "add", "prometheus", "--role", "L0"]);
    let bearer = format!("Authorization: Bearer {}", secret.trim());
    let url = format!("{address}/metrics");
    let read = || curl(&world, &["-H", &bearer, &url]).1;
    let mut page = read();
    let begun = std::time::Instant::now();
    while !page.contains("gangline_tickets_landed_total{") || !page.contains("tries=\"1\"} 1") {
        assert!(begun.elapsed().as_secs() < 30, "the landing is not counted: {page}");
        page = read();
    }
    let mut promtool = world.other("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = promtool.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{page}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/prometheus/gangline.rules.yml");
    let output = world.other("promtool").args(["check", "rules", rules]).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let rules = std::fs::read_to_string(rules).unwrap();
    let names = rules.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    for name in names.filter(|name| name.starts_with("gangline_")) {
        // What nobody has waited for, and nothing has failed at, has no figure yet.
        let rare = ["circuit_open", "alerts_raised", "failures_total", "tickets_waiting"];
        let is_rare = rare.iter().any(|rare| name.ends_with(rare));
        assert!(is_rare || page.contains(name), "no figure is called {name}");
    }
}
