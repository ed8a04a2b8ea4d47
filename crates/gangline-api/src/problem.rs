//! Errors on the wire, in the form of RFC 9457 (`application/problem+json`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes;

/// The media type of a [`Problem`].
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

const PAGES: &str = "https://github.com/gangline/gangline/blob/main/docs/errors";

/// Why a request was not carried out. Nothing was changed, unless `code` is `unavailable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The address of the code's page.
    #[serde(rename = "type")]
    pub page: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code; see [`codes`].
    pub code: String,
    /// What happened this time: a lowercase fragment, or several lines for a configuration file.
    pub detail: String,
    /// What to do, as a command to type or a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Seconds after which asking again may help; told as `Retry-After`, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// A problem of a declared code.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            page: format!("{PAGES}/{code}.md"),
            title: code.replace('_', " "),
            status: codes::status_of(code),
            code: code.to_owned(),
            detail: detail.into(),
            hint: None,
            retry_after_s: None,
        }
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_its_page_and_its_status() {
        let problem = Problem::new(codes::duplicate_key, "shop.APP-1 exists already")
            .hint("gangline show APP-1");
        insta::assert_snapshot!(serde_json::to_string_pretty(&problem).unwrap(), @r#"
        {
          "type": "https://github.com/gangline/gangline/blob/main/docs/errors/duplicate_key.md",
          "title": "duplicate key",
          "status": 409,
          "code": "duplicate_key",
          "detail": "shop.APP-1 exists already",
          "hint": "gangline show APP-1"
        }
        "#);
    }
}
