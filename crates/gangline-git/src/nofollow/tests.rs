use std::fs;
use std::os::unix::fs::symlink;

use super::*;

#[test]
fn no_link_is_followed_wherever_it_stands() {
    let world = tempfile::tempdir().unwrap();
    let (inside, outside) = (world.path().join("in"), world.path().join("out"));
    fs::create_dir_all(inside.join("real")).unwrap();
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("secret"), "x").unwrap();
    fs::write(inside.join("real/file"), "y").unwrap();
    symlink(&outside, inside.join("folder")).unwrap();
    symlink(outside.join("secret"), inside.join("real/link")).unwrap();

    let folder = Folder::open(&inside).unwrap();
    assert_eq!(folder.read(Path::new("real/file"), 10).unwrap(), b"y");
    for path in ["folder/secret", "real/link", "../out/secret", "real/../real/file"] {
        assert!(folder.read(Path::new(path), 10).is_err(), "{path}");
    }
    assert!(Folder::open(&inside.join("folder")).is_err());
    let link = folder.below(Path::new("real")).unwrap().link(OsStr::new("link")).unwrap();
    assert_eq!(link, outside.join("secret"));
}

#[test]
fn a_pipe_does_not_block_and_a_large_file_is_refused() {
    let world = tempfile::tempdir().unwrap();
    let mode = Mode::RUSR | Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, world.path().join("pipe"), FileType::Fifo, mode, 0)
        .unwrap();
    fs::write(world.path().join("big"), "12345").unwrap();
    let folder = Folder::open(world.path()).unwrap();
    assert!(folder.read(Path::new("pipe"), 10).is_err());
    assert_eq!(folder.read(Path::new("big"), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    let mut names: Vec<_> = folder.entries().unwrap().map(|entry| entry.unwrap().name).collect();
    names.sort();
    assert_eq!(names, ["big", "pipe"]);
}
