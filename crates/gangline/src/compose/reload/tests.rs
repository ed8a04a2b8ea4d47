use super::*;

fn file(size: u64, at: i64) -> Stamp {
    Stamp::File { place: (1, 2), size, modified: (at, 0), changed: (at, 0) }
}

#[test]
fn a_file_is_read_once_it_has_stood_and_not_again() {
    let mut looks = Looks::default();
    let (old, half, new) = (file(9, 1), file(0, 2), file(12, 3));
    // The one that the daemon began with is read once more: it may have changed meanwhile.
    assert!(!looks.is_due(&old, false));
    assert!(looks.is_due(&old, false));
    assert!(looks.counts(old.clone(), &old));
    assert!(!looks.is_due(&old, false));
    // Truncated, then written: neither is read before it stands.
    assert!(!looks.is_due(&half, false));
    assert!(!looks.is_due(&new, false));
    assert!(looks.is_due(&new, false));
    // It changed while it was read, and so it has to stand again.
    assert!(!looks.counts(new, &file(13, 4)));
    assert!(!looks.is_due(&file(13, 4), false));
    assert!(looks.is_due(&file(13, 4), false));
    assert!(looks.counts(file(13, 4), &file(13, 4)));
    assert!(!looks.is_due(&file(13, 4), false));
    assert!(!looks.is_due(&Stamp::Absent, false));
    assert!(looks.is_due(&Stamp::Absent, false));
}

#[test]
fn who_asks_has_it_read_at_once_and_until_it_could_be() {
    let mut looks = Looks::default();
    let (old, new) = (file(9, 1), file(9, 2));
    assert!(looks.is_due(&old, true));
    assert!(!looks.counts(old, &new));
    assert!(looks.is_due(&new, false));
    assert!(looks.counts(new.clone(), &new));
    assert!(!looks.is_due(&new, false));
    assert!(looks.is_due(&new, true), "also one that is as it was");
}

#[test]
fn what_waits_for_a_restart_is_named_and_stays_as_it_was() {
    let parsed = |text: &str| MachineConfig::parse(text, "config.toml").unwrap();
    let before = parsed("");
    let (same, restart) = without_restart(&before, parsed(""));
    assert_eq!((same, restart), (before.clone(), vec![]));
    let wanted = "[http]\nlisten = \"off\"\nhosts = [\"a.example\"]\n[daemon]\nlog = \"debug\"\n\
        log_format = \"json\"\nlog_mib = 2\nballast_mib = 9\nagents_max = 3\nbackups_max = 2\n\
        journal_mib = 4\ndisk_alert = \"9GiB\"\nmemory_alert = \"1GiB\"\n";
    let (taken, restart) = without_restart(&before, parsed(wanted));
    let now = "[http]\nhosts = [\"a.example\"]\n[daemon]\nlog = \"debug\"\nlog_mib = 2\n\
        backups_max = 2\njournal_mib = 4\ndisk_alert = \"9GiB\"\nmemory_alert = \"1GiB\"\n";
    assert_eq!(taken, parsed(now));
    let keys = ["http.listen", "daemon.log_format", "daemon.ballast_mib", "daemon.agents_max"];
    assert_eq!(restart, keys);
    // What was put back waits no more.
    let (taken, restart) = without_restart(&taken, parsed(now));
    assert_eq!((taken, restart), (parsed(now), vec![]));
}

#[test]
fn a_file_that_was_replaced_by_one_of_the_same_size_is_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    assert_eq!(Stamp::of(&path), Stamp::Absent);
    fs::write(&path, "one").unwrap();
    let first = Stamp::of(&path);
    assert_eq!(Stamp::of(&path), first);
    fs::write(folder.path().join("new"), "two").unwrap();
    fs::rename(folder.path().join("new"), &path).unwrap();
    assert_ne!(Stamp::of(&path), first);
}
