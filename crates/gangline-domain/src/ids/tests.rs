use super::*;

fn refused<T: FromStr<Err = BadName> + fmt::Debug>(text: &str) -> String {
    match text.parse::<T>() {
        Ok(name) => panic!("{text:?} was taken as {name:?}"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn keys_hold_no_traversal_no_dash_first_and_no_control_character() {
    for bad in [
        "",
        "app-1",
        "APP",
        "APP-",
        "-APP-1",
        "APP-01",
        "APP-1/..",
        "../APP-1",
        "APP-1\n",
        "ÄPP-1",
        "APP-1 ",
        "A_B-1",
        "APP--1",
        "APP-99999999999999",
    ] {
        refused::<TicketKey>(bad);
    }
    insta::assert_snapshot!(refused::<TicketKey>("app-1\u{1b}"), @r"`app-1\u{1b}` is not a ticket key such as APP-12: it must begin with A-Z");
    assert_eq!("A2-7".parse::<TicketKey>().unwrap().to_string(), "A2-7");
}

#[test]
fn keys_sort_by_number_and_not_by_text() {
    let mut keys: Vec<TicketKey> = ["B-1", "A-10", "A-9"].map(|k| k.parse().unwrap()).into();
    keys.sort();
    assert_eq!(keys.iter().map(ToString::to_string).collect::<Vec<_>>(), ["A-9", "A-10", "B-1"]);
}

#[test]
fn branches_are_a_safe_subset_of_what_git_accepts() {
    for bad in [
        "",
        "-x",
        "--output=x",
        "a..b",
        "a/../b",
        ".hidden",
        "a/.b",
        "a;id",
        "\"$(id)\"",
        "a b",
        "refs/heads/x",
        "HEAD",
        "x.lock",
        "a//b",
        "/a",
        "a/",
        "a~1",
        "a^",
        "a:b",
        "a\u{7f}",
        "ä",
    ] {
        refused::<BranchName>(bad);
    }
    for good in ["main", "gangline/APP-12-fix-login", "release/1.2", "feature/ticket-105"] {
        assert_eq!(good.parse::<BranchName>().unwrap().as_str(), good);
    }
}

#[test]
fn a_job_id_reads_back_as_it_was_written() {
    for text in ["shop.APP-12.a1", "my-shop.A1-2.c33", "x.X-0.v2", "x.X-1.i4"] {
        assert_eq!(text.parse::<JobId>().unwrap().to_string(), text);
    }
    for bad in
        ["shop.APP-12.x1", "shop.APP-12.a", "shop.APP-12.a01", "APP-12.a1", "a.b.c", "s.A-1.a+1"]
    {
        refused::<JobId>(bad);
    }
}

#[test]
fn a_new_leaders_first_fence_is_above_all_of_the_old_one() {
    assert!(Fence { epoch: 2, n: 1 } > Fence { epoch: 1, n: u64::MAX });
    assert_eq!("2-1".parse::<Fence>().unwrap(), Fence { epoch: 2, n: 1 });
}

#[test]
fn commit_ids_are_full_and_lower_case() {
    refused::<CommitId>("c0ffee");
    refused::<CommitId>(&"A".repeat(40));
    assert!(
        "a".repeat(40).parse::<CommitId>().is_ok() && "0".repeat(64).parse::<CommitId>().is_ok()
    );
}
