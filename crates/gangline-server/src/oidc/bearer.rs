//! Programs that show a JWT.

use std::sync::Arc;

use gangline_api::codes;
use gangline_domain::ids::Timestamp;

use super::issuer::Keys;
use super::jwt::{self, BadToken, Claims, KeySet, Wanted};
use super::{Provider, Vouched, Workers, WorkersHold};
use crate::archive::Archive;
use crate::hooks::Signing;
use crate::problem::Failure;

/// What tokens of access say that they are (RFC 9068), and those that say nothing.
const ACCESS: &[&str] = &["jwt", "at+jwt"];

/// Why nobody is vouched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotVouched {
    /// The token is not believed.
    #[error("this JWT is not believed: {0}")]
    Bad(#[from] BadToken),
    /// There are no keys to judge it by.
    #[error("the issuer of this JWT cannot be asked now")]
    Away(String),
    /// It is, and its bearer is nobody here.
    #[error("{0} is known to the issuer, and has no role here")]
    NoRole(String),
}

impl From<NotVouched> for Failure {
    fn from(why: NotVouched) -> Self {
        let detail = why.to_string();
        match why {
            NotVouched::Bad(_) => {
                Self::new(codes::unauthorized, detail).hint("docs/oidc.md says what is believed")
            }
            NotVouched::Away(cause) => {
                tracing::warn!(cause, "a JWT cannot be judged");
                Self::new(codes::issuer_unavailable, detail).retry_after(10)
            }
            NotVouched::NoRole(_) => Self::new(codes::no_role, detail)
                .hint("an admin gives roles under [oidc.roles] in config.toml"),
        }
    }
}

/// By the keys as they are known, and by newer ones where those lack its own.
pub(super) async fn judged(
    keys: &Keys,
    token: &str,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Claims, NotVouched> {
    let known = keys.get(now).await.map_err(NotVouched::Away)?;
    match jwt::judged(token, &known, wanted) {
        Err(bad) if bad.wants_newer_keys() => {
            let newer = keys.newer(Arc::clone(&known), now).await;
            match Arc::ptr_eq(&newer, &known) {
                true => Err(bad.into()),
                false => Ok(jwt::judged(token, &newer, wanted)?),
            }
        }
        judged => Ok(judged?),
    }
}

pub(super) fn seconds(now: Timestamp) -> i64 {
    now.0.div_euclid(1_000_000)
}

/// When the token is worth nothing any more.
fn end(claims: &Claims) -> Timestamp {
    Timestamp(claims.expires_s().unwrap_or_default().saturating_mul(1_000_000))
}

impl Provider {
    /// Whether programs come in with JWTs at all.
    pub(crate) fn takes_bearers(&self) -> bool {
        !self.config.api_audiences.is_empty()
    }

    /// Whose token of access this is, and until when.
    pub(crate) async fn bearer(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<(Vouched, Timestamp), NotVouched> {
        let wanted = Wanted {
            types: ACCESS,
            issuer: Some(&self.config.issuer.name),
            audiences: &self.config.api_audiences,
            sign_in: None,
            now_s: seconds(now),
        };
        let claims = judged(&self.keys, token, &wanted, now).await?;
        Ok((self.vouched(&claims)?, end(&claims)))
    }

    /// Who these claims are about, and what they may do.
    pub(super) fn vouched(&self, claims: &Claims) -> Result<Vouched, NotVouched> {
        let subject = claims.subject().ok_or(BadToken::Subject)?.to_owned();
        let name = self.config.roles.name(claims);
        match self.config.roles.of(claims) {
            Some(role) => Ok(Vouched { name, subject, role }),
            None => Err(NotVouched::NoRole(name)),
        }
    }
}

impl Workers {
    /// Who a client of the workers' API is by its JWT, where that says it, and until when.
    pub(crate) async fn client<A: Archive>(
        &self,
        archive: &A,
        token: &str,
        now: Timestamp,
    ) -> Result<(Option<String>, Timestamp), NotVouched> {
        let wanted = Wanted {
            types: ACCESS,
            issuer: self.config.issuer.as_deref(),
            audiences: &self.audiences,
            sign_in: None,
            now_s: seconds(now),
        };
        let claims = match &self.keys {
            WorkersHold::Published(keys) => judged(keys, token, &wanted, now).await?,
            WorkersHold::File(file) => {
                let json = file.get(archive, Signing::WorkersKeys).await;
                let keys = json.and_then(|json| read(KeySet::read(json.bytes())));
                jwt::judged(token, &keys.map_err(NotVouched::Away)?, &wanted)?
            }
            WorkersHold::Shared(secret) => {
                let secret = secret.get(archive, Signing::WorkersKey).await;
                let keys = secret.and_then(|secret| read(KeySet::shared(secret.bytes())));
                jwt::judged(token, &keys.map_err(NotVouched::Away)?, &wanted)?
            }
        };
        let name = claims.subject().map(|subject| subject.chars().take(64).collect());
        Ok((name, end(&claims)))
    }
}

fn read(keys: Result<KeySet, jwt::BadKeys>) -> Result<KeySet, String> {
    keys.map_err(|error| error.to_string())
}
