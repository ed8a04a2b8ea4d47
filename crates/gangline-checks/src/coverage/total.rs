//! What the data says of all code that it tells of, wanted or not.

use std::collections::BTreeMap;

use gangline_domain::verdict::Coverage;

/// Lines and blocks that are told apart. Beyond these nothing is said of the whole.
const PARTS_MAX: usize = 1_000_000;

/// Counts parts of files: lines, and blocks of statements in a profile of Go. What is told twice
/// counts once, and has run when one of them says so.
#[derive(Default)]
pub(super) struct Total {
    files: BTreeMap<String, usize>,
    /// The file that is told of.
    at: usize,
    /// By file and place: how many there are, and whether they ran.
    parts: BTreeMap<(usize, (u32, u32)), (u64, bool)>,
    overflows: bool,
}

impl Total {
    /// What follows is about this file.
    pub(super) fn file(&mut self, path: &str) {
        let next = self.files.len();
        self.at = match self.files.get(path) {
            Some(known) => *known,
            None => *self.files.entry(path.to_owned()).or_insert(next),
        };
    }

    /// So many lines or statements at this line and column.
    pub(super) fn say(&mut self, place: (u32, u32), count: u64, ran: bool) {
        let key = (self.at, place);
        if self.parts.len() >= PARTS_MAX && !self.parts.contains_key(&key) {
            self.overflows = true;
            return;
        }
        let part = self.parts.entry(key).or_insert((count, false));
        part.1 |= ran;
    }

    /// All of it; `None` where there is nothing that could run, or too much to count.
    pub(super) fn told(&self) -> Option<Coverage> {
        let sum = |all: u64, count: &u64| all.saturating_add(*count);
        let all = self.parts.values().map(|(count, _)| count).fold(0, sum);
        let ran = self.parts.values().filter(|(_, ran)| *ran);
        let ran = ran.map(|(count, _)| count).fold(0, sum);
        (!self.overflows && all > 0).then_some(Coverage { ran, all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_twice_counts_once_and_ran_when_one_says_so() {
        let mut total = Total::default();
        assert_eq!(total.told(), None);
        for (file, line, ran) in
            [("a", 1, false), ("a", 2, false), ("b", 1, true), ("a", 1, true), ("a", 1, false)]
        {
            total.file(file);
            total.say((line, 0), 1, ran);
        }
        assert_eq!(total.told(), Some(Coverage { ran: 2, all: 3 }));
    }

    #[test]
    fn of_more_than_can_be_counted_nothing_is_said() {
        let mut total = Total::default();
        total.file("a");
        for line in 0..=u32::try_from(PARTS_MAX).unwrap() {
            total.say((line, 0), 1, true);
        }
        assert_eq!(total.told(), None);
    }
}
