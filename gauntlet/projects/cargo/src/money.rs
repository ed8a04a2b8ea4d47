//! Amounts as people write them.

/// Cents of `12.50`; nothing for what is no amount.
pub fn parse(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    if whole.is_empty() || part.len() != 2 {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    Some(whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?)
}

/// `12.50` of 1250 cents.
pub fn format(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}
