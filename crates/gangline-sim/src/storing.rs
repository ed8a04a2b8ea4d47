//! How the store deals with what an orchestrator asks of it: slowly, badly, or not at all.

use gangline_engine::Input;
use gangline_ports::store::Batch;

use crate::checker::Checker;
use crate::run::Violation;
use crate::store::Refused;
use crate::world::{Happening, World};

impl World {
    /// Reads the board for an orchestrator, which waits for that and does not ask again.
    pub(crate) fn load(&mut self, leader: usize) -> Result<(), Violation> {
        if !self.loading.insert(leader) {
            let detail = format!("leader {leader} asks again while it loads");
            return Err(Violation { promise: "a load is waited for", detail });
        }
        let read = match !self.calm && self.rng.chance(5) {
            true => Input::LoadFailed,
            false => Input::Loaded(Box::new(self.store.load())),
        };
        // A long history, on a slow disk.
        let ms = if self.rng.chance(20) { self.rng.between(1_000, 8_000) } else { 50 };
        self.after(ms, Happening::Input(leader, Box::new(read)));
        if self.rng.chance(30) {
            // Just while it is being read.
            for node in 0..self.nodes.len() {
                self.register(node);
            }
        }
        Ok(())
    }

    /// A batch has reached the store, or its answer has not come back.
    pub(crate) fn stored(&mut self, leader: usize, batch: &Batch) -> Result<(), Violation> {
        let fate = if self.calm { 99 } else { self.rng.below(100) };
        let input = match fate {
            // The disk was full, or the store could not be reached.
            0 => Input::CommitRefused,
            // The answer was lost, after or before it was written.
            1 => {
                self.write(batch)?.map_or_else(|_| Input::CommitUnknown, |()| Input::CommitUnknown)
            }
            2 => Input::CommitUnknown,
            _well => match self.write(batch)? {
                Ok(()) => Input::Committed,
                Err(Refused::StaleEpoch) => Input::Deposed,
                Err(Refused::Gap) => Input::CommitUnknown,
            },
        };
        self.after(0, Happening::Input(leader, Box::new(input)));
        Ok(())
    }

    fn write(&mut self, batch: &Batch) -> Result<Result<(), Refused>, Violation> {
        let written = self.store.commit(batch);
        if written.is_ok() {
            Checker::committed(self, batch)?;
        }
        Ok(written)
    }
}
