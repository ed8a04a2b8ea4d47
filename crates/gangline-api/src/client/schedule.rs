//! What is asked about schedules.

use super::{Client, ClientError, address};
use crate::command::Done;
use crate::schedule::Schedules;

impl Client {
    /// A project's schedules.
    pub async fn schedules(&self, project: &str) -> Result<Schedules, ClientError> {
        self.get(&format!("/projects/{}/schedules", address::segment(project)), 0).await
    }

    /// Adds a schedule's ticket now, whatever the clock says.
    pub async fn run_schedule(
        &self,
        project: &str,
        schedule: &str,
        key: Option<&str>,
    ) -> Result<Done, ClientError> {
        let [project, schedule] = [project, schedule].map(address::segment);
        self.post(&format!("/projects/{project}/schedules/{schedule}/run"), &(), key).await
    }
}
