//! `[oidc]` and `[seed_api.jwt]` of the machine's configuration: whom an issuer of OpenID Connect
//! vouches for, and whose JWTs clients of the workers' API show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use gangline_domain::network::HttpAddress;
use gangline_domain::token::Role;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use crate::http::PageOrigin;
use crate::period::Period;
use crate::secrets::SecretSource;

/// Names that one list may have.
const NAMES_MAX: usize = 1_000;
/// Characters that a name may have.
const NAME_CHARS_MAX: usize = 255;
/// How long a browser stays signed in unless the file says otherwise: a day's work.
const SESSION: Period = Period::seconds(12 * 3_600);

/// `[oidc]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcPolicy {
    /// Who vouches for people.
    pub issuer: IssuerUrl,
    /// What the sign-in page calls it.
    pub label: String,
    /// What the daemon is called there.
    pub client_id: String,
    /// Where the secret is that it shows there; PKCE alone proves who asks, when absent.
    pub client_secret: Option<SecretSource>,
    /// What is asked for; `openid` among it.
    pub scopes: Vec<String>,
    /// The origin that browsers find the daemon at; the one they asked at, when absent.
    pub origin: Option<PageOrigin>,
    /// How long a browser stays signed in.
    pub session: Period,
    /// The claim that names groups: its name, or a path to it.
    pub groups_claim: String,
    /// Whether an address counts that the issuer does not say to have verified.
    pub unverified_emails: bool,
    /// `[oidc.roles]`: who has which role.
    pub roles: BTreeMap<Role, Named>,
    /// `[oidc.only]`: nobody else has any; no bound when empty.
    pub only: Named,
    /// Programs come in with JWTs for one of these; with none, when empty.
    pub api_audiences: BTreeSet<String>,
}

/// People, by what their issuer says of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Named {
    /// By their address of electronic mail, in small letters.
    #[serde(deserialize_with = "small")]
    pub emails: BTreeSet<String>,
    /// By what stands behind the `@` in it, in small letters.
    #[serde(deserialize_with = "small")]
    pub domains: BTreeSet<String>,
    /// By a group they are in.
    #[serde(deserialize_with = "names")]
    pub groups: BTreeSet<String>,
}

/// `[seed_api.jwt]`: how the JWTs of clients of the workers' API are judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedJwt {
    /// By which keys.
    pub keys: JwtKeys,
    /// Who gives them; anybody who has a key, when absent.
    pub issuer: Option<String>,
    /// For whom they are; anybody, when absent.
    pub audience: Option<String>,
}

/// Where the keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JwtKeys {
    /// Where the issuer says.
    Issuer(IssuerUrl),
    /// A JSON Web Key Set at this address.
    Address(HttpAddress),
    /// A JSON Web Key Set in this file.
    File(PathBuf),
    /// A secret that both sides know.
    Shared(SecretSource),
}

/// Who gives tokens: `https://HOST[:PORT][/PATH]`, or `http://` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerUrl {
    /// As its tokens name it, letter by letter.
    pub name: String,
    /// Where it is asked.
    pub address: HttpAddress,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcText {
    issuer: IssuerUrl,
    label: Option<String>,
    client_id: String,
    client_secret: Option<SecretSource>,
    scopes: Option<Vec<String>>,
    origin: Option<PageOrigin>,
    session: Option<Period>,
    #[serde(default = "groups_claim")]
    groups_claim: String,
    #[serde(default)]
    unverified_emails: bool,
    roles: BTreeMap<Role, Named>,
    #[serde(default)]
    only: Named,
    #[serde(default, deserialize_with = "names")]
    api_audiences: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedJwtText {
    issuer: Option<String>,
    audience: Option<String>,
    keys: Option<String>,
    key: Option<SecretSource>,
}

impl<'de> Deserialize<'de> for OidcPolicy {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = OidcText::deserialize(from)?;
        let named = text.roles.values().any(|people| *people != Named::default());
        if !named {
            let message = "nobody has a role\nwrite L1 = { emails = [\"ann@example.org\"] } under [oidc.roles]";
            return Err(D::Error::custom(message));
        }
        let scopes = text
            .scopes
            .unwrap_or_else(|| ["openid", "email", "profile"].map(ToOwned::to_owned).into());
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !scopes.iter().any(|scope| scope == "openid") || !scopes.iter().all(|s| plain(s)) {
            let message =
                "`scopes` has no \"openid\", or one that is no word\nwrite [\"openid\", \"email\"]";
            return Err(D::Error::custom(message));
        }
        if !plain(&text.client_id) {
            return Err(D::Error::custom(
                "`client_id` is no word\nwrite what the issuer calls this daemon",
            ));
        }
        let label = text.label.filter(|label| !label.trim().is_empty());
        Ok(Self {
            label: label.unwrap_or_else(|| text.issuer.address.target.host.to_string()),
            issuer: text.issuer,
            client_id: text.client_id,
            client_secret: text.client_secret,
            scopes,
            origin: text.origin,
            session: text.session.unwrap_or(SESSION),
            groups_claim: text.groups_claim,
            unverified_emails: text.unverified_emails,
            roles: text.roles,
            only: text.only,
            api_audiences: text.api_audiences,
        })
    }
}

