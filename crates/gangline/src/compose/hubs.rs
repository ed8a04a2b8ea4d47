//! Packing hubs anew, at a quiet moment, when much has gathered in them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::ids::ProjectId;
use gangline_git::{Hub, HubSize, Repacked};
use gangline_node::places::Places;
use gangline_server::Orchestrator;
use tokio::time::Instant;

/// How often hubs are looked at.
const LOOK_EVERY: Duration = Duration::from_mins(10);
/// How long a hub is left alone that could not be packed.
const AGAIN: Duration = Duration::from_hours(6);

/// Objects in a file each from which on it is worth the while: git slows down noticeably at some
/// thousands.
const LOOSE_MAX: u64 = 2_000;
/// Packs, each of which git looks through for each object.
const PACKS_MAX: u64 = 40;
/// References in a file each.
const LOOSE_REFS_MAX: u64 = 1_000;
/// So many times as much is not left until a quiet moment.
const OVERDUE: u64 = 4;

/// How much has gathered in a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gathered {
    /// Nothing to do.
    Little,
    /// It is to be packed when nothing runs.
    Much,
    /// It is to be packed although something runs.
    TooMuch,
}

/// Judges a hub.
pub(super) fn gathered(size: &HubSize) -> Gathered {
    let beyond = |times: u64| {
        size.loose > LOOSE_MAX * times
            || size.packs > PACKS_MAX * times
            || size.loose_refs > LOOSE_REFS_MAX * times
    };
    match (beyond(1), beyond(OVERDUE)) {
        (_, true) => Gathered::TooMuch,
        (true, false) => Gathered::Much,
        (false, false) => Gathered::Little,
    }
}

/// Looks at all hubs, one after the other.
pub(super) struct Hubs<O> {
    pub(super) orchestrator: O,
    pub(super) places: Places,
    looks_at: Option<Instant>,
    left_alone: BTreeMap<ProjectId, Instant>,
}

impl<O: Orchestrator> Hubs<O> {
    pub(super) fn new(orchestrator: O, places: Places) -> Self {
        Self { orchestrator, places, looks_at: None, left_alone: BTreeMap::new() }
    }

    /// Packs what needs it, when it is time to look.
    pub(super) async fn keep_up(&mut self) {
        let now = Instant::now();
        if self.looks_at.is_some_and(|at| at > now) {
            return;
        }
        self.looks_at = Some(now + LOOK_EVERY);
        let projects: Vec<ProjectId> =
            self.orchestrator.read(|board| board.projects.keys().cloned().collect());
        for project in projects {
            if self.left_alone.get(&project).is_none_or(|until| *until <= now)
                && let Some(hub) = self.needs_packing(&project).await
            {
                self.pack(project, &hub).await;
            }
        }
    }

    async fn needs_packing(&self, project: &ProjectId) -> Option<Hub> {
        let (hub, size) = measured(self.places.hub(project)).await?;
        let runs = || {
            self.orchestrator.read(|board| board.busy().any(|ticket| ticket.id.project == *project))
        };
        match gathered(&size) {
            Gathered::Little => None,
            Gathered::Much if runs() => None,
            Gathered::Much | Gathered::TooMuch => Some(hub),
        }
    }

    async fn pack(&mut self, project: ProjectId, hub: &Hub) {
        match hub.repack().await {
            Ok(Repacked::Done { took_ms }) => {
                tracing::info!(%project, took_ms, "the hub was packed anew");
            }
            Ok(Repacked::Busy) => tracing::debug!(%project, "the hub is in use"),
            Err(error) => {
                let cause = std::error::Error::source(&error);
                tracing::warn!(%project, %error, cause, "the hub could not be packed anew");
                self.left_alone.insert(project, Instant::now() + AGAIN);
            }
        }
    }
}

/// A hub that is there, and how much is in it.
pub(super) async fn measured(path: PathBuf) -> Option<(Hub, HubSize)> {
    let look = move || {
        let hub = Hub::existing(&path).ok().flatten()?;
        let size = hub.size();
        Some((hub, size))
    };
    match tokio::task::spawn_blocking(look).await {
        Ok(found) => found,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// All hubs there are, by project.
pub(super) fn found(places: &Places) -> Vec<(String, PathBuf)> {
    let folders = std::fs::read_dir(places.projects()).into_iter().flatten().flatten();
    let hub =
        |folder: &Path| Some((folder.file_name()?.to_str()?.to_owned(), folder.join("hub.git")));
    let mut hubs: Vec<_> = folders.filter_map(|folder| hub(&folder.path())).collect();
    hubs.sort();
    hubs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gathers_is_left_until_a_quiet_moment_and_not_for_ever() {
        let few = HubSize { loose: 2_000, packs: 40, loose_refs: 1_000, ..HubSize::default() };
        assert_eq!(gathered(&few), Gathered::Little);
        let too_many = |change: fn(&mut HubSize, u64)| {
            [1, 4].map(|times| {
                let mut size = HubSize::default();
                change(&mut size, times);
                gathered(&size)
            })
        };
        let both = [Gathered::Much, Gathered::TooMuch];
        assert_eq!(too_many(|size, times| size.loose = 2_000 * times + 1), both);
        assert_eq!(too_many(|size, times| size.packs = 40 * times + 1), both);
        assert_eq!(too_many(|size, times| size.loose_refs = 1_000 * times + 1), both);
    }
}
