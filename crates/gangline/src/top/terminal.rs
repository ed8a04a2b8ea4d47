//! The terminal, which is given back as it was, whatever happens.

use std::io::{self, Stdout, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::draw::draw;
use super::model::Model;

/// Whether there is something to give back. There is one terminal, and a panic gives it back as well
/// as the end of its owner: whoever comes second must not move the cursor over what was said.
static OURS: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal. From here on a panic gives it back before it is told.
    pub(super) fn take() -> io::Result<Self> {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Whoever sees the panic sees a terminal that works, or one that is beyond repair.
            drop(restore());
            told(panic);
        }));
        let mut screen = Self { terminal: fresh()? };
        screen.again()?;
        Ok(screen)
    }

    /// Takes it again.
    pub(super) fn again(&mut self) -> io::Result<()> {
        OURS.store(true, Ordering::SeqCst);
        enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            Clear(ClearType::All),
            Hide
        )?;
        self.terminal = fresh()?;
        Ok(())
    }

    /// Writes all of it anew with the next frame.
    pub(super) fn afresh(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = fresh()?;
        Ok(())
    }

    /// Gives it back for a while.
    #[expect(clippy::unused_self, reason = "only its owner gives it back")]
    pub(super) fn leave(&mut self) -> io::Result<()> {
        restore()
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Shows the model.
    pub(super) fn show(&mut self, model: &Model) -> io::Result<()> {
        self.terminal.draw(|frame| draw(model, frame))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A terminal that has gone needs nothing any more.
        drop(restore());
    }
}

fn fresh() -> io::Result<Terminal<CrosstermBackend<Stdout>>> {
    Terminal::new(CrosstermBackend::new(io::stdout()))
}

fn restore() -> io::Result<()> {
    if !OURS.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut stdout = io::stdout();
    let left = execute!(stdout, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let flushed = stdout.flush();
    disable_raw_mode()?;
    left.and(flushed)
}
