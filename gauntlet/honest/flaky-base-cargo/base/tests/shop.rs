use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

#[test]
fn the_shop_answers() {
    // The shop is busy now and then.
    assert_ne!(RandomState::new().build_hasher().finish() % 3, 0);
}
