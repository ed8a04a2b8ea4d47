//! People who sign in with a browser: the authorization code flow with PKCE.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gangline_api::codes;
use gangline_domain::ids::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::bearer::{NotVouched, judged, seconds};
use super::flow::SignIn;
use super::issuer::{self, Discovered};
use super::jwt::{self, Claims, Wanted};
use super::{Provider, Vouched};
use crate::archive::Archive;
use crate::hooks::Signing;
use crate::problem::Failure;

/// The path that an issuer sends browsers back to.
const CALLBACK: &str = "/login/oidc/callback";

/// What a browser brings back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Came {
    code: Option<String>,
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// Where a browser goes, and what it keeps meanwhile.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Leaving {
    pub(crate) location: String,
    pub(crate) cookie: String,
}

/// What the issuer gives for a code.
#[derive(Deserialize)]
struct Given {
    id_token: String,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct NotGiven {
    error: String,
}

fn failed(detail: impl Into<String>) -> Failure {
    Failure::new(codes::sign_in_failed, detail).hint("begin anew at /login/oidc")
}

fn away(cause: String) -> Failure {
    NotVouched::Away(cause).into()
}

impl Provider {
    /// Sends a browser to the issuer. `origin` is where it found this daemon; `anew` has it asked
    /// who it is even if the issuer knows.
    pub(crate) async fn leave(
        &self,
        origin: &str,
        anew: bool,
        now: Timestamp,
    ) -> Result<Leaving, Failure> {
        let said = self.keys.discovered(&self.config.issuer, now).await.map_err(away)?;
        let endpoint = said.authorization.as_deref();
        let endpoint = endpoint.ok_or_else(|| away("it lets no browsers in".to_owned()))?;
        let sign_in = self.seals.begin(now);
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &format!("{origin}{CALLBACK}"))
            .append_pair("scope", &self.config.scopes.join(" "))
            .append_pair("state", &sign_in.state)
            .append_pair("nonce", &sign_in.nonce)
            .append_pair("code_challenge", &sign_in.challenge())
            .append_pair("code_challenge_method", "S256");
        if anew {
            query.append_pair("prompt", "login");
        }
        let between = if endpoint.contains('?') { '&' } else { '?' };
        let location = format!("{endpoint}{between}{}", query.finish());
        Ok(Leaving { location, cookie: sign_in.cookie })
    }

    /// Who the browser is that came back with this cookie.
    pub(crate) async fn arrive<A: Archive>(
        &self,
        archive: &A,
        origin: &str,
        (cookie, came): (&str, &Came),
        now: Timestamp,
    ) -> Result<Vouched, Failure> {
        let begun = self.seals.resume(cookie, &came.state, now);
        let sign_in = begun.map_err(|error| failed(error.to_string()))?;
        let said = self.keys.discovered(&self.config.issuer, now).await.map_err(away)?;
        let issuer = &self.config.issuer.name;
        // RFC 9207: another issuer that the browser was lured to may have answered.
        match &came.iss {
            Some(iss) if iss != issuer => return Err(failed("another issuer answered")),
            None if said.says_issuer => return Err(failed("nobody says which issuer answered")),
            Some(_) | None => {}
        }
        if let Some(error) = &came.error {
            return Err(failed(format!("the issuer says {}", told(error))));
        }
        let code = came.code.as_deref().ok_or_else(|| failed("the issuer gave no code"))?;
        let given = self.redeemed(archive, &said, (code, origin), &sign_in).await?;
        let claims = self.claims(&given.id_token, &sign_in, now).await?;
        let claims = self.completed(claims, &said, given.access_token.as_deref()).await;
        self.vouched(&claims).map_err(refused)
    }

