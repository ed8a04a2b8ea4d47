use std::path::Path;
use std::time::{Duration, SystemTime};

use super::is_touched;

/// What a person, an agent or a tool does to a tree.
type Change = fn(&Path);

/// A tree as an attempt leaves it, and a moment after that.
fn calm() -> (tempfile::TempDir, SystemTime) {
    let tree = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(tree.path().join("src/deep")).unwrap();
    std::fs::write(tree.path().join("src/deep/lib.rs"), "old").unwrap();
    std::fs::write(tree.path().join("src/gone.rs"), "old").unwrap();
    let moment = later(SystemTime::now());
    (tree, moment)
}

/// Waits until the file system's clock, which is coarse, has gone past this moment.
fn later(moment: SystemTime) -> SystemTime {
    let probe = tempfile::NamedTempFile::new().unwrap();
    loop {
        std::fs::write(probe.path(), "x").unwrap();
        if probe.path().metadata().unwrap().modified().unwrap() > moment {
            return SystemTime::now();
        }
    }
}

#[test]
fn whatever_is_done_to_a_tree_shows() {
    let changes: [(&str, Change); 5] = [
        ("saved in place", |tree| std::fs::write(tree.join("src/deep/lib.rs"), "new").unwrap()),
        ("made", |tree| std::fs::write(tree.join("src/deep/new.rs"), "new").unwrap()),
        ("removed", |tree| std::fs::remove_file(tree.join("src/gone.rs")).unwrap()),
        ("renamed", |tree| {
            std::fs::rename(tree.join("src/gone.rs"), tree.join("src/deep/gone.rs")).unwrap();
        }),
        ("written with an old date", |tree| {
            let file = std::fs::File::create(tree.join("src/deep/lib.rs")).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
        }),
    ];
    for (what, change) in changes {
        let (tree, moment) = calm();
        assert!(!is_touched(tree.path(), moment, 100), "not yet {what}");
        later(moment);
        change(tree.path());
        assert!(is_touched(tree.path(), moment, 100), "{what}");
    }
}

#[test]
fn what_cannot_be_looked_at_counts_as_changed() {
    let (tree, moment) = calm();
    assert!(is_touched(tree.path(), moment, 3), "too large");
    assert!(is_touched(&tree.path().join("nowhere"), moment, 100), "not there");
}
