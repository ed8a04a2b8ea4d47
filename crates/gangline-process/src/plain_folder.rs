//! A folder that somebody else has written in, looked at by its descriptor: what is put in place of
//! a part of its path meanwhile leads nowhere, and no link is followed.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat, unlinkat};

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

const FILE: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

/// An open folder.
#[derive(Debug)]
pub struct PlainFolder(OwnedFd);

/// What a name in a folder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainKind {
    /// A folder.
    Folder,
    /// A plain file.
    File,
    /// A link, a pipe, a device …
    Other,
}

impl PlainFolder {
    /// Opens a folder. The path up to its last part must be trusted; that one may be no link.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Opens a folder in this one, by its name.
    pub fn folder(&self, name: &OsStr) -> io::Result<Self> {
        Ok(Self(openat(&self.0, name_alone(name)?, FOLDER, Mode::empty())?))
    }

    /// Opens a plain file in this one, by its name.
    pub fn file(&self, name: &OsStr) -> io::Result<File> {
        let file = File::from(openat(&self.0, name_alone(name)?, FILE, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"));
        }
        Ok(file)
    }

    /// Removes what is no folder: a link itself, never what it leads to.
    pub fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, name_alone(name)?, AtFlags::empty())?)
    }

    /// What a name stands for; links are not followed.
    pub fn kind(&self, name: &OsStr) -> io::Result<PlainKind> {
        let stat = statat(&self.0, name_alone(name)?, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(kind(FileType::from_raw_mode(stat.st_mode)))
    }

    /// What is in it but `.` and `..`, in no order. Lazily, because somebody may have put millions
    /// of names there.
    pub fn entries(
        &self,
    ) -> io::Result<impl Iterator<Item = io::Result<(OsString, PlainKind)>> + use<'_>> {
        let listing = Dir::read_from(&self.0)?;
        Ok(listing.filter_map(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if matches!(name.as_bytes(), b"." | b"..") {
                return None;
            }
            let told = entry.file_type();
            // Not all file systems say it with the name.
            let known = if told == FileType::Unknown { self.kind(name) } else { Ok(kind(told)) };
            Some(known.map(|kind| (name.to_owned(), kind)))
        }))
    }
}

fn kind(file_type: FileType) -> PlainKind {
    if file_type.is_dir() {
        PlainKind::Folder
    } else if file_type.is_file() {
        PlainKind::File
    } else {
        PlainKind::Other
    }
}

/// A path of several parts would be followed through links in all but the last.
fn name_alone(name: &OsStr) -> io::Result<&OsStr> {
    let bytes = name.as_bytes();
    if bytes.contains(&b'/') || matches!(bytes, b"" | b"." | b"..") {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
