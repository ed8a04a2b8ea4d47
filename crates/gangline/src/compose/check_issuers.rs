//! What `doctor` says about issuers whose word lets people and programs in.

use gangline_api::doctor::{Finding, Health};
use gangline_policy::{IssuerUrl, JwtKeys, MachineConfig};

use super::trust::issuer;

/// One finding for each that is configured: it is asked what a sign-in would ask.
pub(super) async fn issuers(machine: &MachineConfig) -> Vec<Finding> {
    let mut findings = vec![];
    if let Some(oidc) = machine.oidc.as_deref() {
        findings.push(asked("oidc", &oidc.issuer, "issuer under [oidc]").await);
    }
    if let Some(jwt) = machine.seed_api.jwt.as_deref()
        && let JwtKeys::Issuer(url) = &jwt.keys
    {
        findings.push(asked("workers' API", url, "issuer under [seed_api.jwt]").await);
    }
    findings
}

async fn asked(what: &str, url: &IssuerUrl, key: &str) -> Finding {
    let name = &url.name;
    match issuer(url).ask().await {
        Ok(()) => {
            let found = format!("{name} names itself so, and its keys can be read");
            Finding::new(Health::Good, what, found)
        }
        Err(why) => {
            let next = format!(
                "look at {}/.well-known/openid-configuration from here, and write its `issuer`, \
                 letter by letter, as {key} in config.toml",
                name.trim_end_matches('/')
            );
            Finding::new(Health::Bad, what, format!("{name}: {why}")).next(next)
        }
    }
}
