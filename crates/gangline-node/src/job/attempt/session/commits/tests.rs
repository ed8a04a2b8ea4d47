use std::fs::{self, File};

use super::*;

/// A tree whose HEAD moved at the first moment, and with files written at others, in seconds
/// after some moment of the past.
struct Tree {
    at: tempfile::TempDir,
}

impl Tree {
    fn new() -> Self {
        let at = tempfile::tempdir().unwrap();
        fs::create_dir_all(at.path().join(".git/logs")).unwrap();
        fs::create_dir_all(at.path().join("src")).unwrap();
        Self { at }
    }

    fn write(&self, path: &str, at: SystemTime) {
        let file = File::create(self.at.path().join(path)).unwrap();
        file.set_modified(at).unwrap();
    }

    /// As if the session had begun then.
    fn commits(&self, began: SystemTime) -> Commits {
        let marks = vec![self.at.path().join(".git/logs/HEAD"), self.at.path().join("gone")];
        let bound = Duration::from_hours(2);
        Commits { began, ..Commits::new(self.at.path().to_owned(), marks, bound) }
    }
}

fn ago(minutes: u64) -> SystemTime {
    SystemTime::now() - Duration::from_mins(minutes)
}

#[test]
fn changes_that_nobody_committed_for_long_are_told_once_and_that_it_is_over() {
    let tree = Tree::new();
    let head = ago(150);
    tree.write(".git/logs/HEAD", head);
    tree.write("src/lib.rs", ago(140));
    let mut commits = tree.commits(ago(200));
    let since = timestamp(head);
    let raised = What::Alerted { alert: AlertKind::Uncommitted, since };
    assert_eq!(commits.news(), Some(raised));
    assert_eq!(commits.news(), None);
    tree.write(".git/logs/HEAD", ago(0));
    assert_eq!(commits.news(), Some(What::Calmed { alert: AlertKind::Uncommitted }));
    tree.write(".git/logs/HEAD", ago(150));
    assert_eq!(commits.news(), None, "once for an attempt");
}

#[test]
fn without_changes_or_before_its_time_nothing_is_told() {
    let tree = Tree::new();
    tree.write(".git/logs/HEAD", ago(150));
    tree.write("src/lib.rs", ago(160));
    assert_eq!(tree.commits(ago(200)).news(), None, "all of it is committed");
    tree.write("src/lib.rs", ago(10));
    assert!(tree.commits(ago(200)).news().is_some());
    assert_eq!(tree.commits(ago(100)).news(), None, "the session is not that old");
    tree.write(".git/logs/HEAD", ago(100));
    assert_eq!(tree.commits(ago(200)).news(), None, "it committed since");
}

#[test]
fn what_a_link_points_to_is_not_looked_at() {
    let (tree, outside) = (Tree::new(), Tree::new());
    tree.write(".git/logs/HEAD", ago(150));
    outside.write("src/new", ago(10));
    let link = tree.at.path().join("src/out");
    std::os::unix::fs::symlink(outside.at.path(), &link).unwrap();
    let mut commits = tree.commits(ago(200));
    // The link itself is new, and is a change.
    assert!(commits.news().is_some());
    assert!(!changed(tree.at.path(), SystemTime::now()));
}
