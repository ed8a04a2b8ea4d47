//! The binary: command line, configuration, and the place where all adapters are put together.
//!
//! ```text
//!   main ──▶ cli      one file per group of commands; speaks /api/v1, knows no engine
//!              │        screen   what people see: tables, colours, one live line
//!              │        import   ticket READMEs
//!              │        top      the screen of `gangline top`
//!              └─▶ compose  paths, configuration, and the daemon: store + node + engine + server
//! ```

mod cli;
mod compose;
mod demo;
mod exit;
mod failure;
mod import;
mod screen;
mod top;

pub use cli::main;
