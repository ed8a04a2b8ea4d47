//! Links that let a browser in once.

use std::collections::BTreeMap;
use std::sync::Mutex;

use gangline_domain::ids::Timestamp;

use crate::identity::Identity;
use crate::secret;

/// How long a link may be opened, in milliseconds.
pub(crate) const LINK_MS: u64 = 5 * 60_000;
/// Links that can be open at once; the oldest goes first.
const LINKS_MAX: usize = 64;

/// The links that have not been opened, by the digest of their secret. They are not durable: whoever
/// lost one to a restart asks for another.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<BTreeMap<String, (Timestamp, Identity)>>);

impl Links {
    /// A link for a browser that may do as much as `identity`: its secret, and when it ends.
    pub(crate) fn add(&self, identity: Identity, now: Timestamp) -> (String, Timestamp) {
        let (secret, end) = (secret::fresh(), now.plus_ms(LINK_MS));
        let mut links = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        links.retain(|_, (end, _)| *end > now);
        while links.len() >= LINKS_MAX {
            let oldest = links.iter().min_by_key(|(_, (end, _))| *end).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { break };
            links.remove(&oldest);
        }
        links.insert(secret::digest(&secret), (end, identity));
        (secret, end)
    }

    /// Whom the link lets in; nobody the second time.
    pub(crate) fn open(&self, secret: &str, now: Timestamp) -> Option<Identity> {
        let mut links = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (end, identity) = links.remove(&secret::digest(secret))?;
        (end > now).then_some(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_once_and_not_after_its_time() {
        let links = Links::default();
        let (one, end) = links.add(Identity::owner(), Timestamp(0));
        let (late, _) = links.add(Identity::owner(), Timestamp(0));
        assert_eq!(links.open("gl_other", Timestamp(1)), None);
        assert_eq!(links.open(&one, Timestamp(1)), Some(Identity::owner()));
        assert_eq!(links.open(&one, Timestamp(1)), None);
        assert_eq!(links.open(&late, end), None);
    }

    #[test]
    fn the_oldest_link_goes_when_there_are_too_many() {
        let links = Links::default();
        let add = |n| links.add(Identity::owner(), Timestamp(n)).0;
        let all: Vec<_> = (0..=64).map(add).collect();
        assert_eq!(all.len(), LINKS_MAX + 1);
        assert_eq!(links.open(&all[0], Timestamp(100)), None);
        assert!(all[1..].iter().all(|link| links.open(link, Timestamp(100)).is_some()));
    }
}
