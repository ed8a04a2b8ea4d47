//! Real git in temporary directories.

mod candidate;
mod capture;
mod checkout;
mod hostile;
mod hub;
mod import;
mod inspect;
mod land;
mod provision;
mod publish;
mod remote;
mod upkeep;
mod wall;
mod worktrees;
mod world;
