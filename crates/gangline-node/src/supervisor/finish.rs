//! What a run that left no outcome came to.

use gangline_domain::ids::JobKind;
use gangline_domain::job::{AttemptEnd, EndKind, Infra, JobResult};
use gangline_domain::verdict::Claim;

use crate::job::review_died;
use crate::outcome;
use crate::supervisor::reading::Learned;

/// How a job's process went without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// It was there and is not any more.
    Died,
    /// It never came so far as to say who it is.
    NeverBegan,
    /// It left an outcome that this program cannot read.
    Unread,
    /// The node ended it because its time was up.
    Overdue,
    /// The node ended it because it was to end and did not.
    Ended,
}

/// The result that is reported for it. An attempt's costs are those that its journal tells.
pub(crate) fn result(kind: JobKind, death: Death, learned: &Learned, detail: String) -> JobResult {
    let infra = match death {
        // Its own last words, when there was no room for an outcome either.
        Death::Died | Death::NeverBegan if detail.contains("No space left on device") => {
            Infra::DiskFull(detail)
        }
        Death::Died => Infra::JobDied(detail),
        Death::NeverBegan => Infra::SpawnFailed(detail),
        Death::Unread => Infra::Tool(detail),
        Death::Overdue => Infra::JobDied("it was ended after its deadline".to_owned()),
        Death::Ended => Infra::JobDied("it was ended because it did not end itself".to_owned()),
    };
    match kind {
        JobKind::Attempt => {}
        // It may have spent something, and that counts.
        JobKind::Review => {
            let how = match death {
                Death::Overdue => EndKind::TimedOut,
                Death::Ended => EndKind::Stopped,
                Death::Died | Death::NeverBegan | Death::Unread => EndKind::Infra(infra),
            };
            return review_died(how, learned.usage);
        }
        JobKind::Capture | JobKind::Verification | JobKind::Integration => {
            return outcome::failed(kind, infra);
        }
    }
    let how = match death {
        Death::Died | Death::NeverBegan | Death::Unread => EndKind::Infra(infra),
        Death::Overdue => EndKind::TimedOut,
        Death::Ended => EndKind::Stopped,
    };
    JobResult::Attempt(AttemptEnd {
        how,
        claim: Claim::default(),
        session: learned.session.clone(),
        usage: learned.usage,
    })
}
