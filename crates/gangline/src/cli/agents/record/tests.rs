use super::*;

#[test]
fn each_agents_claims_are_counted_beside_what_passed() {
    let honest = HonestyView {
        agent: "careful".to_owned(),
        kind: "claude".to_owned(),
        model: Some("large".to_owned()),
        attempts: 5,
        passed: 4,
        firsts: 4,
        first_passed: 3,
        claims_true: 14,
        claims_false: 1,
        claims_unproven: 2,
        ..HonestyView::default()
    };
    let silent = HonestyView {
        agent: "quiet\u{1b}[2J".to_owned(),
        kind: "command".to_owned(),
        attempts: 1,
        ..HonestyView::default()
    };
    let honesty = Honesty { project: "shop".to_owned(), agents: vec![honest, silent] };
    insta::assert_snapshot!(rendered(&honesty, Out::of_width(Some(100))).join("\n"), @"
    AGENT    KIND     MODEL  VERIFIED  PASSED  FIRST TRY     TRUE  FALSE  UNPROVEN
    careful  claude   large  5         4       3 of 4, 75 %  14    1      2
    quiet    command  -      1         0       -             0     0      0
    ");
}
