//! What the agent remembers of its session, in a file below its home: the proof that a resumed
//! session has the same home.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::Play;

const FOLDER: &str = ".gangline-scripted-agent";

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) session: String,
    pub(super) resumed: bool,
    /// How often it was started, from 1.
    pub(super) turn: u32,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    turns: u32,
}

impl Memory {
    /// Begins the session that is asked for, or goes on with it.
    pub(super) fn of(play: &Play) -> Result<Self, String> {
        let home = std::env::var_os("HOME").map(PathBuf::from).ok_or("HOME is not set")?;
        let folder = home.join(FOLDER);
        match &play.resume {
            Some(session) => Self::resume(&folder, session),
            None => Self::begin(&folder, play.session.clone()),
        }
    }

    /// Whether there is such a session to go on with.
    pub(super) fn is_known(session: &str) -> bool {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        home.is_some_and(|home| file(&home.join(FOLDER), session).is_file())
    }

    fn begin(folder: &Path, wanted: Option<String>) -> Result<Self, String> {
        let session = wanted.unwrap_or_else(|| format!("scripted-{}", std::process::id()));
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        if file(folder, &session).exists() {
            return Err(format!("session {session} is already in use"));
        }
        Self { session, resumed: false, turn: 1 }.store(folder)
    }

    fn resume(folder: &Path, session: &str) -> Result<Self, String> {
        let absent = |_| format!("there is no session {session}");
        let text = std::fs::read_to_string(file(folder, session)).map_err(absent)?;
        let stored: Stored =
            serde_json::from_str(&text).map_err(|error| format!("session {session}: {error}"))?;
        Self { session: session.to_owned(), resumed: true, turn: stored.turns + 1 }.store(folder)
    }

    fn store(self, folder: &Path) -> Result<Self, String> {
        let text = serde_json::to_string(&Stored { turns: self.turn });
        let text = text.map_err(|error| error.to_string())?;
        std::fs::write(file(folder, &self.session), text).map_err(|error| error.to_string())?;
        Ok(self)
    }
}

fn file(folder: &Path, session: &str) -> PathBuf {
    folder.join(format!("{session}.json"))
}
