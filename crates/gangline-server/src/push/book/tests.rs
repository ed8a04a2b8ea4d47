use gangline_api::push::PushMessage;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000_000_000);

fn message(seq: u64, tag: &str) -> Message {
    let says = PushMessage {
        title: format!("{tag} asks"),
        body: String::new(),
        url: "/".to_owned(),
        tag: tag.to_owned(),
    };
    Message { seq, at_us: NOW.0, urgent: true, says }
}

fn device(person: &str, name: &str) -> Subscription {
    let endpoint = format!("https://push.example/{name}");
    let asked = AddPushSubscription { endpoint, label: name.to_owned(), ..Default::default() };
    Subscription::new(&asked, Owner::new(person.to_owned(), &Identity::owner()), 10, NOW)
}

fn entered(book: &mut Book, new: Subscription) -> String {
    book.enter(new).unwrap().id
}

fn tags(book: &Book) -> Vec<String> {
    let waiting = book.subscriptions.iter().flat_map(|known| &known.waiting);
    waiting.map(|message| format!("{} {}", message.says.tag, message.seq)).collect()
}

#[test]
fn a_newer_message_about_the_same_replaces_the_older_one() {
    let mut book = Book::default();
    entered(&mut book, device("ann", "phone"));
    let found = [(11, "b"), (12, "a"), (13, "b")].map(|(seq, tag)| (None, message(seq, tag)));
    book.take_up(&found, 20);
    assert_eq!((tags(&book), book.cursor), (vec!["a 12".to_owned(), "b 13".to_owned()], 20));
    book.take_up(&[(None, message(10, "c"))], 21);
    assert_eq!(tags(&book).len(), 2, "what was before the device came is not told");
}

#[test]
fn what_waits_is_bounded_and_the_oldest_goes() {
    let mut book = Book::default();
    entered(&mut book, device("ann", "phone"));
    let found: Vec<_> = (11..11 + 2 * WAITING_MAX as u64)
        .map(|seq| (None, message(seq, &seq.to_string())))
        .collect();
    book.take_up(&found, 500);
    assert_eq!(tags(&book).len(), WAITING_MAX);
    assert_eq!(tags(&book).last().unwrap(), &format!("{0} {0}", 10 + 2 * WAITING_MAX));
}

#[test]
fn a_person_is_told_of_what_they_may_see_alone() {
    let shop: ProjectId = "shop".parse().unwrap();
    let kept = Identity { projects: Some([shop.clone()].into()), ..Identity::owner() };
    let owner = Owner::new("bob".to_owned(), &kept);
    for (project, all, some) in
        [(Some("shop"), true, true), (Some("cave"), true, false), (None, true, false)]
    {
        let project: Option<ProjectId> = project.map(|name| name.parse().unwrap());
        let ann = Owner::new("ann".to_owned(), &Identity::owner());
        assert_eq!(ann.may_see(project.as_ref()), all, "{project:?}");
        assert_eq!(owner.may_see(project.as_ref()), some, "{project:?}");
    }
}

#[test]
fn the_same_endpoint_is_the_same_device_and_whoever_has_it_now_has_it() {
    let mut book = Book::default();
    let id = entered(&mut book, device("ann", "phone"));
    book.take_up(&[(None, message(11, "a"))], 11);
    let renamed = Subscription { label: "her phone".to_owned(), ..device("ann", "phone") };
    assert_eq!(entered(&mut book, renamed), id);
    assert_eq!(book.of("ann").map(|known| &*known.label).collect::<Vec<_>>(), ["her phone"]);
    assert_eq!(tags(&book), ["a 11"], "what waited still does");
    assert_eq!(entered(&mut book, device("bob", "phone")), id);
    assert_eq!((book.of("ann").count(), book.of("bob").count()), (0, 1));
    assert!(tags(&book).is_empty(), "what waited for one person is not told to another");
    assert!(!book.remove(&id, |owner| owner.person == "ann"));
    assert!(book.remove(&id, |owner| owner.person == "bob"));
}

