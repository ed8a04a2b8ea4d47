//! A client of the routes, over the daemon's unix socket, over HTTP or within the daemon: typed, with
//! timeouts.

mod address;
mod endpoint;
mod error;
mod exchange;
mod external;
mod kept;
mod main_agent;
mod plan;
mod schedule;
mod search;
mod way;
mod webhook;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::command::{
    AddTicket, Answer, Approve, Done, EditTicket, ImportTickets, Imported, Permit, Reject, Retry,
    Split, SplitInto, Steer, Steered, Verb,
};
use crate::doctor::CheckUp;
use crate::event::{Events, EventsQuery};
use crate::flaky::FlakyTests;
use crate::honesty::Honesty;
use crate::journal::{
    BriefView, CheckLog, CheckLogQuery, Diff, DiffQuery, JournalPage, JournalQuery, Worklog,
};
use crate::lesson::{AddLesson, LessonView, Lessons, LessonsQuery};
use crate::node::{Nodes, Queue};
use crate::packet::Packet;
use crate::project::{PolicyView, ProjectView, Projects, RegisterProject, Registered};
use crate::status::{Shutdown, ShuttingDown, Status};
use crate::ticket::{TicketDetail, Tickets, TicketsQuery};
use crate::token::{AddLoginLink, AddToken, LoginLink, TokenAdded, Tokens};

use endpoint::Endpoint;
pub use endpoint::{BadEndpoint, DaemonUrl};
pub use error::ClientError;
use kept::Kept;
use main_agent::MainAgent;
use way::Way;
pub use way::{Answering, Within};

/// How long a request may take, beside what it asks the daemon to wait.
pub const TIMEOUT_MS: u64 = 30_000;

/// Asks one daemon. Cheap to clone: all clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    way: Way,
    person: String,
    timeout: Duration,
    main_agent: Option<Arc<MainAgent>>,
}

/// A ticket by its project and key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TicketRef {
    /// The project's name.
    pub project: String,
    /// The ticket's key.
    pub key: String,
}

impl TicketRef {
    fn path(&self, tail: &str) -> String {
        let [project, key] = [&self.project, &self.key].map(|part| address::segment(part));
        format!("/projects/{project}/tickets/{key}{tail}")
    }
}

impl Client {
    /// For the daemon at `socket`, in the name of `person`.
    pub fn new(socket: impl Into<PathBuf>, person: impl Into<String>) -> Self {
        let kept = Kept::new(Endpoint::Socket(socket.into()));
        Self::by(Way::Connected(Arc::new(kept), None), person.into())
    }

