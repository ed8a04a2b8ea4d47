use super::*;

#[test]
fn lessons_come_with_their_source_and_their_worth() {
    let landed = LessonSourceView {
        person: None,
        ticket: Some("APP-3".to_owned()),
        attempt: Some("shop.APP-3.a5".to_owned()),
        agent: Some("careful".to_owned()),
        commit: None,
    };
    let lesson = |id: &str, source: LessonSourceView| LessonView {
        id: id.to_owned(),
        text: "round half up\u{1b}[2J".to_owned(),
        class: Some("test".to_owned()),
        source,
        offered: 4,
        helped: 1,
        in_vain: 3,
        ..LessonView::default()
    };
    let anna = LessonSourceView { person: Some("anna".to_owned()), ..Default::default() };
    let expired = LessonView {
        expired: Some("attempts failed in spite of it".to_owned()),
        ..lesson("L2", anna)
    };
    let found = Found { project: "shop".to_owned(), lessons: vec![lesson("L1", landed), expired] };
    insta::assert_snapshot!(rendered(&found, false, Out::of_width(Some(100))).join("\n"), @"
    LESSON  AGAINST  OFFERED  HELPED  IN VAIN  SOURCE           TEXT
    L1      test     4        1       3        APP-3 (careful)  round half up
    L2      test     4        1       3        anna             round half up
    L2 is offered no more: attempts failed in spite of it
    ");
}
