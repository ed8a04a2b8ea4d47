//! The worktree as a tree of git's, made in an index of ours.
//!
//! Nested repositories become plain directories: as links to commits (which git would record)
//! their files would be lost. Each gets an index of its own and is laid into the outer one.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use gangline_domain::ids::{CommitId, TreeId};
use gangline_process::Exit;

use super::walk::{NAMED_MAX, holds_anything, odd_files, size_of};
use super::{CaptureError, CaptureRequest, Ground, Skipped, SkippedWhy, io_error};
use crate::git::{Git, GitFailure, parsed};
use crate::printable::printable_line;

/// How deep repositories within repositories are followed, and how many.
const NESTING_MAX: usize = 4;
const NESTED_MAX: usize = 100;

/// How much a list of paths may be.
const LIST_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Beats every attribute file in the tree: takes files byte by byte.
const RAW: &str = "* -text -eol -crlf -ident -filter -working-tree-encoding\n";

/// What was made of the worktree.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) tree: TreeId,
    pub(super) skipped: Vec<Skipped>,
}

/// One directory that is taken as a tree of its own.
struct Layer {
    /// From the worktree's top; empty for the worktree itself.
    path: Vec<u8>,
    depth: usize,
    git: Git,
}

struct Snapshot<'a> {
    request: &'a CaptureRequest<'a>,
    ground: &'a Ground,
    skipped: BTreeSet<Skipped>,
    layers: usize,
}

pub(super) async fn take(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    head: &CommitId,
) -> Result<Taken, CaptureError> {
    match take_once(request, ground, head).await {
        // An attribute can make git give up, such as an encoding that does not exist.
        Err(CaptureError::Git(GitFailure::Failed { .. })) => {
            let attributes = ground.git_dir.join("info/attributes");
            fs::write(&attributes, RAW).map_err(io_error("write", &attributes))?;
            take_once(request, ground, head).await
        }
        taken => taken,
    }
}

async fn take_once(
    request: &CaptureRequest<'_>,
    ground: &Ground,
    head: &CommitId,
) -> Result<Taken, CaptureError> {
    let mut snapshot = Snapshot { request, ground, skipped: BTreeSet::new(), layers: 0 };
    let tree = snapshot.layer(Vec::new(), 0, Some(head)).await?;
    let skipped = snapshot.skipped.into_iter().take(NAMED_MAX).collect();
    Ok(Taken { tree, skipped })
}

