//! How long something took, over and over.

/// Upper bounds of the buckets, in milliseconds: from a tenth of a second to a week.
pub(crate) const BOUNDS_MS: [u64; 16] = [
    100,
    500,
    1_000,
    5_000,
    15_000,
    60_000,
    5 * 60_000,
    15 * 60_000,
    30 * 60_000,
    3_600_000,
    2 * 3_600_000,
    4 * 3_600_000,
    8 * 3_600_000,
    24 * 3_600_000,
    3 * 24 * 3_600_000,
    7 * 24 * 3_600_000,
];

/// Durations in buckets. What is longer than the last bound counts in the sum alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spread {
    pub(crate) count: u64,
    pub(crate) sum_ms: u64,
    /// How many fall into each bucket, and not into one before it.
    pub(crate) buckets: [u64; BOUNDS_MS.len()],
}

impl Spread {
    pub(crate) fn take(&mut self, ms: u64) {
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
        if let Some(at) = BOUNDS_MS.iter().position(|bound| ms <= *bound) {
            self.buckets[at] += 1;
        }
    }

    /// The mean, in milliseconds.
    pub(crate) fn mean_ms(&self) -> Option<u64> {
        self.sum_ms.checked_div(self.count)
    }

    /// The upper bound of the bucket in which `part` of `whole` have come together; none where
    /// there is nothing, or the last bound is passed.
    pub(crate) fn within_ms(&self, part: u64, whole: u64) -> Option<u64> {
        let enough = (self.count * part).div_ceil(whole).max(1);
        let mut below = 0;
        let at = self.buckets.iter().position(|n| {
            below += n;
            below >= enough
        });
        at.map(|at| BOUNDS_MS[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_falls_into_one_bucket() {
        let mut spread = Spread::default();
        for ms in [0, 100, 101, 7 * 24 * 3_600_000, 7 * 24 * 3_600_000 + 1] {
            spread.take(ms);
        }
        assert_eq!((spread.count, spread.buckets[0], spread.buckets[1]), (5, 2, 1));
        assert_eq!((spread.buckets[15], spread.buckets.iter().sum::<u64>()), (1, 4));
        assert_eq!(spread.mean_ms(), Some((202 + 14 * 24 * 3_600_000) / 5));
        assert_eq!(Spread::default().mean_ms(), None);
        assert_eq!((spread.within_ms(1, 2), spread.within_ms(9, 10)), (Some(500), None));
        assert_eq!(Spread::default().within_ms(1, 2), None);
    }
}
