use super::*;

#[test]
fn versions_of_all_vendors_are_read() {
    for text in ["git version 2.47.3", "git version 2.39.5 (Apple Git-154)", "git version 2.52.rc0"]
    {
        assert!(read(text).is_some_and(|found| found >= GitVersion::OLDEST), "{text}");
    }
    assert!(read("git version 2.9.1").is_some_and(|found| found < GitVersion::OLDEST));
    assert_eq!(read("hub version 1"), None);
}

#[tokio::test]
async fn the_installed_git_is_new_enough() {
    assert!(git_version().await.unwrap() >= GitVersion::OLDEST);
}
