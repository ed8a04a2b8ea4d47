//! The routes, all below `/api/v1`.

mod events;
mod external;
mod lessons;
mod projects;
mod queries;
mod records;
mod router;
mod tickets;
mod verbs;

pub use router::router;
