//! `gangline scripted-agent` as a program of its own, for the tests of crates that come before the
//! binary. Not shipped.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    gangline_agents::scripted::main(&args)
}
