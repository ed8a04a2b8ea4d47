//! When a limit is said to end, in the words of those who set it.

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Seconds since the Unix epoch, from `… limit reached|1800000000` or
/// `… resets Jan 15, 2027, 8am (UTC)`. A time without a date or of another zone is not guessed
/// at.
pub(crate) fn in_words(message: &str) -> Option<i64> {
    if let Some((_, epoch)) = message.rsplit_once('|') {
        return epoch.trim().parse().ok();
    }
    let (_, rest) = message.split_once("resets ")?;
    let when = rest.strip_prefix("at ").unwrap_or(rest);
    let when = when.split("(UTC)").next().filter(|when| when.len() < rest.len())?;
    let mut words = when.split([' ', ',']).filter(|word| !word.is_empty());
    let month = words.next()?.to_lowercase();
    let month = MONTHS.iter().position(|name| month.starts_with(name))?;
    let day: i64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let year: i64 = words.next()?.parse().ok().filter(|year| (2020..3000).contains(year))?;
    let minutes = minutes(words.next()?)?;
    let month = i64::try_from(month).ok()? + 1;
    Some(days_since_1970(year, month, day) * 86_400 + minutes * 60)
}

/// Minutes since midnight, from `8am`, `12:30pm`.
fn minutes(text: &str) -> Option<i64> {
    let text = text.to_lowercase();
    let (clock, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock, 0),
        (None, Some(clock)) => (clock, 12),
        (None, None) => return None,
    };
    let (hours, minutes) = clock.split_once(':').unwrap_or((clock, "0"));
    let hours: i64 = hours.parse().ok().filter(|hours| (1..=12).contains(hours))?;
    let minutes: i64 = minutes.parse().ok().filter(|minutes| (0..60).contains(minutes))?;
    Some((hours % 12 + half) * 60 + minutes)
}

/// Howard Hinnant's `days_from_civil`, for years after 0.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year / 400;
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_is_read_only_where_it_is_unambiguous() {
        let check = |message: &str, expected| assert_eq!(in_words(message), expected, "{message}");
        check("You've hit your limit · resets Jan 15, 2027, 8am (UTC)", Some(1_800_000_000));
        check("limit · resets at Feb 29, 2028, 12:30pm (UTC)", Some(1_835_440_200));
        check("limit · resets Dec 31, 2027, 12am (UTC)", Some(1_830_211_200));
        check("Claude AI usage limit reached|1800000000", Some(1_800_000_000));
        check("limit · resets 3pm (UTC)", None);
        check("limit · resets Jan 15, 2027, 8am (Europe/Berlin)", None);
        check("limit · resets Jan 15, 2027, 8am", None);
        check("limit · resets Foo 15, 2027, 8am (UTC)", None);
        check("it is broken", None);
    }
}
