//! Moments and durations, as people say them.

use gangline_api::amount::span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long ago, such as `3m`.
pub(crate) fn age(then_us: i64, now_us: i64) -> String {
    span(u64::try_from(now_us.saturating_sub(then_us) / 1_000).unwrap_or(0))
}

/// The same in its largest unit alone, such as `3 min`: at most six columns.
pub(crate) fn brief_age(then_us: i64, now_us: i64) -> String {
    let seconds = now_us.saturating_sub(then_us).max(0) / 1_000_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", (seconds / 86_400).min(9_999)),
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
    fn what_lies_ahead_is_no_age() {
        assert_eq!((age(5_000_000, 0), age(0, 5_000_000)), ("0 ms".into(), "5.0 s".into()));
        assert_eq!(brief_age(5_000_000, 0), "0 s");
    }

    #[test]
    fn a_brief_age_keeps_the_largest_unit() {
        let said = [59, 61, 7_199, 90_000].map(|seconds| brief_age(0, seconds * 1_000_000));
        assert_eq!(said, ["59 s", "1 min", "1 h", "1 d"]);
    }
}
