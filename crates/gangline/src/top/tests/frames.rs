//! What is on the screen.

use gangline_api::event::EventView;
use gangline_api::journal::{Diff, DiffFile};
use gangline_api::main_agent::{MainAgentView, Presence};
use ratatui::style::Color;

use super::fixture::{NOW_US, ago, empty, model, name, press, shown, types};
use crate::top::entry::rendered;
use crate::top::model::{Flash, Message, Model};
use crate::top::typed::Key;
use crate::top::update::update;

#[test]
fn what_needs_a_person_stands_first() {
    insta::assert_snapshot!(shown(&mut model(), (80, 24)), @r"
    gangline · shop               5 need you · 2 at work · 2 queued · 4.12 USD today
    NEEDS YOU  5
    ▸ codex   broken                 its login has expired                holds up 1
      APP-12  question   3 min       Which separator do prices in the o…  holds up 2
      APP-3   escalated  1 h         all 3 tries are spent; the last on…
      APP-7   review     12 min      verified: Reject empty input befor…
      APP-9   silent     32 min      nothing has been heard of the agent

    AT WORK  2
      APP-5   claude     4 s ago     Edit src/cart/total.rs                 0.12 USD
      APP-8   claude     1 min ago   half of the pages are ported · Bas…    2.31 USD

    QUEUE  2
      APP-4   landing    30 s        its job on node local                        #1
      APP-6   queued     1 min       Cache exchange rates                         #2
    ── agent kind codex ────────────────────────────────────────────────────────────
      its login has expired
      holds up    APP-22
      u  resume    it works again: let it go on




    u resume  / filter  ? help  q quit
    ");
}

#[test]
fn the_document_shows_what_is_drawn() {
    let mut model = model();
    press(&mut model, &[Key::Down]);
    let screen = shown(&mut model, (90, 28));
    let told = include_str!("../../../../../docs/top.md");
    assert!(told.contains(&screen), "docs/top.md shows another screen than\n{screen}");
}

#[test]
fn a_large_screen_has_titles_and_the_last_events() {
    let mut model = model();
    let event = |seq: u64, kind: &str, text: &str| EventView {
        seq,
        at_us: ago(90 - i64::try_from(seq).unwrap()),
        actor: "gangline".into(),
        kind: kind.into(),
        project: Some("shop".into()),
        key: Some("APP-7".into()),
        job: None,
        commit: None,
        text: text.into(),
    };
    let events =
        vec![event(1, "attempt_started", "claude starts"), event(2, "verified", "verified: pass")];
    let asked = update(&mut model, Message::Happened(events));
    assert_eq!(asked.len(), 1);
    insta::assert_snapshot!(shown(&mut model, (120, 40)), @r"
    gangline · shop                                                       5 need you · 2 at work · 2 queued · 4.12 USD today
    NEEDS YOU  5
    ▸ codex   broken                 agent kind codex           its login has expired                             holds up 1
      APP-12  question   3 min       Parse prices of every sh…  Which separator do prices in the old export use…  holds up 2
      APP-3   escalated  1 h         Round the total            all 3 tries are spent; the last one failed test
      APP-7   review     12 min      Reject empty input befor…  verified
      APP-9   silent     32 min      Port the importer          nothing has been heard of the agent

    AT WORK  2
      APP-5   claude     4 s ago     Add up the cart in cents   Edit src/cart/total.rs                              0.12 USD
      APP-8   claude     1 min ago   Port the pages to the ne…  half of the pages are ported · Bash cargo test …    2.31 USD

    QUEUE  2
      APP-4   landing    30 s        Read prices as cents       its job on node local                                     #1
      APP-6   queued     1 min       Cache exchange rates                                                                 #2

    WAITING  3
      APP-20  open       8 min       Show prices in the reade…  waits for APP-12 to land
      APP-21  open       8 min       Sort by price              waits for APP-12 to land
      APP-22  open       7 min       Translate the invoice      waits for agent kind codex to be mended: its lo…

    LATEST
      11:58:32  APP-7         verified: pass
      11:58:31  APP-7         claude starts




    ── agent kind codex ────────────────────────────────────────────────────────────────────────────────────────────────────
      its login has expired
      holds up    APP-22
      u  resume    it works again: let it go on







    u resume  / filter  ? help  q quit
    ");
}

#[test]
fn a_tiny_screen_keeps_what_matters() {
    insta::assert_snapshot!(shown(&mut model(), (40, 10)), @r"
    gangline · shop   5 need you · 2 at work
    NEEDS YOU  5
    ▸ codex   broken     its login has expi…
      APP-12  question   Which separator do…
      APP-3   escalated  all 3 tries are sp…
      APP-7   review     verified: Reject e…
      APP-9   silent     nothing has been h…
    AT WORK  2
      APP-5   claude     Edit src/cart/tota…
    u resume  / filter  ? help  q quit
    ");
}

#[test]
fn where_nothing_is_that_is_said() {
    let mut model = Model::new(empty(), Some("shop".into()), NOW_US);
    insta::assert_snapshot!(shown(&mut model, (80, 14)), @r#"
    gangline · shop                   nothing needs you · 0 at work · 4.12 USD today
    NEEDS YOU  nothing: there are no tickets. gangline add "What is wanted"
    AT WORK  no agent is at work










    / filter  ? help  q quit
    "#);
}

#[test]
fn a_question_is_answered_below_what_it_asks() {
    let mut model = model();
    press(&mut model, &[Key::Down]);
    types(&mut model, "a");
    press(&mut model, &[Key::Tab]);
    insta::assert_snapshot!(shown(&mut model, (80, 14)), @r"
    gangline · shop               5 need you · 2 at work · 2 queued · 4.12 USD today
    NEEDS YOU  5
      codex   broken                 its login has expired                holds up 1
    ▸ APP-12  question   3 min       Which separator do prices in the o…  holds up 2
      APP-3   escalated  1 h         all 3 tries are spent; the last on…
    ── APP-12 · Parse prices of every shop ─────────────────────────────────────────
      Which separator do prices in the old export use? The samples have both, and
      a  answer    answer the agent's question
    ── answer APP-12 ───────────────────────────────────────────────────────────────
      Which separator do prices in the old export use? The samples have both, and
      the README says nothing.
      ▸ dot  · comma
    › dot
    ⏎ send  esc leave  ^J new line  tab next answer
    ");
    insta::assert_snapshot!(shown(&mut model, (40, 10)), @r"
    gangline · shop   5 need you · 2 at work
      codex   broken     its login has expi…
    ▸ APP-12  question   Which separator do…
    ── answer APP-12 ───────────────────────
      Which separator do prices in the old
      export use? The samples have both, and
      the README says nothing.
      ▸ dot  · comma
    › dot
    ⏎ send  esc leave  ^J new line
    ");
}

#[test]
fn what_cannot_be_undone_is_asked_for_twice() {
    let mut model = model();
    press(&mut model, &[Key::Down]);
    types(&mut model, "s");
    insta::assert_snapshot!(shown(&mut model, (60, 10)), @r"
    gangline · shop            5 need you · 2 at work · 2 queued
    NEEDS YOU  5
      codex   broken                 its login has …  holds up 1
    ▸ APP-12  question   3 min       Which separato…  holds up 2
      APP-3   escalated  1 h         all 3 tries ar…
      APP-7   review     12 min      verified: Reje…
    ── are you sure? ───────────────────────────────────────────
      stop APP-12? Its agent ends, its work is kept, and it is
      held.
    y yes  n no
    ");
}

#[test]
fn a_lost_connection_is_told_in_the_header() {
    let mut model = model();
    let why = "no gangline daemon answers at /run/gangline.sock".to_owned();
    assert_eq!(update(&mut model, Message::Lost(why)), []);
    assert_eq!(update(&mut model, Message::Tick(NOW_US + 12_000_000)), []);
    let first = |model: &mut Model, size| shown(model, size).lines().next().unwrap().to_owned();
    insta::assert_snapshot!(first(&mut model, (120, 14)), @"gangline · shop                     daemon away for 12 s, trying again: no gangline daemon answers at /run/gangline.sock");
    insta::assert_snapshot!(first(&mut model, (60, 14)), @"gangline · shop           daemon away for 12 s, trying again");
    assert_eq!(update(&mut model, Message::Back).len(), 1, "the board is read anew");
    insta::assert_snapshot!(first(&mut model, (60, 14)), @"gangline · shop            5 need you · 2 at work · 2 queued");
}

#[test]
fn a_ticket_is_shown_claim_beside_fact() {
    let mut model = model();
    let detail = model.board.details[&name("APP-3")].clone();
    press(&mut model, &[Key::Down, Key::Down, Key::Enter]);
    assert_eq!(update(&mut model, Message::Detail(Box::new(detail))), []);
    model.size = (80, 24);
    let page = crate::top::entry::text(&rendered(&model)).join("\n");
    insta::assert_snapshot!(page, @r"
    APP-3                                                                 1–22 of 25
    APP-3  Round the total  escalated
      project   shop
      state     escalated for 1 h 6 min · priority medium · agent claude · 3 of 3
      tries spent
      waits     for a person to decide

    CLAIM BESIDE FACT  fail  commit 4f0c6e2b9a, judged by the policy of a11ce0ffee
      CHECK    CLAIMED          FACT          VERDICT  EVIDENCE
      commits  all pass: true   1 new commit  pass
      test     all pass: false  1 failed      fail
      test:
        | assertion failed: total(0.1, 0.2) == 0.30
      the agent said: “Rounds half to even, all tests pass” (done: false)

    TRIES
      TRY      JOB  AGENT            TIER        BEGAN             TOOK  ENDED
      VERDICT
      1 fresh  a3   claude (claude)  bubblewrap  2026-11-03 10:36        runs

    try 3 failed (test): test failed
      fact   1 of 14 tests failed
      | assertion failed: total(0.1, 0.2) == 0.30
    r retry  c cancel  f follow  d diff  ? help  q back
    ");
}

#[test]
fn a_diff_shows_every_character() {
    let mut model = model();
    assert_eq!(update(&mut model, Message::Resized(40, 16)), []);
    press(&mut model, &[Key::Down, Key::Down, Key::Down]);
    assert_eq!(types(&mut model, "d").len(), 1);
    let diff = Diff {
        base: "a".into(),
        commit: "b".into(),
        files: vec![DiffFile {
            path: "src/total.rs".into(),
            status: "M".into(),
            added: Some(1),
            deleted: Some(1),
        }],
        text: "diff --git a/src/total.rs b/src/total.rs\n@@ -1 +1 @@\n-old\n\
               +let hidden = \"\u{1b}[8m\u{202e}\"; // a comment that is longer than the screen\n"
            .into(),
        truncated: true,
        job: "shop.APP-7.a1".into(),
        since: None,
        with_base: false,
    };
    assert_eq!(update(&mut model, Message::Diff(name("APP-7"), Box::new(diff))), []);
    insta::assert_snapshot!(shown(&mut model, (40, 16)), @r#"
    APP-7 · what changed
    M src/total.rs  +1    -1

    diff --git a/src/total.rs b/src/total.rs
    @@ -1 +1 @@
    -old
    +let hidden = "\u{1b}[8m\u{202e}"; // a
    comment that is longer than the screen

    … the rest is left out; o opens the work
    tree, where git has it all




    y approve  n reject  ? help  q back
    "#);
}

#[test]
fn a_journal_is_followed_until_somebody_scrolls() {
    let mut model = model();
    assert_eq!(update(&mut model, Message::Resized(60, 6)), []);
    press(&mut model, &[Key::Down]);
    assert_eq!(types(&mut model, "f").len(), 1);
    insta::assert_snapshot!(shown(&mut model, (60, 6)), @r"
    APP-12 · what its agent does                       following
    its agent has said nothing yet



    a answer  f follow  s stop  d diff  ? help  q back
    ");
    let lines = |from: u32, to: u32| (from..to).map(|n| format!("line {n}")).collect::<Vec<_>>();
    assert_eq!(update(&mut model, Message::Journal(name("APP-12"), lines(0, 9))), []);
    insta::assert_snapshot!(shown(&mut model, (60, 6)), @r"
    APP-12 · what its agent does              6–9 of 9 following
    line 5
    line 6
    line 7
    line 8
    a answer  f follow  s stop  d diff  ? help  q back
    ");
    types(&mut model, "k");
    assert_eq!(update(&mut model, Message::Journal(name("APP-12"), lines(9, 20))), []);
    insta::assert_snapshot!(shown(&mut model, (60, 6)), @r"
    APP-12 · what its agent does                       5–8 of 20
    line 4
    line 5
    line 6
    line 7
    a answer  f follow  s stop  d diff  ? help  q back
    ");
    types(&mut model, "G");
    assert!(shown(&mut model, (60, 6)).contains("line 19"));
}

#[test]
fn all_keys_are_told_on_one_page() {
    let mut model = model();
    types(&mut model, "?");
    insta::assert_snapshot!(shown(&mut model, (80, 42)), @r"
    keys
    ANYWHERE
      ↑ ↓ j k    one up, one down
      PgUp PgDn  a screen up or down; also Ctrl-B, Ctrl-F, the space bar
      g G        to the beginning, to the end; also Home and End
      Tab        to the next section; Shift-Tab to the one before
      Enter      show the ticket: claim beside fact, its tries, the decisive lines
      Esc q      back; q on the first screen ends gangline top
      /          filter by words of key, title, state, agent, label; Esc ends it
      ?          this page
      Ctrl-L     write the screen anew
      Ctrl-Z     stop; the shell's fg brings it back

    THE SELECTED TICKET, WHERE IT MAKES SENSE
      a          answer the agent's question
      y          let the verified commit land
      n          send it back, with a reason
      r          give it all its tries again, with a hint
      v          verify once more what it offered last
      p          let its agents change what the report names
      t          work on it yourself, in a shell in its worktree
      b          have what is in its worktree verified
      u          let it, or a broken agent kind, go on
      s          end its agent, keep its work, and hold it
      f          watch what its agent does
      d          read what changed
      o          a shell in its worktree, and back
      h          keep it from going on
      c          end it; its work is kept under rescue refs

    WHILE YOU WRITE
      Enter      send
      Ctrl-J     a line break; also Alt-Enter. What is pasted keeps its own
      Tab        take the next of the answers that the agent offers
      Esc        do not send






    ? help  q back
    ");
}

#[test]
fn a_word_about_what_was_done_stands_above_the_keys() {
    let mut model = model();
    let flash = Flash { text: "APP-7 approved".into(), good: true };
    assert_eq!(update(&mut model, Message::Told(flash)), []);
    let page = shown(&mut model, (80, 12));
    assert_eq!(page.lines().nth(10), Some("APP-7 approved"), "{page}");
    press(&mut model, &[Key::Down]);
    assert!(!shown(&mut model, (80, 12)).contains("APP-7 approved"));
}

#[test]
fn colours_add_nothing_that_is_not_there_without_them() {
    let mut plain = model();
    let mut coloured = model();
    coloured.colour = true;
    for size in [(80, 24), (120, 40), (40, 10)] {
        assert_eq!(shown(&mut plain, size), shown(&mut coloured, size));
        let colours = |model: &Model| {
            let buffer = rendered(model);
            let cells = buffer.content.iter().filter(|cell| cell.fg != Color::Reset);
            cells.count()
        };
        assert_eq!(colours(&plain), 0);
        assert!(colours(&coloured) > 20);
    }
}

#[test]
fn a_main_agent_stands_in_the_header_while_it_is_there() {
    let header = |presence: Presence| {
        let mut model = model();
        model.board.main_agents = vec![MainAgentView {
            id: "4711".into(),
            name: "claude-code\u{1b}[2J".into(),
            person: "ann".into(),
            via: "mcp stdio".into(),
            presence,
            text: presence.text().into(),
            waits: false,
            called_us: NOW_US,
        }];
        shown(&mut model, (120, 24)).lines().next().unwrap_or_default().to_owned()
    };
    let active = header(Presence::Active);
    assert!(active.contains("2 queued · claude-code"), "{active}");
    assert!(active.contains(" active - conversing · 4.12 USD today"), "{active}");
    assert!(header(Presence::Idle).contains(" idle · "));
    assert!(!header(Presence::Away).contains("claude-code"));
}
