//! Small files that say how far somebody is: whole, or as they were before.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where one of them is.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    file: PathBuf,
    /// Held while it is written: whoever is left in the middle of that still ends it.
    writing: Arc<Mutex<()>>,
}

impl Shelf {
    /// `folder/NAME.json`.
    pub(crate) fn of(folder: &Path, name: &str) -> Self {
        Self { file: folder.join(format!("{name}.json")), writing: Arc::default() }
    }

    /// What is kept; nothing where there is nothing yet. What cannot be understood is put aside.
    pub(crate) fn load<T: DeserializeOwned>(&self) -> io::Result<Option<T>> {
        match std::fs::read(&self.file) {
            Ok(bytes) => match serde_json::from_slice(&bytes) {
                Ok(kept) => Ok(Some(kept)),
                Err(error) => {
                    let aside = self.file.with_extension("bad");
                    tracing::error!(%error, file = %aside.display(), "what is kept cannot be understood; it begins anew");
                    std::fs::rename(&self.file, aside)?;
                    Ok(None)
                }
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps nothing any more.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Written aside, synced and renamed, and the rename synced.
    pub(crate) fn write<T: Serialize>(&self, kept: &T) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let aside = self.file.with_extension("tmp");
        let bytes = serde_json::to_vec(kept).expect("BUG: what is kept is JSON");
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&aside, &self.file)?;
        self.file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }
}
