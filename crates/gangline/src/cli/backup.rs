//! `gangline backup` and `gangline restore`.

use std::path::PathBuf;

use clap::Args;

use super::context::{Context, now_us};
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Live, Tone, age, plain};

/// `gangline backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Where to, such as gangline-monday.tar; nothing may be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut live = Live::new(context.out);
        live.show("writing the backup …")?;
        let kept = compose::back_up(&context.paths, &context.cwd.join(self.file)).await?;
        drop(live);
        if context.json {
            context.out.json(&kept)?;
            return Ok(Exit::Done);
        }
        let (file, mib) = (kept.file.display(), kept.bytes.div_ceil(1 << 20));
        let told = format!("{file}: all of event {} and before, {mib} MiB", kept.manifest.seq);
        context.out.line(&plain(&told))?;
        context.out.line("worktrees, agents' homes, log-ins and config.toml are not in it")?;
        Ok(Exit::Done)
    }
}

/// `gangline restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What `gangline backup` has made
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Move aside what is there
    #[arg(long)]
    force: bool,
}

impl Restore {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut live = Live::new(context.out);
        live.show("restoring …")?;
        let from = context.cwd.join(self.file);
        let (manifest, kept) = compose::restore(&context.paths, &from, self.force).await?;
        drop(live);
        let kept = kept.map(|kept| kept.display().to_string());
        if context.json {
            let told = serde_json::json!({ "seq": manifest.seq, "made_us": manifest.made_us,
                "projects": manifest.projects, "kept": kept });
            context.out.json(&told)?;
            return Ok(Exit::Done);
        }
        let old = age(manifest.made_us, now_us());
        context.out.line(&format!("all is as of event {} again, {old} ago", manifest.seq))?;
        if let Some(kept) = kept {
            context.out.line(&plain(&format!("what was here before is kept in {kept}")))?;
        }
        let next = context.out.paint(Tone::Command, "gangline up --detach");
        context.out.line(&format!(" next: {next}"))?;
        Ok(Exit::Done)
    }
}
