//! `gangline doctor`: what this machine and the daemon can and cannot do.

use clap::Args;

use super::context::Context;
use crate::compose::{self, Finding, Health};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Fold all events and compare the result with the stored rows
    #[arg(long)]
    replay: bool,
}

impl Doctor {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let findings = compose::check_up(&context.paths, &context.client(), self.replay).await;
        let worst = findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Good);
        let exit = if worst == Health::Bad { Exit::Failed } else { Exit::Done };
        if context.json {
            let told = serde_json::json!({ "healthy": exit == Exit::Done, "findings": findings });
            context.out.json(&told)?;
            return Ok(exit);
        }
        let mut table = Table::new(["", "what", "found~"]);
        for finding in &findings {
            table.row([mark(finding), Cell::new(finding.what), Cell::new(plain(&finding.found))]);
        }
        context.out.lines(table.render(context.out))?;
        let remedies = findings.iter().filter_map(|finding| finding.next.as_ref());
        for (at, next) in remedies.enumerate() {
            let label = if at == 0 { " next:" } else { "  and:" };
            context
                .out
                .line(&format!("{label} {}", context.out.paint(Tone::Command, &plain(next))))?;
        }
        Ok(exit)
    }
}

fn mark(finding: &Finding) -> Cell {
    match finding.health {
        Health::Good => Cell::toned(Tone::Good, "ok"),
        Health::Fair => Cell::toned(Tone::Attention, "note"),
        Health::Bad => Cell::toned(Tone::Bad, "FAIL"),
    }
}
