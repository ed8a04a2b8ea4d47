//! Moments and durations, as people say them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long ago, such as `3m`.
pub(crate) fn age(then_us: i64, now_us: i64) -> String {
    span(u64::try_from(now_us.saturating_sub(then_us) / 1_000).unwrap_or(0))
}

/// A duration in milliseconds, in its two largest units.
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms} ms"),
        1..=9 => format!("{seconds}.{} s", ms % 1_000 / 100),
        10..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..=86_399 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
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
    fn a_span_is_said_in_its_largest_units() {
        let said = [7, 4_250, 42_000, 61_000, 3_720_000, 90_000_000].map(span);
        assert_eq!(said, ["7 ms", "4.2 s", "42 s", "1 min 1 s", "1 h 2 min", "1 d 1 h"]);
    }

    #[test]
    fn what_lies_ahead_is_no_age() {
        assert_eq!((age(5_000_000, 0), age(0, 5_000_000)), ("0 ms".into(), "5.0 s".into()));
    }
}
