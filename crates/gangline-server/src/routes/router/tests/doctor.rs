//! What the machine can and cannot do is told to those who look after it.

use super::door::web;
use super::*;

const DOCTOR: &str = "GET /api/v1/doctor";

#[tokio::test]
async fn a_check_up_is_told_to_maintainers_of_everything() {
    let web = web().await;
    let told = web.world.ask("GET /doctor", "").await;
    insta::assert_snapshot!(told, @r#"200 {"healthy":false,"findings":[{"health":"good","what":"daemon","found":"process 7, 1 projects, 0 webhooks"},{"health":"bad","what":"disk","found":"full","next":"make space there"}]}"#);
    let maintainer = web.secret("L2").await;
    assert_eq!(web.with(&maintainer, DOCTOR, "").await, (200, told[4..].to_owned()));
    let operator = web.secret("L1").await;
    assert_eq!(web.with(&operator, DOCTOR, "").await.0, 403);
    // It tells of all projects, and where their repositories are.
    let of_one = web.token(r#"{"name":"one","role":"L2","projects":["shop"]}"#).await;
    let (status, body) = web.with(&of_one.secret.unwrap(), DOCTOR, "").await;
    assert!(status == 403 && body.contains("this token is for shop only"), "{status} {body}");
}

#[tokio::test]
async fn nobody_waits_for_a_check_up_of_a_daemon_that_ends() {
    let world = world().await;
    let check_up = world.app.check_ups.done(std::future::pending);
    let mut check_up = Box::pin(check_up);
    assert!(futures_util::poll!(check_up.as_mut()).is_pending(), "one is under way");
    world.ending.cancel();
    let told = world.refused("GET /doctor", "").await;
    assert_eq!(told, "503 shutting_down: the daemon is ending → gangline up --detach");
}
