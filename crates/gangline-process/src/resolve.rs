//! Finding the program before anything is forked, so that "no such program" and "no such
//! directory", which the kernel reports alike, stay two errors.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::spawn::SpawnError;

/// Where `program` is, on this host, without a sandbox.
pub(crate) fn program(
    program: &OsStr,
    search_path: &OsStr,
    cwd: Option<&Path>,
) -> Result<PathBuf, SpawnError> {
    let mut denied = false;
    for candidate in candidates(program, search_path, cwd) {
        match look(&candidate) {
            Look::Executable => return Ok(candidate),
            Look::Denied => denied = true,
            Look::Absent => {}
        }
    }
    let program = program.to_owned();
    Err(if denied {
        SpawnError::PermissionDenied { program }
    } else {
        SpawnError::NotFound { program }
    })
}

/// Where `program` could be: itself when it names a path, else beneath each search directory.
///
/// Relative search directories are left out: what they mean would depend on who looks.
pub(crate) fn candidates(program: &OsStr, search_path: &OsStr, cwd: Option<&Path>) -> Vec<PathBuf> {
    let path = Path::new(program);
    if path.components().count() == 1 && path.is_relative() && !names_a_path(program) {
        let directories = std::env::split_paths(search_path).filter(|d| d.is_absolute());
        return directories.map(|directory| directory.join(path)).collect();
    }
    let base = match cwd {
        Some(cwd) => cwd.to_owned(),
        None => std::env::current_dir().unwrap_or_default(),
    };
    vec![base.join(path)]
}

/// Whether a one-component name is nevertheless a path, as `./tool` is.
fn names_a_path(program: &OsStr) -> bool {
    program.as_encoded_bytes().contains(&b'/')
}

pub(crate) enum Look {
    Executable,
    Denied,
    Absent,
}

pub(crate) fn look(path: &Path) -> Look {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() && found.permissions().mode() & 0o111 != 0 => Look::Executable,
        Ok(_) => Look::Denied,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Look::Denied,
        Err(_) => Look::Absent,
    }
}
