//! How long somebody waits before they try again what failed.

use std::time::Duration;

const AGAIN_MIN: Duration = Duration::from_secs(1);
const AGAIN_MAX: Duration = Duration::from_hours(1);

/// After so many failures in a row: 1 s, 2 s, 4 s … 1 h, and from half of that to all of it. `chance`
/// spreads pauses, so that those who failed together do not come back together.
pub(crate) fn pause(failures: u32, chance: u32) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    let most = AGAIN_MIN.saturating_mul(doubled.max(1)).min(AGAIN_MAX);
    let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
    let spread = millis / 2 * u64::from(chance) / u64::from(u32::MAX);
    most / 2 + Duration::from_millis(spread)
}

/// Any number.
pub(crate) fn chance() -> u32 {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).expect("BUG: the system has no randomness to give");
    u32::from_ne_bytes(bytes)
}
