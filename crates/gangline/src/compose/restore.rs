//! `gangline doctor --restore-backup`: a backup in place of a store that is damaged.

use std::path::{Path, PathBuf};

use gangline_store::sqlite::{self, RestoreError, Restored};
use gangline_store::{SqliteStore, fold_check};

use super::paths::Paths;
use super::store::{shown, unopened, way_back};
use crate::exit::Exit;
use crate::failure::Failure;

/// Puts the backup in place and keeps the damaged store aside. One in which nothing is wrong is
/// replaced only with `force`: it holds more than its backup.
pub(crate) async fn restore_backup(
    paths: &Paths,
    from: &Path,
    force: bool,
) -> Result<Restored, Failure> {
    let database = paths.database();
    let from = readable(paths, from).await?;
    if !force && let Some(seq) = sound_as_of(&database).await {
        let message =
            format!("nothing is wrong with {}, which is as of event {seq}", shown(&database));
        let anyway = format!("gangline doctor --restore-backup {} --force", shown(&from));
        return Err(Failure::new(Exit::Conflict, message)
            .next("gangline doctor --replay")
            .next(format!("{anyway}, to go back all the same")));
    }
    match sqlite::restore_backup(&database, &from).await {
        Ok(restored) => Ok(restored),
        Err(RestoreError::Store(error)) => Err(unopened(&error)),
        Err(error @ RestoreError::Backup { .. }) => {
            let failure = Failure::because(Exit::Failed, &error);
            let way_back = way_back(paths).await;
            let failure = failure.excerpt(vec![way_back.told()]);
            Err(way_back.commands().into_iter().fold(failure, Failure::next))
        }
        Err(error @ RestoreError::TooNew { .. }) => {
            Err(Failure::because(Exit::Failed, &error).next("use the newer program"))
        }
        Err(error @ RestoreError::Io { .. }) => {
            Err(Failure::because(Exit::Outage, &error).next("make space, and try again"))
        }
    }
}

/// The backup's one name; it is a file, and not the store itself.
async fn readable(paths: &Paths, from: &Path) -> Result<PathBuf, Failure> {
    let found = from.canonicalize();
    let itself = paths.database().canonicalize().ok();
    let why = match found {
        Ok(found) if Some(&found) == itself.as_ref() => "it is the store itself".to_owned(),
        Ok(found) if found.is_file() => return Ok(found),
        Ok(_) => "it is no file".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("the backup {} cannot be restored: {why}", from.display());
    let way_back = way_back(paths).await;
    let failure = Failure::new(Exit::NotFound, message).excerpt(vec![way_back.told()]);
    let commands = if way_back.newest.is_some() { way_back.commands() } else { vec![] };
    Err(commands.into_iter().fold(failure, Failure::next))
}

/// The last event of a store in which nothing is wrong.
async fn sound_as_of(database: &Path) -> Option<u64> {
    let store = SqliteStore::open_read_only(database).await.ok()?;
    let whole = store.integrity_check().await.is_ok_and(|wrong| wrong.is_empty());
    let replay = fold_check(&store).await.ok()?;
    (whole && replay.difference.is_none()).then_some(replay.events)
}
