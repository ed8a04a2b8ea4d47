//! The one place that knows every adapter: paths, configuration, and the daemon.

mod agents;
mod alive;
mod archive;
mod check_config;
mod check_forges;
mod check_hooks;
mod check_issuers;
mod check_network;
mod check_up;
mod clock;
mod config;
mod daemon;
mod detach;
mod edit;
mod export;
mod gate;
mod hooks;
mod http;
mod hubs;
mod landing;
mod log;
mod login;
mod paths;
mod policy;
mod preflight;
mod process;
mod push;
mod refresh;
mod reload;
mod repository;
mod restore;
mod schedules;
mod store;
mod traces;
mod trust;
mod upkeep;
mod whole;

pub(crate) use agents::{
    AgentRow, SubAgent, agents, instructions, limits_not_applied, read_pool, sub_agent,
    told_to_agents,
};
pub(crate) use check_up::{Closer, check_up};
pub(crate) use clock::now;
pub(crate) use daemon::{Daemon, detached_daemon};
pub(crate) use detach::{start_detached, wait_for_end};
pub(crate) use edit::{Tool, edit};
pub(crate) use export::export_journals;
pub(crate) use log::Log;
pub(crate) use login::{
    LoginRow, forget_login, keep_reference, keep_subscription, keep_value, logins, way_in,
};
pub(crate) use paths::Paths;
pub(crate) use policy::{Draft, draft_policy};
pub(crate) use process::{capture_inside, client_runtime, daemon_runtime, job, scripted_agent};
pub(crate) use repository::look_at;
pub(crate) use restore::restore_backup;
pub(crate) use whole::{back_up, restore};
