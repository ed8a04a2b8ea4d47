//! What happens, as it happens: server-sent events, and one WebSocket for many streams.
//!
//! ```text
//!   GET /stream?after=41             begin 41 ▸ event 42 ▸ event 43 ▸ … ▸ end slow, resume 57
//!   GET /…/journal/stream?from=0     job a1 ▸ line, next 120 ▸ line, next 311 ▸ … ▸ job a2 ▸ …
//!   GET /ws                          {"op":"subscribe","id":"a","stream":"events"} ▸ {"id":"a","event":…}
//! ```
//!
//! Who reads on from the number that was read last misses nothing and reads nothing twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::EventView;
use crate::journal::JournalLine;
use crate::problem::Problem;

/// Streams that one WebSocket carries at most.
pub const SUBSCRIPTIONS_MAX: usize = 64;
/// Bytes that a message to the daemon may have.
pub const ASK_BYTES_MAX: usize = 16 * 1024;
/// Characters that the name of a subscription may have.
pub const SUBSCRIPTION_CHARS_MAX: usize = 64;
/// A quiet stream says so often that it is there, in milliseconds.
pub const ALIVE_MS: u64 = 15_000;

/// `GET /stream?after=&project=&key=&types=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StreamQuery {
    /// Begin behind this number; with what happens from now on when absent. `Last-Event-ID` comes
    /// before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Only of this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Only of this ticket; needs `project`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only of these types, separated by commas, such as `landed,escalated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
}

/// `GET /projects/{project}/tickets/{key}/journal/stream?job=&from=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JournalStreamQuery {
    /// The attempt to begin with; the ticket's last one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// Where to begin in it, in bytes. `Last-Event-ID`, as `JOB:BYTE`, comes before both.
    pub from: u64,
}

/// What the first message of a stream of events says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Begin {
    /// What comes is behind this number.
    pub seq: u64,
}

/// What the last message of a stream says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct End {
    /// Why it ended.
    pub reason: EndReason,
    /// Resume behind this number; absent for journals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<u64>,
    /// What went wrong, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Box<Problem>>,
}

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The reader took less than there was to tell. Others were not held up; it may resume.
    Slow,
    /// The daemon ends. Another one goes on with the same numbers.
    Closing,
    /// The token was revoked or has expired.
    Revoked,
    /// Nothing has happened yet behind the number that was asked for, as after a restore: the
    /// sequence ends at `resume`.
    Ahead,
    /// No journal of this ticket will say more.
    Finished,
    /// It could not be read: `problem` says why.
    Failed,
}

/// A line of a journal, with the job it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineOf {
    /// The job, such as `shop.APP-12.a1`.
    pub job: String,
    /// The line.
    #[serde(flatten)]
    pub line: JournalLine,
}

/// A job whose journal comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobOf {
    /// The job, such as `shop.APP-12.a2`.
    pub job: String,
}

/// A message to the daemon over the WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum WsAsk {
    /// Begins a stream.
    Subscribe {
        /// What its messages are to be called by.
        id: String,
        /// Which.
        #[serde(flatten)]
        stream: WsStream,
    },
    /// Ends one.
    Unsubscribe {
        /// Which.
        id: String,
    },
}

/// A stream over the WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stream", rename_all = "snake_case")]
pub enum WsStream {
    /// As `GET /stream`.
    Events(StreamQuery),
    /// As `GET /projects/{project}/tickets/{key}/journal/stream`.
    Journal {
        /// The project.
        project: String,
        /// The ticket's key.
        key: String,
        /// The attempt to begin with; the ticket's last one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<String>,
        /// Where to begin in it, in bytes.
        #[serde(default)]
        from: u64,
    },
}

/// A message of the daemon over the WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WsTold {
    /// The subscription's name; absent where a message could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What is told.
    #[serde(flatten)]
    pub what: Told,
}

/// What a stream tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A stream of events has begun.
    Begin(Begin),
    /// Something happened.
    Event(EventView),
    /// A job's journal comes next.
    Job(JobOf),
    /// A line of it.
    Line(LineOf),
    /// Nothing happened for a while.
    Alive {},
    /// The stream is over.
    End(End),
    /// What was asked cannot be done.
    Problem(Box<Problem>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(json: &str) -> Result<WsAsk, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn messages_are_read_as_they_are_documented() {
        let events =
            |query| WsAsk::Subscribe { id: "a".to_owned(), stream: WsStream::Events(query) };
        let asked = heard(r#"{"op":"subscribe","id":"a","stream":"events"}"#);
        assert_eq!(asked, Ok(events(StreamQuery::default())));
        let asked = heard(r#"{"op":"subscribe","id":"a","stream":"events","after":7,"types":"x"}"#);
        let query =
            StreamQuery { after: Some(7), types: Some("x".to_owned()), ..StreamQuery::default() };
        assert_eq!(asked, Ok(events(query)));
        let asked = heard(
            r#"{"op":"subscribe","id":"j","stream":"journal","project":"shop","key":"APP-1"}"#,
        );
        let stream = WsStream::Journal {
            project: "shop".to_owned(),
            key: "APP-1".to_owned(),
            job: None,
            from: 0,
        };
        assert_eq!(asked, Ok(WsAsk::Subscribe { id: "j".to_owned(), stream }));
        let wrong = heard(r#"{"op":"subscribe","id":"a","stream":"events","afer":7}"#);
        assert!(wrong.unwrap_err().contains("unknown field `afer`"));
        let wrong = heard(r#"{"op":"shout","id":"a"}"#);
        assert!(wrong.unwrap_err().contains("unknown variant `shout`"));
    }

    #[test]
    fn what_is_told_bears_the_name_of_its_stream() {
        let end = End { reason: EndReason::Slow, resume: Some(41), problem: None };
        let told = WsTold { id: Some("a".to_owned()), what: Told::End(end) };
        let json = serde_json::to_string(&told).unwrap();
        assert_eq!(json, r#"{"id":"a","end":{"reason":"slow","resume":41}}"#);
        assert_eq!(serde_json::from_str::<WsTold>(&json).unwrap(), told);
    }
}
