//! Schedules are listed, and run by hand.

use gangline_api::schedule::Schedules;

use super::*;

async fn listed(world: &World) -> Schedules {
    let answer = world.ask("GET /projects/shop/schedules", "").await;
    serde_json::from_str(answer.strip_prefix("200 ").expect(&answer)).expect(&answer)
}

#[tokio::test]
async fn a_schedule_says_when_it_is_due_and_what_it_added_last() {
    let world = world().await;
    let before = listed(&world).await.schedules;
    let names: Vec<&str> = before.iter().map(|schedule| schedule.name.as_str()).collect();
    assert_eq!(names, ["nightly", "weekly"]);
    assert!(before.iter().all(|schedule| schedule.last.is_none()));
    let due: Vec<bool> = before.iter().map(|schedule| schedule.next_us.is_some()).collect();
    assert_eq!(due, [true, false], "what is switched off is not due");
    let run = "POST /projects/shop/schedules/nightly/run";
    let added = world.ask_once("k1", run, "").await;
    assert!(added.contains(r#""key":"APP-1""#), "{added}");
    assert_eq!(world.ask_once("k1", run, "").await, added, "the same key, the same answer");
    let after = listed(&world).await.schedules;
    let last = after[0].last.as_ref().unwrap();
    assert_eq!((last.key.as_str(), last.state.as_str()), ("APP-1", "open"));
    assert!(after[1].last.is_none());
    let told = [
        world.refused(run, "").await,
        world.refused("POST /projects/shop/schedules/hourly/run", "").await,
        world.refused("POST /projects/none/schedules/nightly/run", "").await,
        world.refused("GET /projects/none/schedules", "").await,
        world.refused("POST /projects/shop/schedules/No/run", "").await,
    ];
    insta::assert_snapshot!(told.join("\n"), @r"
    409 schedule_busy: shop.APP-1 of schedule nightly is open: there is one at a time → gangline run APP-1
    404 no_such_schedule: project shop has no schedule hourly → gangline schedules
    404 no_such_project: there is no project none → gangline project list
    404 no_such_project: there is no project none → gangline project list
    422 bad_name: `No` is not a schedule's name: it must begin with a-z or 0-9
    ");
    // It does not overlap with its own last ticket; once that is closed, it may come again.
    world.ask("POST /projects/shop/tickets/APP-1/cancel", "").await;
    let again = world.ask(run, "").await;
    assert!(again.contains(r#""key":"APP-2""#), "{again}");
}
