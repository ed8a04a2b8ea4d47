//! Whom an issuer of OpenID Connect vouches for: people who sign in to the dashboard, and bearers of
//! its JWTs.
//!
//! ```text
//!   browser ▸ /login/oidc ▸ issuer ▸ /login/oidc/callback ▸ code, verifier ─▶ ID token ┐
//!   program ▸ Authorization: Bearer JWT ───────────────────────────────────────────────┤
//!                                                                                      ▼
//!                                      keys, kept ▸ signature ▸ claims ▸ role ▸ session, or identity
//! ```
//!
//! OpenID Connect Core 1.0 (the code flow), RFC 7636 (PKCE), RFC 9207, and the advice of RFC 9700. Why
//! not a library: those that judge JWTs bring a second TLS stack's arithmetic, or one of RSA that leaks
//! its timing, or a provider that the whole process shares.

mod bearer;
mod flow;
mod issuer;
mod jwt;
mod kept;
mod people;
mod sign_in;

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use gangline_domain::network::HttpAddress;
use gangline_domain::token::Role;

use crate::kept_secret::KeptSecret;
use crate::pace::Pace;
pub(crate) use flow::SIGN_IN_MS;
use flow::Seals;
pub use issuer::Issuer;
use issuer::{Keys, KeysAt};
pub(crate) use jwt::looks_like;
pub use people::{People, Roles};
pub(crate) use sign_in::Came;

/// Sign-ins that may begin or end in a minute from one address.
const SIGN_INS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Who lets people in, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oidc {
    /// Who vouches for them.
    pub issuer: Issuer,
    /// What the sign-in page calls it.
    pub label: String,
    /// What the daemon is called there.
    pub client_id: String,
    /// Whether it shows a secret there, beside the proof of PKCE.
    pub has_secret: bool,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The origin that browsers find this daemon at; the one they asked at, when absent.
    pub origin: Option<String>,
    /// Who may do what.
    pub roles: Roles,
    /// How long a browser stays signed in, in milliseconds.
    pub session_ms: u64,
    /// Programs come in with JWTs for one of these; with none, when empty.
    pub api_audiences: BTreeSet<String>,
}

/// How the JWTs of clients of the workers' API are judged, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkersJwt {
    /// By which keys.
    pub keys: WorkersKeys,
    /// Who gives them; anybody who has a key, when absent.
    pub issuer: Option<String>,
    /// For whom they are; anybody, when absent.
    pub audience: Option<String>,
}

/// Where keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkersKeys {
    /// Where the issuer's discovery document says.
    Issuer(Issuer),
    /// A JSON Web Key Set at this address.
    Address(HttpAddress),
    /// A JSON Web Key Set in a file, which [`crate::Signing::WorkersKeys`] reads.
    File,
    /// A secret that both sides know, which [`crate::Signing::WorkersKey`] reads.
    Shared,
}

/// Whom this daemon believes, beside its own tokens.
#[derive(Debug, Default)]
pub struct Trust {
    oidc: Option<Arc<Provider>>,
    workers: Option<Arc<Workers>>,
}

/// An issuer at work.
#[derive(Debug)]
pub(crate) struct Provider {
    config: Oidc,
    keys: Keys,
    seals: Seals,
    secret: KeptSecret,
    pace: Option<Pace>,
}

/// The judge of the workers' API.
#[derive(Debug)]
pub(crate) struct Workers {
    config: WorkersJwt,
    audiences: BTreeSet<String>,
    keys: WorkersHold,
}

/// What the judge holds of the keys.
#[derive(Debug)]
enum WorkersHold {
    Published(Box<Keys>),
    File(KeptSecret),
    Shared(KeptSecret),
}

/// Whom an issuer vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    /// What their deeds are told under.
    pub(crate) name: String,
    /// Who they are at the issuer.
    pub(crate) subject: String,
    /// What they may do.
    pub(crate) role: Role,
}

impl Trust {
    /// Believes nobody but these.
    pub fn new(oidc: Option<Oidc>, workers: Option<WorkersJwt>) -> Self {
        Self {
            oidc: oidc.map(Provider::new).map(Arc::new),
            workers: workers.map(Workers::new).map(Arc::new),
        }
    }

    /// With the issuer of `before`: its keys, and the sign-ins that are under way.
    #[must_use]
    pub fn with_oidc_of(self, before: &Self) -> Self {
        Self { oidc: before.oidc.clone(), ..self }
    }

    /// With the judge of the workers' API of `before`, and its keys.
    #[must_use]
    pub fn with_workers_of(self, before: &Self) -> Self {
        Self { workers: before.workers.clone(), ..self }
    }

    pub(crate) fn oidc(&self) -> Option<Arc<Provider>> {
        self.oidc.clone()
    }

    pub(crate) fn workers(&self) -> Option<Arc<Workers>> {
        self.workers.clone()
    }
}

impl Provider {
    fn new(config: Oidc) -> Self {
        let keys = Keys::new(KeysAt::Discovered(config.issuer.clone()));
        let pace = Pace::new("sign-ins", Some(SIGN_INS_PER_MINUTE));
        Self { config, keys, seals: Seals::new(), secret: KeptSecret::default(), pace }
    }

    pub(crate) fn config(&self) -> &Oidc {
        &self.config
    }

    pub(crate) fn pace(&self) -> Option<&Pace> {
        self.pace.as_ref()
    }
}

impl Workers {
    fn new(config: WorkersJwt) -> Self {
        let keys = match &config.keys {
            WorkersKeys::Issuer(issuer) => {
                WorkersHold::Published(Box::new(Keys::new(KeysAt::Discovered(issuer.clone()))))
            }
            WorkersKeys::Address(address) => {
                WorkersHold::Published(Box::new(Keys::new(KeysAt::Address(address.clone()))))
            }
            WorkersKeys::File => WorkersHold::File(KeptSecret::default()),
            WorkersKeys::Shared => WorkersHold::Shared(KeptSecret::default()),
        };
        Self { audiences: config.audience.iter().cloned().collect(), config, keys }
    }
}
