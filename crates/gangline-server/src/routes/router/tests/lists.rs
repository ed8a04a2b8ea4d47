//! Lists page by page, and searches.

use gangline_api::search::Found;
use gangline_api::ticket::Tickets;

use super::*;

impl World {
    async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.ask(&format!("GET {path}"), "").await;
        serde_json::from_str(answer.strip_prefix("200 ").expect(&answer)).expect(&answer)
    }

    /// The keys of each page, until there is no more.
    async fn pages(&self, query: &str) -> Vec<String> {
        let (mut pages, mut cursor) = (vec![], String::new());
        loop {
            let page: Tickets = self.read(&format!("/tickets?{query}{cursor}")).await;
            let keys: Vec<String> = page.tickets.into_iter().map(|ticket| ticket.key).collect();
            pages.push(keys.join(" "));
            match page.next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return pages,
            }
        }
    }
}

#[tokio::test]
async fn pages_tell_each_ticket_once_live_ones_first() {
    let world = world().await;
    for (at, label) in ["a", "b", "a", "b", "a", "b", "a"].into_iter().enumerate() {
        let ticket = format!(r#"{{"title":"T{at}","labels":["{label}"]}}"#);
        world.ask(TICKETS, &ticket).await;
    }
    for key in [2, 3, 6] {
        world.ask(&format!("POST /projects/shop/tickets/APP-{key}/cancel"), "").await;
    }
    assert_eq!(world.pages("page=3").await, ["APP-1 APP-4 APP-5", "APP-7"]);
    // What is closed at one moment comes in the order of its name, backwards.
    let all = world.pages("page=3&closed=true").await;
    assert_eq!(all, ["APP-1 APP-4 APP-5", "APP-7 APP-6 APP-3", "APP-2"]);
    assert_eq!(world.pages("page=4&closed=true").await[1], "APP-6 APP-3 APP-2");
    let labelled = world.pages("page=2&closed=true&label=b").await;
    assert_eq!(
        labelled.join(" ").split_whitespace().collect::<Vec<_>>(),
        ["APP-4", "APP-6", "APP-2"]
    );
    assert_eq!(
        world.pages("page=2&state=cancelled&closed=true").await.concat(),
        "APP-6 APP-3APP-2"
    );
    let mut told = vec![];
    for bad in ["page=0", "page=1001", "cursor=closed", "page=1&cursor=x", "page=1&cursor=live.A.b"]
    {
        told.push(world.refused(&format!("GET /tickets?{bad}"), "").await);
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    400 bad_request: `page` is from 1 to 1000
    400 bad_request: `page` is from 1 to 1000
    400 bad_request: `cursor` goes on with pages: it needs `page`
    400 bad_request: `cursor` is none that a page has told
    400 bad_request: `cursor` is none that a page has told
    ");
}

#[tokio::test]
async fn a_search_finds_what_has_all_the_words_wherever_they_stand() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"Faster carts","labels":["perf"]}"#).await;
    let body =
        format!("Some.\\n{} the CARTS are slow on Mondays {}", "x ".repeat(99), "y ".repeat(99));
    world.ask(TICKETS, &format!(r#"{{"title":"Mondays","body":"{body}"}}"#)).await;
    world.ask(TICKETS, r#"{"title":"Carts, closed"}"#).await;
    world.ask("POST /projects/shop/tickets/APP-3/cancel", "").await;
    let lesson = r#"{"text":"Carts are counted in cents."}"#;
    world.ask("POST /projects/shop/lessons", lesson).await;
    let found: Found = world.read("/search?q=carts&project=shop").await;
    let keys: Vec<&str> = found.tickets.iter().map(|hit| hit.ticket.key.as_str()).collect();
    assert_eq!((keys, found.total), (vec!["APP-1", "APP-3", "APP-2"], 3));
    let line = found.tickets[2].line.as_deref().unwrap();
    assert_eq!(found.tickets[2].part.as_deref(), Some("body"));
    assert!(line.starts_with('…') && line.contains("the CARTS are slow") && line.ends_with('…'));
    assert_eq!(found.lessons[0].text, "Carts are counted in cents.");
    let found: Found = world.read("/search?q=perf%20CARTS").await;
    assert_eq!((found.total, found.tickets[0].part.as_deref()), (1, None));
    let found: Found = world.read("/search?q=carts&limit=1").await;
    assert_eq!((found.total, found.tickets.len(), found.lessons.len()), (3, 1, 0));
    let found: Found = world.read("/search?q=carts%20nowhere").await;
    assert_eq!(found, Found::default());
    let mut told = vec![];
    for bad in
        ["q=", "q=%20", "project=shop", "q=x&project=none", &format!("q={}", "x".repeat(501))]
    {
        told.push(world.refused(&format!("GET /search?{bad}"), "").await);
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    400 bad_request: `q` has no word
    400 bad_request: `q` has no word
    400 bad_request: `q` has no word
    404 no_such_project: there is no project none → gangline project list
    400 bad_request: `q` has 501 characters, more than 500
    ");
}
