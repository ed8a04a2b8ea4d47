//! What external sessions ask.

use super::{Client, ClientError, address, exchange};
use crate::command::Done;
use crate::external::{
    ExternalView, Externals, Heartbeat, HeartbeatExternal, RegisterExternal, SubmitExternal, Work,
    WorkQuery,
};

fn path(project: &str, tail: &str) -> String {
    format!("/projects/{}/external{tail}", address::segment(project))
}

fn of(project: &str, id: &str, tail: &str) -> String {
    path(project, &format!("/{}{tail}", address::segment(id)))
}

impl Client {
    /// Registers a session, or says anew what it is.
    pub async fn register_external(
        &self,
        project: &str,
        wish: &RegisterExternal,
    ) -> Result<ExternalView, ClientError> {
        self.post(&path(project, ""), wish, None).await
    }

    /// All sessions of a project.
    pub async fn externals(&self, project: &str) -> Result<Externals, ClientError> {
        self.get(&path(project, ""), 0).await
    }

    /// A session's work; waits for it when the query says so.
    pub async fn external_work(
        &self,
        project: &str,
        id: &str,
        query: &WorkQuery,
    ) -> Result<Work, ClientError> {
        let path = of(project, id, &format!("/work{}", address::query(query)));
        self.get(&path, query.wait_ms.unwrap_or(0)).await
    }

    /// Says that a session is there.
    pub async fn external_heartbeat(
        &self,
        project: &str,
        id: &str,
    ) -> Result<Heartbeat, ClientError> {
        self.post(&of(project, id, "/heartbeat"), &HeartbeatExternal {}, None).await
    }

    /// Hands a session's work in.
    pub async fn external_submit(
        &self,
        project: &str,
        id: &str,
        wish: &SubmitExternal,
    ) -> Result<Done, ClientError> {
        self.post(&of(project, id, "/submit"), wish, None).await
    }

    /// Takes a session's registration back; what it is at goes back, too.
    pub async fn deregister_external(&self, project: &str, id: &str) -> Result<Done, ClientError> {
        exchange::send(self, self.ask("DELETE", &of(project, id, ""))).await
    }
}
