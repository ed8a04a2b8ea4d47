use super::*;

fn lesson(id: u32, text: &str) -> Lesson {
    Lesson {
        id: LessonId(id),
        text: text.to_owned(),
        level: Level::C1,
        against: None,
        paths: vec![],
        source: LessonSource::Person { by: Actor::Person("anna".to_owned()) },
        added_at: Timestamp(i64::from(id)),
        counts: LessonCounts::default(),
    }
}

#[test]
fn a_number_is_read_as_it_is_shown() {
    for text in ["L7", "l7", "7"] {
        assert_eq!(text.parse(), Ok(LessonId(7)), "{text}");
    }
    for text in ["", "L", "L0", "L-1", "+7", "seven", "99999999999"] {
        assert!(text.parse::<LessonId>().is_err(), "{text}");
    }
    assert_eq!(LessonId(7).to_string(), "L7");
}

#[test]
fn a_text_is_one_line_of_what_can_be_seen() {
    let told = one_line("run\tthe \u{1b}[31mtests\u{202e} \u{200b}first\n\nthen  commit", 100);
    assert_eq!(told, "run the [31mtests first then commit");
    assert_eq!(one_line("äöü and more", 6), "äöü a…");
}

#[test]
fn words_are_found_by_their_stems_and_beginnings_the_rarest_first() {
    let lessons = [
        lesson(1, "run cargo sqlx prepare after each change of a query"),
        lesson(2, "round_total rounds half up; run the ledger tests"),
        lesson(3, "run the linter"),
    ];
    let found =
        |words| search(&lessons, words).iter().map(|found| found.lesson.id.0).collect::<Vec<_>>();
    assert_eq!(found("queries"), [0; 0]);
    assert_eq!(found("Querys!"), [1]);
    assert_eq!(found("lint"), [3]);
    assert_eq!(found("ledger linter run"), [3, 2, 1]);
    assert_eq!(found("total"), [2]);
    assert_eq!(found("the and of"), [0; 0]);
}

#[test]
fn the_least_useful_one_makes_room() {
    let mut lessons = Lessons::default();
    for id in 1..=u32::try_from(LESSONS_MAX).unwrap() {
        lessons.add(&lesson(id, "text"));
    }
    // The first is the oldest, but it helped; the fifth has helped nobody.
    lessons.all[0].counts.helped_at = Some(Timestamp(1_000));
    lessons.all[4].counts.in_vain_since = IN_VAIN_MAX;
    let next = |lessons: &Lessons| lesson(lessons.next_id().0, "text");
    lessons.add(&next(&lessons));
    assert!(lessons.get(LessonId(5)).is_none());
    lessons.add(&next(&lessons));
    assert!(lessons.get(LessonId(1)).is_some() && lessons.get(LessonId(2)).is_none());
    assert_eq!(lessons.all.len(), LESSONS_MAX);
    lessons.remove(LessonId(102));
    assert_eq!(lessons.next_id(), LessonId(103), "a number is never given twice");
}

#[test]
fn what_helps_no_more_expires() {
    let day = |days: i64| Timestamp(days * 86_400_000_000);
    let fresh = Lesson { added_at: day(0), ..lesson(1, "text") };
    assert_eq!(fresh.expired(day(89)), None);
    assert_eq!(fresh.expired(day(90)), Some(Expired::Unused));
    let with = |change: fn(&mut LessonCounts)| {
        let mut known = fresh.clone();
        change(&mut known.counts);
        known.expired(day(120))
    };
    assert_eq!(with(|counts| counts.helped_at = Some(Timestamp(40 * 86_400_000_000))), None);
    assert_eq!(with(|counts| counts.in_vain_since = IN_VAIN_MAX), Some(Expired::InVain));
    assert_eq!(with(|counts| counts.offered_since = IDLE_MAX), Some(Expired::Idle));
}
