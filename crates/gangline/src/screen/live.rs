//! One line at the bottom that is written over. Only on a terminal; elsewhere it does not exist.

use std::io::{self, IsTerminal as _, Write as _};

use super::out::Out;
use super::table::cut;

/// The live line.
#[derive(Debug)]
pub(crate) struct Live {
    out: Out,
    width: Option<usize>,
    shown: bool,
}

impl Live {
    /// None is shown yet.
    pub(crate) fn new(out: Out) -> Self {
        let both = io::stdout().is_terminal() && io::stderr().is_terminal();
        Self { out, width: out.width().filter(|_| both), shown: false }
    }

    /// Whether there is anything to write to.
    pub(crate) fn is_on(&self) -> bool {
        self.width.is_some()
    }

    /// Shows this in place of what was there. The text is safe for a terminal already.
    pub(crate) fn show(&mut self, text: &str) -> io::Result<()> {
        let Some(width) = self.width else { return Ok(()) };
        let mut stdout = io::stdout().lock();
        write!(stdout, "\r\u{1b}[2K{}", cut(text, width - 1))?;
        self.shown = true;
        stdout.flush()
    }

    /// Takes it away.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.shown) {
            let mut stdout = io::stdout().lock();
            write!(stdout, "\r\u{1b}[2K")?;
            stdout.flush()?;
        }
        Ok(())
    }

    /// Prints a lasting line above it.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        self.clear()?;
        self.out.line(text)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // A terminal that cannot be written to any more shows nothing that could be taken away.
        drop(self.clear());
    }
}
