//! What the tools of a main agent say of it.

use std::sync::{Arc, OnceLock};

use super::{Client, ClientError, address, exchange};
use crate::main_agent::{Left, MainAgents};

/// In whose hands the tools are that ask.
#[derive(Debug)]
pub(super) struct MainAgent {
    id: String,
    name: OnceLock<String>,
}

impl MainAgent {
    /// As a header says it.
    pub(super) fn header(&self) -> String {
        let name = self.name.get().map(String::as_str).unwrap_or_default();
        format!("{}%20{}", address::segment(&self.id), address::segment(name))
    }
}

impl Client {
    /// With every request in the hands of the main agent `id`.
    #[must_use]
    pub fn as_main_agent(self, id: &str) -> Self {
        let agent = MainAgent { id: id.to_owned(), name: OnceLock::new() };
        Self { main_agent: Some(Arc::new(agent)), ..self }
    }

    /// What the main agent's program calls itself; the first name counts.
    pub fn met(&self, name: &str) {
        if let Some(agent) = &self.main_agent {
            agent.name.get_or_init(|| name.to_owned());
        }
    }

    /// The main agents that were heard of.
    pub async fn main_agents(&self) -> Result<MainAgents, ClientError> {
        self.get("/main-agents", 0).await
    }

    /// Says that the main agent, in whose hands this is, has left.
    pub async fn leave(&self) -> Result<Left, ClientError> {
        let id = self.main_agent.as_ref().map(|agent| address::segment(&agent.id));
        let path = format!("/main-agents/{}", id.unwrap_or_default());
        exchange::send(self, self.ask("DELETE", &path)).await
    }
}
