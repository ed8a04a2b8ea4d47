//! What of the machine's configuration may change while the daemon runs. All of it changes at once:
//! who looks holds the whole of one configuration, and never parts of two.

use std::sync::Arc;

use gangline_api::status::{ConfigView, RefusedConfig};
use gangline_domain::ids::Timestamp;

use crate::door::Guests;
use crate::external::Webhooks;
use crate::hooks::Hooks;
use crate::oidc::Trust;
use crate::pace::Pace;
use crate::push::Push;
use crate::traces::Traces;

/// What is in force at one moment.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom the webhooks tell, and whose signed requests become tickets.
    pub hooks: Arc<Hooks>,
    /// Whom this daemon believes beside its own tokens.
    pub trust: Arc<Trust>,
    /// How far the webhooks of external sessions may reach.
    pub webhooks: Webhooks,
    /// Who takes traces, where anybody does.
    pub traces: Option<Arc<Traces>>,
    /// Who is told what needs a person, unless that is switched off.
    pub push: Option<Arc<Push>>,
    /// Where the configuration stands.
    pub configured: Configured,
    guests: Arc<Guests>,
    requests: Option<Arc<Pace>>,
    spawns: Option<Arc<Pace>>,
}

/// Where the machine's configuration stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Since when the one is in force that is.
    pub since: Timestamp,
    /// The file as it is now, when it cannot be taken over.
    pub refused: Option<Refused>,
    /// Keys whose values wait for the next start, such as `http.listen`.
    pub restart: Vec<&'static str>,
}

/// A configuration that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When it was first seen.
    pub at: Timestamp,
    /// What is wrong, with file, line and key where these are known; several lines.
    pub why: String,
}

impl Default for Settings {
    fn default() -> Self {
        let configured = Configured { since: Timestamp(0), refused: None, restart: vec![] };
        Self {
            hooks: Arc::default(),
            trust: Arc::default(),
            webhooks: Webhooks::Loopback,
            traces: None,
            push: None,
            configured,
            guests: Arc::default(),
            requests: None,
            spawns: None,
        }
    }
}

impl Settings {
    /// Lets these in. Where a bound is the same as before, everybody stays counted as they were.
    pub fn set_guests(&mut self, guests: Guests) {
        let before = std::mem::replace(&mut self.guests, Arc::new(guests));
        let now = &self.guests;
        if before.requests_per_minute != now.requests_per_minute {
            self.requests = Pace::new("requests", now.requests_per_minute).map(Arc::new);
        }
        if before.spawns_per_minute != now.spawns_per_minute {
            self.spawns = Pace::new("spawned workers", now.spawns_per_minute).map(Arc::new);
        }
    }

    pub(crate) fn guests(&self) -> &Guests {
        &self.guests
    }

    /// What counts requests.
    pub(crate) fn requests(&self) -> Option<&Pace> {
        self.requests.as_deref()
    }

    /// What counts workers that are spawned.
    pub(crate) fn spawns(&self) -> Option<&Pace> {
        self.spawns.as_deref()
    }
}

impl Configured {
    /// For people and programs.
    pub(crate) fn view(&self) -> ConfigView {
        let refused = self.refused.as_ref();
        ConfigView {
            since_us: self.since.0,
            refused: refused
                .map(|refused| RefusedConfig { at_us: refused.at.0, why: refused.why.clone() }),
            restart: self.restart.iter().map(|key| (*key).to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn bounded(requests: u32) -> Guests {
        Guests { requests_per_minute: NonZeroU32::new(requests), ..Guests::default() }
    }

    #[test]
    fn who_has_used_up_their_minute_gets_no_other_by_a_change_of_something_else() {
        let mut settings = Settings::default();
        settings.set_guests(bounded(1));
        settings.requests().unwrap().count("a").unwrap();
        settings.set_guests(Guests { hosts: vec!["b.example".to_owned()], ..bounded(1) });
        assert!(settings.requests().unwrap().count("a").is_err());
        settings.set_guests(bounded(2));
        settings.requests().unwrap().count("a").unwrap();
        settings.set_guests(bounded(0));
        assert!(settings.requests().is_none());
    }
}
