//! Spans, in the words of OpenTelemetry's protocol. Their ids are made from what they tell of, so that
//! what is told twice after a crash is told of the same span.

use std::fmt;

use gangline_domain::ids::Timestamp;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};
use sha2::{Digest as _, Sha256};

/// Characters of a text that goes along.
const TEXT_CHARS_MAX: usize = 1_000;

/// The trace of one ticket: 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TraceId([u8; 16]);

/// A span of it: 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SpanId([u8; 8]);

impl TraceId {
    /// Of the ticket that was added at this moment. Two machines may have tickets of one name.
    pub(super) fn of(ticket: impl fmt::Display, added: Timestamp) -> Self {
        Self(digest(format_args!("gangline ticket {ticket} {}", added.0)))
    }

    /// The span of this trace that is about `what`.
    pub(super) fn span(self, what: impl fmt::Display) -> SpanId {
        let trace = u128::from_be_bytes(self.0);
        SpanId(digest(format_args!("{trace:032x} {what}")))
    }
}

/// The beginning of a digest. Neither kind of id may be all zeros; no text is known whose digest
/// begins so.
fn digest<const N: usize>(of: fmt::Arguments<'_>) -> [u8; N] {
    let whole = Sha256::digest(of.to_string());
    let mut id = [0; N];
    id.copy_from_slice(&whole[..N]);
    id
}

/// From when to when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lasted {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// A span in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft(Span);

impl Draft {
    /// `name` is of a few that there are, as the conventions of OpenTelemetry want it.
    pub(super) fn new(name: String, (trace, id): (TraceId, SpanId), lasted: Lasted) -> Self {
        Self(Span {
            trace_id: trace.0.to_vec(),
            span_id: id.0.to_vec(),
            name,
            kind: SpanKind::Internal.into(),
            start_time_unix_nano: nanos(lasted.from),
            // A clock that was set back makes no span that ends before it began.
            end_time_unix_nano: nanos(lasted.to).max(nanos(lasted.from)),
            ..Span::default()
        })
    }

    pub(super) fn below(mut self, parent: SpanId) -> Self {
        self.0.parent_span_id = parent.0.to_vec();
        self
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<Told>) -> Self {
        self.0.attributes.push(attribute(key, value.into()));
        self
    }

    pub(super) fn with_some<V: Into<Told>>(self, key: &str, value: Option<V>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// It did not go well; `kind` is of a few that there are, `says` is told where there is something.
    pub(super) fn failed(mut self, kind: &str, says: &str) -> Self {
        let message = text(says);
        self.0.status = Some(Status { message, code: StatusCode::Error.into() });
        self.with("error.type", kind)
    }

    /// Something happened while it lasted.
    pub(super) fn event(
        mut self,
        name: &str,
        at: Timestamp,
        told: impl IntoIterator<Item = (&'static str, Told)>,
    ) -> Self {
        self.0.events.push(Event {
            time_unix_nano: nanos(at),
            name: name.to_owned(),
            attributes: told.into_iter().map(|(key, value)| attribute(key, value)).collect(),
            dropped_attributes_count: 0,
        });
        self
    }

    pub(super) fn done(self) -> Span {
        self.0
    }
}

/// The value of an attribute.
#[derive(Debug, Clone)]
pub(super) struct Told(Value);

impl From<&str> for Told {
    fn from(value: &str) -> Self {
        Self(Value::StringValue(text(value)))
    }
}

impl From<String> for Told {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl From<u64> for Told {
    fn from(value: u64) -> Self {
        Self(Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)))
    }
}

impl From<u32> for Told {
    fn from(value: u32) -> Self {
        Self(Value::IntValue(value.into()))
    }
}

impl From<i32> for Told {
    fn from(value: i32) -> Self {
        Self(Value::IntValue(value.into()))
    }
}

impl From<f64> for Told {
    fn from(value: f64) -> Self {
        Self(Value::DoubleValue(value))
    }
}

impl From<bool> for Told {
    fn from(value: bool) -> Self {
        Self(Value::BoolValue(value))
    }
}

pub(super) fn attribute(key: &str, value: Told) -> KeyValue {
    let value = Some(AnyValue { value: Some(value.0) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// As much of it as goes along.
fn text(of: &str) -> String {
    of.chars().take(TEXT_CHARS_MAX).collect()
}

fn nanos(at: Timestamp) -> u64 {
    u64::try_from(at.0).unwrap_or(0).saturating_mul(1_000)
}
