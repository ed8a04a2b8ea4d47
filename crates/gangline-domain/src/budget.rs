//! What work costs, and what it may cost.

use serde::{Deserialize, Serialize};

/// What was spent. All counts only grow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens, in and out, as the agent's provider counted them.
    pub tokens: u64,
    /// Millionths of a US dollar, as the agent reported.
    pub cost_microusd: u64,
    /// Wall time of attempts, in milliseconds.
    pub wall_ms: u64,
}

impl Usage {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            cost_microusd: self.cost_microusd.saturating_add(other.cost_microusd),
            wall_ms: self.wall_ms.saturating_add(other.wall_ms),
        }
    }

    /// What was spent since the count was at `earlier`.
    #[must_use]
    pub fn minus(self, earlier: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(earlier.tokens),
            cost_microusd: self.cost_microusd.saturating_sub(earlier.cost_microusd),
            wall_ms: self.wall_ms.saturating_sub(earlier.wall_ms),
        }
    }
}

/// What may be spent; an absent limit is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budget {
    /// Tokens, in and out.
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    pub cost_microusd: Option<u64>,
    /// Wall time of attempts, in milliseconds.
    pub wall_ms: Option<u64>,
}

/// Which limit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spent {
    /// No tokens are left.
    Tokens,
    /// No money is left.
    Cost,
    /// No wall time is left.
    WallTime,
}

impl Budget {
    /// What is left after `usage`: this is what one more attempt may be given.
    #[must_use]
    pub fn minus(self, usage: Usage) -> Self {
        let left = |limit: Option<u64>, used: u64| limit.map(|limit| limit.saturating_sub(used));
        Self {
            tokens: left(self.tokens, usage.tokens),
            cost_microusd: left(self.cost_microusd, usage.cost_microusd),
            wall_ms: left(self.wall_ms, usage.wall_ms),
        }
    }

    /// The tighter of both, limit by limit.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        let tighter = |a: Option<u64>, b: Option<u64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (one, None) | (None, one) => one,
        };
        Self {
            tokens: tighter(self.tokens, other.tokens),
            cost_microusd: tighter(self.cost_microusd, other.cost_microusd),
            wall_ms: tighter(self.wall_ms, other.wall_ms),
        }
    }

    /// The first limit of which nothing is left.
    pub fn spent(&self) -> Option<Spent> {
        let none_left = |limit: Option<u64>| limit == Some(0);
        [
            (self.tokens, Spent::Tokens),
            (self.cost_microusd, Spent::Cost),
            (self.wall_ms, Spent::WallTime),
        ]
        .into_iter()
        .find_map(|(limit, which)| none_left(limit).then_some(which))
    }

    /// This budget counted as if all of it had been used: what a running attempt holds back.
    #[must_use]
    pub fn as_reserved(&self) -> Usage {
        Usage {
            tokens: self.tokens.unwrap_or(0),
            cost_microusd: self.cost_microusd.unwrap_or(0),
            wall_ms: self.wall_ms.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_attempt_holds_another_cannot_be_given() {
        let day = Budget { tokens: Some(100), ..Budget::default() };
        let ticket = Budget { tokens: Some(70), cost_microusd: Some(5), ..Budget::default() };
        let first = ticket.tighter(day.minus(Usage::default()));
        assert_eq!(first.tokens, Some(70));
        let second = ticket.tighter(day.minus(first.as_reserved()));
        assert_eq!((second.tokens, second.cost_microusd), (Some(30), Some(5)));
        let third = day.minus(first.as_reserved().plus(second.as_reserved()));
        assert_eq!(third.spent(), Some(Spent::Tokens));
    }

    #[test]
    fn no_limit_is_never_spent() {
        let used = Usage { tokens: u64::MAX, cost_microusd: u64::MAX, wall_ms: u64::MAX };
        assert_eq!(Budget::default().minus(used.plus(used)).spent(), None);
    }
}
