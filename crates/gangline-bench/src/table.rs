//! Figures beside their floors.

use std::fmt::Write as _;

/// One figure. `ratio` is the figure by its floor, in the direction that `bound` limits.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was measured.
    pub name: &'static str,
    /// How much it is, for people.
    pub figure: String,
    /// What it is held against, for people.
    pub floor: String,
    /// The one by the other.
    pub ratio: f64,
    /// What is promised of the ratio.
    pub bound: Bound,
}

/// Which side of a number is good.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// Small ratios are good.
    AtMost(f64),
    /// Large ratios are good.
    AtLeast(f64),
}

impl Row {
    /// Whether the promise holds.
    pub fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(bound) => self.ratio <= bound,
            Bound::AtLeast(bound) => self.ratio >= bound,
        }
    }
}

/// The table, for people.
pub fn render(rows: &[Row]) -> String {
    let mut text = String::new();
    let line = |text: &mut String, cells: [&str; 5]| {
        let [name, figure, floor, ratio, bound] = cells;
        writeln!(text, "{name:<44} {figure:>16} {floor:>28} {ratio:>8} {bound:>12}")
            .expect("BUG: writing to a string");
    };
    line(&mut text, ["what", "figure", "floor", "ratio", "promise"]);
    for row in rows {
        let mark = if row.holds() { "" } else { " MISSED" };
        let bound = match row.bound {
            Bound::AtMost(bound) => format!("<= {bound}{mark}"),
            Bound::AtLeast(bound) => format!(">= {bound}{mark}"),
        };
        let ratio = format!("{:.2}", row.ratio);
        line(&mut text, [row.name, &row.figure, &row.floor, &ratio, &bound]);
    }
    text
}