#[test]
fn devices_are_bounded_for_one_person_and_for_all() {
    let mut book = Book::default();
    for name in 0..OF_ONE_MAX {
        entered(&mut book, device("ann", &name.to_string()));
    }
    assert_eq!(book.enter(device("ann", "one more")).unwrap_err(), Full::OfOne);
    entered(&mut book, device("ann", "0"));
    for name in OF_ONE_MAX..ALL_MAX {
        entered(&mut book, device(&format!("p{name}"), &name.to_string()));
    }
    assert_eq!(book.enter(device("zoe", "one more")).unwrap_err(), Full::OfAll);
    entered(&mut book, device("zoe", "0"));
    assert_eq!(book.subscriptions.len(), ALL_MAX);
}

#[test]
fn a_push_service_that_fails_is_asked_again_later_and_one_that_knows_nobody_never() {
    let mut book = Book::default();
    let id = entered(&mut book, device("ann", "phone"));
    book.take_up(&[(None, message(11, "a")), (None, message(12, "b"))], 12);
    let mut pauses = vec![];
    for tries in 0..14 {
        let now = NOW.plus_ms(tries);
        book.after(&id, 11, Told::Failed("it answered 500".to_owned()), now, u32::MAX);
        pauses.push(book.subscriptions[0].due().unwrap().ms_since(now) / 1_000);
    }
    assert_eq!(pauses[..5], [1, 2, 4, 8, 16]);
    assert_eq!(pauses[13], 3_600, "an hour is the longest");
    let trouble = book.trouble().unwrap();
    assert_eq!((trouble.devices, trouble.failing_since_us), (1, NOW.0), "since the first failure");
    assert_eq!(tags(&book), ["a 11", "b 12"]);
    book.after(&id, 11, Told::Taken, NOW, 0);
    assert_eq!((tags(&book), book.trouble()), (vec!["b 12".to_owned()], None));
    book.after(&id, 12, Told::Refused("it answered 413".to_owned()), NOW, 0);
    assert!(tags(&book).is_empty(), "what is not understood is not understood the next time");
    book.after(&id, 0, Told::Gone, NOW, 0);
    assert!(book.subscriptions.is_empty());
}

#[test]
fn what_is_a_day_old_is_given_up() {
    let mut book = Book::default();
    entered(&mut book, device("ann", "phone"));
    book.take_up(&[(None, message(11, "a"))], 11);
    assert!(!book.has_stale(NOW.plus_ms(WORTH_MS - 1)));
    let then = NOW.plus_ms(WORTH_MS);
    assert!(book.has_stale(then));
    book.give_up(then);
    assert!(tags(&book).is_empty());
}

#[test]
fn a_store_that_went_back_takes_what_never_happened_with_it() {
    let mut book = Book::default();
    entered(&mut book, device("ann", "phone"));
    book.take_up(&[(None, message(11, "a")), (None, message(15, "b"))], 15);
    book.go_back(11);
    assert_eq!((tags(&book), book.cursor), (vec!["a 11".to_owned()], 11));
    book.go_back(5);
    book.take_up(&[(None, message(6, "c"))], 6);
    assert_eq!(tags(&book), ["c 6"], "what happens anew is told, though its number is an old one");
}

#[test]
fn whoever_is_let_in_no_more_is_known() {
    let token: TokenId = "0000002a".parse().unwrap();
    let identity = Identity { until: Some(NOW), token: Some(token), ..Identity::owner() };
    let owner = Owner::new("ann".to_owned(), &identity);
    let before = Timestamp(NOW.0 - 1);
    assert!(owner.is_still_in(before, |_token| true));
    assert!(!owner.is_still_in(NOW, |_token| true));
    assert!(!owner.is_still_in(before, |_token| false));
    assert!(Owner::new("ann".to_owned(), &Identity::owner()).is_still_in(NOW, |_token| false));
}

#[test]
fn no_secret_is_in_what_is_shown() {
    let asked = AddPushSubscription {
        endpoint: "https://push.example/send/s3cret".to_owned(),
        keys: PushKeys { p256dh: "s3cret-point".to_owned(), auth: "s3cret-auth".to_owned() },
        label: format!("  {}", "x".repeat(100)),
    };
    let owner = Owner::new("ann".to_owned(), &Identity::owner());
    let known = Subscription::new(&asked, owner, 0, NOW);
    let shown = format!("{known:?} {}", serde_json::to_string(&known.view()).unwrap());
    assert!(!shown.contains("s3cret"), "{shown}");
    assert_eq!(known.view().service, "push.example");
    assert_eq!(known.view().label.len(), LABEL_CHARS_MAX);
}