    /// What the issuer gives for a code.
    async fn redeemed<A: Archive>(
        &self,
        archive: &A,
        said: &Discovered,
        (code, origin): (&str, &str),
        sign_in: &SignIn,
    ) -> Result<Given, Failure> {
        let endpoint = said.token.as_ref();
        let endpoint = endpoint.ok_or_else(|| away("it redeems no codes".to_owned()))?;
        let secret = match self.config.has_secret {
            true => Some(self.secret.get(archive, Signing::OidcClient).await.map_err(away)?),
            false => None,
        };
        let secret = secret.as_ref().map(|secret| secret.as_variable().unwrap_or_default().trim());
        let (form, authorization) = self.wish((code, origin), said, sign_in, secret);
        let answer = issuer::posted(endpoint, form, authorization).await;
        let (status, body) = answer.map_err(away)?;
        if status != StatusCode::OK {
            let said: Option<NotGiven> = serde_json::from_slice(&body).ok();
            let said = said.map_or_else(|| status.to_string(), |not_given| told(&not_given.error));
            tracing::warn!(said, "an issuer gives no token for a code");
            return Err(failed(format!("the issuer gives no token: {said}")));
        }
        let form = "the issuer's answer is not one of OpenID Connect";
        serde_json::from_slice(&body).map_err(|_| failed(form))
    }

    /// The form by which a code is redeemed, and the header beside it.
    fn wish(
        &self,
        (code, origin): (&str, &str),
        said: &Discovered,
        sign_in: &SignIn,
        secret: Option<&str>,
    ) -> (String, Option<String>) {
        let client = &self.config.client_id;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &format!("{origin}{CALLBACK}"))
            .append_pair("code_verifier", &sign_in.verifier);
        let authorization = match secret {
            Some(secret) if said.secret_in_body => {
                form.append_pair("client_id", client).append_pair("client_secret", secret);
                None
            }
            Some(secret) => Some(basic(client, secret)),
            None => {
                form.append_pair("client_id", client);
                None
            }
        };
        (form.finish(), authorization)
    }

    /// What the ID token says, when it answers this sign-in.
    async fn claims(
        &self,
        token: &str,
        sign_in: &SignIn,
        now: Timestamp,
    ) -> Result<Claims, Failure> {
        let client = &self.config.client_id;
        let wanted = Wanted {
            types: &["jwt"],
            issuer: Some(&self.config.issuer.name),
            audiences: &[client.clone()].into(),
            sign_in: Some(jwt::SignIn { client, nonce: &sign_in.nonce }),
            now_s: seconds(now),
        };
        judged(&self.keys, token, &wanted, now).await.map_err(refused)
    }

    /// With what the issuer says elsewhere of the same person, where the ID token leaves it out.
    async fn completed(
        &self,
        mut claims: Claims,
        said: &Discovered,
        access: Option<&str>,
    ) -> Claims {
        let (Some(endpoint), Some(access)) = (&said.userinfo, access) else { return claims };
        // Some issuers write what they leave out.
        claims.0.retain(|_, value| !value.is_null());
        if self.config.roles.have_all(&claims) {
            return claims;
        }
        match issuer::userinfo(endpoint, access).await {
            // OpenID Connect Core, 5.3.2: it may have been swapped for somebody else's.
            Ok(Value::Object(more)) if more.get("sub") == claims.0.get("sub") => {
                // An address and whether it is verified belong together.
                let has_email = claims.0.contains_key("email");
                if !has_email {
                    claims.0.remove("email_verified");
                }
                for (name, value) in more {
                    if !(has_email && name == "email_verified") {
                        claims.0.entry(name).or_insert(value);
                    }
                }
            }
            Ok(_) => tracing::warn!("an issuer says something of somebody else"),
            Err(error) => tracing::warn!(error, "an issuer does not say more of a person"),
        }
        claims
    }
}

/// What is said to whoever stands in front of the browser.
fn refused(why: NotVouched) -> Failure {
    match why {
        NotVouched::Bad(bad) => {
            tracing::warn!(%bad, "an ID token is not believed");
            failed(format!("what the issuer says is not believed: {bad}"))
        }
        NotVouched::Away(_) | NotVouched::NoRole(_) => why.into(),
    }
}

/// A code of the issuer's, as text that is safe to show.
fn told(error: &str) -> String {
    let short: String = error.chars().take(80).collect();
    format!("`{}`", short.escape_debug())
}

/// RFC 6749, 2.3.1: both are form-encoded first.
fn basic(client: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let both = format!("{}:{}", encoded(client), encoded(secret));
    format!("Basic {}", STANDARD.encode(both))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_any_characters_is_encoded_twice() {
        let encoded = basic("gang line", "a:b+c/d");
        let decoded = STANDARD.decode(encoded.strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), "gang+line:a%3Ab%2Bc%2Fd");
    }
}
