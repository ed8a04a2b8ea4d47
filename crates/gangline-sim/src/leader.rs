//! One orchestrator process: the real dispatcher, and effects that are carried out one by one,
//! so that the process can die between any two of them.

use std::collections::VecDeque;

use gangline_engine::{Dispatcher, Effect, Input};

use gangline_domain::ids::Timestamp;

/// An orchestrator process. Dead ones keep their place, so that late happenings find nobody.
#[derive(Debug)]
pub(crate) struct Leader {
    pub(crate) epoch: u64,
    /// Absent once it has died.
    pub(crate) dispatcher: Option<Dispatcher>,
    pub(crate) effects: VecDeque<Effect>,
}

impl Leader {
    pub(crate) fn new(epoch: u64, dispatcher: Dispatcher) -> Self {
        Self { epoch, dispatcher: Some(dispatcher), effects: VecDeque::new() }
    }

    /// Hands an input in; how many effects came out.
    pub(crate) fn input(&mut self, input: Input, now: Timestamp) -> usize {
        let Some(dispatcher) = &mut self.dispatcher else { return 0 };
        let effects = dispatcher.step(input, now);
        let count = effects.len();
        self.effects.extend(effects);
        count
    }

    pub(crate) fn die(&mut self) {
        self.dispatcher = None;
        self.effects.clear();
    }
}
