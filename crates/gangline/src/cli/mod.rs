//! The command line: one file per group of commands, all of them clients of `/api/v1`.

mod add;
mod agents;
mod args;
mod brief;
mod connect;
mod context;
mod decide;
mod doctor;
mod entry;
mod external;
mod flaky;
mod follow;
mod hook;
mod import;
mod init;
mod lessons;
mod list;
mod login;
mod logs;
mod manual;
mod open;
mod packet;
mod place;
mod project;
mod records;
mod run;
mod show;
mod split;
mod steer;
mod take_over;
mod up;
mod usage;

pub(crate) use context::Context;
pub use entry::main;
pub(crate) use follow::tone as tone_of_event;
