//! What a commit's own `.gitattributes` say about paths.

use gangline_domain::ids::CommitId;

use super::{Hub, ReadError};
use crate::git::not_understood;

/// How much git may say about all paths.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An attribute of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenAttribute {
    /// The path.
    pub path: String,
    /// The attribute's name.
    pub name: String,
    /// `set`, `unset`, or its value.
    pub value: String,
}

impl Hub {
    /// What the tree of `commit` says about `paths` with these attributes; what it says nothing
    /// about is left out.
    pub async fn attributes(
        &self,
        commit: &CommitId,
        paths: &[&str],
        names: &[&str],
    ) -> Result<Vec<GivenAttribute>, ReadError> {
        let source = format!("--source={commit}");
        let args =
            ["check-attr", "-z", "--stdin", &source].into_iter().chain(names.iter().copied());
        let asked: String = paths.iter().flat_map(|path| [*path, "\0"]).collect();
        let call = self.git().call(args).stdin(asked);
        let output = call.bulk().cap(ANSWER_BYTES_MAX).ok().await?.whole()?;
        let output = String::from_utf8_lossy(&output);
        let mut fields = output.split('\0');
        let mut found = Vec::new();
        while let Some(path) = fields.next().filter(|path| !path.is_empty()) {
            let (Some(name), Some(value)) = (fields.next(), fields.next()) else {
                return Err(not_understood("check-attr", path).into());
            };
            if value != "unspecified" {
                let (path, name) = (path.to_owned(), name.to_owned());
                found.push(GivenAttribute { path, name, value: value.to_owned() });
            }
        }
        Ok(found)
    }
}
