use gangline_domain::ids::{Actor, Timestamp};
use gangline_domain::spec::TicketSpec;

use super::*;

fn ticket() -> Ticket {
    let id = "shop.APP-1".parse().unwrap();
    Ticket::new(id, TicketSpec::titled("Round the total"), Actor::Gangline, Timestamp(0))
}

/// Under another name a person would look for the branch in vain.
#[test]
fn a_branch_is_not_published_under_another_name_because_its_own_cannot_be_read() {
    let state = tempfile::tempdir().unwrap();
    let places = Places { state: state.path().into(), runtime: state.path().join("run") };
    let known = branch_of(&places, &ticket()).map(|branch| branch.to_string());
    assert_eq!(known.unwrap(), "gangline/APP-1", "there is no worktree");
    let folder = places.worktrees(&ticket().id.project);
    std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    let said = branch_of(&places, &ticket()).unwrap_err().to_string();
    assert!(said.starts_with("cannot list"), "{said}");
}
