use super::*;
use crate::bench::World;

fn found(text: impl AsRef<[u8]>) -> Option<usize> {
    let world = World::new();
    world.file("a.txt", text);
    marker(&world.bench.checkout, "a.txt")
}

#[test]
fn a_whole_conflict_is_found_by_its_first_line() {
    assert_eq!(found("a\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\nb\n"), Some(2));
    assert_eq!(found("<<<<<<< HEAD\r\nx\r\n=======\r\ny\r\n>>>>>>> other\r\n"), Some(1));
    assert_eq!(found("<<<<<<< a\n||||||| b\n=======\n>>>>>>> c"), Some(1));
}

#[test]
fn what_only_looks_like_a_marker_is_none() {
    assert_eq!(found("Title\n=======\n\n    <<<<<<< indented\n"), None);
    assert_eq!(found("=======\n<<<<<<< a\n>>>>>>> b\n"), None);
    assert_eq!(found("<<<<<<< a\n"), None);
    assert_eq!(found(b"\0\n<<<<<<< a\n=======\n>>>>>>> b\n"), None);
}

#[test]
fn a_link_in_the_tree_is_not_followed() {
    let world = World::new();
    let outside = world.path().join("secret");
    std::fs::write(&outside, "<<<<<<< a\n=======\n>>>>>>> b\n").unwrap();
    std::os::unix::fs::symlink(&outside, world.bench.checkout.join("a.txt")).unwrap();
    assert_eq!(marker(&world.bench.checkout, "a.txt"), None);
    assert_eq!(marker(&world.bench.checkout, "absent"), None);
}
