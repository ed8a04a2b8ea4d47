//! Whom an issuer vouches for, from the machine's configuration to the server's words.

use gangline_policy::{
    IssuerUrl, JwtKeys, MachineConfig, Named, OidcPolicy, SecretSource, SeedJwt,
};
use gangline_server::{Issuer, Oidc, People, Roles, Trust, WorkersJwt, WorkersKeys};

/// Whom the configuration has believed.
pub(super) fn trust(machine: &MachineConfig) -> Trust {
    let workers = machine.seed_api.jwt.as_deref();
    Trust::new(machine.oidc.as_deref().map(oidc), workers.map(workers_jwt))
}

/// Whom another configuration has believed. What is as it was `before` keeps its keys, and the
/// sign-ins that are under way.
pub(super) fn changed(believed: &Trust, before: &MachineConfig, machine: &MachineConfig) -> Trust {
    let mut changed = trust(machine);
    if before.oidc == machine.oidc {
        changed = changed.with_oidc_of(believed);
    }
    if before.seed_api.jwt == machine.seed_api.jwt {
        changed = changed.with_workers_of(believed);
    }
    changed
}

/// Where the file with the keys of the workers' API is.
pub(super) fn keys_file(machine: &MachineConfig) -> Option<SecretSource> {
    match &machine.seed_api.jwt.as_ref()?.keys {
        JwtKeys::File(path) => Some(SecretSource::File(path.clone())),
        JwtKeys::Issuer(_) | JwtKeys::Address(_) | JwtKeys::Shared(_) => None,
    }
}

/// Where the secret is that the workers' API shares with its clients.
pub(super) fn shared_key(machine: &MachineConfig) -> Option<SecretSource> {
    match &machine.seed_api.jwt.as_ref()?.keys {
        JwtKeys::Shared(source) => Some(source.clone()),
        JwtKeys::Issuer(_) | JwtKeys::Address(_) | JwtKeys::File(_) => None,
    }
}

fn oidc(policy: &OidcPolicy) -> Oidc {
    let roles = policy.roles.iter().map(|(role, named)| (*role, people(named)));
    Oidc {
        issuer: issuer(&policy.issuer),
        label: policy.label.clone(),
        client_id: policy.client_id.clone(),
        has_secret: policy.client_secret.is_some(),
        scopes: policy.scopes.clone(),
        origin: policy.origin.as_ref().map(|origin| origin.0.clone()),
        roles: Roles {
            roles: roles.collect(),
            only: people(&policy.only),
            groups_claim: policy.groups_claim.clone(),
            unverified_emails: policy.unverified_emails,
        },
        session_ms: policy.session.ms(),
        api_audiences: policy.api_audiences.clone(),
    }
}

fn workers_jwt(jwt: &SeedJwt) -> WorkersJwt {
    let keys = match &jwt.keys {
        JwtKeys::Issuer(url) => WorkersKeys::Issuer(issuer(url)),
        JwtKeys::Address(address) => WorkersKeys::Address(address.clone()),
        JwtKeys::File(_) => WorkersKeys::File,
        JwtKeys::Shared(_) => WorkersKeys::Shared,
    };
    WorkersJwt { keys, issuer: jwt.issuer.clone(), audience: jwt.audience.clone() }
}

/// An issuer, where it is asked.
pub(super) fn issuer(url: &IssuerUrl) -> Issuer {
    Issuer { name: url.name.clone(), address: url.address.clone() }
}

fn people(named: &Named) -> People {
    let Named { emails, domains, groups } = named.clone();
    People { emails, domains, groups }
}
