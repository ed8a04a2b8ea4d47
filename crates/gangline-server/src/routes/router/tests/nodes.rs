//! Nodes are drained and resumed.

use gangline_domain::event::Event;
use gangline_domain::ids::NodeId;

use super::door::web;
use super::*;

#[tokio::test]
async fn a_node_is_drained_once_and_resumed_by_a_person() {
    let world = world().await;
    let (drain, resume) = ("POST /nodes/local/drain", "POST /nodes/local/resume");
    let before = world.app.orchestrator.committed();
    let drained = world.ask_once("k1", drain, "").await;
    assert_eq!(drained, format!(r#"200 {{"seq":{}}}"#, before + 1));
    assert_eq!(world.ask_once("k1", drain, "").await, drained, "the same key, the same answer");
    assert_eq!(world.ask(drain, "").await, drained, "nothing has happened since");
    let local: NodeId = "local".parse().unwrap();
    assert!(world.app.orchestrator.read(|board| board.draining.contains(&local)));
    let resumed = world.ask(resume, "").await;
    assert_eq!(resumed, format!(r#"200 {{"seq":{}}}"#, before + 2));
    assert_eq!(world.ask(resume, "").await, resumed);
    let told = world.app.orchestrator.past().events(before, 10).await.unwrap();
    let told: Vec<_> = told.into_iter().map(|told| (told.event, told.actor)).collect();
    let ann = || Actor::Person("ann".to_owned());
    let (drained, resumed) =
        (Event::NodeDrained { node: local.clone() }, Event::NodeResumed { node: local });
    assert_eq!(told, [(drained, ann()), (resumed, ann())]);
}

#[tokio::test]
async fn a_node_that_nobody_knows_is_neither_drained_nor_resumed() {
    let world = world().await;
    let told = [
        world.refused("POST /nodes/locl/drain", "").await,
        world.refused("POST /nodes/locl/resume", "").await,
        world.refused("POST /nodes/-/drain", "").await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    404 no_such_node: there is no node locl → gangline node list
    404 no_such_node: there is no node locl → gangline node list
    422 bad_name: `-` is not a node name: it must begin with a-z or 0-9
    ");
}

#[tokio::test]
async fn a_drained_node_is_in_the_figures() {
    let web = web().await;
    web.world.ask("POST /nodes/local/drain", "").await;
    let secret = web.secret("L0").await;
    let figures = async || web.with(&secret, "GET /metrics", "").await.1;
    let line = r#"gangline_node_draining{node="local"} 1"#;
    assert!(figures().await.lines().any(|told| told == line));
    web.world.ask("POST /nodes/local/resume", "").await;
    assert!(!figures().await.contains(line));
}
