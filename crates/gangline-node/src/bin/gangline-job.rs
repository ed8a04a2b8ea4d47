//! The job process alone, for this crate's own tests. `GANGLINE_TEST_DIE_AT` names the place at
//! which it kills itself.

use std::path::PathBuf;
use std::process::ExitCode;

use gangline_node::{CAPTURE_INSIDE, CrashPoint, JobHooks, SHIM_SUBCOMMAND, job_main};
use gangline_process::shim_main;

fn main() -> ExitCode {
    // Before anything makes a thread.
    if std::env::args_os().nth(1).is_some_and(|word| word == SHIM_SUBCOMMAND) {
        return shim_main(std::env::args_os().skip(2));
    }
    let mut args = std::env::args_os().skip(1);
    match (args.next(), args.next()) {
        // As the whole program does, so that agents of tests have their tools.
        (Some(word), None) if word == gangline_agents::worker::SUBCOMMAND => {
            gangline_agents::worker::main()
        }
        (Some(flag), Some(spec)) if flag == "--spec" => {
            job_main(&PathBuf::from(spec), JobHooks { at: die_at })
        }
        (Some(inside), Some(order)) if inside == CAPTURE_INSIDE => {
            gangline_node::capture_inside(&PathBuf::from(order))
        }
        _usage => {
            eprintln!("usage: gangline-job --spec FILE");
            ExitCode::from(2)
        }
    }
}

/// The place stands in a file, because a job gets nothing of the test's environment. The file is
/// removed first, so that only one job dies of it.
fn die_at(place: CrashPoint) {
    let Some(file) = std::env::var_os("HOME").map(|home| PathBuf::from(home).join("die-at")) else {
        return;
    };
    if std::fs::read_to_string(&file).is_ok_and(|wanted| wanted == format!("{place:?}")) {
        std::fs::remove_file(&file).ok();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
            .ok();
    }
}
