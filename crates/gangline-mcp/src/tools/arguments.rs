//! What several tools take, and which ticket is meant by it.

use std::sync::Arc;

use gangline_api::client::TicketRef;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// Entries of a list when nothing else is asked for.
pub(super) const PAGE_DEFAULT: u32 = 20;
/// Entries of a list at most.
pub(super) const PAGE_MAX: u32 = 100;

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Detail {
    #[default]
    Summary,
    Full,
}

/// How many entries a list has.
pub(super) fn page(limit: Option<u32>) -> usize {
    usize::try_from(limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)).unwrap_or(usize::MAX)
}

impl<P: Place> Server<P> {
    /// The project that is meant.
    pub(crate) async fn project_name(&self, named: Option<String>) -> Result<String, Refusal> {
        match named {
            Some(name) => Ok(name),
            None => Ok(self.place.project().await?.name.clone()),
        }
    }

    /// The ticket that is meant by a key, `project.KEY`, an attempt's name such as `shop.APP-12.a1`,
    /// or a bare number, before which `worker-`, `ticket-` or `#` may stand.
    pub(super) async fn ticket(
        &self,
        said: &str,
        project: Option<String>,
    ) -> Result<TicketRef, Refusal> {
        let said = said.trim();
        let mut parts = said.split('.');
        if let (Some(of), Some(key)) = (parts.next(), parts.next()) {
            return Ok(TicketRef { project: of.to_owned(), key: key.to_owned() });
        }
        let bare = said.trim_start_matches("worker-").trim_start_matches("ticket-");
        let bare = bare.trim_start_matches('#');
        let number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        if !number {
            let project = self.project_name(project).await?;
            return Ok(TicketRef { project, key: said.to_owned() });
        }
        let project = match project {
            Some(name) => Arc::new(self.place.client().project(&name).await?),
            None => self.place.project().await?,
        };
        let key = format!("{}-{bare}", project.key_prefix);
        Ok(TicketRef { project: project.name.clone(), key })
    }
}
