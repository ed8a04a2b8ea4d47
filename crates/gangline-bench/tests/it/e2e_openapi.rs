//! The OpenAPI document, held against what the daemon answers: thousands of requests are made out of
//! it, well-formed and not.

use std::time::Duration;

use gangline_bench::program::{Home, Program, plain_policy};
use gangline_bench::soak::nothing_runs;
use gangline_process::Cmd;

use crate::world::root;

/// How long all of them may take.
const PATIENCE: Duration = Duration::from_mins(4);
/// Requests that are made up for each operation, beside those that reach each branch of its schema.
const EXAMPLES: &str = "5";
/// Where an id is wanted, there is one.
const CONFIG: &str = "[parameters]\n\"path.project\" = \"shop\"\n\"path.key\" = \"APP-1\"\n";

#[tokio::test]
async fn every_operation_answers_as_its_document_says() {
    let home = Home::new(&Program::find().unwrap()).unwrap();
    let home = home.with("GANGLINE_LISTEN", "127.0.0.1:0");
    std::fs::write(home.path("config/config.toml"), "[http]\nrequests_per_minute = 0\n").unwrap();
    let repo = home.repository("repo", &plain_policy("shop", "APP")).await.unwrap();
    let status = home.json(&repo, &["up", "--detach"]).await.unwrap();
    let document = format!("http://{}/api/v1/openapi.json", status["http"].as_str().unwrap());
    home.run(&repo, &["add", "One", "--draft"]).await.unwrap();
    let token = home.json(&repo, &["token", "add", "maker", "--role", "L3"]).await.unwrap();
    let bearer = format!("Authorization: Bearer {}", token["secret"].as_str().unwrap());
    let config = home.path("schemathesis.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let maker = root().join("target/gauntlet/python/bin/schemathesis");
    assert!(maker.is_file(), "no {}: cargo xtask setup --for test", maker.display());
    let config = config.display().to_string();
    // Left out: what ends the daemon or the maker's own token, and what goes on for ever.
    let line = [
        ["--config-file", &config, "run", &document, "-H", &bearer].as_slice(),
        &["--exclude-path", "/api/v1/shutdown", "--exclude-path", "/api/v1/tokens/{token}"],
        &["--exclude-path-regex", "stream|/ws|/events", "--exclude-method", "DELETE"],
        &["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1"],
        &["--checks", "not_a_server_error,response_schema_conformance"],
        &["--checks", "status_code_conformance,content_type_conformance"],
        &["--request-timeout", "30", "--workers", "1", "--no-color"],
    ]
    .concat();
    // What it keeps of earlier runs stays in this one's home.
    let maker = Cmd::new(maker).args(line).cwd(home.path("home")).env("HOME", home.path("home"));
    let output = maker.cap_bytes(16 << 20).deadline(PATIENCE).output().await.unwrap();
    let said = format!("{}{}", output.stdout.text(), output.stderr.text());
    let passed = said.lines().find_map(|line| line.trim().split_once(" generated, "));
    let (made, passed) = passed.unwrap_or_else(|| panic!("{said}"));
    let made: u32 = made.parse().unwrap();
    assert!(made > 1_000, "{said}");
    assert_eq!(passed, format!("{made} passed"), "{said}");
    // It still knows its ticket, and who it is.
    assert_eq!(home.json(&repo, &["show", "APP-1"]).await.unwrap()["key"], "APP-1");
    home.run(&repo, &["down", "--jobs"]).await.unwrap();
    nothing_runs(&home).await.unwrap();
}
