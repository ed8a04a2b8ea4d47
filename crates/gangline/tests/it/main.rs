//! The program as people and scripts meet it: command lines, exit codes, and a real daemon.

mod agents;
mod bad_input;
mod e2e;
mod hook;
mod login;
mod manual;
mod news;
mod other_daemons;
mod tmux;
mod world;
