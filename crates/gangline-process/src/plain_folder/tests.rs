use std::io::Read as _;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn nothing_is_reached_through_a_link_or_a_path() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    std::fs::create_dir_all(at("in/deep")).unwrap();
    std::fs::write(at("out"), "outside").unwrap();
    std::fs::write(at("in/deep/file"), "inside").unwrap();
    symlink("../out", at("in/link")).unwrap();
    symlink("deep", at("in/way")).unwrap();
    let folder = PlainFolder::open(&at("in")).unwrap();
    let name = |name: &'static str| OsStr::new(name);
    let mut text = String::new();
    let deep = folder.folder(name("deep")).unwrap();
    deep.file(name("file")).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "inside");
    assert!(folder.file(name("link")).is_err());
    assert!(folder.folder(name("way")).is_err());
    assert!(PlainFolder::open(&at("in/way")).is_err());
    assert_eq!(folder.file(name("deep")).unwrap_err().to_string(), "it is not a plain file");
    for path in ["deep/file", "..", ".", "", "/etc/passwd"] {
        assert!(folder.file(OsStr::new(path)).is_err(), "{path}");
        assert!(folder.folder(OsStr::new(path)).is_err(), "{path}");
        assert!(folder.remove(OsStr::new(path)).is_err(), "{path}");
    }
    let mut entries: Vec<_> = folder.entries().unwrap().map(Result::unwrap).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    let entry = |name: &str, kind| (OsString::from(name), kind);
    assert_eq!(
        entries,
        [
            entry("deep", PlainKind::Folder),
            entry("link", PlainKind::Other),
            entry("way", PlainKind::Other)
        ]
    );
}

#[test]
fn to_remove_a_link_leaves_what_it_leads_to() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("kept"), "kept").unwrap();
    symlink("kept", root.path().join("link")).unwrap();
    let folder = PlainFolder::open(root.path()).unwrap();
    folder.remove(OsStr::new("link")).unwrap();
    assert!(root.path().join("kept").exists());
    let gone = folder.remove(OsStr::new("link")).unwrap_err();
    assert_eq!(gone.kind(), io::ErrorKind::NotFound);
}
