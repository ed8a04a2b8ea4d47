//! Medians: on a shared machine the mean tells of the neighbours.

use std::time::Duration;

/// The middle of some times; there is at least one.
pub fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Milliseconds with two digits, for people.
pub fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
