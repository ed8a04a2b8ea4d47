//! A subscription of Codex: the tokens that `codex login` left in a folder that nobody but Gangline
//! uses, and their one refresher.
//!
//! A refresh token counts once: whoever uses it gets the next one, and all others who hold it are
//! logged out. So no agent is given one. The jobs' gateways add the access token to calls, and
//! whichever of them finds it about to end renews it, alone, for all.
//!
//! ```text
//!   gangline login codex --subscription ─▶ codex login ─▶ auth.json ◀─ renewed under auth.lock
//!                                                             │
//!   agent, dummy key ─▶ gateway ─ access token, account ─▶ provider
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_process::FileLock;
use serde_json::{Value, json};

use crate::clock::now;
use crate::durable::{self, FileFault};
use crate::proxy::{PostFailed, post_json};

/// Who the program is to its provider's log-in, as the program itself says.
const CLIENT: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
/// Where tokens are renewed.
const TOKENS_URL: &str = "https://auth.openai.com/oauth/token";
/// The program's own variable for another place.
const TOKENS_URL_VARIABLE: &str = "CODEX_REFRESH_TOKEN_URL_OVERRIDE";

/// How long before its end an access token is renewed.
const EARLY_S: i64 = 10 * 60;
/// How long one waits for another job that renews it.
const RENEWED_WITHIN: Duration = Duration::from_secs(45);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What to type when it is of no use any more.
const REMEDY: &str = "type: gangline login codex --subscription";

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    folder: PathBuf,
    tokens_url: String,
}

/// What a call to the provider needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// The access token.
    pub token: String,
    /// The account that it is for, where it is known.
    pub account: Option<String>,
    /// When it ends, in seconds since the Unix epoch, where it says so.
    pub ends_s: Option<i64>,
}

impl std::fmt::Debug for Access {
    /// Shows no token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("ends_s", &self.ends_s).finish_non_exhaustive()
    }
}

/// Why there is no access.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// Its file.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Nobody has logged in.
    #[error("nobody is logged in with a subscription of codex; {REMEDY}")]
    Nobody,
    /// It is not what the program writes.
    #[error("{} has no tokens of a subscription; {REMEDY}", path.display())]
    Strange {
        /// The file.
        path: PathBuf,
    },
    /// The lock.
    #[error("the subscription of codex cannot be locked")]
    Lock(#[source] io::Error),
    /// Renewing could not begin, or broke down.
    #[error("the subscription of codex cannot be renewed here")]
    Begin(#[source] io::Error),
    /// Another job renews it for longer than one waits.
    #[error("another job renews the subscription of codex for more than {} s", RENEWED_WITHIN.as_secs())]
    Busy,
    /// The provider does not renew it.
    #[error("the provider does not renew the subscription of codex ({status}); {REMEDY}")]
    Refused {
        /// What it answered.
        status: u16,
    },
    /// The provider was not reached.
    #[error("the subscription of codex cannot be renewed")]
    Unreached(#[from] PostFailed),
}

impl Subscription {
    /// In this folder, which need not exist.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let tokens_url = std::env::var(TOKENS_URL_VARIABLE).ok().filter(|url| !url.is_empty());
        Self { folder: folder.into(), tokens_url: tokens_url.unwrap_or_else(|| TOKENS_URL.into()) }
    }

    /// The same with tokens renewed elsewhere.
    #[must_use]
    pub fn renewed_at(self, url: impl Into<String>) -> Self {
        Self { tokens_url: url.into(), ..self }
    }

    /// Makes the folder, for nobody else to read.
    pub fn make(&self) -> Result<(), FileFault> {
        durable::make_dir(&self.folder)
    }

    /// The folder: the program's `CODEX_HOME` while a person logs in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self) -> PathBuf {
        self.folder.join("auth.json")
    }

    /// Forgets it.
    pub fn forget(&self) -> Result<(), FileFault> {
        durable::remove_tree(&self.folder)
    }

    /// What the file says now, whether or not it has ended.
    pub fn present(&self) -> Result<Access, SubscriptionError> {
        access(&self.read()?).ok_or_else(|| SubscriptionError::Strange { path: self.file() })
    }

    fn read(&self) -> Result<Value, SubscriptionError> {
        durable::read_json::<Value>(&self.file())?.ok_or(SubscriptionError::Nobody)
    }

    /// What a call needs, renewed when it is about to end.
    pub async fn access(&self) -> Result<Access, SubscriptionError> {
        let present = self.present()?;
        if !is_due(&present) {
            return Ok(present);
        }
        // On a thread of its own, which nobody cuts short: whoever waits may go away, as an agent's
        // call does with its agent, but between the provider's answer and the disk stands the only
        // token that still counts.
        let subscription = self.clone();
        let renewing = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(SubscriptionError::Begin)?.block_on(subscription.alone())
        });
        renewing
            .await
            .unwrap_or_else(|panic| Err(SubscriptionError::Begin(io::Error::other(panic))))
    }

    /// Renews it when nobody else does.
    async fn alone(&self) -> Result<Access, SubscriptionError> {
        let begun = std::time::Instant::now();
        loop {
            let lock = FileLock::try_acquire(self.folder.join("auth.lock"));
            if let Some(lock) = lock.map_err(SubscriptionError::Lock)? {
                let renewed = self.renewed().await;
                drop(lock);
                return renewed;
            }
            if begun.elapsed() > RENEWED_WITHIN {
                return Err(SubscriptionError::Busy);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Renews it. Whoever calls this has the lock.
    async fn renewed(&self) -> Result<Access, SubscriptionError> {
        let mut auth = self.read()?;
        let strange = || SubscriptionError::Strange { path: self.file() };
        // Another one may have been quicker.
        let present = access(&auth).ok_or_else(strange)?;
        if !is_due(&present) {
            return Ok(present);
        }
        let token = auth["tokens"]["refresh_token"].as_str().ok_or_else(strange)?;
        let asked = json!({
            "client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": token,
            "scope": "openid profile email",
        });
        let (status, told) = post_json(&self.tokens_url, &asked).await?;
        let told: Value = serde_json::from_slice(&told).unwrap_or_default();
        let is_text = |name: &str| told[name].is_string();
        if !(200..300).contains(&status) || !is_text("access_token") {
            return Err(SubscriptionError::Refused { status });
        }
        for name in ["access_token", "id_token", "refresh_token"] {
            if is_text(name) {
                auth["tokens"][name] = told[name].clone();
            }
        }
        // Written before it is used: the token that was given for it counts no more.
        durable::write_json(&self.file(), &auth)?;
        access(&auth).ok_or_else(strange)
    }
}

fn access(auth: &Value) -> Option<Access> {
    let tokens = auth.get("tokens")?;
    let token = tokens["access_token"].as_str()?.to_owned();
    let claims = claims(&token).unwrap_or_default();
    let account = tokens["account_id"].as_str().map(str::to_owned);
    Some(Access { account, ends_s: claims["exp"].as_i64(), token })
}

/// What a token says of itself. Nobody's signature is looked at: the provider does that.
fn claims(token: &str) -> Option<Value> {
    let body = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

/// A token that does not say when it ends is used for as long as it is taken.
fn is_due(access: &Access) -> bool {
    access.ends_s.is_some_and(|ends| ends - now().0 / 1_000_000 < EARLY_S)
}

#[cfg(test)]
mod tests;
