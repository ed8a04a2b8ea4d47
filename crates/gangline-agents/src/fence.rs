//! Fenced blocks in Markdown, such as the script that a ticket's body may carry.

/// A fenced block's content, and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands between the fences, each line with its end.
    pub text: String,
    /// Lines up to and including the opening fence.
    pub lines_before: u64,
}

/// The first block whose opening fence is followed by exactly `info`, and the text without all
/// such blocks. A fence is three or more backticks or tildes; it is closed by at least as many
/// of the same, or by the end of the text. An indented opening fence takes that indentation
/// from the block's lines.
pub fn take(text: &str, info: &str) -> (Option<Block>, String) {
    let mut first = None;
    let mut rest = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(fence) = Fence::opening(line, info) else {
            rest.push_str(line);
            continue;
        };
        let block: String = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| !fence.is_closed_by(line))
            .map(|line| fence.without_indent(line))
            .collect();
        let lines_before = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        first.get_or_insert(Block { text: block, lines_before });
    }
    (first, rest)
}

struct Fence {
    mark: char,
    length: usize,
    indent: usize,
}

impl Fence {
    fn opening(line: &str, info: &str) -> Option<Self> {
        let bare = line.trim_start_matches(' ');
        let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let length = bare.chars().take_while(|c| *c == mark).count();
        let named = bare.trim_start_matches(mark).trim() == info;
        (length >= 3 && named).then(|| Self { mark, length, indent: line.len() - bare.len() })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let bare = line.trim();
        bare.chars().all(|c| c == self.mark) && bare.chars().count() >= self.length
    }

    fn without_indent<'a>(&self, line: &'a str) -> &'a str {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        &line[spaces.min(self.indent)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, u64)>, rest: &str) {
        let (block, left) = take(text, "x");
        let found = block.as_ref().map(|block| (block.text.as_str(), block.lines_before));
        assert_eq!(found, expected, "{text:?}");
        assert_eq!(left, rest, "{text:?}");
    }

    #[test]
    fn the_first_block_is_found_and_all_are_cut_out() {
        check("a\n```x\none\n```\nb\n```x\ntwo\n```\nc", Some(("one\n", 2)), "a\nb\nc");
        check("a\n```y\none\n```\n", None, "a\n```y\none\n```\n");
        check("````x\n```\ninner\n```\n````\n", Some(("```\ninner\n```\n", 1)), "");
        check("~~~ x\none", Some(("one", 1)), "");
        check("- item\n  ```x\n  a\n   b\n  ```\n", Some(("a\n b\n", 2)), "- item\n");
        check("", None, "");
    }
}
