use std::os::unix::fs::symlink;

use super::*;

struct Trees {
    _root: tempfile::TempDir,
    from: PathBuf,
    to: PathBuf,
    outside: PathBuf,
}

fn trees() -> Trees {
    let root = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let path = root.path().join(name);
        std::fs::create_dir(&path).unwrap();
        path
    };
    let (from, to, outside) = (folder("from"), folder("to"), folder("outside"));
    Trees { _root: root, from, to, outside }
}

#[test]
fn a_path_becomes_what_it_is_in_the_other_tree() {
    let trees = trees();
    write(&trees.from, "tests/deep/a.py", "one").unwrap();
    write(&trees.to, "tests/deep/a.py", "two").unwrap();
    write(&trees.to, "tests/b.py", "new").unwrap();
    restore(&trees.from, &trees.to, "tests/deep/a.py").unwrap();
    restore(&trees.from, &trees.to, "tests/b.py").unwrap();
    assert_eq!(read(&trees.to, "tests/deep/a.py").unwrap(), "one");
    assert_eq!(read(&trees.to, "tests/b.py"), None);
}

#[test]
fn a_link_on_the_way_leads_nowhere() {
    let trees = trees();
    write(&trees.from, "tests/a.py", "one").unwrap();
    write(&trees.outside, "a.py", "outside").unwrap();
    symlink(&trees.outside, trees.to.join("tests")).unwrap();
    assert_eq!(read(&trees.to, "tests/a.py"), None);
    remove(&trees.to, "tests/a.py").unwrap();
    restore(&trees.from, &trees.to, "tests/a.py").unwrap();
    assert_eq!(read(&trees.outside, "a.py").unwrap(), "outside");
    assert_eq!(read(&trees.to, "tests/a.py").unwrap(), "one");
}

#[test]
fn nothing_is_written_beside_the_tree() {
    let trees = trees();
    assert!(write(&trees.to, "../outside/x", "x").is_err());
    assert!(write(&trees.to, "/tmp/gangline-x", "x").is_err());
    assert!(!trees.outside.join("x").exists());
}
