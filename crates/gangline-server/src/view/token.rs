//! Tokens, without their secrets.

use gangline_api::token::TokenView;
use gangline_domain::ids::Timestamp;
use gangline_domain::token::{Token, TokenUse};

pub(crate) fn token(token: &Token, now: Timestamp) -> TokenView {
    TokenView {
        id: token.id.to_string(),
        name: token.name.clone(),
        used_as: match token.used_as {
            TokenUse::Api => "api".to_owned(),
            TokenUse::Session => "session".to_owned(),
        },
        role: token.role.to_string(),
        projects: token.projects.iter().flatten().map(ToString::to_string).collect(),
        created_us: token.created_at.0,
        created_by: token.created_by.to_string(),
        expires_us: token.expires_at.map(|end| end.0),
        expired: token.has_expired(now),
    }
}