    /// For the daemon at an address, in the name of whomever the token was made for.
    ///
    /// # Errors
    ///
    /// Where the token cannot be one: it is empty, or has blanks or characters that are not ASCII.
    pub fn at_url(url: DaemonUrl, token: &str) -> Result<Self, BadEndpoint> {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadEndpoint::Token);
        }
        let kept = Kept::new(Endpoint::Url(url));
        Ok(Self::by(Way::Connected(Arc::new(kept), Some(token.into())), String::new()))
    }

    /// For the daemon that this is a part of, in the name of whomever its routes take the asker for.
    pub fn within(routes: Arc<dyn Within>) -> Self {
        Self::by(Way::Within(routes), String::new())
    }

    fn by(way: Way, person: String) -> Self {
        Self { way, person, timeout: Duration::from_millis(TIMEOUT_MS), main_agent: None }
    }

    /// With another bound on each request.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Whether the daemon is asked over HTTP: its files may be on another machine.
    pub fn is_remote(&self) -> bool {
        match &self.way {
            Way::Connected(kept, _) => matches!(kept.endpoint(), Endpoint::Url(_)),
            Way::Within(_) => false,
        }
    }

    /// Who is asking.
    pub fn person(&self) -> &str {
        &self.person
    }

    /// What the daemon says of itself.
    pub async fn status(&self) -> Result<Status, ClientError> {
        self.get("/status", 0).await
    }

    /// Ends the daemon. Works across versions of the wire, because a daemon of another version
    /// is the one that most needs to be ended.
    pub async fn shutdown(&self, wish: Shutdown) -> Result<ShuttingDown, ClientError> {
        let ask = self.ask("POST", "/shutdown").any_version().body(&wish);
        exchange::send(self, ask).await
    }

    /// All projects.
    pub async fn projects(&self) -> Result<Projects, ClientError> {
        self.get("/projects", 0).await
    }

    /// One project.
    pub async fn project(&self, name: &str) -> Result<ProjectView, ClientError> {
        self.get(&format!("/projects/{}", address::segment(name)), 0).await
    }

    /// What became of the claims of a project's agents.
    pub async fn honesty(&self, name: &str) -> Result<Honesty, ClientError> {
        self.get(&format!("/projects/{}/honesty", address::segment(name)), 0).await
    }

    /// A project's tests that failed and passed without a change.
    pub async fn flaky(&self, name: &str) -> Result<FlakyTests, ClientError> {
        self.get(&format!("/projects/{}/flaky-tests", address::segment(name)), 0).await
    }

    /// What helped in a project, by number or by words.
    pub async fn lessons(&self, name: &str, query: &LessonsQuery) -> Result<Lessons, ClientError> {
        let path = format!("/projects/{}/lessons{}", address::segment(name), address::query(query));
        self.get(&path, 0).await
    }

    /// Keeps what helps.
    pub async fn add_lesson(
        &self,
        name: &str,
        wish: &AddLesson,
    ) -> Result<LessonView, ClientError> {
        self.post(&format!("/projects/{}/lessons", address::segment(name)), wish, None).await
    }

    /// Takes a lesson out.
    pub async fn remove_lesson(&self, name: &str, lesson: &str) -> Result<Done, ClientError> {
        let (name, lesson) = (address::segment(name), address::segment(lesson));
        exchange::send(self, self.ask("DELETE", &format!("/projects/{name}/lessons/{lesson}")))
            .await
    }

    /// Adds a repository's project, or takes over its policy as it is now.
    pub async fn register(&self, wish: &RegisterProject) -> Result<Registered, ClientError> {
        self.post("/projects", wish, None).await
    }

    /// What a project's work is judged by.
    pub async fn policy(&self, name: &str) -> Result<PolicyView, ClientError> {
        self.get(&format!("/projects/{}/policy", address::segment(name)), 0).await
    }

    /// Removes a project without live tickets.
    pub async fn remove_project(&self, name: &str) -> Result<Done, ClientError> {
        let path = format!("/projects/{}", address::segment(name));
        exchange::send(self, self.ask("DELETE", &path)).await
    }

    /// Starts no new job of a project, or lets it go on.
    pub async fn pause_project(&self, name: &str, paused: bool) -> Result<Done, ClientError> {
        let verb = if paused { "pause" } else { "resume" };
        self.post(&format!("/projects/{}/{verb}", address::segment(name)), &(), None).await
    }

    /// Says that an agent kind works again.
    pub async fn close_circuit(&self, kind: &str) -> Result<Done, ClientError> {
        self.post(&format!("/circuits/{}/close", address::segment(kind)), &(), None).await
    }

    /// Starts nothing new on a node, or lets it take new work again.
    pub async fn drain_node(&self, name: &str, draining: bool) -> Result<Done, ClientError> {
        let verb = if draining { "drain" } else { "resume" };
        self.post(&format!("/nodes/{}/{verb}", address::segment(name)), &(), None).await
    }

    /// All tokens.
    pub async fn tokens(&self) -> Result<Tokens, ClientError> {
        self.get("/tokens", 0).await
    }

    /// Lets a person or a program in.
    pub async fn add_token(&self, wish: &AddToken) -> Result<TokenAdded, ClientError> {
        self.post("/tokens", wish, None).await
    }

    /// Lets a token's bearer in no more.
    pub async fn revoke_token(&self, token: &str) -> Result<Done, ClientError> {
        let path = format!("/tokens/{}", address::segment(token));
        exchange::send(self, self.ask("DELETE", &path)).await
    }

    /// A link that lets a browser in once.
    pub async fn add_login_link(&self, wish: &AddLoginLink) -> Result<LoginLink, ClientError> {
        self.post("/login-links", wish, None).await
    }

    /// Adds a ticket.
    pub async fn add(
        &self,
        project: &str,
        ticket: &AddTicket,
        key: Option<&str>,
    ) -> Result<Done, ClientError> {
        self.post(&format!("/projects/{}/tickets", address::segment(project)), ticket, key).await
    }

    /// Adds several tickets, or none.
    pub async fn import(
        &self,
        project: &str,
        tickets: &ImportTickets,
    ) -> Result<Imported, ClientError> {
        self.post(&format!("/projects/{}/imports", address::segment(project)), tickets, None).await
    }

    /// Live tickets, and closed ones on request.
    pub async fn tickets(&self, query: &TicketsQuery) -> Result<Tickets, ClientError> {
        self.get(&format!("/tickets{}", address::query(query)), 0).await
    }

    /// A ticket with all its evidence.
    pub async fn ticket(&self, ticket: &TicketRef) -> Result<TicketDetail, ClientError> {
        self.get(&ticket.path(""), 0).await
    }

    /// The same, but only those of its fields that `T` has.
    pub async fn ticket_as<T: DeserializeOwned>(
        &self,
        ticket: &TicketRef,
    ) -> Result<T, ClientError> {
        self.get(&ticket.path(""), 0).await
    }

    /// Changes what is asked for. Asking twice changes nothing more.
    pub async fn edit(&self, ticket: &TicketRef, wish: &EditTicket) -> Result<Done, ClientError> {
        exchange::send(self, self.ask("PATCH", &ticket.path("")).body(wish)).await
    }

    /// A wish that carries nothing but the ticket's key.
    pub async fn wish(&self, ticket: &TicketRef, verb: Verb) -> Result<Done, ClientError> {
        self.post(&ticket.path(&format!("/{}", verb.path())), &(), None).await
    }

    /// Lets the verified commit land.
    pub async fn approve(&self, ticket: &TicketRef, wish: &Approve) -> Result<Done, ClientError> {
        self.post(&ticket.path("/approve"), wish, None).await
    }

    /// Sends the verified commit back.
    pub async fn reject(&self, ticket: &TicketRef, wish: &Reject) -> Result<Done, ClientError> {
        self.post(&ticket.path("/reject"), wish, None).await
    }

    /// Lets a ticket's agents change protected files or existing tests.
    pub async fn permit(&self, ticket: &TicketRef, wish: &Permit) -> Result<Done, ClientError> {
        self.post(&ticket.path("/permit"), wish, None).await
    }

    /// Gives a ticket all its tries again.
    pub async fn retry(&self, ticket: &TicketRef, wish: &Retry) -> Result<Done, ClientError> {
        self.post(&ticket.path("/retry"), wish, None).await
    }

    /// Makes tickets of a ticket's parts, and cancels it.
    pub async fn split(&self, ticket: &TicketRef, wish: &Split) -> Result<SplitInto, ClientError> {
        self.post(&ticket.path("/split"), wish, None).await
    }

    /// Answers an agent's question.
    pub async fn answer(&self, ticket: &TicketRef, wish: &Answer) -> Result<Done, ClientError> {
        self.post(&ticket.path("/answer"), wish, None).await
    }

    /// Says a word to a ticket's agent.
    pub async fn steer(&self, ticket: &TicketRef, wish: &Steer) -> Result<Steered, ClientError> {
        self.post(&ticket.path("/steer"), wish, None).await
    }

    /// What an attempt of a ticket changed, or changed otherwise than an earlier one.
    pub async fn diff(&self, ticket: &TicketRef, query: &DiffQuery) -> Result<Diff, ClientError> {
        self.get(&ticket.path(&format!("/diff{}", address::query(query))), 0).await
    }

    /// All that a person needs to decide about a ticket.
    pub async fn packet(&self, ticket: &TicketRef) -> Result<Packet, ClientError> {
        self.get(&ticket.path("/packet"), 0).await
    }

    /// What the ticket's last attempt was told.
    pub async fn brief(&self, ticket: &TicketRef) -> Result<BriefView, ClientError> {
        self.get(&ticket.path("/brief"), 0).await
    }

    /// Who worked on a ticket, where and when.
    pub async fn worklog(&self, ticket: &TicketRef) -> Result<Worklog, ClientError> {
        self.get(&ticket.path("/worklog"), 0).await
    }

    /// A piece of what a check's command printed.
    pub async fn check_log(
        &self,
        ticket: &TicketRef,
        query: &CheckLogQuery,
    ) -> Result<CheckLog, ClientError> {
        self.get(&ticket.path(&format!("/check-log{}", address::query(query))), 0).await
    }

    /// A piece of a journal; waits for a first line when the query says so.
    pub async fn journal(
        &self,
        ticket: &TicketRef,
        query: &JournalQuery,
    ) -> Result<JournalPage, ClientError> {
        let path = ticket.path(&format!("/journal{}", address::query(query)));
        self.get(&path, query.wait_ms.unwrap_or(0)).await
    }

    /// A page of events; waits for a first one when the query says so.
    pub async fn events(&self, query: &EventsQuery) -> Result<Events, ClientError> {
        self.get(&format!("/events{}", address::query(query)), query.wait_ms.unwrap_or(0)).await
    }

    /// All nodes.
    pub async fn nodes(&self) -> Result<Nodes, ClientError> {
        self.get("/nodes", 0).await
    }

    /// What the daemon's machine and the daemon can and cannot do. That takes some seconds.
    pub async fn check_up(&self) -> Result<CheckUp, ClientError> {
        self.get("/doctor", crate::event::WAIT_MS_MAX).await
    }

    /// The merge queue of all projects.
    pub async fn queue(&self) -> Result<Queue, ClientError> {
        self.get("/queue", 0).await
    }

    fn ask(&self, method: &'static str, path: &str) -> exchange::Ask {
        exchange::Ask::new(method, path, self.timeout)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, wait_ms: u64) -> Result<T, ClientError> {
        let wait = Duration::from_millis(wait_ms.min(crate::event::WAIT_MS_MAX));
        exchange::send(self, self.ask("GET", path).waiting(wait)).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        key: Option<&str>,
    ) -> Result<T, ClientError> {
        exchange::send(self, self.ask("POST", path).body(body).idempotent(key)).await
    }
}

#[cfg(test)]
mod tests;