impl Snapshot<'_> {
    async fn layer(
        &mut self,
        path: Vec<u8>,
        depth: usize,
        head: Option<&CommitId>,
    ) -> Result<TreeId, CaptureError> {
        let index = format!("index.{}", self.layers);
        self.layers += 1;
        let index_path = self.ground.git_dir.join(&index);
        crate::durable::remove_file(&index_path).map_err(io_error("remove", &index_path))?;
        let git = self.ground.with_tree(&self.folder(&path), &index);
        let start = head.map_or("--empty", CommitId::as_str);
        git.call(["read-tree", start]).bulk().ok().await?;
        // Finds what is unchanged without writing a copy of it: the hub cannot be touched, and git
        // copies what it cannot touch.
        git.call(["update-index", "-q", "--refresh"]).bulk().run().await?;

        let layer = Layer { path, depth, git };
        let nested = self.nested(&layer).await?;
        let mut left_out = nested.clone();
        left_out.extend(self.too_large(&layer).await?);
        self.add(&layer, &left_out).await?;
        self.list_odd_files(&layer).await?;
        for inner in &nested {
            self.lay_in(&layer, inner).await?;
        }
        let tree = layer.git.call(["write-tree"]).bulk().line().await?;
        Ok(parsed("write-tree", &tree)?)
    }

    fn folder(&self, path: &[u8]) -> PathBuf {
        match path {
            [] => self.request.worktree.to_owned(),
            path => self.request.worktree.join(OsStr::from_bytes(path)),
        }
    }

    /// Repositories below, and submodules that hold files, by path within the layer.
    async fn nested(&mut self, layer: &Layer) -> Result<BTreeSet<Vec<u8>>, GitFailure> {
        let mut found = BTreeSet::new();
        for path in list(&layer.git, &["ls-files", "-z", "-o", "--exclude-standard"]).await? {
            if let Some(path) = path.strip_suffix(b"/") {
                found.insert(path.to_owned());
            }
        }
        let folder = self.folder(&layer.path);
        for entry in list(&layer.git, &["ls-files", "-z", "-s"]).await? {
            // `160000 <object> 0\t<path>`
            if !entry.starts_with(b"160000 ") {
                continue;
            }
            let path = entry.splitn(2, |byte| *byte == b'\t').nth(1).unwrap_or_default();
            if holds_anything(&folder, path) {
                found.insert(path.to_owned());
            }
        }
        found.retain(|path| !self.is_excluded(&joined(&layer.path, path)));
        Ok(found)
    }

    fn is_excluded(&self, path: &[u8]) -> bool {
        self.request.exclude.iter().any(|excluded| {
            let excluded = excluded.trim_matches('/').as_bytes();
            path.strip_prefix(excluded).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        })
    }

    async fn too_large(&mut self, layer: &Layer) -> Result<BTreeSet<Vec<u8>>, GitFailure> {
        let mut found = BTreeSet::new();
        let folder = self.folder(&layer.path);
        let args = ["ls-files", "-z", "-o", "-m", "--exclude-standard"];
        for path in list(&layer.git, &args).await? {
            let size = size_of(&folder, &path);
            if self.is_excluded(&joined(&layer.path, &path)) {
                continue;
            }
            if size.is_some_and(|size| size > self.request.file_bytes_max) {
                self.skip(&layer.path, &path, SkippedWhy::TooLarge);
                found.insert(path);
            }
        }
        Ok(found)
    }

    async fn add(&mut self, layer: &Layer, left_out: &BTreeSet<Vec<u8>>) -> Result<(), GitFailure> {
        let mut paths = b":(top)\0".to_vec();
        let mut leave_out = |path: &[u8]| {
            paths.extend_from_slice(b":(top,exclude,literal)");
            paths.extend_from_slice(path);
            paths.push(0);
        };
        for path in left_out {
            leave_out(path);
        }
        for path in self.request.exclude {
            let path = path.trim_matches('/').as_bytes();
            if let Some(path) = within(path, &layer.path) {
                leave_out(path);
            }
        }
        let args =
            ["add", "-A", "--ignore-errors", "--pathspec-from-file=-", "--pathspec-file-nul"];
        let added = layer.git.call(args).bulk().stdin(paths).run().await?;
        match added.exit {
            // 1: single files were refused; all others are in.
            Exit::Code(0 | 1) => {}
            Exit::Code(_) | Exit::Signal(_) => return Err(added.failure()),
        }
        for line in added.stderr.lines() {
            if let Some((path, why)) = refused(line) {
                self.skip(&layer.path, path.as_bytes(), why);
            }
        }
        Ok(())
    }

    async fn list_odd_files(&mut self, layer: &Layer) -> Result<(), GitFailure> {
        if layer.depth > 0 {
            return Ok(());
        }
        let args = ["ls-files", "-z", "-o", "-i", "--exclude-standard", "--directory"];
        let ignored = list(&layer.git, &args).await?.into_iter();
        let ignored = ignored.map(|path| path.strip_suffix(b"/").unwrap_or(&path).to_owned());
        self.skipped.extend(odd_files(self.request.worktree, &ignored.collect()));
        Ok(())
    }

    /// Takes a nested repository and puts its tree where it stands.
    async fn lay_in(&mut self, layer: &Layer, inner: &[u8]) -> Result<(), CaptureError> {
        let path = joined(&layer.path, inner);
        if layer.depth >= NESTING_MAX || self.layers >= NESTED_MAX {
            self.skip(&layer.path, inner, SkippedWhy::NotStorable);
            return Ok(());
        }
        // One that cannot be read is named, and costs nothing but itself.
        let tree = match Box::pin(self.layer(path, layer.depth + 1, None)).await {
            Ok(tree) => tree,
            Err(CaptureError::Git(GitFailure::Failed { .. })) => {
                self.skip(&layer.path, inner, SkippedWhy::Unreadable);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if self.is_unchanged_submodule(layer, inner, &tree).await? {
            return Ok(());
        }
        let remove = ["update-index", "--force-remove", "-z", "--stdin"];
        layer.git.call(remove).stdin([inner, b"\0"].concat()).ok().await?;
        let mut prefix = OsString::from("--prefix=");
        prefix.push(OsStr::from_bytes(inner));
        prefix.push("/");
        layer.git.call([OsString::from("read-tree"), prefix, tree.as_str().into()]).ok().await?;
        Ok(())
    }

    /// A submodule that was only filled, as a set-up does, is no change. Its commit is asked for
    /// by name among the objects of its own git directory.
    async fn is_unchanged_submodule(
        &self,
        layer: &Layer,
        inner: &[u8],
        tree: &TreeId,
    ) -> Result<bool, CaptureError> {
        let mut args: Vec<OsString> = ["ls-files", "-z", "-s", "--"].map(Into::into).into();
        args.push(OsString::from_vec([b":(top,literal)", inner].concat()));
        let listed = layer.git.call(args).ok().await?.whole()?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let Some(commit) = listed.strip_prefix("160000 ").and_then(|rest| rest.split(' ').next())
        else {
            return Ok(false);
        };
        let Some(objects) = objects_of(self.request.worktree, &joined(&layer.path, inner)) else {
            return Ok(false);
        };
        let wanted = format!("{commit}^{{tree}}");
        let call = self.ground.git.call(["rev-parse", "--verify", "--quiet", &wanted]);
        let asked = call.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects).run().await?;
        Ok(asked.exit.success() && asked.stdout.text().trim() == tree.as_str())
    }

    fn skip(&mut self, layer: &[u8], path: &[u8], why: SkippedWhy) {
        let path = printable_line(&String::from_utf8_lossy(&joined(layer, path)), 300);
        self.skipped.insert(Skipped { path, why });
    }
}

