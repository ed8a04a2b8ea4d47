//! `gangline token` and `gangline dashboard`: letting people and programs in over HTTP.

use clap::{Args, Subcommand};
use gangline_api::token::{AddLoginLink, AddToken, TokenView};

use super::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Out, Table, Tone, date, plain};

const DAY_MS: u64 = 86_400_000;

/// `gangline token`.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Show all tokens, without their secrets
    List,
    /// Let a person or a program in over HTTP; prints the secret, once
    Add(Add),
    /// Let a token's bearer in no more
    Revoke(Revoke),
}

/// `gangline token add`.
#[derive(Debug, Args)]
#[command(
    after_help = "Roles, each with what those before it may: L0 (viewer) looks at everything; L1 (operator) \
    adds\ntickets and steers those that run; L2 (maintainer) decides what lands and what agents may \
    change;\nL3 (admin) has projects, tokens and the daemon itself."
)]
pub(crate) struct Add {
    /// What to call it: the name that its bearer's deeds are told under
    name: String,
    /// What its bearer may do at most
    #[arg(long, value_name = "ROLE", default_value = "L1")]
    role: String,
    /// Only for this project; may be given several times
    #[arg(long = "only", value_name = "PROJECT")]
    projects: Vec<String>,
    /// Worth nothing after so many days
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_650))]
    days: u64,
    /// Worth something until it is revoked
    #[arg(long, conflicts_with = "days")]
    for_ever: bool,
}

/// `gangline token revoke`.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Which, as `gangline token list` names it
    #[arg(value_name = "TOKEN")]
    token: String,
}

impl Token {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        match self {
            Self::List => {
                let found = client.tokens().await?;
                match context.json {
                    true => context.out.json(&found)?,
                    false => context.out.lines(rendered(&found.tokens, context.out))?,
                }
            }
            Self::Add(Add { name, role, projects, days, for_ever }) => {
                let expires_in_ms = (!for_ever).then_some(days * DAY_MS);
                let added =
                    client.add_token(&AddToken { name, role, projects, expires_in_ms }).await?;
                if context.json {
                    context.out.json(&added)?;
                    return Ok(Exit::Done);
                }
                // Only the secret goes to standard output, so that it can be handed on.
                let until = added
                    .token
                    .expires_us
                    .map_or("for ever".to_owned(), |end| format!("until {}", date(end)));
                let (id, name) = (plain(&added.token.id), plain(&added.token.name));
                eprintln!(
                    "token {id} lets {name} in as {} {until}; this is shown once:",
                    plain(&added.token.role)
                );
                context.out.line(added.secret.as_deref().unwrap_or_default())?;
            }
            Self::Revoke(Revoke { token }) => {
                let done = client.revoke_token(&token).await?;
                match context.json {
                    true => context.out.json(&done)?,
                    false => context.out.line(&format!("token {} was revoked", plain(&token)))?,
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn rendered(tokens: &[TokenView], out: Out) -> Vec<String> {
    if tokens.is_empty() {
        return vec!["nobody comes in over HTTP; gangline token add NAME".to_owned()];
    }
    let mut table = Table::new(["token", "name", "use", "role", "only for", "until", "added by"]);
    for token in tokens {
        let tone = if token.expired { Tone::Faint } else { Tone::Plain };
        let until = match (token.expired, token.expires_us) {
            (true, _) => "expired".to_owned(),
            (false, Some(end)) => date(end),
            (false, None) => "-".to_owned(),
        };
        let only = match token.projects.is_empty() {
            true => "-".to_owned(),
            false => plain(&token.projects.join(", ")),
        };
        table.row([
            Cell::toned(tone, plain(&token.id)),
            Cell::toned(tone, plain(&token.name)),
            Cell::new(plain(&token.used_as)),
            Cell::new(plain(&token.role)),
            Cell::new(only),
            Cell::toned(tone, until),
            Cell::new(plain(&token.created_by)),
        ]);
    }
    table.render(out)
}

/// `gangline dashboard`.
#[derive(Debug, Args)]
pub(crate) struct Dashboard {
    /// What the browser may do at most, such as L0 to look only; as much as you by default
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
}

impl Dashboard {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let link = client.add_login_link(&AddLoginLink { role: self.role }).await?;
        if context.json {
            context.out.json(&link)?;
        } else {
            eprintln!("open this in a browser within five minutes; it lets one in, once:");
            context.out.line(&plain(&link.url))?;
        }
        Ok(Exit::Done)
    }
}
