//! What works behind a capture's wall: this very program, under another subcommand.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use gangline_git::Inside;

pub use gangline_git::capture_inside;

use crate::durable::FileFault;

/// The subcommand of a job's program that does a capture's work; its argument is the order's file.
pub const CAPTURE_INSIDE: &str = "capture-inside";

/// How to start it.
pub(crate) fn this_program() -> Result<Inside, FileFault> {
    let program = std::env::current_exe();
    let program = program.map_err(|error| FileFault::new("find", "this program", error))?;
    let program = program.into_os_string();
    // An upgrade under a running job: what stands there now says whether it understands.
    let program = match program.as_bytes().strip_suffix(b" (deleted)") {
        Some(program) => OsStr::from_bytes(program).into(),
        None => program.into(),
    };
    Ok(Inside { program, args: vec![CAPTURE_INSIDE.into()] })
}
