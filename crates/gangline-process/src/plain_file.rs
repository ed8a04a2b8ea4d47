//! Reading files that somebody else may have put where they are: a pipe is not waited for, a device
//! is not read, and no file is read whole that has no right size.

use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// What becomes of a symbolic link in a path's last part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// It is followed: the person who owns the folder made it.
    Followed,
    /// It is an error: whoever wrote the repository made it, and could name any file.
    Refused,
}

/// The bytes of a plain file, at most `bytes_max`. Blocks for no longer than a disk does. Errors
/// say in words for people what is wrong with the file.
pub fn read_plain(path: &Path, bytes_max: usize, links: Links) -> io::Result<Vec<u8>> {
    let flags = match links {
        Links::Followed => OFlags::NONBLOCK,
        Links::Refused => OFlags::NONBLOCK | OFlags::NOFOLLOW,
    };
    let flags = i32::try_from(flags.bits()).expect("BUG: open flags are small");
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::new(io::ErrorKind::InvalidInput, "it is a symbolic link")
        }
        Some(_) | None => error,
    })?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a plain file"));
    }
    let mut bytes = Vec::new();
    let bound = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    file.take(bound).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        let what = format!("it has more than {bytes_max} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// The same, of text.
pub fn read_plain_text(path: &Path, bytes_max: usize, links: Links) -> io::Result<String> {
    String::from_utf8(read_plain(path, bytes_max, links)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_right_size_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("text"), "four").unwrap();
        std::os::unix::fs::symlink("text", at("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let read = |name: &str, links| {
            read_plain_text(&at(name), 4, links).map_err(|error| error.to_string())
        };
        assert_eq!(read("text", Links::Refused).unwrap(), "four");
        assert_eq!(read("link", Links::Followed).unwrap(), "four");
        assert_eq!(read("link", Links::Refused).unwrap_err(), "it is a symbolic link");
        for odd in ["zero", "pipe", "."] {
            assert_eq!(read(odd, Links::Followed).unwrap_err(), "it is not a plain file", "{odd}");
        }
        std::fs::write(at("text"), "fives").unwrap();
        assert_eq!(read("text", Links::Refused).unwrap_err(), "it has more than 4 bytes");
        std::fs::write(at("text"), b"\xff").unwrap();
        assert_eq!(read("text", Links::Refused).unwrap_err(), "it is not UTF-8 text");
    }
}
