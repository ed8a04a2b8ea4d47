//! A deterministic agent that plays a script. See `docs/scripted-agent.md`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    gangline_agents::scripted::main(&args)
}
