//! What a session has spent, as far as its agent says.

use gangline_domain::budget::Usage;
use serde_json::Value;

/// Adds up. Agents differ in what they tell: tokens of each turn, the size of the context, the
/// cost of the session so far. The context's size stands in for the tokens where nothing better
/// is told; it is rather too little than too much.
#[derive(Debug, Default)]
pub(super) struct Spent {
    turns: u64,
    context: u64,
    cost: f64,
    /// The cost that a session had when it was loaded.
    before: f64,
    reported: Usage,
}

impl Spent {
    /// Takes a `usage_update`. One that comes while a session is being loaded is of its past.
    pub(super) fn update(&mut self, update: &Value, loading: bool) -> Option<Usage> {
        let cost = &update["cost"];
        if cost["currency"].as_str().is_none_or(|currency| currency == "USD") {
            let amount = cost["amount"].as_f64().unwrap_or(0.0);
            if loading {
                self.before = amount;
            }
            self.cost = self.cost.max(amount);
        }
        if loading {
            return None;
        }
        self.context = self.context.max(update["used"].as_u64().unwrap_or(0));
        self.report()
    }

    /// Takes a prompt's answer.
    pub(super) fn turn(&mut self, result: &Value) -> Option<Usage> {
        let sum = |usage: &Value, keys: &[&str]| {
            keys.iter().filter_map(|key| usage[*key].as_u64()).fold(0, u64::saturating_add)
        };
        let told = sum(
            &result["usage"],
            &["inputTokens", "cachedWriteTokens", "outputTokens", "thoughtTokens"],
        );
        let count = &result["_meta"]["quota"]["token_count"];
        let of_turn = told.max(sum(count, &["input_tokens", "output_tokens"]));
        self.turns = self.turns.saturating_add(of_turn);
        self.report()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float is cast with saturation, and is never below zero"
    )]
    fn report(&mut self) -> Option<Usage> {
        let cost = (self.cost - self.before).max(0.0);
        let now = Usage {
            tokens: self.turns.max(self.context).max(self.reported.tokens),
            cost_microusd: ((cost * 1_000_000.0).round() as u64).max(self.reported.cost_microusd),
            wall_ms: 0,
        };
        let grown = now != self.reported;
        self.reported = now;
        grown.then_some(now)
    }
}
