//! The rules, from outside: through commands, reports, the plan and the passing of time.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

mod again;
mod consequences;
mod dependencies;
mod draining;
mod edits;
mod external;
mod flaky;
mod histories;
mod honesty;
mod keys;
mod lessons;
mod limits;
mod loss;
mod order;
mod places;
mod planning;
mod reviewing;
mod schedules;
mod spending;
mod transitions;
mod world;
