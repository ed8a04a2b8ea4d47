//! Numbers with bounds, and money.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// Millionths of a US dollar in a dollar.
const MICROUSD: f64 = 1_000_000.0;
/// Dollars that a budget may have.
const USD_MAX: f64 = 1_000_000.0;

/// Reads a whole number of `MIN` to `MAX`.
pub(crate) fn whole<'de, D, T, const MIN: u32, const MAX: u32>(
    deserializer: D,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u32>,
{
    let given = i64::deserialize(deserializer)?;
    let number = u32::try_from(given).ok().filter(|number| (MIN..=MAX).contains(number));
    let number = number.and_then(|number| T::try_from(number).ok());
    number
        .ok_or_else(|| de::Error::custom(format!("{given} is out of range\nit is {MIN} to {MAX}")))
}

/// Reads dollars, with or without a fraction, as millionths of one.
pub(crate) fn dollars<'de, D>(deserializer: D) -> Result<Option<u64>, D::Error>
where
    D: Deserializer<'de>,
{
    struct Dollars;
    impl Visitor<'_> for Dollars {
        type Value = f64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("US dollars, such as 2.50")
        }
        fn visit_f64<E: de::Error>(self, dollars: f64) -> Result<f64, E> {
            Ok(dollars)
        }
        fn visit_i64<E: de::Error>(self, dollars: i64) -> Result<f64, E> {
            #[expect(clippy::cast_precision_loss, reason = "what is that large is refused below")]
            Ok(dollars as f64)
        }
    }
    let dollars = deserializer.deserialize_any(Dollars)?;
    if !(0.0..=USD_MAX).contains(&dollars) {
        let message = format!("{dollars} is out of range\nit is 0 to {USD_MAX} US dollars");
        return Err(de::Error::custom(message));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked above"
    )]
    Ok(Some((dollars * MICROUSD).round() as u64))
}
