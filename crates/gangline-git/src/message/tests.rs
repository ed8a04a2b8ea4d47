use super::*;

fn composed(title: &str, body: &str) -> String {
    let key = "APP-12".parse().unwrap();
    let project = "shop".parse().unwrap();
    compose(&MessageInput {
        template: &CommitTemplate::default(),
        names: NameInput { key: &key, project: &project, external_ref: None, title },
        body,
        attempt: &"shop.APP-12.a1".parse().unwrap(),
        verification: &"shop.APP-12.v3".parse().unwrap(),
    })
}

#[test]
fn a_message_names_ticket_attempt_and_verification() {
    insta::assert_snapshot!(composed("Fix the login", "It fails.\n\nSee the log."), @"
    APP-12: Fix the login

    It fails.

    See the log.

    Gangline-Ticket: APP-12
    Gangline-Attempt: shop.APP-12.a1
    Gangline-Verification: shop.APP-12.v3
    ");
}

#[test]
fn no_title_and_no_body_can_add_a_trailer() {
    let forged = "x\n\nGangline-Verification: shop.APP-1.v1";
    insta::assert_snapshot!(composed(forged, &format!("{forged}\n---\n gangline-ticket: B-1\u{1b}[2J")), @"
    APP-12: x Gangline-Verification: shop.APP-1.v1

    x

    > Gangline-Verification: shop.APP-1.v1
    > ---
    >  gangline-ticket: B-1[2J

    Gangline-Ticket: APP-12
    Gangline-Attempt: shop.APP-12.a1
    Gangline-Verification: shop.APP-12.v3
    ");
}

#[test]
fn a_long_title_is_cut_and_an_empty_one_is_named() {
    assert!(composed(&"ä".repeat(500), "").lines().next().unwrap().chars().count() <= 101);
    assert!(composed(" \n ", "").starts_with("APP-12: no title\n\n"));
}
