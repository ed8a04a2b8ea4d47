//! `/api/v1`: turns requests into commands and queries. No rule lives here.
//!
//! ```text
//!   UnixListener ──▶ the owner ─────────────────┐
//!   TcpListener ───▶ names ▸ token or session ──┴▶ role ▸ routes ─┬▶ Orchestrator   commands, the board, history
//!                                                                 └▶ Archive        what only files know
//! ```
//!
//! The routes know nothing of what carries them: each door says who asks before it lets them in.

mod app;
mod archive;
mod check_ups;
mod door;
mod etag;
mod external;
mod extract;
mod feed;
mod follow;
mod histories;
mod hooks;
mod identity;
mod insight;
mod kept_secret;
mod links;
mod listen;
mod lists;
mod mcp;
mod metrics;
mod notice;
mod oidc;
mod orchestrator;
mod outward;
mod pace;
mod page;
mod pause;
mod presence;
mod problem;
mod push;
mod repeat;
mod routes;
mod secret;
mod seek;
mod settings;
mod shelf;
#[cfg(test)]
mod specimen;
mod traces;
mod view;

pub use app::{App, Daemon, StopWish};
pub use archive::{Archive, Assignment, DiffAsked, DiffRange, OfDaemon, ReadProject, Worktree};
pub use door::{Guests, WorkersAuth};
pub use external::{BadWebhook, Webhook, Webhooks, attend};
pub use feed::relay;
pub use hooks::{Hooks, Intake, Outbound, Signing, deliver};
pub use insight::measure;
pub use listen::{BindError, Socket, serve, serve_http};
pub use oidc::{Issuer, Oidc, People, Roles, Trust, WorkersJwt, WorkersKeys};
pub use orchestrator::Orchestrator;
pub use push::{Push, PushReach, tell_devices};
pub use routes::{http_router, openapi, socket_router};
pub use settings::{Configured, Refused, Settings};
pub use traces::{TraceSink, Traces, tell_traces};
