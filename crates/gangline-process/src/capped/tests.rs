use super::*;

fn check(cap: usize, chunks: &[&str], expected: &str) {
    let mut collector = Collector::new(cap);
    for chunk in chunks {
        collector.push(chunk.as_bytes());
    }
    assert_eq!(collector.finish().text(), expected);
}

#[test]
fn short_output_is_kept_whole() {
    check(10, &["hello"], "hello");
    check(10, &["hel", "lo", "", "world"], "helloworld");
}

#[test]
fn long_output_keeps_its_head_and_its_tail() {
    check(4, &["abcdefgh"], "ab\n[... 4 bytes cut ...]\ngh");
    check(4, &["a", "bcdef", "g", "h"], "ab\n[... 4 bytes cut ...]\ngh");
    check(5, &["abcdef"], "ab\n[... 1 bytes cut ...]\ndef");
}

#[test]
fn a_cap_of_nothing_keeps_only_the_count() {
    check(0, &["abc"], "\n[... 3 bytes cut ...]\n");
}
