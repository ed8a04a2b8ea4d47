//! What a basket costs.

/// One line of an invoice.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    pub cents: i64,
    pub quantity: i64,
}

/// Cents of all lines.
pub fn total(lines: &[Line]) -> i64 {
    lines.iter().map(|line| line.cents * line.quantity).sum()
}

/// Cents that are left after a discount, rounded half up.
pub fn discounted(cents: i64, percent: i64) -> i64 {
    (cents * (100 - percent) + 50).div_euclid(100)
}
