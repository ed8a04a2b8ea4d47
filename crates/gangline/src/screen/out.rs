//! Standard output, which may be closed at any moment.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use super::paint::{Paint, Tone};

/// Columns that are used when a terminal does not tell.
const WIDTH_DEFAULT: usize = 100;
/// Fewer are not tried.
const WIDTH_MIN: usize = 40;

/// Where results go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    paint: Paint,
    /// Columns of the terminal; nothing where there is none, and lines are as long as they are.
    width: Option<usize>,
}

#[expect(clippy::unused_self, reason = "only who was given an output prints to it")]
impl Out {
    /// Standard output as it is.
    pub(crate) fn stdout() -> Self {
        let width = io::stdout().is_terminal().then(terminal_width);
        Self { paint: Paint::for_stdout(), width }
    }

    /// For a page that is shown elsewhere than on standard output: painted, of this width.
    pub(crate) fn for_page(width: usize) -> Self {
        Self { paint: Paint::always(), width: Some(width) }
    }

    /// Whether texts get their tones.
    pub(crate) fn is_painted(self) -> bool {
        self.paint.is_on()
    }

    /// Without colours and of this width.
    #[cfg(test)]
    pub(crate) fn of_width(width: Option<usize>) -> Self {
        Self { paint: Paint::none(), width }
    }

    /// Columns, if there is a terminal.
    pub(crate) fn width(self) -> Option<usize> {
        self.width
    }

    /// The text in its tone.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        self.paint.paint(tone, text)
    }

    /// Prints a line. Its text is safe for a terminal already.
    pub(crate) fn line(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")?;
        stdout.flush()
    }

    /// Prints lines.
    pub(crate) fn lines<I>(self, lines: I) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut stdout = io::BufWriter::new(io::stdout().lock());
        for line in lines {
            writeln!(stdout, "{}", line.as_ref())?;
        }
        stdout.flush()
    }

    /// Prints one JSON document on one line.
    pub(crate) fn json(self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value).expect("BUG: what is shown is JSON");
        self.line(&text)
    }

    /// Prints bytes as they are.
    pub(crate) fn raw(self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }
}

fn terminal_width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col.into());
    told.or_else(asked).filter(|width| *width > 0).unwrap_or(WIDTH_DEFAULT).max(WIDTH_MIN)
}
