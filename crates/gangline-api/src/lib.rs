//! The wire of `/api/v1`: its types, its stable error codes, and a client for the unix socket
//! and for HTTP.
//!
//! No domain type crosses the wire. What is sent here keeps its shape when the rules inside
//! change; readers ignore fields that they do not know, and requests with unknown fields are
//! refused, so that a slip is told.
//!
//! What every surface must say in the same words is said here once: [`plain`] text, [`amount`]s,
//! and the commands that come [`next`].
//!
//! Moments are microseconds since the Unix epoch and end in `_us`; durations end in `_ms`.

pub mod amount;
pub mod client;
pub mod codes;
pub mod command;
pub mod doctor;
pub mod event;
pub mod external;
pub mod flaky;
pub mod honesty;
pub mod insight;
pub mod journal;
pub mod lesson;
pub mod main_agent;
pub mod next;
pub mod node;
pub mod packet;
pub mod plain;
pub mod plan;
pub mod problem;
pub mod project;
pub mod push;
pub mod schedule;
pub mod search;
pub mod status;
pub mod stream;
pub mod ticket;
pub mod tls;
pub mod token;
pub mod verification;
pub mod version;
pub mod webhook;
pub mod worker;