/// Where a submodule's objects are, if that is within the worktree.
fn objects_of(worktree: &Path, path: &[u8]) -> Option<PathBuf> {
    let top = crate::nofollow::Folder::open(worktree).ok()?;
    let path = PathBuf::from(OsStr::from_bytes(path));
    let dot_git = path.join(".git");
    let git_dir = match top.read(&dot_git, 4096) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes).ok()?;
            let back = Path::new(text.strip_prefix("gitdir:")?.trim()).to_owned();
            let mut parts: Vec<OsString> = path.iter().map(ToOwned::to_owned).collect();
            for part in back.components() {
                match part {
                    std::path::Component::ParentDir => drop(parts.pop()?),
                    std::path::Component::Normal(name) => parts.push(name.to_owned()),
                    std::path::Component::CurDir => {}
                    std::path::Component::RootDir | std::path::Component::Prefix(_) => return None,
                }
            }
            parts.iter().collect()
        }
        Err(_) => dot_git,
    };
    let objects = git_dir.join("objects");
    top.below(&objects).ok()?;
    // The variable separates paths by colons and unquotes.
    let objects = worktree.join(objects);
    let plain = objects.to_str().is_some_and(|text| !text.contains([':', '"', '\n']));
    plain.then_some(objects)
}

async fn list(git: &Git, args: &[&str]) -> Result<Vec<Vec<u8>>, GitFailure> {
    let bytes = git.call(args).bulk().cap(LIST_BYTES_MAX).ok().await?.whole()?;
    let paths = bytes.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Ok(paths.map(<[u8]>::to_vec).collect())
}

fn joined(layer: &[u8], path: &[u8]) -> Vec<u8> {
    if layer.is_empty() { path.to_owned() } else { [layer, b"/", path].concat() }
}

/// A path of the worktree as one of the layer; `None` when it lies outside.
fn within<'a>(path: &'a [u8], layer: &[u8]) -> Option<&'a [u8]> {
    if layer.is_empty() {
        return Some(path).filter(|path| !path.is_empty());
    }
    path.strip_prefix(layer)?.strip_prefix(b"/")
}

/// What one line of git's complaints says about one path.
fn refused(line: &str) -> Option<(&str, SkippedWhy)> {
    let quoted = |rest: &'_ str| rest.rsplit_once('\'').map(|(path, _)| path.len());
    let cases = [
        ("error: invalid path '", SkippedWhy::NotStorable),
        ("error: unable to index file '", SkippedWhy::Unreadable),
        ("warning: could not open directory '", SkippedWhy::Unreadable),
    ];
    cases.into_iter().find_map(|(start, why)| {
        let rest = line.strip_prefix(start)?;
        Some((rest[..quoted(rest)?].trim_end_matches('/'), why))
    })
}

#[cfg(test)]
mod tests;
