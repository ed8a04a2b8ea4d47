//! What a person can do about a row, each with its key. What makes sense for a ticket is said by
//! [`gangline_api::next`], as for all surfaces; here it only gets keys.

use gangline_api::client::TicketRef;
use gangline_api::next::{Action, actions};
use gangline_api::ticket::TicketDetail;

use super::board::Board;
use super::rows::{About, Trouble};

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Act {
    Answer,
    Approve,
    Reject,
    Retry,
    Recheck,
    Permit,
    TakeOver,
    HandBack,
    Start,
    Resume,
    Stop,
    Hold,
    Cancel,
    Follow,
    Diff,
    Open,
}

impl Act {
    /// In the order in which keys are told.
    pub(super) const ALL: [Self; 16] = [
        Self::Answer,
        Self::Approve,
        Self::Reject,
        Self::Retry,
        Self::Recheck,
        Self::Permit,
        Self::TakeOver,
        Self::HandBack,
        Self::Start,
        Self::Resume,
        Self::Stop,
        Self::Follow,
        Self::Diff,
        Self::Open,
        Self::Hold,
        Self::Cancel,
    ];

    /// Its key.
    pub(super) fn key(self) -> char {
        match self {
            Self::Answer => 'a',
            Self::Approve => 'y',
            Self::Reject => 'n',
            Self::Retry => 'r',
            Self::Recheck => 'v',
            Self::Permit => 'p',
            Self::TakeOver => 't',
            Self::HandBack => 'b',
            Self::Start | Self::Resume => 'u',
            Self::Stop => 's',
            Self::Hold => 'h',
            Self::Cancel => 'c',
            Self::Follow => 'f',
            Self::Diff => 'd',
            Self::Open => 'o',
        }
    }

    /// In a word or two.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Retry => "retry",
            Self::Recheck => "recheck",
            Self::Permit => "permit",
            Self::TakeOver => "take over",
            Self::HandBack => "hand back",
            Self::Start => "start",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Hold => "hold",
            Self::Cancel => "cancel",
            Self::Follow => "follow",
            Self::Diff => "diff",
            Self::Open => "open",
        }
    }

    /// For the page of help.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Answer => "answer the agent's question",
            Self::Approve => "let the verified commit land",
            Self::Reject => "send it back, with a reason",
            Self::Retry => "give it all its tries again, with a hint",
            Self::Recheck => "verify once more what it offered last",
            Self::Permit => "let its agents change what the report names",
            Self::TakeOver => "work on it yourself, in a shell in its worktree",
            Self::HandBack => "have what is in its worktree verified",
            Self::Start => "open a draft",
            Self::Resume => "let it, or a broken agent kind, go on",
            Self::Stop => "end its agent, keep its work, and hold it",
            Self::Hold => "keep it from going on",
            Self::Cancel => "end it; its work is kept under rescue refs",
            Self::Follow => "watch what its agent does",
            Self::Diff => "read what changed",
            Self::Open => "a shell in its worktree, and back",
        }
    }

    /// The act of an action of [`gangline_api::next`], where there is a key for it.
    fn of(action: &str) -> Option<Self> {
        Some(match action {
            "answer" => Self::Answer,
            "approve" => Self::Approve,
            "reject" => Self::Reject,
            "more_context" | "mend_machine" | "calm" => Self::Retry,
            "recheck" => Self::Recheck,
            "permit" => Self::Permit,
            "take_over" => Self::TakeOver,
            "hand_back" => Self::HandBack,
            "start" => Self::Start,
            "resume" => Self::Resume,
            "stop" => Self::Stop,
            "hold" => Self::Hold,
            "cancel" | "discard" => Self::Cancel,
            "logs" => Self::Follow,
            "diff" => Self::Diff,
            "open" => Self::Open,
            _without_a_key => return None,
        })
    }
}

/// Something that can be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// What a key does; nothing where a command is to be typed.
    pub(super) act: Option<Act>,
    /// What it does, as a lowercase fragment.
    pub(super) what: String,
    /// The command that does the same.
    pub(super) command: String,
}

/// What can be done about a row, the likeliest first.
pub(super) fn offers(board: &Board, about: &About) -> Vec<Offer> {
    match about {
        About::Kind(kind) => vec![Offer {
            act: Some(Act::Resume),
            what: "it works again: let it go on".to_owned(),
            command: format!("gangline resume --agent-kind {kind}"),
        }],
        About::Machine(trouble) => {
            let doctor = || "gangline doctor".to_owned();
            let (what, command) = match trouble {
                Trouble::Short { .. } => ("see what is short, and what helps", doctor()),
                Trouble::Drained { node } => {
                    ("give it new work again", format!("gangline node resume {node}"))
                }
                Trouble::Refused => ("see what is wrong with it", doctor()),
                Trouble::Restart => {
                    let anew = "gangline down && gangline up --detach".to_owned();
                    ("begin anew with all of it", anew)
                }
            };
            vec![Offer { act: None, what: what.to_owned(), command }]
        }
        About::Ticket(name) => match detail(board, name) {
            Some(detail) => of_ticket(&detail),
            None => vec![],
        },
    }
}

/// The ticket's evidence; where it has not been read yet, what the list tells of it.
pub(super) fn detail(board: &Board, name: &TicketRef) -> Option<TicketDetail> {
    let ticket = board.ticket(name)?.clone();
    Some(match board.details.get(name) {
        Some(known) => TicketDetail { ticket, ..known.clone() },
        None => TicketDetail { ticket, ..TicketDetail::default() },
    })
}

fn of_ticket(detail: &TicketDetail) -> Vec<Offer> {
    let offer = |action: Action| Offer {
        act: Act::of(&action.name),
        what: action.what,
        command: action.command,
    };
    let mut offers: Vec<Offer> = actions(detail).into_iter().map(offer).collect();
    // To watch its end is what this screen is for.
    offers.retain(|offer| !offer.command.starts_with("gangline run "));
    let (key, state) = (&detail.ticket.key, detail.ticket.state.as_str());
    let closed = matches!(state, "landed" | "delivered" | "cancelled");
    let begun = !detail.attempts.is_empty() || state == "working";
    let changed = detail.attempts.iter().any(|attempt| attempt.commit.is_some());
    let mut also = |act: Act, holds: bool, what: &str, command: String| {
        if holds && !offers.iter().any(|offer| offer.act == Some(act)) {
            offers.push(Offer { act: Some(act), what: what.to_owned(), command });
        }
    };
    also(Act::Stop, state == "working", Act::Stop.help(), format!("gangline stop {key}"));
    also(Act::Follow, begun, Act::Follow.help(), format!("gangline logs -f {key}"));
    let diff = changed || detail.commit.is_some();
    also(Act::Diff, diff, Act::Diff.help(), format!("gangline diff {key}"));
    let tree = detail.worktree.is_some();
    also(Act::Open, tree, "go to its worktree", format!("cd \"$(gangline open {key})\""));
    also(Act::Cancel, !closed, Act::Cancel.help(), format!("gangline cancel {key}"));
    offers
}
