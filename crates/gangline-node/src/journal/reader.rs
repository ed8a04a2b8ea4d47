//! Reading from any byte on, while somebody writes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::line::{self, LINE_BYTES_MAX};
use crate::durable::FileFault;

const READ_BYTES: usize = 64 * 1024;

/// What stands at a place of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line.
    Entry(Entry),
    /// Bytes that are no line, and why.
    Broken {
        /// Where they begin.
        offset: u64,
        /// How many.
        bytes: u64,
        /// Why they say nothing.
        why: String,
    },
}

/// Reads a journal from a byte on. A journal that does not exist yet is empty.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    file: Option<File>,
    /// Behind the last item that was handed out.
    offset: u64,
    /// What has been read beyond.
    buffer: Vec<u8>,
    /// How much of the buffer has been handed out.
    used: usize,
    /// Bytes of a line that is too long to be one, as far as they have been thrown away.
    skipped: u64,
}

impl Reader {
    /// Follows `path` from `offset`, which is 0 or what [`Reader::offset`] said before.
    pub fn follow(path: &Path, offset: u64) -> Result<Self, FileFault> {
        let mut reader = Self::at(path, offset);
        let opened = reader.open();
        opened.map(|_there| ()).map_err(|error| FileFault::new("open", path, error))?;
        Ok(reader)
    }

    /// The same, with nothing opened yet.
    pub(crate) fn at(path: &Path, offset: u64) -> Self {
        Self { path: path.to_owned(), file: None, offset, buffer: Vec::new(), used: 0, skipped: 0 }
    }

    /// Behind what has been handed out: where to go on after a restart.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The next item; `None` when there is no whole line yet. Then more may come later.
    #[expect(
        clippy::should_implement_trait,
        reason = "it is no iterator: after None there may be more"
    )]
    pub fn next(&mut self) -> Result<Option<Item>, FileFault> {
        loop {
            if let Some(item) = self.cut() {
                return Ok(Some(item));
            }
            if !self.fill().map_err(|error| FileFault::new("read", &self.path, error))? {
                return Ok(None);
            }
        }
    }

    /// The next whole line of the buffer.
    fn cut(&mut self) -> Option<Item> {
        let rest = &self.buffer[self.used..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            if rest.len() > LINE_BYTES_MAX {
                // It is broken already; its end is all that is waited for.
                self.skipped += length(rest.len());
                self.used = self.buffer.len();
            }
            return None;
        };
        let bytes = self.skipped + length(end + 1);
        let read = match self.skipped {
            0 => line::decode(&rest[..end]).map_err(|error| error.to_string()),
            _ => Err("it is too long".to_owned()),
        };
        let offset = self.offset;
        self.offset += bytes;
        self.used += end + 1;
        self.skipped = 0;
        Some(match read {
            Ok(entry) => Item::Entry(entry),
            Err(why) => Item::Broken { offset, bytes, why },
        })
    }

    /// Opens the file if it is there; whether it is.
    fn open(&mut self) -> io::Result<bool> {
        if self.file.is_some() {
            return Ok(true);
        }
        match File::open(&self.path) {
            // Anything else might never end.
            Ok(file) if !file.metadata()?.is_file() => {
                Err(io::Error::other("it is not a plain file"))
            }
            Ok(mut file) => {
                file.seek(SeekFrom::Start(self.offset))?;
                self.file = Some(file);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads on; whether anything was there.
    fn fill(&mut self) -> io::Result<bool> {
        self.open()?;
        let Some(file) = &mut self.file else { return Ok(false) };
        self.buffer.drain(..self.used);
        self.used = 0;
        let before = self.buffer.len();
        self.buffer.resize(before + READ_BYTES, 0);
        let read = file.read(&mut self.buffer[before..]);
        self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
