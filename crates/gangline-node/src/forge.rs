//! Forges, as jobs ask them. What a forge says is other people's text.

mod github;

pub(crate) use github::GitHub;
