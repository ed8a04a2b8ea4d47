//! `gangline evidence`.

use clap::Args;
use gangline_api::client::{Client, TicketRef};
use gangline_api::journal::{CheckLog, CheckLogQuery};
use gangline_api::verification::{CheckView, ReportView};

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain, verbatim_block};

/// `gangline evidence`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without a check: each check of the last report that ran a command, with its command, exit\n\
    code, duration and the SHA-256 of its log. With one: the whole log, as it was kept."
)]
pub(crate) struct Evidence {
    /// The ticket
    key: String,
    /// The check, as the report names it
    check: Option<String>,
    /// The job that measured it, such as shop.APP-1.v2; the ticket's last one by default
    #[arg(long, requires = "check")]
    job: Option<String>,
}

impl Evidence {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        match self.check {
            Some(check) => log(context, &client, &ticket, (check, self.job)).await,
            None => list(context, &client, &ticket).await,
        }
    }
}

/// Page by page: a log may be long.
async fn log(
    context: &Context,
    client: &Client,
    ticket: &TicketRef,
    (check, job): (String, Option<String>),
) -> Result<Exit, Failure> {
    let mut query = CheckLogQuery { check, job, from: 0 };
    let mut whole: Option<CheckLog> = None;
    loop {
        let page = client.check_log(ticket, &query).await?;
        let (next, over) = (page.next, page.next >= page.size || page.next <= query.from);
        // What is begun with one job goes on with it.
        query.job = Some(page.job.clone());
        if context.json {
            match &mut whole {
                Some(whole) => whole.text.push_str(&page.text),
                None => whole = Some(page),
            }
        } else {
            let text = page.text.strip_suffix('\n').unwrap_or(&page.text);
            context.out.lines(verbatim_block(text))?;
        }
        if over {
            break;
        }
        query.from = next;
    }
    if let Some(whole) = whole {
        let size = whole.size;
        context.out.json(&CheckLog { next: size, ..whole })?;
    }
    Ok(Exit::Done)
}

async fn list(context: &Context, client: &Client, ticket: &TicketRef) -> Result<Exit, Failure> {
    let detail = client.ticket(ticket).await?;
    let reports: Vec<&ReportView> =
        [&detail.report, &detail.candidate_report].into_iter().flatten().collect();
    if context.json {
        context.out.json(&reports)?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["check", "verdict", "exit", "took", "command…", "log", "job"]);
    for report in &reports {
        for check in &report.checks {
            row(&mut table, check, &report.job);
        }
    }
    let out = context.out;
    out.lines(table.render(out))?;
    let next = format!("gangline evidence {} CHECK", plain(&ticket.key));
    out.line(&format!(" next: {}", out.paint(Tone::Command, &next)))?;
    Ok(Exit::Done)
}

fn row(table: &mut Table, check: &CheckView, job: &str) {
    let Some(evidence) = &check.evidence else { return };
    let exit = evidence.exit.map_or("-".to_owned(), |code| code.to_string());
    let seconds =
        format!("{}.{} s", evidence.duration_ms / 1_000, evidence.duration_ms % 1_000 / 100);
    let digest: String = evidence.log_sha256.chars().take(12).collect();
    table.row([
        Cell::new(plain(&check.name)),
        Cell::new(plain(&check.verdict)),
        Cell::new(exit),
        Cell::new(seconds),
        Cell::new(plain(&evidence.command)),
        Cell::toned(Tone::Faint, plain(&digest)),
        Cell::toned(Tone::Faint, plain(job)),
    ]);
}
