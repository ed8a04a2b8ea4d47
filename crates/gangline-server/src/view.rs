//! From the domain to the wire.

mod event;
mod flaky;
mod history;
mod honesty;
mod lesson;
mod node;
mod packet;
mod project;
mod report;
mod ticket;
mod token;
mod wait;
mod word;

pub(crate) use event::{alerted, ended, event};
pub(crate) use flaky::flaky;
pub(crate) use history::History;
pub(crate) use honesty::honesty;
pub(crate) use lesson::{lesson, lessons};
pub(crate) use node::{circuits, nodes};
pub(crate) use packet::packet;
pub(crate) use project::{policy_word, project};
pub(crate) use ticket::{Shown, detail, list_entry, questions, stands, waits};
pub(crate) use token::token;
pub(crate) use word::word;
