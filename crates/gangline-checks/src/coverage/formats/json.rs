//! JSON of Istanbul (`coverage-final.json`) and of coverage.py, read file by file: no more than one
//! file's entry is held.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Telling;

pub(super) fn read(bytes: &[u8], telling: &mut Telling<'_, '_>) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    Files { telling, below: false }.deserialize(&mut json).map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())
}

/// Files by their paths; those of coverage.py are one level `below`, beside other things.
struct Files<'s, 't, 'a> {
    telling: &'s mut Telling<'t, 'a>,
    below: bool,
}

impl<'de> DeserializeSeed<'de> for Files<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Files<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("files by their paths")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { telling, below } = self;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "meta" | "totals" if !below => drop(map.next_value::<IgnoredAny>()?),
                "files" if !below => {
                    map.next_value_seed(Files { telling: &mut *telling, below: true })?;
                }
                path => {
                    let lines = map.next_value::<Entry>()?;
                    let file = telling.file(path, |places| places.find(path));
                    let file = file.map_err(A::Error::custom)?;
                    lines.each(|line, ran| telling.say(file, line, ran));
                }
            }
        }
        Ok(())
    }
}

/// One file's entry, of either kind.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    executed_lines: Vec<u32>,
    missing_lines: Vec<u32>,
    #[serde(rename = "statementMap")]
    statements: Numbered<Statement>,
    #[serde(rename = "s")]
    counts: Numbered<f64>,
}

#[derive(Deserialize)]
struct Statement {
    start: Place,
}

#[derive(Deserialize)]
struct Place {
    line: Option<u32>,
}

impl Entry {
    fn each(mut self, mut say: impl FnMut(u32, bool)) {
        self.executed_lines.iter().for_each(|line| say(*line, true));
        self.missing_lines.iter().for_each(|line| say(*line, false));
        self.counts.0.sort_by_key(|(number, _)| *number);
        for (number, statement) in &self.statements.0 {
            let at = self.counts.0.binary_search_by_key(number, |(number, _)| *number);
            let (Some(line), Ok(at)) = (statement.start.line, at) else { continue };
            say(line, self.counts.0[at].1 > 0.0);
        }
    }
}

/// An object whose keys are numbers.
struct Numbered<T>(Vec<(u32, T)>);

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Numbered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Keys<T> {
            type Value = Numbered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values by numbers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Numbered<T>, A::Error> {
                let mut all = vec![];
                while let Some(entry) = map.next_entry::<u32, T>()? {
                    all.push(entry);
                }
                Ok(Numbered(all))
            }
        }
        deserializer.deserialize_map(Keys(PhantomData))
    }
}
