//! Where a server stands: whose daemon it asks, and which project is meant.

use std::future::Future;
use std::sync::Arc;

use gangline_api::client::Client;
use gangline_api::command::AddTicket;
use gangline_api::project::{ProjectView, Registered};

use crate::refusal::Refusal;

/// Where a server stands. Cheap to clone.
pub trait Place: Clone + Send + Sync + 'static {
    /// Whom to ask.
    fn client(&self) -> &Client;

    /// Sees to it that the daemon answers: called when it did not, before what was asked is asked
    /// again.
    fn wake(&self) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// The project of calls that name none.
    fn project(&self) -> impl Future<Output = Result<Arc<ProjectView>, Refusal>> + Send;

    /// The same with its policy as it is now, for tickets that are to be added.
    fn current_project(&self) -> impl Future<Output = Result<Registered, Refusal>> + Send;

    /// The ticket in a file of the project's repository, or in the README of a folder there. What
    /// lies outside of the repository is refused.
    fn ticket_file(
        &self,
        project: &ProjectView,
        path: &str,
    ) -> impl Future<Output = Result<TicketFile, Refusal>> + Send;
}

/// What a file of the repository says of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketFile {
    /// It has the form of a ticket.
    Ticket(Box<AddTicket>),
    /// It is a text.
    Text(String),
}
