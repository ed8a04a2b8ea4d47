//! What is told: events that only a person can follow up, in few words.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_api::plain::plain;
use gangline_api::push::PushMessage;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{ProjectId, TicketId};
use gangline_domain::ticket::AlertKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::view;

/// Characters of a title and of what stands below it. In four bytes each they fit into a message.
const TITLE_CHARS_MAX: usize = 100;
const BODY_CHARS_MAX: usize = 500;

/// A message that waits, or is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// The event that it tells of.
    pub(super) seq: u64,
    /// When that happened.
    pub(super) at_us: i64,
    /// Whether an agent stands still until somebody comes.
    pub(super) urgent: bool,
    pub(super) says: PushMessage,
}

/// What an event wants of a person, before it is known what its ticket is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The project that one must be let into; all of them, when absent.
    pub(super) project: Option<ProjectId>,
    /// The ticket whose title is told.
    pub(super) ticket: Option<TicketId>,
    urgent: bool,
    title: String,
    /// Below the title of the ticket.
    body: String,
    url: String,
    tag: String,
}

/// What an event wants of a person; nothing, when it wants nothing.
pub(super) fn needed(recorded: &Recorded) -> Option<Need> {
    let of_all = |title: String, body: &str, tag: String| Need {
        project: None,
        ticket: None,
        urgent: false,
        title,
        body: body.to_owned(),
        url: "/agents".to_owned(),
        tag,
    };
    match &recorded.event {
        Event::Ticket { ticket, what } => of_ticket(ticket, what),
        Event::CircuitOpened { kind, why } => {
            Some(of_all(format!("Agent kind {kind} is broken"), why, format!("kind:{kind}")))
        }
        Event::NodeAlertRaised { node, kind, says } => Some(of_all(
            format!("Node {node} runs short of {kind}"),
            says,
            format!("node:{node}:{kind}"),
        )),
        Event::ProjectConfigured { .. }
        | Event::ProjectRemoved { .. }
        | Event::ProjectPaused { .. }
        | Event::ProjectResumed { .. }
        | Event::CircuitClosed { .. }
        | Event::NodeAlertCleared { .. }
        | Event::NodeDrained { .. }
        | Event::NodeResumed { .. }
        | Event::NothingChanged
        | Event::ExternalRegistered { .. }
        | Event::ExternalEnded { .. }
        | Event::LessonAdded { .. }
        | Event::LessonRemoved { .. }
        | Event::ScheduleFired { .. }
        | Event::ScheduleSkipped { .. }
        | Event::TokenAdded { .. }
        | Event::TokenRevoked { .. } => None,
    }
}

fn about(ticket: &TicketId, title: String, body: &str) -> Need {
    let TicketId { project, key } = ticket;
    Need {
        project: Some(project.clone()),
        ticket: Some(ticket.clone()),
        urgent: false,
        title,
        body: body.to_owned(),
        url: format!("/t/{project}/{key}"),
        tag: format!("{project}.{key}"),
    }
}

/// A plan that proposes `count` tickets.
fn of_plan(ticket: &TicketId, count: usize) -> Need {
    let TicketId { project, key } = ticket;
    let proposed = if count == 1 { "1 ticket" } else { &format!("{count} tickets") };
    let need = about(ticket, format!("Plan {key} is ready"), &format!("It proposes {proposed}."));
    Need { url: format!("/plans/{project}/{key}"), ..need }
}

fn of_ticket(ticket: &TicketId, what: &TicketEvent) -> Option<Need> {
    let key = &ticket.key;
    let need = |title: String, body: &str| about(ticket, title, body);
    let urgent = |need: Need| Need { urgent: true, ..need };
    match what {
        TicketEvent::QuestionAsked { question } => {
            Some(urgent(need(format!("{key} asks"), &question.text)))
        }
        TicketEvent::Escalated { escalation } => {
            Some(urgent(need(format!("{key} needs you"), &escalation.summary)))
        }
        TicketEvent::ReviewRequested => Some(need(format!("{key} waits for your review"), "")),
        TicketEvent::AlertRaised {
            kind: kind @ (AlertKind::Silence | AlertKind::Uncommitted),
            ..
        } => Some(need(format!("Look at {key}"), view::alerted(*kind))),
        TicketEvent::Delivered { drafts, .. } if !drafts.is_empty() => {
            Some(of_plan(ticket, drafts.len()))
        }
        // Tests that fail and collisions are seen to by the next attempt.
        TicketEvent::AlertRaised {
            kind: AlertKind::TestsFailing | AlertKind::Conflict, ..
        }
        | TicketEvent::Delivered { .. }
        | TicketEvent::Added { .. }
        | TicketEvent::Opened
        | TicketEvent::AttemptStarted { .. }
        | TicketEvent::AttemptBased { .. }
        | TicketEvent::QuestionAnswered { .. }
        | TicketEvent::QuestionExpired { .. }
        | TicketEvent::AlertCleared { .. }
        | TicketEvent::Steered { .. }
        | TicketEvent::StopRequested { .. }
        | TicketEvent::AttemptEnded { .. }
        | TicketEvent::AttemptLost
        | TicketEvent::AttemptRegained
        | TicketEvent::AttemptAdopted { .. }
        | TicketEvent::JobStarted { .. }
        | TicketEvent::JobFailed { .. }
        | TicketEvent::Captured { .. }
        | TicketEvent::Submitted { .. }
        | TicketEvent::Verified { .. }
        | TicketEvent::RerunOrdered
        | TicketEvent::ReviewerWanted { .. }
        | TicketEvent::ReviewerStarted { .. }
        | TicketEvent::ReviewerEnded { .. }
        | TicketEvent::ReviewerPutOff { .. }
        | TicketEvent::ReviewerJudged { .. }
        | TicketEvent::Approved { .. }
        | TicketEvent::Rejected { .. }
        | TicketEvent::LandingStarted { .. }
        | TicketEvent::Integrated { .. }
        | TicketEvent::LandingIntended { .. }
        | TicketEvent::LandingDeferred { .. }
        | TicketEvent::LandingVoided { .. }
        | TicketEvent::Landed { .. }
        | TicketEvent::SentBack { .. }
        | TicketEvent::Parked { .. }
        | TicketEvent::Edited { .. }
        | TicketEvent::Permitted { .. }
        | TicketEvent::Hinted { .. }
        | TicketEvent::Learned { .. }
        | TicketEvent::Held { .. }
        | TicketEvent::Released
        | TicketEvent::HandedBack { .. }
        | TicketEvent::Retried
        | TicketEvent::Cancelled => None,
    }
}

