//! All that a person needs to decide about a ticket, in one document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::journal::Diff;
use crate::next::Action;
use crate::ticket::TicketDetail;

/// `GET /projects/{project}/tickets/{key}/packet`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Packet {
    /// The ticket with all its evidence.
    pub ticket: TicketDetail,
    /// What has changed so far, its text cut at a bound; absent while no attempt has left a commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<Diff>,
    /// Why there is a diff and it cannot be read now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_missing: Option<String>,
    /// What can be done, the likeliest first.
    pub actions: Vec<Action>,
    /// All of it for people, in Markdown: the same words on every surface. Nothing that an agent or
    /// a repository wrote is Markdown in it, or holds a control character.
    pub markdown: String,
}
