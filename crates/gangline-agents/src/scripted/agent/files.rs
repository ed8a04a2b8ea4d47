//! Steps that touch files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{Agent, Stop};
use crate::claim::OUTCOME_ENV;
use crate::driver::{PlanItem, PlanStatus};
use crate::scripted::script::{ClaimStep, FileText, PathOnly, Replace};

impl Agent {
    pub(super) fn write(&mut self, file: &FileText, root: &Path) -> Result<(), Stop> {
        let id = self.tool("Write", &file.path, vec![file.path.clone()]);
        let path = root.join(&file.path);
        let folder = path.parent().unwrap_or(root);
        let done = fs::create_dir_all(folder).and_then(|()| fs::write(&path, &file.text));
        Self::tool_result(id, in_words(done, &file.path), file.may_fail)
    }

    pub(super) fn append(&mut self, file: &FileText) -> Result<(), Stop> {
        let id = self.tool("Edit", &file.path, vec![file.path.clone()]);
        let path = self.cwd.join(&file.path);
        let opened = fs::OpenOptions::new().append(true).create(true).open(path);
        let done = opened.and_then(|mut opened| opened.write_all(file.text.as_bytes()));
        Self::tool_result(id, in_words(done, &file.path), file.may_fail)
    }

    pub(super) fn replace(&mut self, replace: &Replace) -> Result<(), Stop> {
        let id = self.tool("Edit", &replace.path, vec![replace.path.clone()]);
        let path = self.cwd.join(&replace.path);
        let done = fs::read_to_string(&path).and_then(|text| {
            if !text.contains(&replace.from) {
                return Err(std::io::Error::other(format!(
                    "it does not contain {:?}",
                    replace.from
                )));
            }
            fs::write(&path, text.replacen(&replace.from, &replace.to, 1))
        });
        Self::tool_result(id, in_words(done, &replace.path), replace.may_fail)
    }

    pub(super) fn delete(&mut self, path: &PathOnly) -> Result<(), Stop> {
        let command = format!("rm -r {}", path.path);
        let id = self.tool("Bash", &command, vec![path.path.clone()]);
        let found = self.cwd.join(&path.path);
        let done = match fs::symlink_metadata(&found) {
            Ok(about) if about.is_dir() => fs::remove_dir_all(&found),
            Ok(_) => fs::remove_file(&found),
            Err(error) => Err(error),
        };
        Self::tool_result(id, in_words(done, &path.path), path.may_fail)
    }
}

/// Writes the outcome file that the claim describes.
pub(super) fn claim(claim: &ClaimStep) -> Result<(), Stop> {
    let mut json = serde_json::to_value(claim).expect("BUG: a claim does not serialise");
    json["version"] = 1.into();
    if claim.status.is_none() {
        json["status"] = "completed".into();
    }
    write_claim(&json.to_string())
}

/// Writes the outcome file.
pub(super) fn write_claim(text: &str) -> Result<(), Stop> {
    let path = outcome_file()?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let done = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
    in_words(done, &path.to_string_lossy()).map_err(Stop::Failed)
}

/// Where artifacts and reports go: beside the outcome file.
pub(super) fn output_dir() -> Result<PathBuf, Stop> {
    let file = outcome_file()?;
    Ok(file.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned))
}

fn outcome_file() -> Result<PathBuf, Stop> {
    let path = std::env::var_os(OUTCOME_ENV).map(PathBuf::from);
    path.ok_or_else(|| Stop::Failed(format!("{OUTCOME_ENV} is not set")))
}

pub(super) fn plan_items(items: Vec<String>) -> Vec<PlanItem> {
    items.into_iter().map(|text| PlanItem { text, status: PlanStatus::Pending }).collect()
}

fn in_words(done: std::io::Result<()>, path: &str) -> Result<(), String> {
    done.map_err(|error| format!("{path}: {error}"))
}
