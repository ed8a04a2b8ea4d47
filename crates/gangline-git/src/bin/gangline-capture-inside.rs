//! The inner side of a capture alone, for this crate's own tests.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args_os().nth(1) {
        Some(order) => gangline_git::capture_inside(Path::new(&order)),
        None => ExitCode::from(2),
    }
}
