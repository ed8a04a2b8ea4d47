//! What `go test -coverprofile` writes: `file:line.column,line.column statements count`.

use super::Telling;

pub(super) fn read(bytes: &[u8], telling: &mut Telling<'_, '_>) -> Result<(), String> {
    let mut last: (String, Option<&str>) = (String::new(), None);
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = std::str::from_utf8(line).unwrap_or_default().trim();
        // Profiles of several packages may be put behind one another.
        if line.is_empty() || line.starts_with("mode:") {
            continue;
        }
        let block = block(line).ok_or_else(|| format!("line {} is no profile", number + 1))?;
        if last.0 != block.file || telling.records == 0 {
            let found = telling.file(block.file, |places| places.find_import(block.file))?;
            last = (block.file.to_owned(), found);
        }
        telling.total.say(block.begin, block.statements, block.count > 0);
        if let Some(path) = last.1.filter(|_| block.statements > 0) {
            telling.wanted.say(path, block.first..=block.last, block.count > 0);
        }
    }
    Ok(())
}

struct Block<'l> {
    file: &'l str,
    /// Line and column, which no other block of the file begins at.
    begin: (u32, u32),
    first: u32,
    last: u32,
    statements: u64,
    count: u64,
}

fn block(line: &str) -> Option<Block<'_>> {
    let (file, rest) = line.rsplit_once(':')?;
    let mut parts = rest.split(' ');
    let (from, to) = parts.next()?.split_once(',')?;
    let number = |place: &str| place.split('.').next()?.parse().ok();
    let column = |place: &str| place.split('.').nth(1)?.parse().ok();
    let (statements, count) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (first, last) = (number(from)?, number(to)?);
    let begin = (first, column(from).unwrap_or(0));
    Some(Block { file, begin, first, last, statements, count })
}
