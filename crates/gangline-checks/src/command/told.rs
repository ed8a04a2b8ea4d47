//! What is known of a command's tests: from what it printed, and from the files that it wrote.

use crate::results::NoResults;
use crate::runners::Reading;

/// Both together.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Of two that disagree, the one with more failures.
    pub(super) reading: Option<Reading>,
    /// How they disagree, in words.
    pub(super) disagreement: Option<String>,
    /// Why there is nothing in the files, where the policy says that there should be.
    pub(super) missing: Option<String>,
}

impl Told {
    pub(super) fn of(
        printed: Option<Reading>,
        written: Option<Result<Reading, NoResults>>,
    ) -> Self {
        let written = match written {
            None => return Self { reading: printed, ..Self::default() },
            Some(Err(why)) => {
                return Self {
                    reading: printed,
                    missing: Some(why.to_string()),
                    ..Self::default()
                };
            }
            Some(Ok(written)) => written,
        };
        let Some(printed) = printed else {
            return Self { reading: Some(written), ..Self::default() };
        };
        let (said, wrote) = (printed.counts.failed, written.counts.failed);
        let disagreement = (said != wrote)
            .then(|| format!("its output counts {said} that failed, and its results file {wrote}"));
        let reading = if said > wrote { printed } else { written };
        Self { reading: Some(reading), disagreement, missing: None }
    }
}