impl Need {
    /// In words. `called` is the title of its ticket.
    pub(super) fn message(self, recorded: &Recorded, called: Option<&str>) -> Message {
        let parts = [called.unwrap_or_default(), &self.body];
        let parts: Vec<String> =
            parts.iter().filter(|part| !part.is_empty()).map(|part| plain(part)).collect();
        let says = PushMessage {
            title: cut(&plain(&self.title), TITLE_CHARS_MAX),
            body: cut(&parts.join("\n"), BODY_CHARS_MAX),
            url: self.url,
            tag: self.tag,
        };
        Message { seq: recorded.seq, at_us: recorded.at.0, urgent: self.urgent, says }
    }
}

/// What a person wants to see once, to know that it works.
pub(super) fn trial(at_us: i64) -> Message {
    let says = PushMessage {
        title: "Gangline reaches this device".to_owned(),
        body: "What needs you will be told here.".to_owned(),
        url: "/settings".to_owned(),
        tag: "test".to_owned(),
    };
    Message { seq: 0, at_us, urgent: true, says }
}

impl Message {
    /// By which a push service replaces one that it still has with a newer one about the same:
    /// 32 characters of base64url (RFC 8030, 5.4), which tell it nothing.
    pub(super) fn topic(&self) -> String {
        URL_SAFE_NO_PAD.encode(&Sha256::digest(self.says.tag.as_bytes())[..24])
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use gangline_domain::ids::Timestamp;

    use super::super::seal::MESSAGE_BYTES_MAX;
    use super::*;
    use crate::specimen;

    #[test]
    fn what_only_a_person_can_follow_up_is_told_and_nothing_else() {
        let mut told = vec![];
        for name in gangline_domain::event::TYPES {
            for recorded in specimen::all(name) {
                let Some(need) = needed(&recorded) else { continue };
                let called = need.ticket.as_ref().map(|_| "Faster carts");
                let whom = need.project.as_ref().map_or("all".to_owned(), ToString::to_string);
                let message = need.message(&recorded, called);
                let urgent = if message.urgent { ", urgent" } else { "" };
                let PushMessage { title, body, url, tag } = &message.says;
                let body = body.replace('\n', " / ");
                told.push(format!("{name} ({whom}{urgent}): {title} | {body} | {url} | {tag}"));
                let topic = message.topic();
                assert!(topic.len() == 32 && !topic.contains(['+', '/', '=']), "{topic}");
            }
        }
        told.dedup();
        insta::assert_snapshot!(told.join("\n"), @"
        alert_raised (shop): Look at APP-2 | Faster carts / nothing has been heard of the agent | /t/shop/APP-2 | shop.APP-2
        alert_raised (shop): Look at APP-2 | Faster carts / there are changes, and nothing has been committed | /t/shop/APP-2 | shop.APP-2
        circuit_opened (all): Agent kind claude is broken | it could not log in: 401 | /agents | kind:claude
        delivered (shop): Plan APP-1 is ready | Faster carts / It proposes 2 tickets. | /plans/shop/APP-1 | shop.APP-1
        escalated (shop, urgent): APP-1 needs you | Faster carts / all 3 tries failed; the last: test: 2 of 14 tests failed | /t/shop/APP-1 | shop.APP-1
        escalated (shop, urgent): APP-1 needs you | Faster carts / its budget is used up | /t/shop/APP-1 | shop.APP-1
        node_alert_raised (all): Node local runs short of disk | 1.4 GiB of 251.9 GiB disk free, an alert is raised below 2GiB | /agents | node:local:disk
        question_asked (shop, urgent): APP-1 asks | Faster carts / May I change the public interface? | /t/shop/APP-1 | shop.APP-1
        review_requested (shop): APP-1 waits for your review | Faster carts | /t/shop/APP-1 | shop.APP-1
        ");
    }

    #[test]
    fn the_longest_text_fits_into_a_message_and_moves_no_cursor() {
        let mut recorded = specimen::event(1, Timestamp(1), ("question_asked", 0));
        if let Event::Ticket { what: TicketEvent::QuestionAsked { question }, .. } =
            &mut recorded.event
        {
            question.text = format!("\u{1b}[31m{}", "\"\u{1f600}\\\n".repeat(1_000));
        }
        let need = needed(&recorded).unwrap();
        let message = need.message(&recorded, Some(&"\u{1f600}".repeat(200)));
        let bytes = serde_json::to_vec(&message.says).unwrap();
        assert!(bytes.len() <= MESSAGE_BYTES_MAX, "{}", bytes.len());
        assert!(message.says.body.ends_with('…'));
        assert!(!message.says.body.contains('\u{1b}'));
    }
}
