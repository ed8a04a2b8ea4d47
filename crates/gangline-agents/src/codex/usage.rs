//! What a session has spent.

use gangline_domain::budget::Usage;
use serde_json::Value;

/// Adds up. Tokens are input that was not cached, and output; reading the cache is left out, as
/// for kind `claude`, because it repeats the whole conversation on every request. What it costs
/// is not told.
#[derive(Debug)]
pub(super) struct Meter {
    /// The thread's total when it was told last; unknown at the start of a resumed one.
    total: Option<u64>,
    spent: u64,
}

impl Meter {
    pub(super) fn new(resumed: bool) -> Self {
        Self { total: (!resumed).then_some(0), spent: 0 }
    }

    /// Takes a `tokenUsage`, of this session's turns or of earlier ones. The new running total,
    /// when it has grown.
    pub(super) fn told(&mut self, usage: &Value, own: bool) -> Option<Usage> {
        let total = tokens(&usage["total"], CAMEL);
        let last = tokens(&usage["last"], CAMEL);
        if !own {
            self.total = Some(total);
            return None;
        }
        let before = self.total.unwrap_or(total.saturating_sub(last));
        self.total = Some(total.max(before));
        self.grown(total.saturating_sub(before))
    }

    /// Takes a `usage` of `codex exec`, which is the thread's total.
    pub(super) fn turn(&mut self, usage: &Value) -> Option<Usage> {
        let total = tokens(usage, SNAKE);
        // Where a resumed session began is unknown: too much is counted rather than too little.
        let before = self.total.replace(total).unwrap_or(0);
        self.grown(total.saturating_sub(before))
    }

    fn grown(&mut self, by: u64) -> Option<Usage> {
        self.spent = self.spent.saturating_add(by);
        (by > 0).then(|| Usage { tokens: self.spent, ..Usage::default() })
    }
}

type Names = [&'static str; 3];
const CAMEL: Names = ["inputTokens", "cachedInputTokens", "outputTokens"];
const SNAKE: Names = ["input_tokens", "cached_input_tokens", "output_tokens"];

fn tokens(usage: &Value, names: Names) -> u64 {
    let [input, cached, output] = names.map(|name| usage[name].as_u64().unwrap_or(0));
    input.saturating_sub(cached).saturating_add(output)
}
