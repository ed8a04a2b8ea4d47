//! What the agent is told while it works.

use std::io::BufRead;
use std::time::Duration;

use tokio::sync::mpsc;

use super::{Stop, acp};
use crate::scripted::protocol::Told;

/// Messages that may wait to be noticed.
const WAITING_MAX: usize = 64;

/// Messages from the standard input, in order.
pub(super) struct Inbox {
    told: mpsc::Receiver<Told>,
    /// Steering that arrived while something else was awaited.
    steered: Vec<String>,
    /// Whether the standard input has ended: nobody can answer any more.
    ended: bool,
    pub(super) ignore_interrupt: bool,
}

impl Inbox {
    /// Begins to read the standard input, on a thread that ends with the process.
    pub(super) fn open() -> Self {
        let (sender, told) = mpsc::channel(WAITING_MAX);
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                let Some(told) = meaning(&line) else { continue };
                if sender.blocking_send(told).is_err() {
                    return;
                }
            }
        });
        Self { told, steered: vec![], ended: false, ignore_interrupt: false }
    }

    /// Waits until nobody says anything any more.
    pub(super) async fn closed(&mut self) {
        while self.told.recv().await.is_some() {}
    }

    /// Waits for `work`, unless an interrupt comes first.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                told = self.told.recv(), if !self.ended => self.note(told)?,
                done = &mut work => return Ok(done),
            }
        }
    }

    /// Waits for the answer to a question.
    pub(super) async fn answer(&mut self, wanted: &str) -> Result<String, Stop> {
        loop {
            match self.told.recv().await {
                Some(Told::Answer { question, text }) if question == wanted => return Ok(text),
                None => return Err(Stop::Failed("nobody is left to answer".to_owned())),
                other => self.note(other)?,
            }
        }
    }

    /// The next steering text, if one comes in time.
    pub(super) async fn steering(&mut self, within: Duration) -> Result<Option<String>, Stop> {
        let end = tokio::time::Instant::now() + within;
        loop {
            if !self.steered.is_empty() {
                return Ok(Some(self.steered.remove(0)));
            }
            match tokio::time::timeout_at(end, self.told.recv()).await {
                Err(_) | Ok(None) => return Ok(None),
                Ok(told) => self.note(told)?,
            }
        }
    }

    fn note(&mut self, told: Option<Told>) -> Result<(), Stop> {
        match told {
            Some(Told::Interrupt) if !self.ignore_interrupt => return Err(Stop::Interrupted),
            Some(Told::Interrupt | Told::Answer { .. }) => {}
            Some(Told::Steer { text }) => self.steered.push(text),
            None => self.ended = true,
        }
        Ok(())
    }
}

fn meaning(line: &str) -> Option<Told> {
    if acp::speaks() {
        return acp::told(line);
    }
    match serde_json::from_str(line) {
        Ok(told) => Some(told),
        Err(error) => {
            eprintln!("input line is not understood: {error}");
            None
        }
    }
}
