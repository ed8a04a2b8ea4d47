use super::*;

#[test]
fn a_ticket_is_read_from_the_repository_and_from_nowhere_else() {
    let outside = tempfile::tempdir().unwrap();
    let repo = outside.path().join("repo");
    std::fs::create_dir_all(repo.join("tickets/105")).unwrap();
    std::fs::create_dir_all(repo.join("empty")).unwrap();
    std::fs::write(outside.path().join("secret.md"), "# A secret\n").unwrap();
    let readme = "# Ticket #105: Reject empty input\n**Priority:** High\n\nPlease.\n";
    std::fs::write(repo.join("tickets/105/readme.md"), readme).unwrap();
    std::fs::write(repo.join("notes.md"), "Just notes.\n").unwrap();
    std::fs::write(repo.join("bad.md"), "# Ticket #105\n").unwrap();
    std::os::unix::fs::symlink("../secret.md", repo.join("link.md")).unwrap();
    let cwd = repo.join("tickets");
    let read = |path: &str| ticket_file(&cwd, (repo.to_str().unwrap(), "SHOP"), path);
    for path in ["105", "tickets/105", "tickets/105/readme.md"] {
        let Ok(TicketFile::Ticket(ticket)) = read(path) else { panic!("{path}: {:?}", read(path)) };
        assert_eq!(ticket.key.as_deref(), Some("SHOP-105"));
        assert_eq!(
            (ticket.title.as_str(), ticket.priority.as_deref()),
            ("Reject empty input", Some("high"))
        );
    }
    assert_eq!(read("notes.md"), Ok(TicketFile::Text("Just notes.\n".to_owned())));
    let why = |path: &str| {
        let refusal = read(path).unwrap_err();
        assert_eq!(refusal.code, "bad_ticket");
        refusal.detail
    };
    for path in ["link.md", "../secret.md", "../../secret.md"] {
        assert_eq!(why(path), format!("ticketPath {path} is not in the repository"));
    }
    assert_eq!(why("nowhere"), "ticketPath nowhere does not exist");
    assert_eq!(why("empty"), "ticketPath empty cannot be read: it has no README.md");
    assert!(why("bad.md").starts_with("ticketPath bad.md line 1: "), "{}", why("bad.md"));
}
