use super::*;
use crate::Policy;

fn policy(schedule: &str) -> Result<SchedulePolicy, String> {
    let text = format!("checks_waived = \"a test\"\n[schedules.nightly]\n{schedule}\n");
    let policy = Policy::parse(&text, "gangline.toml").map_err(|error| error.to_string())?;
    Ok(policy.schedules.into_values().next().unwrap())
}

fn refused(schedule: &str) -> String {
    policy(schedule).map(|_| String::new()).unwrap_err()
}

/// The due times around a moment, in UTC.
fn around(cron: &str, zone: &str, now: &str) -> String {
    let text = format!("cron = \"{cron}\"\ntimezone = \"{zone}\"\ntitle = \"Tidy\"");
    let moment: Moment = now.parse().unwrap();
    let now = Timestamp(moment.as_microsecond());
    let times = Times::around(&policy(&text).unwrap().settings(), now);
    let shown = |at: Option<Timestamp>| Moment::from_microsecond(at.unwrap().0).unwrap();
    format!("{} {}", shown(times.last), shown(times.next))
}

#[test]
fn a_schedule_says_when_and_what() {
    let full = policy(
        "cron = \"0 6 * * 1\"\ntimezone = \"Europe/Berlin\"\nticket = \"chores/deps.md\"\n\
         agent = \"keeper\"\npriority = \"low\"\nlabels = [\"chore\"]\nenabled = false",
    );
    let full = full.unwrap().settings();
    assert_eq!(full.text, ScheduleText::File("chores/deps.md".to_owned()));
    assert_eq!((full.priority, full.enabled), (Priority::Low, false));
    let least = policy("cron = \"*/5 * * * *\"\ntitle = \"Tidy\"").unwrap().settings();
    assert_eq!((least.timezone.as_str(), least.enabled), ("UTC", true));
    let spec = least.spec("nightly", "Tidy".to_owned(), String::new());
    assert_eq!(spec.labels, BTreeSet::from(["schedule:nightly".to_owned()]));
}

#[test]
fn what_is_no_schedule_is_told_with_its_place() {
    for (schedule, place, why) in [
        ("title = \"Tidy\"", "schedules.nightly", "cron"),
        ("cron = \"0 0 6 * * 1\"\ntitle = \"Tidy\"", "cron", "has not five fields"),
        ("cron = \"0 25 * * *\"\ntitle = \"Tidy\"", "cron", "as in"),
        ("cron = \"0 0 30 2 *\"\ntitle = \"Tidy\"", "cron", "there is no such day"),
        ("cron = \"@daily\"\ntitle = \"Tidy\"", "cron", "has not five fields"),
        ("cron = \"0 6 * * *\"\ntitle = \"T\"\ntimezone = \"Berlin\"", "timezone", "no time zone"),
        ("cron = \"0 6 * * *\"", "nightly", "it says nothing"),
        ("cron = \"0 6 * * *\"\ntitle = \"T\"\nticket = \"a.md\"", "nightly", "leave them out"),
        ("cron = \"0 6 * * *\"\nticket = \"../a.md\"", "ticket", "from the repository's root"),
        ("cron = \"0 6 * * *\"\ntitle = \"T\"\nevery = \"day\"", "every", "every"),
    ] {
        let told = refused(schedule);
        assert!(told.starts_with("gangline.toml:"), "{told}");
        assert!(told.contains(place) && told.contains(why), "{schedule}: {told}");
    }
}

#[test]
fn due_times_are_found_before_and_behind_a_moment() {
    let around = |cron, now| around(cron, "UTC", now);
    assert_eq!(
        around("0 6 * * *", "2026-03-10T06:00:00Z"),
        "2026-03-10T06:00:00Z 2026-03-11T06:00:00Z"
    );
    assert_eq!(
        around("0 6 * * *", "2026-03-10T05:59:59.999999Z"),
        "2026-03-09T06:00:00Z 2026-03-10T06:00:00Z"
    );
    assert_eq!(
        around("*/15 * * * *", "2026-12-31T23:50:00Z"),
        "2026-12-31T23:45:00Z 2027-01-01T00:00:00Z"
    );
    assert_eq!(
        around("0 0 29 2 *", "2026-03-10T00:00:00Z"),
        "2024-02-29T00:00:00Z 2028-02-29T00:00:00Z"
    );
    // One of the two days is enough, as cron has always had it.
    assert_eq!(
        around("0 12 13 * FRI", "2026-03-11T00:00:00Z"),
        "2026-03-06T12:00:00Z 2026-03-13T12:00:00Z"
    );
}

#[test]
fn a_clock_that_is_put_forward_skips_no_day() {
    let berlin = |cron, now| around(cron, "Europe/Berlin", now);
    // 02:30 is not there on 29 March 2026: 02:00 CET is 03:00 CEST.
    assert_eq!(
        berlin("30 2 * * *", "2026-03-28T12:00:00Z"),
        "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z"
    );
    assert_eq!(
        berlin("30 2 * * *", "2026-03-29T12:00:00Z"),
        "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z"
    );
    assert_eq!(
        berlin("0 6 * * *", "2026-03-29T12:00:00Z"),
        "2026-03-29T04:00:00Z 2026-03-30T04:00:00Z"
    );
}

#[test]
fn a_clock_that_is_put_back_repeats_no_day() {
    let berlin = |cron, now| around(cron, "Europe/Berlin", now);
    // 02:30 is there twice on 25 October 2026, at 00:30 and at 01:30 UTC.
    assert_eq!(
        berlin("30 2 * * *", "2026-10-24T12:00:00Z"),
        "2026-10-24T00:30:00Z 2026-10-25T00:30:00Z"
    );
    assert_eq!(
        berlin("30 2 * * *", "2026-10-25T12:00:00Z"),
        "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"
    );
    assert_eq!(
        berlin("30 2 * * *", "2026-10-25T00:30:00Z"),
        "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"
    );
}

#[test]
fn where_the_time_zone_is_not_known_nothing_is_due() {
    let settings = policy("cron = \"0 6 * * *\"\ntitle = \"Tidy\"").unwrap().settings();
    let elsewhere = ScheduleSettings { timezone: "Mars/Olympus".to_owned(), ..settings };
    assert_eq!(Times::around(&elsewhere, Timestamp(0)), Times::default());
}
