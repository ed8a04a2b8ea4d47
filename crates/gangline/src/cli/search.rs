//! `gangline search`.

use clap::Args;
use gangline_api::search::{Found, SearchQuery};

use super::context::{Context, now_us};
use super::{list, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, age, plain};

/// `gangline search`.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What a ticket is to have, all of it: in its key, title, labels, body, hints, questions or
    /// failures
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    /// In every project; lessons are left out
    #[arg(long, conflicts_with = "project")]
    all_projects: bool,
    /// At most so many tickets
    #[arg(long, value_name = "N", default_value_t = gangline_api::search::HITS_DEFAULT)]
    limit: u32,
}

impl Search {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let project = match self.all_projects {
            true => None,
            false => Some(place::project(context, &client).await?.name),
        };
        let query = SearchQuery { q: self.words.join(" "), project, limit: Some(self.limit) };
        let found = client.search(&query).await?;
        match context.json {
            true => context.out.json(&found)?,
            false => context.out.lines(rendered(&found, context.out, now_us()))?,
        }
        Ok(Exit::Done)
    }
}

fn rendered(found: &Found, out: Out, now_us: i64) -> Vec<String> {
    let several =
        found.tickets.windows(2).any(|two| two[0].ticket.project != two[1].ticket.project);
    let mut table = Table::new(["key", "state", "since", "title…", "where…"]);
    for hit in &found.tickets {
        let ticket = &hit.ticket;
        let key = match several {
            true => format!("{}.{}", ticket.project, ticket.key),
            false => ticket.key.clone(),
        };
        let place = match (&hit.part, &hit.line) {
            (Some(part), Some(line)) => format!("{part}: {}", plain(line)),
            (_, _) => String::new(),
        };
        table.row([
            Cell::toned(Tone::Strong, key),
            Cell::toned(list::tone(&ticket.state), ticket.state.clone()),
            Cell::toned(Tone::Faint, age(ticket.since_us, now_us)),
            Cell::new(plain(&ticket.title)),
            Cell::toned(Tone::Faint, place),
        ]);
    }
    let mut lines = match found.tickets.is_empty() {
        true => vec!["no ticket has all of this".to_owned()],
        false => table.render(out),
    };
    let told = u32::try_from(found.tickets.len()).unwrap_or(u32::MAX);
    if told < found.total {
        lines.push(format!("and {} more (--limit)", found.total - told));
    }
    for lesson in &found.lessons {
        lines.push(format!("lesson {}: {}", plain(&lesson.id), plain(&lesson.text)));
    }
    lines
}
