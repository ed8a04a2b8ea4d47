//! Moments and durations, as people say them.

use gangline_api::amount::span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long ago, such as `3m`.
pub(crate) fn age(then_us: i64, now_us: i64) -> String {
    span(u64::try_from(now_us.saturating_sub(then_us) / 1_000).unwrap_or(0))
}

/// The time of day here, such as `14:03:22`.
pub(crate) fn clock(us: i64) -> String {
    formatted(us, "%H:%M:%S")
}

/// Date and time here, such as `2026-11-03 14:03`.
pub(crate) fn date(us: i64) -> String {
    formatted(us, "%Y-%m-%d %H:%M")
}

/// A day of UTC, such as `2026-11-03`.
pub(crate) fn day(us: i64) -> String {
    in_zone(us, TimeZone::UTC, "%Y-%m-%d")
}

fn formatted(us: i64, format: &str) -> String {
    in_zone(us, TimeZone::system(), format)
}

fn in_zone(us: i64, zone: TimeZone, format: &str) -> String {
    match Timestamp::from_microsecond(us) {
        Ok(at) => at.to_zoned(zone).strftime(format).to_string(),
        Err(_) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_ahead_is_no_age() {
        assert_eq!((age(5_000_000, 0), age(0, 5_000_000)), ("0 ms".into(), "5.0 s".into()));
    }
}
