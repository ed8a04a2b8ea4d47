//! Where the server stands: the daemon and the project of the directory in which it was started.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gangline_api::client::Client;
use gangline_api::project::{Change, ProjectView, Registered};
use gangline_mcp::{Place, Refusal, TicketFile};

use super::super::context::Context;
use super::super::{connect, place};
use crate::compose;
use crate::import::ticket_file;

/// So long the directory's project is taken for what it was: half of what a cheap call costs is to
/// ask for it.
const KNOWN: Duration = Duration::from_secs(5);

/// The directory's project, and when it was asked for.
type Known = (Instant, Arc<ProjectView>);

/// The directory in which the server was started.
#[derive(Debug, Clone)]
pub(super) struct Here {
    context: Arc<Context>,
    client: Client,
    known: Arc<Mutex<Option<Known>>>,
}

impl Here {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            context: Arc::new(context.clone()),
            client: context.client().as_main_agent(&agent().to_string()),
            known: Arc::default(),
        }
    }
}

/// The process of the main agent: the one that has started this server.
fn agent() -> u32 {
    std::os::unix::process::parent_id()
}

impl Here {
    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place for Here {
    fn client(&self) -> &Client {
        &self.client
    }

    async fn wake(&self) -> Result<(), Refusal> {
        if self.client.is_remote() {
            return self.client.status().await.map(drop).map_err(Refusal::from);
        }
        let started = compose::start_detached(&self.context.paths, &self.client).await;
        started.map_err(|failure| failure.refusal())
    }

    async fn project(&self) -> Result<Arc<ProjectView>, Refusal> {
        if let Some((since, project)) = &*self.known()
            && since.elapsed() < KNOWN
        {
            return Ok(Arc::clone(project));
        }
        let found = place::project(&self.context, &self.client).await;
        let project = Arc::new(found.map_err(|failure| failure.refusal())?);
        *self.known() = Some((Instant::now(), Arc::clone(&project)));
        Ok(project)
    }

    async fn current_project(&self) -> Result<Registered, Refusal> {
        let around = place::repository_of(&self.context, &self.client);
        if let Some(repository) = around.filter(|_| self.context.project.is_none()) {
            let registered = connect::register(&self.client, &repository).await;
            return registered.map_err(|failure| failure.refusal());
        }
        let project = Arc::unwrap_or_clone(self.project().await?);
        Ok(Registered { project, change: Change::Unchanged, notes: vec![] })
    }

    async fn ticket_file(&self, project: &ProjectView, path: &str) -> Result<TicketFile, Refusal> {
        ticket_file(&self.context.cwd, (&project.repo, &project.key_prefix), path)
    }
}
