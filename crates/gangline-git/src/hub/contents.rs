//! The contents of objects, many in two runs of git, within a bound.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Answer, Answers};
use super::{Hub, ReadError};
use crate::git::not_understood;

/// Bytes that the list of sizes may have.
const SIZES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of what git says around one content.
const AROUND_BYTES: u64 = 256;

/// How much of contents is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentsBound {
    /// Bytes of one content beyond which it is not read.
    pub each: u64,
    /// Bytes of all contents together; what comes later is not read.
    pub all: u64,
}

/// A content, or how large it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// The bytes.
    Read(Vec<u8>),
    /// Beyond the bound; so many bytes.
    TooLarge(u64),
}

impl Hub {
    /// The contents of blobs by their names in hexadecimal. Smaller ones come first where not all
    /// of them fit.
    ///
    /// # Errors
    ///
    /// When git fails, or one of them is not in the hub.
    pub async fn contents(
        &self,
        objects: &BTreeSet<&str>,
        bound: ContentsBound,
    ) -> Result<BTreeMap<String, Contents>, ReadError> {
        if objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut sizes = self.sizes(objects).await?;
        sizes.sort_by_key(|(_, bytes)| *bytes);
        let mut found = BTreeMap::new();
        let (mut wanted, mut all) = (Vec::new(), 0);
        for (id, bytes) in sizes {
            if bytes > bound.each || all + bytes > bound.all {
                found.insert(id.to_owned(), Contents::TooLarge(bytes));
            } else {
                all += bytes;
                wanted.push(id);
            }
        }
        if wanted.is_empty() {
            return Ok(found);
        }
        let cap = usize::try_from(all + AROUND_BYTES * wanted.len() as u64).unwrap_or(usize::MAX);
        let asked: String = wanted.iter().flat_map(|id| [*id, "\n"]).collect();
        let call = self.git().call(["cat-file", "--batch"]).stdin(asked);
        let output = call.bulk().cap(cap).ok().await?.whole()?;
        let mut answers = Answers { rest: &output };
        for id in wanted {
            match answers.next()? {
                Answer::Found { bytes, .. } => {
                    found.insert(id.to_owned(), Contents::Read(bytes.to_vec()));
                }
                Answer::Missing => return Err(missing(id)),
            }
        }
        Ok(found)
    }

    async fn sizes<'o>(
        &self,
        objects: &BTreeSet<&'o str>,
    ) -> Result<Vec<(&'o str, u64)>, ReadError> {
        let asked: String = objects.iter().flat_map(|id| [*id, "\n"]).collect();
        let call = self.git().call(["cat-file", "--batch-check=%(objectsize)"]).stdin(asked);
        let output = call.bulk().cap(SIZES_BYTES_MAX).ok().await?.whole()?;
        let output = String::from_utf8_lossy(&output);
        let mut sizes = Vec::with_capacity(objects.len());
        for (id, line) in objects.iter().zip(output.lines()) {
            sizes.push((*id, line.parse().map_err(|_| missing(id))?));
        }
        Ok(sizes)
    }
}

fn missing(id: &str) -> ReadError {
    not_understood("cat-file", &format!("{id} is missing")).into()
}
