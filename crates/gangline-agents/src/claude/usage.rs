//! What a session has spent.

use std::collections::BTreeMap;

use gangline_domain::budget::Usage;
use serde_json::Value;

/// Adds up. Tokens are input, written cache and output; reading the cache is left out, because
/// it repeats the whole conversation on every request at a tenth of the price. It is in the
/// cost.
#[derive(Debug)]
pub(super) struct Meter {
    /// By results.
    settled: Usage,
    /// Since the last result, by message: estimates that the next result replaces.
    open: BTreeMap<String, u64>,
    /// What was reported last; it never falls.
    reported: Usage,
    /// `total_cost_usd` of the last result, where it is known from which value it grew.
    total: Option<f64>,
}

impl Meter {
    /// A resumed session's totals begin at an unknown value.
    pub(super) fn new(resumed: bool) -> Self {
        Self {
            settled: Usage::default(),
            open: BTreeMap::new(),
            reported: Usage::default(),
            total: (!resumed).then_some(0.0),
        }
    }

    /// The new running total, when it has grown.
    pub(super) fn assistant_line(&mut self, line: &Value) -> Option<Usage> {
        let message = &line["message"];
        if message["model"] == "<synthetic>" {
            return None;
        }
        let id = message["id"].as_str()?.to_owned();
        let tokens = tokens(&message["usage"], &IN_MESSAGES);
        let open = self.open.entry(id).or_default();
        *open = tokens.max(*open);
        self.report()
    }

    /// The new running total, when it has grown.
    pub(super) fn result_line(&mut self, line: &Value) -> Option<Usage> {
        let models = line["model_usage_since_last_result"].as_object();
        let total = line["total_cost_usd"].as_f64();
        let spent = match models {
            Some(models) => {
                let each = models.values().map(|model| Usage {
                    tokens: tokens(model, &IN_MODELS),
                    cost_microusd: microusd(model["costUSD"].as_f64().unwrap_or(0.0)),
                    wall_ms: 0,
                });
                each.fold(Usage::default(), Usage::plus)
            }
            // Older programs. Where the start is unknown the whole is taken: too much is
            // counted rather than too little.
            None => Usage {
                tokens: tokens(&line["usage"], &IN_MESSAGES),
                cost_microusd: microusd(total.unwrap_or(0.0) - self.total.unwrap_or(0.0)),
                wall_ms: 0,
            },
        };
        self.total = total.or(self.total);
        self.settled = self.settled.plus(spent);
        self.open.clear();
        self.report()
    }

    fn report(&mut self) -> Option<Usage> {
        let open = self.open.values().fold(0_u64, |sum, tokens| sum.saturating_add(*tokens));
        let now = self.settled.plus(Usage { tokens: open, ..Usage::default() });
        let now = Usage {
            tokens: now.tokens.max(self.reported.tokens),
            cost_microusd: now.cost_microusd.max(self.reported.cost_microusd),
            wall_ms: 0,
        };
        let grown = now != self.reported;
        self.reported = now;
        grown.then_some(now)
    }
}

const IN_MESSAGES: [&str; 3] = ["input_tokens", "cache_creation_input_tokens", "output_tokens"];
const IN_MODELS: [&str; 3] = ["inputTokens", "cacheCreationInputTokens", "outputTokens"];

fn tokens(usage: &Value, keys: &[&str]) -> u64 {
    keys.iter().fold(0, |sum, key| sum.saturating_add(usage[*key].as_u64().unwrap_or(0)))
}

/// Millionths of a dollar; nothing for what is not a positive number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cast with saturation, and negative and undefined values are left out"
)]
fn microusd(dollars: f64) -> u64 {
    if dollars > 0.0 { (dollars * 1_000_000.0).round() as u64 } else { 0 }
}
