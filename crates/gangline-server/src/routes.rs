//! The routes, all below `/api/v1`.

mod describe;
mod doctor;
mod events;
mod external;
mod hooks;
mod insights;
mod journals;
mod lessons;
mod main_agents;
mod nodes;
mod plans;
mod projects;
mod push;
mod queries;
mod records;
mod router;
mod schedules;
mod search;
mod sign_in;
mod socket;
mod streams;
mod tickets;
mod tokens;
mod verbs;
mod workers;

pub use router::{http_router, openapi, socket_router};
