//! Why a call is not carried out, so that whoever called can mend it.

use gangline_api::client::ClientError;
use gangline_api::problem::Problem;
use rmcp::model::{CallToolResult, ContentBlock, ErrorData, MetaObject};
use serde_json::json;

use crate::shown;

/// Under which name a program finds the code, the detail and the hint of a refused call.
const META: &str = "gangline/problem";

/// Why a call is not carried out. Nothing was changed, unless `code` is `outage` or `unavailable`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code; those of the daemon have a page under `docs/errors/`.
    pub code: String,
    /// What happened this time: a lowercase fragment.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
    /// See [`Refusal::because_away`].
    pub(crate) away: bool,
}

impl Refusal {
    /// With a code and what happened.
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into(), hint: None, away: false }
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Because nobody answered, so that nothing was done: the daemon is started and asked again.
    #[must_use]
    pub fn because_away(self) -> Self {
        Self { away: true, ..self }
    }

    /// An argument that cannot be read.
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(gangline_api::codes::bad_request, detail)
    }

    /// As said after something was changed: asking all of it again would change it twice.
    pub(crate) fn after_change(self) -> Self {
        Self { away: false, ..self }
    }

    /// As the result of a tool: the model reads it and can mend it.
    pub(crate) fn told(&self) -> CallToolResult {
        let (code, detail) = (shown::line(&self.code), shown::block(&self.detail));
        let hint = self.hint.as_deref().map(shown::block);
        let mut text = format!("{code}: {detail}");
        if let Some(hint) = &hint {
            text = format!("{text}\nnext: {hint}");
        }
        let mut meta = MetaObject::default();
        let problem = json!({ "code": code, "detail": detail, "hint": hint });
        meta.insert(META.to_owned(), problem);
        let mut result = CallToolResult::error(vec![ContentBlock::text(text)]);
        result.meta = Some(meta);
        result
    }

    /// As an error of the protocol, where no result can carry it.
    pub(crate) fn error(&self) -> ErrorData {
        let (code, detail) = (shown::line(&self.code), shown::block(&self.detail));
        let data = json!({ "code": code, "hint": self.hint.as_deref().map(shown::block) });
        let message = format!("{code}: {detail}");
        match self.code.as_str() {
            "no_such_ticket" | "no_such_project" | "no_such_journal" | "nothing_to_show" => {
                ErrorData::resource_not_found(message, Some(data))
            }
            "internal" | "outage" | "unavailable" | "no_daemon" | "other_version" => {
                ErrorData::internal_error(message, Some(data))
            }
            _refused => ErrorData::invalid_params(message, Some(data)),
        }
    }
}

impl From<&Problem> for Refusal {
    fn from(problem: &Problem) -> Self {
        let Problem { code, detail, hint, .. } = problem.clone();
        Self { code, detail, hint, away: false }
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        let said = |code: &str, hint: &str| Self::new(code, error.to_string()).hint(hint);
        match &error {
            ClientError::NoDaemon { .. } => {
                said("no_daemon", "gangline up --detach").because_away()
            }
            ClientError::Unreached { .. }
            | ClientError::NotYours { .. }
            | ClientError::NotGangline { .. } => said("no_daemon", "gangline doctor"),
            ClientError::PathTooLong { .. } => {
                said("no_daemon", "set GANGLINE_RUNTIME_DIR to a directory with a shorter path")
            }
            ClientError::OtherVersion { .. } => {
                said("other_version", "gangline down && gangline up --detach")
            }
            ClientError::Broken { .. } | ClientError::TimedOut { .. } => said(
                "outage",
                "it may or may not have been done: look with get_ticket before you ask again",
            ),
            ClientError::Malformed { .. } => {
                said("internal", "gangline down && gangline up --detach")
            }
            ClientError::Refused(problem) => Self::from(&**problem),
        }
    }
}
