//! `gangline lessons`: what helped in this project, and what it was worth.

use clap::{Args, Subcommand};
use gangline_api::lesson::{
    AddLesson, LessonSourceView, LessonView, Lessons as Found, LessonsQuery,
};

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, plain};

/// `gangline lessons`.
#[derive(Debug, Args)]
pub(crate) struct Lessons {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show all of them; the default
    List,
    /// Show those with any of these words, the best first
    Search(Search),
    /// Keep what helps, to be offered to tickets that it fits
    Add(Add),
    /// Take one out
    Remove(Remove),
}

#[derive(Debug, Args)]
struct Search {
    /// What to look for
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

#[derive(Debug, Args)]
struct Add {
    /// What helps, in at most 600 characters
    #[arg(value_name = "TEXT")]
    text: String,
    /// Against what kind of failure, such as compile or test; any by default
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// It is about these paths, as patterns
    #[arg(long = "path", value_name = "PATTERN")]
    paths: Vec<String>,
    /// Offered only to tickets that are at least as confidential: c0, c1 or c2
    #[arg(long, value_name = "LEVEL", default_value = "c1")]
    level: String,
}

#[derive(Debug, Args)]
struct Remove {
    /// Which, such as L7
    #[arg(value_name = "LESSON")]
    lesson: String,
}

impl Lessons {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let project = place::project(context, &client).await?.name;
        let query = match self.what {
            None | Some(What::List) => LessonsQuery::default(),
            Some(What::Search(Search { words, limit })) => {
                LessonsQuery { search: Some(words.join(" ")), limit }
            }
            Some(What::Add(add)) => {
                let Add { text, class, paths, level } = add;
                let wish = AddLesson { text, class, paths, level: Some(level) };
                let added = client.add_lesson(&project, &wish).await?;
                return told(context, &added, &format!("{} is kept", plain(&added.id)));
            }
            Some(What::Remove(Remove { lesson })) => {
                let done = client.remove_lesson(&project, &lesson).await?;
                return told(context, &done, &format!("{} is taken out", plain(&lesson)));
            }
        };
        let found = client.lessons(&project, &query).await?;
        match context.json {
            true => context.out.json(&found)?,
            false => context.out.lines(rendered(&found, query.search.is_some(), context.out))?,
        }
        Ok(Exit::Done)
    }
}

fn told(context: &Context, answer: &impl serde::Serialize, words: &str) -> Result<Exit, Failure> {
    match context.json {
        true => context.out.json(answer)?,
        false => context.out.line(words)?,
    }
    Ok(Exit::Done)
}

fn rendered(found: &Found, searched: bool, out: Out) -> Vec<String> {
    if found.lessons.is_empty() {
        let none = match searched {
            true => "no lesson has any of these words",
            false => "nothing has been learned yet; gangline lessons add TEXT",
        };
        return vec![none.to_owned()];
    }
    let mut table =
        Table::new(["lesson", "against", "offered", "helped", "in vain", "source", "text~"]);
    for lesson in &found.lessons {
        table.row(row(lesson));
    }
    let mut lines = table.render(out);
    for lesson in &found.lessons {
        if let Some(why) = &lesson.expired {
            let told = format!("{} is offered no more: {}", plain(&lesson.id), plain(why));
            lines.push(out.paint(Tone::Faint, &told));
        }
    }
    lines
}

fn row(lesson: &LessonView) -> [Cell; 7] {
    let number = |number: u32| Cell::new(number.to_string());
    let tone = if lesson.expired.is_some() { Tone::Faint } else { Tone::Plain };
    [
        Cell::toned(tone, plain(&lesson.id)),
        Cell::new(lesson.class.as_deref().map_or("-".to_owned(), plain)),
        number(lesson.offered),
        number(lesson.helped),
        number(lesson.in_vain),
        Cell::new(source(&lesson.source)),
        Cell::toned(tone, plain(&lesson.text)),
    ]
}

/// Who says so, in few words.
fn source(source: &LessonSourceView) -> String {
    match (&source.person, &source.ticket, &source.agent) {
        (Some(person), _, _) => plain(person),
        (None, Some(ticket), Some(agent)) => format!("{} ({})", plain(ticket), plain(agent)),
        (None, _, _) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests;
