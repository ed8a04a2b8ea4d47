//! How long something may take, as people write it: `90s`, `10m`, `1h30m`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The longest period, in milliseconds: 31 days.
const PERIOD_MS_MAX: u64 = 31 * 24 * 3_600_000;

/// Largest first, because they must be written in this order.
const UNITS: [(&str, u64); 4] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];

/// A span of time of 1 second to 31 days. Written as whole numbers with units `d`, `h`, `m` and
/// `s`, largest first, each at most once: `90s`, `10m`, `4h`, `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    ms: u64,
}

/// Why a text is not a [`Period`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPeriod {
    /// A number alone.
    #[error("`{0}` has no unit\nwrite \"{0}s\", \"{0}m\" or \"{0}h\"")]
    NoUnit(String),
    /// Not of this form at all.
    #[error("`{0}` is not a period\nwrite it like \"90s\", \"10m\", \"4h\" or \"1h30m\"")]
    Form(String),
    /// Units out of order or twice.
    #[error("`{0}` has its units out of order or twice\nwrite it like \"1h30m\", largest first")]
    Order(String),
    /// Zero, or more than 31 days.
    #[error("`{0}` is out of range\nit is at least 1s and at most 31d")]
    Range(String),
}

impl Period {
    /// That many seconds. For defaults: panics outside 1 second to 31 days.
    pub const fn seconds(seconds: u64) -> Self {
        assert!(seconds >= 1 && seconds <= PERIOD_MS_MAX / 1000, "BUG: a default out of range");
        Self { ms: seconds * 1000 }
    }

    /// In milliseconds.
    pub fn ms(self) -> u64 {
        self.ms
    }
}

impl From<Period> for Duration {
    fn from(period: Period) -> Self {
        Duration::from_millis(period.ms)
    }
}

impl FromStr for Period {
    type Err = BadPeriod;
    fn from_str(text: &str) -> Result<Self, BadPeriod> {
        let given = || text.chars().take(40).collect::<String>().escape_debug().to_string();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadPeriod::NoUnit(given()));
        }
        let mut rest = text;
        let mut units = UNITS.iter();
        let mut ms: u64 = 0;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at(digits);
            let unit_len = tail.bytes().take_while(|b| !b.is_ascii_digit()).count();
            let (unit, tail) = tail.split_at(unit_len);
            if number.is_empty() || !UNITS.iter().any(|(name, _)| *name == unit) {
                return Err(BadPeriod::Form(given()));
            }
            let Some((_, unit_ms)) = units.find(|(name, _)| *name == unit) else {
                return Err(BadPeriod::Order(given()));
            };
            let number: u64 = number.parse().map_err(|_| BadPeriod::Range(given()))?;
            ms = ms.saturating_add(number.saturating_mul(*unit_ms));
            rest = tail;
        }
        match ms {
            0 if text.is_empty() => Err(BadPeriod::Form(given())),
            1_000..=PERIOD_MS_MAX => Ok(Self { ms }),
            _ => Err(BadPeriod::Range(given())),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.ms;
        for (name, unit_ms) in UNITS {
            if rest >= unit_ms {
                write!(f, "{}{name}", rest / unit_ms)?;
                rest %= unit_ms;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Period;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a period such as \"10m\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Period, E> {
                text.parse().map_err(E::custom)
            }
            // A bare number is the commonest slip, and deserves better than a type error.
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Period, E> {
                Err(E::custom(BadPeriod::NoUnit(number.to_string())))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests;
