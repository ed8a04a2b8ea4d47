//! Tokens that people add and revoke.

use super::known;
use crate::board::Board;
use crate::command::Refusal;
use crate::event::Event;
use crate::ids::{Actor, Timestamp, TokenId};
use crate::token::{TOKEN_NAME_CHARS_MAX, TOKENS_MAX, Token};

pub(super) fn add(
    board: &Board,
    token: &Token,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let name = token.name.trim();
    let is_plain = !name.chars().any(char::is_control);
    if name.is_empty() || name.chars().count() > TOKEN_NAME_CHARS_MAX || !is_plain {
        return Err(Refusal::BadText { what: "token's name", bytes_max: TOKEN_NAME_CHARS_MAX });
    }
    if token.has_expired(now) {
        return Err(Refusal::TokenExpired);
    }
    for project in token.projects.iter().flatten() {
        known(board, project)?;
    }
    let kept = board.tokens.values().filter(|token| !token.has_expired(now)).count();
    if kept >= TOKENS_MAX || board.tokens.contains_key(&token.id) {
        return Err(Refusal::TooManyTokens { count: kept });
    }
    let name = name.to_owned();
    let token = Token { name, created_at: now, created_by: actor.clone(), ..token.clone() };
    Ok(vec![Event::TokenAdded { token: Box::new(token) }])
}

pub(super) fn revoke(board: &Board, token: &TokenId) -> Result<Vec<Event>, Refusal> {
    match board.tokens.contains_key(token) {
        true => Ok(vec![Event::TokenRevoked { token: token.clone() }]),
        false => Err(Refusal::NoSuchToken(token.clone())),
    }
}
