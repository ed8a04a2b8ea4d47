//! `gangline doctor`: what this machine and the daemon can and cannot do.

use std::path::{Path, PathBuf};

use clap::Args;
use gangline_api::doctor::{Finding, Health};

use super::context::Context;
use crate::compose::{self, Closer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Fold all events and compare the result with the stored rows
    #[arg(long)]
    replay: bool,
    /// Let each agent that is logged in answer one word, which its provider may charge for, and
    /// see whether it obeys a proxy
    #[arg(long)]
    live: bool,
    /// Put a backup in place of a damaged store, which is kept aside
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    restore_backup: Option<PathBuf>,
    /// Restore even when nothing is wrong with the store
    #[arg(long, requires = "restore_backup")]
    force: bool,
}

impl Doctor {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        if let Some(from) = &self.restore_backup {
            return restore(context, from, self.force).await;
        }
        let closer = Closer { replay: self.replay, live: self.live };
        let found = compose::check_up(&context.paths, &context.client(), closer).await;
        let exit = if found.healthy { Exit::Done } else { Exit::Failed };
        if context.json {
            context.out.json(&found)?;
            return Ok(exit);
        }
        let findings = found.findings;
        let mut table = Table::new(["", "what", "found~"]);
        for finding in &findings {
            table.row([
                mark(finding),
                Cell::new(finding.what.clone()),
                Cell::new(plain(&finding.found)),
            ]);
        }
        context.out.lines(table.render(context.out))?;
        // What does not work comes first: the rest may depend on it.
        let mut worst_first: Vec<&Finding> = findings.iter().collect();
        worst_first.sort_by_key(|finding| std::cmp::Reverse(finding.health));
        let remedies = worst_first.into_iter().filter_map(|finding| finding.next.as_ref());
        for (at, next) in remedies.enumerate() {
            let label = if at == 0 { " next:" } else { "  and:" };
            context
                .out
                .line(&format!("{label} {}", context.out.paint(Tone::Command, &plain(next))))?;
        }
        Ok(exit)
    }
}

async fn restore(context: &Context, from: &Path, force: bool) -> Result<Exit, Failure> {
    let from = context.cwd.join(from);
    let restored = compose::restore_backup(&context.paths, &from, force).await?;
    let kept = restored.kept.map(|kept| kept.display().to_string());
    if context.json {
        context.out.json(&serde_json::json!({ "seq": restored.seq, "kept": kept }))?;
        return Ok(Exit::Done);
    }
    let out = context.out;
    out.line(&format!("the store is as of event {} again", restored.seq))?;
    if let Some(kept) = kept {
        out.line(&plain(&format!("what it was before is kept in {kept}")))?;
    }
    out.line(&format!(" next: {}", out.paint(Tone::Command, "gangline up --detach")))?;
    Ok(Exit::Done)
}

fn mark(finding: &Finding) -> Cell {
    match finding.health {
        Health::Good => Cell::toned(Tone::Good, "ok"),
        Health::Fair => Cell::toned(Tone::Attention, "note"),
        Health::Bad => Cell::toned(Tone::Bad, "FAIL"),
    }
}
