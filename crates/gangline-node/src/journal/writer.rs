//! Appending.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use gangline_domain::ids::Timestamp;
use gangline_domain::secret::Redactor;

use super::entry::What;
use super::line;
use super::reader::{Item, Reader};
use super::texts::Texts;
use crate::clock::now;
use crate::durable::FileFault;

/// Bytes that may be held back at most.
const HELD_BYTES_MAX: usize = 64 * 1024;

/// The one writer of a journal; its job holds the lock.
#[derive(Debug)]
pub(crate) struct Writer {
    file: File,
    path: PathBuf,
    next: u64,
    /// Lines that are not written yet: empty unless it holds back.
    held: Vec<u8>,
    holds: bool,
    bytes: u64,
    bytes_max: u64,
    capped: bool,
    dropped: u64,
    last_at: Timestamp,
    texts: Texts,
}

impl Writer {
    /// Opens a journal, or begins one. A torn last line is cut off, and that is told. Beyond
    /// `bytes_max`, what agents and tools say is left out.
    pub(crate) fn open(path: &Path, bytes_max: u64) -> Result<Self, FileFault> {
        let fault = |error| FileFault::new("open", path, error);
        let mut options = OpenOptions::new();
        let file = options.append(true).create(true).mode(0o600).open(path).map_err(fault)?;
        let found = file.metadata().map_err(fault)?.len();
        let (good, next) = last_good(path)?;
        if good < found {
            file.set_len(good).map_err(fault)?;
        }
        let mut writer = Self {
            file,
            path: path.to_owned(),
            next,
            held: vec![],
            holds: false,
            bytes: good,
            bytes_max,
            capped: false,
            dropped: 0,
            last_at: now(),
            texts: Texts::default(),
        };
        if good < found {
            writer.put(What::Repaired { bytes: found - good })?;
        }
        Ok(writer)
    }

    /// Appends an entry. What is reported survives a loss of power when this returns.
    pub(crate) fn put(&mut self, what: What) -> Result<(), FileFault> {
        if what.is_activity() {
            self.active();
        }
        if what.is_chatter() && self.bytes >= self.bytes_max {
            self.dropped += 1;
            if self.capped {
                return Ok(());
            }
            self.capped = true;
            return self.append(&What::Capped { bytes_max: self.bytes_max });
        }
        let reported = what.is_reported();
        // Before anything is cut off, because half a secret is harder to know.
        let what = self.texts.without_secrets(what);
        self.append(&what.shortened())?;
        if reported {
            self.write_out()?;
            let synced = self.file.sync_data();
            synced.map_err(|error| FileFault::new("sync", &self.path, error))?;
        }
        Ok(())
    }

    fn append(&mut self, what: &What) -> Result<(), FileFault> {
        let before = self.held.len();
        line::encode(self.next, now(), what, &mut self.held);
        self.next += 1;
        self.bytes += u64::try_from(self.held.len() - before).unwrap_or(0);
        if self.holds && self.held.len() < HELD_BYTES_MAX { Ok(()) } else { self.write_out() }
    }

    /// From now on lines wait for others, so that many are written at once; until
    /// [`Writer::let_go`], which must come before whoever writes waits for anything.
    pub(crate) fn hold(&mut self) {
        self.holds = true;
    }

    /// Writes what was held back, and holds back no more.
    pub(crate) fn let_go(&mut self) -> Result<(), FileFault> {
        self.holds = false;
        self.write_out()
    }

    fn write_out(&mut self) -> Result<(), FileFault> {
        if self.held.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&self.held);
        self.held.clear();
        written.map_err(|error| FileFault::new("append to", &self.path, error))
    }

    /// Keeps these secrets out of what is written from now on.
    pub(crate) fn keep_out(&mut self, redactor: Redactor) {
        self.texts.set(redactor);
    }

    /// Something happens, whether or not a line tells of it.
    pub(crate) fn active(&mut self) {
        self.last_at = now();
    }

    /// When something last happened.
    pub(crate) fn last_at(&self) -> Timestamp {
        self.last_at
    }

    /// Entries left out because of the bound.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Behind the last good line, and the number of the next one.
fn last_good(path: &Path) -> Result<(u64, u64), FileFault> {
    let mut reader = Reader::follow(path, 0)?;
    let (mut good, mut next) = (0, 1);
    while let Some(item) = reader.next()? {
        if let Item::Entry(entry) = item {
            good = reader.offset();
            next = entry.n + 1;
        }
    }
    Ok((good, next))
}
