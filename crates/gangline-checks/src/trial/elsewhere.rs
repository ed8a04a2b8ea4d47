//! The commit where nothing says that it is checked: code may ask for that, and be another then.

use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::CheckPolicy;

use super::{Layout, Trial, Trials};
use crate::command::Measured;
use crate::watched;

/// What is set for checks and nowhere else.
const SAYS: &str = "CI";

impl<L: Layout> Trials<'_, L> {
    /// Left out when no new code asks for it.
    pub(super) async fn elsewhere(&self, check: &CheckPolicy) -> Option<CheckResult> {
        if !watched::asks_where(self.facts) {
            return None;
        }
        let trial = Trial { check, what: "elsewhere" };
        let measured = match self.unsaid(&self.subject.commit, &trial).await {
            Ok(measured) => measured.result,
            Err(why) => return Some(trial.unlaid(&why)),
        };
        if measured.verdict == Verdict::Pass {
            let fact = format!("passes where {SAYS} is not set, too: {}", measured.fact);
            return Some(CheckResult { fact, ..measured });
        }
        let from = Trial { check, what: "elsewhere-on-base" };
        let base = match self.unsaid(&self.subject.base, &from).await {
            Ok(base) => base.result,
            Err(why) => return Some(trial.unlaid(&why)),
        };
        if base.verdict == Verdict::Pass {
            let fact = format!(
                "new code asks for {SAYS}, and where that is not set, as on the base, it does not \
                 pass: {}",
                measured.fact
            );
            return Some(CheckResult { verdict: Verdict::Fail, fact, ..measured });
        }
        let fact = format!("does not pass where {SAYS} is not set, nor does the base");
        let doubts = vec![format!("new code asks for {SAYS}")];
        Some(CheckResult { verdict: Verdict::Pass, fact, lines: vec![], doubts, ..measured })
    }

    async fn unsaid(
        &self,
        commit: &gangline_domain::ids::CommitId,
        trial: &Trial<'_>,
    ) -> Result<Measured, String> {
        let mut bench = self.lay(commit, trial).await?;
        bench.unset.insert(SAYS.to_owned());
        Ok(self.run(bench, trial).await)
    }
}
