//! Time and money, as people say them.

/// A duration in milliseconds, in its two largest units.
pub fn span(ms: u64) -> String {
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

/// Millionths of a US dollar, to the cent.
pub fn dollars(micros: u64) -> String {
    format!("{}.{:02} USD", micros / 1_000_000, micros % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_its_largest_units() {
        let said = [7, 4_250, 42_000, 61_000, 3_720_000, 90_000_000].map(span);
        assert_eq!(said, ["7 ms", "4.2 s", "42 s", "1 min 1 s", "1 h 2 min", "1 d 1 h"]);
    }
}
