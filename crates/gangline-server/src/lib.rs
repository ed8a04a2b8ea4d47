//! `/api/v1`: turns requests into commands and queries. No rule lives here.
//!
//! ```text
//!   UnixListener ──▶ router(App) ──▶ Orchestrator   commands, the board, history
//!                                └─▶ Archive        what only files know: journals, diffs, policies
//! ```
//!
//! The router knows nothing of the listener, so that other transports can carry it too.

mod app;
mod archive;
mod external;
mod extract;
mod listen;
mod orchestrator;
mod problem;
mod routes;
mod view;

pub use app::{App, Daemon, StopWish};
pub use archive::{Archive, Assignment, DiffRange, ReadProject, Worktree};
pub use external::{BadWebhook, Webhook, Webhooks, attend};
pub use listen::{BindError, Socket, serve};
pub use orchestrator::Orchestrator;
pub use routes::router;
