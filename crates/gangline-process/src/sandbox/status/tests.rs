use super::number_of;

#[test]
fn numbers_are_read_from_both_lines() {
    let text = "{ \"child-pid\": 41, \"cgroup-namespace\": 4026531835 }\n{ \"exit-code\": 0 }\n";
    assert_eq!(number_of(text, "child-pid"), Some(41));
    assert_eq!(number_of(text, "exit-code"), Some(0));
}

#[test]
fn an_unfinished_or_absent_number_is_none() {
    assert_eq!(number_of("{ \"child-pid\": 4", "child-pid"), None);
    assert_eq!(number_of("{ \"child-pid\": 41 }\n", "exit-code"), None);
    assert_eq!(number_of("", "exit-code"), None);
}
