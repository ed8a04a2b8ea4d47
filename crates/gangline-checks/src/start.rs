//! Where each command begins: with the tree and the home as setup left them, whatever other commands
//! do to both. What one check runs is the commit's own code; what the next one measures
//! must not be that code's doing.
//!
//! ```text
//!   checkout, home ──copy──▶ spare ──copy──▶ checkout, home of the 2nd command
//!   of the 1st                     ──copy──▶ … of the 3rd
//!                                  ──move──▶ … of the last
//! ```

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gangline_process::Cmd;

use crate::command::with_causes;
use crate::subject::Bench;

/// What setup left, while commands that are still to come begin with it.
pub(crate) struct Start<'a> {
    bench: &'a Bench,
    /// How many commands still begin there.
    left: usize,
    /// Names for what was used, which goes with the spare folder.
    used: u32,
}

impl<'a> Start<'a> {
    /// Keeps what setup left for all of `number` groups of commands but the first. Nothing is copied
    /// when there is none.
    pub(crate) async fn keep(
        bench: &'a Bench,
        number: usize,
        end: Instant,
    ) -> Result<Self, String> {
        let left = number.saturating_sub(1);
        let start = Self { bench, left, used: 0 };
        if left > 0 {
            std::fs::create_dir_all(&bench.spare).map_err(|error| unlaid(&error))?;
            for (folder, kept) in start.folders() {
                copy(folder, &kept, end).await?;
            }
        }
        Ok(start)
    }

    /// Makes the checkout and the home what they were after setup.
    pub(crate) async fn again(&mut self, end: Instant) -> Result<(), String> {
        self.left -= 1;
        for (folder, kept) in self.folders() {
            self.used += 1;
            // What cannot be removed, because the command took away the right to, goes later.
            let used = self.bench.spare.join(format!("used-{}", self.used));
            std::fs::rename(folder, &used).map_err(|error| unlaid(&error))?;
            if self.left == 0 {
                std::fs::rename(&kept, folder).map_err(|error| unlaid(&error))?;
            } else {
                copy(&kept, folder, end).await?;
            }
            std::fs::remove_dir_all(&used).ok();
        }
        Ok(())
    }

    fn folders(&self) -> [(&'a Path, PathBuf); 2] {
        let Bench { checkout, home, spare, .. } = self.bench;
        [(checkout.as_path(), spare.join("tree")), (home.as_path(), spare.join("home"))]
    }
}

/// A bench for each of `number` commands that run at once: the first has the checkout itself, the
/// others have copies that their sandboxes show at its path.
pub(crate) async fn copies(
    bench: &Bench,
    number: usize,
    end: Instant,
) -> Result<Vec<Bench>, String> {
    let mut benches = vec![bench.clone()];
    for n in 1..number {
        let place = bench.spare.join(n.to_string());
        std::fs::create_dir_all(&place).map_err(|error| unlaid(&error))?;
        let (tree, home) = (place.join("tree"), place.join("home"));
        copy(&bench.checkout, &tree, end).await?;
        copy(&bench.home, &home, end).await?;
        let sandbox = bench.sandbox.clone();
        let sandbox = sandbox.bind(&tree, &bench.inside, true).bind(&home, &bench.home, true);
        benches.push(Bench { checkout: tree, sandbox, ..bench.clone() });
    }
    Ok(benches)
}

fn unlaid(why: &dyn std::fmt::Display) -> String {
    format!("not run: the tree that it begins with could not be laid out: {why}")
}

async fn copy(from: &Path, to: &Path, end: Instant) -> Result<(), String> {
    copy_folder(from, to, end).await.map_err(|why| unlaid(&why))
}

/// Copies a folder with modes, times and links to a path where nothing stands, as clones where the
/// file system makes them. Whoever wrote it can have put any name and any kind of file there: links
/// are copied and never followed.
///
/// # Errors
///
/// In words; a part of the folder may have been copied by then.
pub async fn copy_folder(from: &Path, to: &Path, end: Instant) -> Result<(), String> {
    let left = end.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
    let how = if cfg!(target_os = "linux") { "--reflink=auto" } else { "-c" };
    let path = std::env::var("PATH").unwrap_or_default();
    let copied = Cmd::new("cp")
        .args(["-a", how, "--"])
        .arg(from)
        .arg(to)
        .env("PATH", path)
        .deadline(left)
        .cap_bytes(4_096)
        .output()
        .await;
    match copied {
        Ok(output) if output.success() => Ok(()),
        Ok(output) => Err(output.stderr.text().trim().to_owned()),
        Err(error) => Err(with_causes(&error)),
    }
}
