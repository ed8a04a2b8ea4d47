//! Files that belong to the person, and to other programs: read as they are, written whole.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::json_edit::Malformed;
use crate::exit::Exit;
use crate::failure::Failure;

/// The text of a file; nothing of one that is not there. `name` is how the person knows it.
pub(super) fn read(file: &Path, name: &str) -> Result<String, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => {
            let message = format!("{name} cannot be read: {error}");
            Err(Failure::new(Exit::Failed, message).next("mend it, then install again"))
        }
    }
}

/// A file whose text cannot be added to, with the line where.
pub(super) fn malformed(name: &str, text: &str, error: &Malformed) -> Failure {
    let Malformed { line, column, message } = error;
    let excerpt = text.lines().nth(line - 1).map(|text| format!("{line} | {text}"));
    Failure::new(Exit::Failed, format!("{name}:{line}:{column}: {message}"))
        .code("bad_settings")
        .excerpt(excerpt.into_iter().collect())
        .next("mend the file, then install again; nothing was written")
}

/// Whole or not at all: written beside it, then renamed. A link stays one.
pub(super) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let beside = PathBuf::from(format!("{}.new", file.display()));
    let written = std::fs::create_dir_all(file.parent().unwrap_or(&file))
        .and_then(|()| std::fs::write(&beside, text))
        .and_then(|()| match std::fs::metadata(&file) {
            Ok(there) => std::fs::set_permissions(&beside, there.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| std::fs::rename(&beside, &file));
    written.map_err(|error| {
        let message = format!("{} cannot be written: {error}", file.display());
        Failure::new(Exit::Failed, message).next("make room or mend its permissions, then again")
    })
}
