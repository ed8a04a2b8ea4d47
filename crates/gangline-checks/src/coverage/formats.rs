//! The formats of coverage files, told by what is in them and not by their names.

mod cobertura;
mod go;
mod json;
mod lcov;

use super::places::Places;
use super::total::Total;
use super::wanted::Wanted;

/// Files that one coverage file may tell of, counted as often as it does.
const RECORDS_MAX: usize = 500_000;

/// Adds what a file says of the wanted lines. An error says in words what is wrong with it.
pub(super) fn read<'a>(
    bytes: &[u8],
    places: &Places<'a>,
    (wanted, total): (&mut Wanted<'a>, &mut Total),
) -> Result<(), String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    let mut telling = Telling { places, wanted, total, records: 0 };
    if start.starts_with(b"mode:") {
        go::read(start, &mut telling)?;
    } else if start.starts_with(b"<") {
        cobertura::read(start, &mut telling)?;
    } else if start.starts_with(b"{") {
        json::read(start, &mut telling)?;
    } else if start.starts_with(b"TN:") || start.starts_with(b"SF:") {
        lcov::read(start, &mut telling)?;
    } else {
        let what = "it is neither lcov, Cobertura XML, a profile of Go, nor JSON of Istanbul or coverage.py";
        return Err(what.to_owned());
    }
    match telling.records {
        0 => Err("it tells of no file".to_owned()),
        _some => Ok(()),
    }
}

/// Where a reader's findings go.
struct Telling<'t, 'a> {
    places: &'t Places<'a>,
    wanted: &'t mut Wanted<'a>,
    total: &'t mut Total,
    records: usize,
}

impl<'a> Telling<'_, 'a> {
    /// The wanted file that a record is about.
    fn file(
        &mut self,
        given: &str,
        find: impl FnOnce(&Places<'a>) -> Option<&'a str>,
    ) -> Result<Option<&'a str>, String> {
        self.records += 1;
        if self.records > RECORDS_MAX {
            return Err(format!("it has more than {RECORDS_MAX} records"));
        }
        self.wanted.tells_of(given);
        self.total.file(&self.places.named(given));
        let found = find(self.places);
        if let Some(path) = found {
            self.wanted.has(path);
        }
        Ok(found)
    }

    fn say(&mut self, file: Option<&str>, line: u32, ran: bool) {
        self.total.say((line, 0), 1, ran);
        if let Some(path) = file {
            self.wanted.say(path, line..=line, ran);
        }
    }
}

/// How often something ran, as tools write it: a whole number, or one that grew too large for that.
fn ran(count: &str) -> Option<bool> {
    let count = count.trim();
    count.parse::<f64>().ok().filter(|count| count.is_finite()).map(|count| count > 0.0)
}
