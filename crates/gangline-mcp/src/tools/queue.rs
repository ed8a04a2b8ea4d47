//! `get_merge_queue`.

use gangline_api::node::QueueEntry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::page;
use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown::moment;

/// `get_merge_queue`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetMergeQueue {
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
    /// At most so many, up to 100; 20 when absent
    #[serde(default)]
    limit: Option<u32>,
}

/// The merge queue of a project.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MergeQueue {
    project: String,
    /// The one in the lane first
    entries: Vec<Entry>,
    /// How many there are in all
    total: u32,
}

impl Answer for MergeQueue {}

/// A ticket on its way to the target branch.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    position: u32,
    ticket_id: String,
    title: String,
    /// queued or landing
    state: String,
    commit: String,
    approved_by: String,
    since: String,
}

impl From<QueueEntry> for Entry {
    fn from(entry: QueueEntry) -> Self {
        Self {
            position: entry.position,
            ticket_id: entry.key,
            title: entry.title,
            state: entry.state,
            commit: entry.commit,
            approved_by: entry.approved_by,
            since: moment(entry.since_us),
        }
    }
}

pub(super) async fn get_merge_queue<P: Place>(
    server: &Server<P>,
    wish: GetMergeQueue,
) -> Result<MergeQueue, Refusal> {
    let client = server.place.client();
    let project = match wish.project {
        // A name that nobody has would look like an empty queue.
        Some(name) => client.project(&name).await?.name,
        None => server.project_name(None).await?,
    };
    let mut entries = client.queue().await?.entries;
    entries.retain(|entry| entry.project == project);
    let total = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let entries = entries.into_iter().take(page(wish.limit)).map(Into::into).collect();
    Ok(MergeQueue { project, entries, total })
}
