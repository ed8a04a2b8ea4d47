//! When each session was last heard. Volatile: after a restart all of them have their whole time
//! again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gangline_domain::ids::{ExternalId, ProjectId};
use tokio::time::Instant;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Hearts {
    heard: Mutex<BTreeMap<(ProjectId, ExternalId), Instant>>,
}

impl Hearts {
    /// The session is there.
    pub(crate) fn beat(&self, project: &ProjectId, id: &ExternalId) {
        self.beat_at(project, id, Instant::now());
    }

    fn beat_at(&self, project: &ProjectId, id: &ExternalId, now: Instant) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.insert((project.clone(), id.clone()), now);
    }

    /// Those that were silent for longer than they may. Who was never heard is heard from now on,
    /// and who is not among them is forgotten.
    pub(crate) fn silent(
        &self,
        registered: &BTreeMap<(ProjectId, ExternalId), Duration>,
        now: Instant,
    ) -> Vec<(ProjectId, ExternalId)> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.retain(|session, at| {
            // A session that is just being registered has been heard already.
            registered.contains_key(session) || now.duration_since(*at) < JUST_NOW
        });
        let mut silent = vec![];
        for (session, timeout) in registered {
            let last = *heard.entry(session.clone()).or_insert(now);
            if now.duration_since(last) > *timeout {
                silent.push(session.clone());
            }
        }
        silent
    }
}

/// How long a session that is not registered is remembered.
const JUST_NOW: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_never_heard_has_its_whole_time_and_who_beats_has_it_again() {
        let hearts = Hearts::default();
        let (project, id): (ProjectId, ExternalId) =
            ("shop".parse().unwrap(), "a".parse().unwrap());
        let session = (project.clone(), id.clone());
        let registered = BTreeMap::from([(session.clone(), Duration::from_secs(10))]);
        let began = Instant::now();
        let after = |seconds| began + Duration::from_secs(seconds);
        assert_eq!(hearts.silent(&registered, began), []);
        hearts.beat_at(&project, &id, after(8));
        assert_eq!(hearts.silent(&registered, after(16)), []);
        assert_eq!(hearts.silent(&registered, after(19)), [session]);
    }
}
