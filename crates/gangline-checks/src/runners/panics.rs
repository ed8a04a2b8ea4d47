//! How the output of a Rust test says why it panicked: where, and the lines of its message.

use super::{DETAIL_MAX, Reading, Wants};

#[derive(Debug, Default)]
pub(super) struct Panics {
    /// Lines of a message that are still taken.
    left: usize,
}

impl Panics {
    pub(super) fn line(&mut self, line: &str, reading: &mut Reading) -> Wants {
        let text = line.trim_start_matches(' ');
        if text.starts_with("thread '") && text.contains("panicked at ") {
            reading.line(text);
            self.left = DETAIL_MAX;
        } else if self.left > 0 {
            let over = text.is_empty() || text.starts_with("note: ") || text == "stack backtrace:";
            self.left = if over { 0 } else { self.left - 1 };
            if !over {
                reading.line(text);
            }
        }
        Wants::next_if(self.left > 0)
    }
}
