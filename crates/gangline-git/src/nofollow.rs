//! Looking at directories that somebody else may be writing: no link is ever followed, nothing
//! is opened that could block, and reads are bounded.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path};

use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Stat, openat, openat2,
    readlinkat, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

/// Linux's `PATH_MAX`: what is named by more, no program opens by its path, git included.
const PATH_BYTES_MAX: usize = 4096;

/// An open directory. What its path leads to later does not matter.
#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

/// One entry of a directory.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) kind: FileType,
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

const FILE: OFlags =
    OFlags::RDONLY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC).union(OFlags::NONBLOCK);

impl Folder {
    /// Opens a directory. The path up to it must be trusted; the last part may not be a link.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// Opens a directory below this one. A path longer than the kernel takes is refused.
    pub(crate) fn below(&self, path: &Path) -> io::Result<Self> {
        if path.components().any(|part| !matches!(part, Component::Normal(_))) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if path.as_os_str().len() >= PATH_BYTES_MAX {
            return Err(io::ErrorKind::InvalidFilename.into());
        }
        let here = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let way = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        // One call, because a call for each part makes deep trees cost the square of their depth.
        match openat2(&self.0, here, FOLDER, Mode::empty(), way) {
            Ok(folder) => Ok(Self(folder)),
            Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => self.below_by_parts(path),
            Err(error) => Err(error.into()),
        }
    }

    fn below_by_parts(&self, path: &Path) -> io::Result<Self> {
        let mut folder = Self(openat(&self.0, c".", FOLDER, Mode::empty())?);
        for name in path {
            folder = Self(openat(&folder.0, name, FOLDER, Mode::empty())?);
        }
        Ok(folder)
    }

    /// Removes an entry that is no directory.
    pub(crate) fn unlink(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Makes a file that is not there yet.
    pub(crate) fn write_new(&self, name: &OsStr, bytes: &[u8]) -> io::Result<()> {
        use io::Write;
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        std::fs::File::from(openat(&self.0, name, new, mode)?).write_all(bytes)
    }

    /// Gives an entry another name; what had it before is gone, unless it is a directory.
    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.0, from, &self.0, to)?)
    }

    /// Gives an entry another name, which nothing may have.
    pub(crate) fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat_with(&self.0, from, &self.0, to, RenameFlags::NOREPLACE)?)
    }

    /// What an entry is, links not followed.
    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Stat> {
        Ok(statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// What a link says, without going there.
    pub(crate) fn link(&self, name: &OsStr) -> io::Result<OsString> {
        Ok(OsString::from_vec(readlinkat(&self.0, name, Vec::new())?.into_bytes()))
    }

    /// A regular file's content, at most `max` bytes; more is an error.
    pub(crate) fn read(&self, path: &Path, max: u64) -> io::Result<Vec<u8>> {
        use io::Read;
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let parent = self.below(path.parent().unwrap_or(Path::new("")))?;
        let file = std::fs::File::from(openat(&parent.0, name, FILE, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut bytes = Vec::new();
        file.take(max + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes)
    }

    /// The entries but `.` and `..`, in no order.
    pub(crate) fn entries(&self) -> io::Result<impl Iterator<Item = io::Result<Entry>> + use<>> {
        let listing = Dir::read_from(&self.0)?;
        let kind_of = openat(&self.0, c".", FOLDER, Mode::empty())?;
        Ok(listing.filter_map(move |entry| {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                return None;
            }
            let mut kind = entry.file_type();
            if kind == FileType::Unknown {
                // Not all file systems say it with the name.
                kind = match statat(&kind_of, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    Err(error) => return Some(Err(error.into())),
                };
            }
            Some(Ok(Entry { name: OsStr::from_bytes(name.to_bytes()).to_owned(), kind }))
        }))
    }
}

#[cfg(test)]
mod tests;