impl<'de> Deserialize<'de> for SeedJwt {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let SeedJwtText { issuer, audience, keys, key } = SeedJwtText::deserialize(from)?;
        let fault = |message: String| D::Error::custom(message);
        let at = match (keys, key, &issuer) {
            (Some(_), Some(_), _) => {
                return Err(fault("both `keys` and `key`\nleave one out".to_owned()));
            }
            (None, Some(key), _) => JwtKeys::Shared(key),
            (Some(keys), None, _) => keys_at(&keys).map_err(fault)?,
            (None, None, Some(issuer)) => {
                JwtKeys::Issuer(issuer.clone().try_into().map_err(fault)?)
            }
            (None, None, None) => {
                let message =
                    "nothing says by which keys JWTs are judged\nwrite `issuer`, `keys` or `key`";
                return Err(fault(message.to_owned()));
            }
        };
        // Whoever gives keys to many gives tokens for many: one for another is none for this.
        if audience.is_none() && !matches!(at, JwtKeys::Shared(_)) {
            let message =
                "`audience` is missing\nwrite for whom the tokens are, such as \"gangline\"";
            return Err(fault(message.to_owned()));
        }
        Ok(Self { keys: at, issuer, audience })
    }
}

fn keys_at(text: &str) -> Result<JwtKeys, String> {
    if let Some(path) = text.strip_prefix("file://") {
        let path = PathBuf::from(path);
        return match path.is_absolute() {
            true => Ok(JwtKeys::File(path)),
            false => Err("the file of `keys` has no absolute path\nwrite file:///path".to_owned()),
        };
    }
    Ok(JwtKeys::Address(asked_at(text)?))
}

/// An address that is asked with TLS, or on this machine.
fn asked_at(text: &str) -> Result<HttpAddress, String> {
    let write = "write https://HOST/PATH";
    let address: HttpAddress = text.parse().map_err(|error| format!("{error}\n{write}"))?;
    match address.tls || address.is_loopback() {
        true => Ok(address),
        false => Err(format!("it is plain http, and not on this machine\n{write}")),
    }
}

impl TryFrom<String> for IssuerUrl {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let address = asked_at(&name)?;
        if address.path.contains('?') {
            return Err("an issuer's address has no ?\nwrite it as its tokens do".to_owned());
        }
        Ok(Self { name, address })
    }
}

impl<'de> Deserialize<'de> for IssuerUrl {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.try_into().map_err(D::Error::custom)
    }
}

fn groups_claim() -> String {
    "groups".to_owned()
}

fn names<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<String>, D::Error> {
    let names = BTreeSet::<String>::deserialize(from)?;
    let fits = |name: &String| {
        !name.trim().is_empty()
            && name.chars().count() <= NAME_CHARS_MAX
            && !name.chars().any(char::is_control)
    };
    match names.len() <= NAMES_MAX && names.iter().all(fits) {
        true => Ok(names),
        false => Err(D::Error::custom(format!(
            "a name in this list is empty or too long, or there are more than {NAMES_MAX}\nleave some out"
        ))),
    }
}

fn small<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<String>, D::Error> {
    let names = names(from)?;
    Ok(names.into_iter().map(|name| name.to_ascii_lowercase()).collect())
}

#[cfg(test)]
mod tests;
