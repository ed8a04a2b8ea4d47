//! The selected row in full: why, what waits on it, what can be done.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::cli::alerts;
use crate::screen::{Tone, age, brief_age, cut, plain, wrap};
use crate::top::model::Model;
use crate::top::offers::{Offer, detail, offers};
use crate::top::rows::{About, Row, held_up, need};
use crate::top::styled::{Pieces, piece};
use gangline_api::client::TicketRef;
use gangline_api::ticket::TicketDetail;

/// Rows that a reason may have.
const WHY_ROWS_MAX: usize = 3;
/// Columns that stay free at the left.
const INDENT: u16 = 2;

/// Draws it.
pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(row) = model.row().filter(|_| area.height > 0) else { return };
    let title = match &row.about {
        About::Ticket(_) => format!("{} · {}", row.key, row.title),
        About::Kind(_) | About::Machine(_) => row.title.clone(),
    };
    canvas.rule(Rect { height: 1, ..area }, Tone::Strong, &title);
    let offered = offers(&model.board, &row.about);
    let room = usize::from(area.height) - 1;
    // What can be done has one row at least.
    let told = told(model, row, usize::from(area.width.saturating_sub(INDENT)));
    let told = told.into_iter().take(room.saturating_sub(1)).collect::<Vec<_>>();
    let left = room - told.len();
    let mut lines = told;
    lines.extend(to_do(&offered, left));
    for (line, y) in lines.iter().zip(area.y + 1..area.bottom()) {
        let line_area =
            Rect { x: area.x + INDENT, y, width: area.width.saturating_sub(INDENT), height: 1 };
        let mut x = line_area.x;
        for piece in line {
            let width = line_area.right().saturating_sub(x);
            x += canvas.text((x, y), width, piece.tone, &piece.text);
        }
    }
}

fn told(model: &Model, row: &Row, width: usize) -> Vec<Pieces> {
    let name = match &row.about {
        About::Ticket(name) => name,
        About::Kind(kind) => {
            let mut lines = why(&row.text, row.tone, width);
            let waiting: Vec<&str> = held_up(&model.board, kind).map(|t| t.key.as_str()).collect();
            if !waiting.is_empty() {
                lines.push(fact("holds up", &plain(&waiting.join(", "))));
            }
            return lines;
        }
        About::Machine(_) => return why(&row.text, row.tone, width),
    };
    let Some(detail) = detail(&model.board, name) else { return vec![] };
    let mut lines = match need(&detail.ticket, Some(&detail)) {
        Some(need) => {
            let why_text = match need.word {
                "silent" | "uncommitted" => alerts(&detail.ticket, model.now_us),
                _asked => need.why,
            };
            why(&why_text, need.tone, width)
        }
        None => why(&row.text, Tone::Plain, width),
    };
    if row.section == crate::top::rows::Section::Needs
        && let Some(pulse) = model.board.pulse(name).filter(|pulse| !pulse.current.is_empty())
    {
        let heard = brief_age(pulse.last_activity_us, model.now_us);
        lines.push(fact("last heard", &format!("{heard} ago: {}", plain(&pulse.current))));
    }
    if let Some(decisive) = decisive(&detail) {
        lines.push(decisive);
    }
    lines.push(fact("state", &state(model, &detail)));
    let waiting = waiting(model, name);
    if !waiting.is_empty() {
        lines.push(fact("holds up", &waiting));
    }
    lines
}

fn why(text: &str, tone: Tone, width: usize) -> Vec<Pieces> {
    let mut lines = wrap(text, width);
    if lines.len() > WHY_ROWS_MAX {
        lines.truncate(WHY_ROWS_MAX);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), width);
        }
    }
    lines.into_iter().map(|line| vec![piece(tone, line)]).collect()
}

fn fact(name: &str, value: &str) -> Pieces {
    vec![piece(Tone::Faint, format!("{name:<10}  ")), piece(Tone::Plain, value)]
}

/// What decided against it, in one line.
fn decisive(detail: &TicketDetail) -> Option<Pieces> {
    if detail.ticket.state != "escalated" {
        return None;
    }
    let record = detail.records.last()?;
    let line = record.lines.iter().chain(&record.facts).find(|line| !line.trim().is_empty());
    Some(fact("decisive", &plain(line.unwrap_or(&record.error))))
}

fn state(model: &Model, detail: &TicketDetail) -> String {
    let ticket = &detail.ticket;
    let mut parts = vec![format!("{} for {}", ticket.state, age(ticket.since_us, model.now_us))];
    if !ticket.agent.is_empty() {
        parts.push(plain(&ticket.agent));
    }
    parts.push(format!("{} of {} tries spent", ticket.tries_spent, ticket.tries));
    parts.push(format!("{} priority", ticket.priority));
    parts.join(" · ")
}

fn waiting(model: &Model, name: &TicketRef) -> String {
    let waiting = model.board.waiting().remove(name).unwrap_or_default();
    plain(&waiting.into_iter().collect::<Vec<_>>().join(", "))
}

/// What can be done, as many as there are rows for. The keys of all stand at the bottom.
fn to_do(offered: &[Offer], rows: usize) -> impl Iterator<Item = Pieces> {
    let line = |offer: &Offer| match offer.act {
        Some(act) => vec![
            piece(Tone::Command, format!("{}  {:<9} ", act.key(), act.label())),
            piece(Tone::Plain, plain(&offer.what)),
        ],
        None => vec![
            piece(Tone::Command, plain(&offer.command)),
            piece(Tone::Faint, format!("  {}", plain(&offer.what))),
        ],
    };
    offered.iter().take(rows).map(line)
}
