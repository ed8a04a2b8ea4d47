//! The command: what is to be shown, and where.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};

use clap::Args;
use gangline_api::client::Client;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use serde_json::json;

use super::board::{Board, Wanted};
use super::draw::{draw, rows_needed};
use super::driver::Driver;
use super::model::Model;
use crate::cli::{Context, now_us, project_around};
use crate::exit::Exit;
use crate::failure::Failure;

/// Columns of a frame that is printed where there is no terminal.
const COLUMNS_DEFAULT: u16 = 100;
/// Columns and rows that a frame has at least.
const SIZE_MIN: (u16, u16) = (20, 4);

/// `gangline top`.
#[derive(Debug, Args)]
#[command(
    after_help = "Keys are told at the bottom; ? shows all of them. NO_COLOR switches colours off. \
    See docs/top.md."
)]
pub(crate) struct Top {
    /// Print what would be shown, once, as text; --json prints what it is made of
    #[arg(long)]
    once: bool,
    /// Of every project
    #[arg(long, conflicts_with = "project")]
    all_projects: bool,
}

impl Top {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let once = self.once || context.json;
        let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
        // Asked first: a screen that cannot be shown needs no daemon.
        if !once && (!terminal || dumb()) {
            return Err(no_terminal(terminal));
        }
        let client = context.client();
        let project = match self.all_projects {
            true => None,
            false => project_around(context, &client).await?,
        };
        let wanted = Wanted { project: project.clone(), ..Wanted::default() };
        let board = Board::load(&client, &wanted, BTreeMap::new()).await?;
        if context.json {
            context.out.json(&json!({
                "status": board.status,
                "projects": board.projects,
                "tickets": board.tickets,
                "queue": board.queue,
            }))?;
            return Ok(Exit::Done);
        }
        let mut model = Model::new(board, project, now_us());
        model.colour = context.out.is_painted();
        if once {
            context.out.lines(frame(&mut model, context))?;
            return Ok(Exit::Done);
        }
        self.shown(context, client, model).await
    }

    async fn shown(self, context: &Context, client: Client, model: Model) -> Result<Exit, Failure> {
        Driver::new(context, client, model)?.run().await?;
        Ok(Exit::Done)
    }
}

fn dumb() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

fn no_terminal(terminal: bool) -> Failure {
    let why = match terminal {
        true => "gangline top needs a terminal that can place its cursor, and TERM names none",
        false => "gangline top needs a terminal, and this is none",
    };
    Failure::new(Exit::Failed, why).next("gangline list").next("gangline top --once")
}

/// One frame as lines of text, as high as it needs to be.
fn frame(model: &mut Model, context: &Context) -> Vec<String> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = columns.or_else(|| context.out.width().and_then(|width| width.try_into().ok()));
    let width = columns.unwrap_or(COLUMNS_DEFAULT).max(SIZE_MIN.0);
    model.size = (width, SIZE_MIN.1);
    model.size.1 = rows_needed(model);
    text(&rendered(model))
}

/// The frame's cells.
pub(super) fn rendered(model: &Model) -> Buffer {
    let (width, height) = model.size;
    let drawn = Terminal::new(TestBackend::new(width, height)).and_then(|mut terminal| {
        terminal.draw(|frame| draw(model, frame)).map(|drawn| drawn.buffer.clone())
    });
    match drawn {
        Ok(buffer) => buffer,
        Err(never) => match never {},
    }
}

/// The frame's text, without the blanks at the ends of lines.
pub(super) fn text(buffer: &Buffer) -> Vec<String> {
    let mut lines = vec![];
    for y in buffer.area.y..buffer.area.bottom() {
        let (mut line, mut covered) = (String::new(), 0);
        for x in buffer.area.x..buffer.area.right() {
            // A wide character covers the cell behind it.
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            covered = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}
