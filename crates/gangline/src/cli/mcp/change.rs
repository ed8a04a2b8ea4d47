//! What a change of a file comes to, for the person who is asked.

/// Lines around a change that are shown.
const AROUND: usize = 2;

/// One line of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// Stays.
    Same(&'a str),
    /// Goes.
    Out(&'a str),
    /// Comes.
    In(&'a str),
}

impl Line<'_> {
    /// As it is shown.
    pub(super) fn text(self) -> String {
        match self {
            Self::Same(text) => format!("  {text}"),
            Self::Out(text) => format!("- {text}"),
            Self::In(text) => format!("+ {text}"),
        }
    }
}

/// The one place where two texts differ, with what stands around it.
pub(super) fn between<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[same..], &new[same..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let after = ends.take_while(|(old, new)| old == new).count();
    let gone = &old_rest[..old_rest.len() - after];
    let come = &new_rest[..new_rest.len() - after];
    let before = &old[same.saturating_sub(AROUND)..same];
    let behind = &new_rest[come.len()..];
    let mut lines: Vec<Line<'a>> = before.iter().map(|line| Line::Same(line)).collect();
    lines.extend(gone.iter().map(|line| Line::Out(line)));
    lines.extend(come.iter().map(|line| Line::In(line)));
    lines.extend(behind.iter().take(AROUND).map(|line| Line::Same(line)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_what_stands_around_it() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let new = "a\nb\nc\nd,\nx\ne\nf\n";
        let shown: Vec<String> = between(old, new).into_iter().map(Line::text).collect();
        assert_eq!(shown, ["  b", "  c", "- d", "+ d,", "+ x", "  e", "  f"]);
        let shown: Vec<String> = between("", "a\n").into_iter().map(Line::text).collect();
        assert_eq!(shown, ["+ a"]);
        assert_eq!(
            between(old, old).iter().filter(|line| !matches!(line, Line::Same(_))).count(),
            0
        );
    }
}
