//! Stories of one ticket, told by the specimens that the domain keeps of its events.

use gangline_domain::event::{Recorded, upcast};
use gangline_domain::ids::{Actor, Timestamp};
use serde_json::Value;

const SPECIMENS: &str = include_str!("../../gangline-domain/fixtures/events_v1.jsonl");

/// The `nth` specimen of this type, of ticket `shop.APP-1`.
pub(crate) fn event(seq: u64, at: Timestamp, (type_name, nth): (&str, usize)) -> Recorded {
    let bodies = SPECIMENS.lines().filter_map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        (line["type"] == type_name).then(|| line["body"].take())
    });
    let mut body = { bodies }.nth(nth).unwrap();
    body["ticket"]["ticket"] = "shop.APP-1".into();
    let event = upcast(type_name, 1, body).unwrap();
    Recorded { seq, epoch: 1, at, actor: Actor::Gangline, key: None, event }
}

/// All specimens of this type, as they stand there.
pub(crate) fn all(type_name: &str) -> impl Iterator<Item = Recorded> {
    SPECIMENS.lines().filter_map(move |line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        (line["type"] == type_name).then(|| {
            let event = upcast(type_name, 1, line["body"].take()).unwrap();
            let (at, actor) = (Timestamp(1), Actor::Gangline);
            Recorded { seq: 1, epoch: 1, at, actor, key: None, event }
        })
    })
}
