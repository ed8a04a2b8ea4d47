//! From the errors within to problems on the wire. Causes go to the log and no further.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gangline_api::codes;
use gangline_api::problem::{PROBLEM_MEDIA_TYPE, Problem};
use gangline_domain::command::Refusal;
use gangline_domain::ids::BadName;
use gangline_engine::{CommandError, Denied};
use gangline_ports::store::StoreError;

/// Why a handler has no answer.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Box<Problem>);

impl Failure {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self(Box::new(self.0.hint(hint)))
    }

    /// Asking again may help after so many seconds.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }
}

impl From<Box<Problem>> for Failure {
    fn from(problem: Box<Problem>) -> Self {
        Self(problem)
    }
}

impl From<BadName> for Failure {
    fn from(error: BadName) -> Self {
        let failure = Self::new(codes::bad_name, error.to_string());
        match error.wanted().split(' ').nth(1) {
            Some("ticket" | "job") => failure.hint("gangline list --all"),
            Some("project") => failure.hint("gangline project list"),
            Some("branch") => failure.hint("git branch --list"),
            Some("agent") => failure.hint("ls .gangline/agents .claude/agents"),
            Some(_) | None => failure,
        }
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        let detail = error.to_string();
        match error {
            CommandError::Denied(Denied::Refused(refusal)) => refusal.into(),
            CommandError::Denied(Denied::NotDone | Denied::Unknown | Denied::Broken) => {
                Self::new(codes::unavailable, detail).hint("gangline doctor")
            }
            CommandError::Denied(Denied::DiskFull) => {
                Self::new(codes::disk_full, detail).hint("make space, and repeat it")
            }
            CommandError::Denied(Denied::Deposed) | CommandError::ShuttingDown => {
                Self::new(codes::shutting_down, detail).hint("gangline up --detach")
            }
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code(), refusal.to_string()).hint(next(&refusal))
    }
}

/// The command that helps on.
fn next(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoSuchProject(_) => "gangline project list".to_owned(),
        Refusal::NoSuchTicket(_) | Refusal::UnknownDependency { .. } => {
            "gangline list --all".to_owned()
        }
        Refusal::Closed { ticket, .. }
        | Refusal::DuplicateKey(ticket)
        | Refusal::WrongState { ticket, .. }
        | Refusal::IsLanding(ticket)
        | Refusal::NoSuchQuestion { ticket, .. }
        | Refusal::NothingToTakeOver(ticket)
        | Refusal::NothingToRecheck(ticket) => format!("gangline show {}", ticket.key),
        Refusal::UnderWay { ticket, .. } => format!("gangline hold {}", ticket.key),
        Refusal::Superseded { ticket, .. } => format!("gangline diff {}", ticket.key),
        Refusal::ProjectInUse { project, .. } => format!("gangline list --project {project}"),
        Refusal::NoSuchNode(_) => "gangline node list".to_owned(),
        Refusal::CircuitNotOpen(_) => "gangline doctor".to_owned(),
        Refusal::BadScope(_) => "gangline permit --help".to_owned(),
        Refusal::BadSpec(_) => "gangline add --help".to_owned(),
        Refusal::BadText { .. } => "say it in other words".to_owned(),
        Refusal::TooMany { .. } => "import them in several folders".to_owned(),
        Refusal::CancelledDependency { .. } | Refusal::DependencyCycle(_) => {
            "leave the dependency out".to_owned()
        }
        Refusal::BadExternal(_) => "gangline external register --help".to_owned(),
        Refusal::NotExternal { agent, .. } => {
            format!(
                "write `kind: external` into .gangline/agents/{agent}.md, then gangline project add"
            )
        }
        Refusal::NoSuchExternal { external, .. } => {
            format!("gangline external register {external}")
        }
        Refusal::KeyReused(_) => "send another request with another key".to_owned(),
        Refusal::NoSuchToken(_) | Refusal::TooManyTokens { .. } => "gangline token list".to_owned(),
        Refusal::TokenExpired => "gangline token add --help".to_owned(),
        Refusal::NoSuchSchedule { .. } => "gangline schedules".to_owned(),
        Refusal::ScheduleBusy { ticket, .. } => format!("gangline run {}", ticket.key),
        Refusal::NoSuchLesson { .. } => "gangline lessons".to_owned(),
        Refusal::NotAssigned { external, .. } => {
            format!("gangline external heartbeat {external} says what it is at")
        }
        Refusal::UnknownAgent { agent, .. } => {
            format!("choose one of these, or write .gangline/agents/{agent}.md")
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "history could not be read");
        match error {
            StoreError::Unavailable(_) => {
                Self::new(codes::unavailable, "the history cannot be read now")
            }
            StoreError::DiskFull(_) => Self::new(codes::disk_full, "the store's disk is full"),
            StoreError::Corrupt(_) | StoreError::Upcast(_) => {
                Self::new(codes::internal, error.to_string()).hint("gangline doctor --replay")
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after_s;
        let mut response = (status, Json(self.0)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_MEDIA_TYPE));
        response
    }
}
