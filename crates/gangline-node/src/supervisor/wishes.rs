//! What the orchestrator wants of a run. Only ever grows, so that the latest value is all.

use gangline_domain::ticket::Said;

use crate::control::Request;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// It shall end.
    pub(crate) end: Option<EndHow>,
    /// All that people said to its agent so far.
    pub(crate) said: Vec<Said>,
    /// How often what was reported shall be reported again.
    pub(crate) again: u32,
}

/// How a run shall end, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EndHow {
    /// Asked to end, its work kept.
    Stop,
    /// The same, because its fence is stale; its work is put under a rescue ref.
    Fenced,
    /// At once.
    Kill,
}

impl EndHow {
    pub(crate) fn request(self) -> Request {
        match self {
            Self::Stop | Self::Fenced => Request::Stop,
            Self::Kill => Request::Kill,
        }
    }
}

impl Wishes {
    /// Wants an end, unless a stronger one is wanted already. Whether that changes anything.
    pub(crate) fn want_end(&mut self, how: EndHow) -> bool {
        let stronger = self.end.is_none_or(|wanted| how > wanted);
        if stronger {
            self.end = Some(how);
        }
        stronger
    }

    /// Takes over a longer list. Whether that changes anything.
    pub(crate) fn want_told(&mut self, said: &[Said]) -> bool {
        let longer = said.len() > self.said.len();
        if longer {
            self.said = said.to_vec();
        }
        longer
    }
}
