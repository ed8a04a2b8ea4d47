//! What an attempt's agent is given that nobody else may see: its model's key or a dummy for it,
//! and the secrets that its definition names.

use std::collections::BTreeSet;

use gangline_agents::definition::Definition;
use gangline_domain::ids::{AgentKind, SecretName};
use gangline_domain::job::Infra;
use gangline_domain::network::NetworkMode;
use gangline_domain::secret::SecretUse;
use gangline_process::{Sandbox, Tier};
use hyper::header::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::durable::with_causes;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::places::hex;
use crate::providers::{self, SUBSCRIPTION_BASE, WAYS};
use crate::proxy::{Calls, Credential, GATEWAY_PORT, Gateway};
use crate::vault::{self, Held, Subscription};
use crate::web;

/// Where agents find secrets that are files.
pub(super) const SECRETS: &str = "/secrets";

/// The agent's environment.
type Env = Vec<(String, String)>;

fn refused(why: impl Into<String>) -> Failure {
    Failure::Infra(Infra::SetupFailed(why.into()))
}

/// The kind's log-in into the environment, in place of all other ways in. A kind whose provider is
/// known gets no other provider's key.
pub(super) async fn log_in(
    job: &Job,
    definition: &Definition,
    env: &mut Env,
) -> Result<(), Failure> {
    let kind = definition.kind.as_str();
    if let Some(way) = providers::way_of(kind) {
        let foreign = |name: &str| {
            let others = WAYS.iter().filter(|other| other.kind != way.kind);
            others.flat_map(|other| other.keys).any(|(known, ..)| *known == name)
        };
        env.retain(|(name, _)| !foreign(name) || definition.env.contains(name));
    }
    let login = job.spec.machine.logins.of_kind(kind).await;
    let Some((variable, secret)) = login.map_err(|error| refused(error.to_string()))? else {
        return Ok(());
    };
    let Some(value) = secret.as_variable().map(str::to_owned) else {
        return Err(refused(format!("no variable can hold the log-in of {kind}")));
    };
    let other_ways = providers::variables_of(kind);
    env.retain(|(name, _)| *name != variable && !other_ways.contains(&name.as_str()));
    job.know([(variable.clone(), secret)]);
    env.push((variable, value));
    Ok(())
}

/// The way to the provider with the real key, when there can be one; the environment then holds a
/// dummy, and the way's address.
pub(super) fn gateway(
    job: &Job,
    kind: &AgentKind,
    mode: NetworkMode,
    env: &mut Env,
) -> Result<Option<Gateway>, Failure> {
    let settings = &job.spec.machine.gateway;
    let way = providers::way_of(kind.as_str());
    let subscription = subscription(job, kind)?;
    let Some(way) = way.filter(|_| settings.enabled && mode == NetworkMode::Proxy) else {
        return match subscription {
            None => Ok(None),
            // Who held its tokens could renew them, and log everybody else out.
            Some(_) => Err(refused(format!(
                "the subscription of {kind} is used through the gateway only: it needs \
                 `network: proxy`, tier bubblewrap, and `[gateway] enabled = true` in config.toml"
            ))),
        };
    };
    let set = |env: &Env, name: &str| {
        let mut set = env.iter().rev().filter(|(known, _)| known == name);
        set.next().map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    let found = way
        .keys
        .iter()
        .find_map(|(name, header, before)| Some((*name, *header, *before, set(env, name)?)));
    let Some((variable, header, before, key)) = found else { return Ok(None) };
    let usual = if subscription.is_some() { SUBSCRIPTION_BASE } else { way.base.1 };
    let base = set(env, way.base.0).unwrap_or_else(|| usual.to_owned());
    let Some((provider, tls, path)) = web::parts(&base) else {
        return Err(refused(format!("{} is no http:// or https:// address", way.base.0)));
    };
    let value = HeaderValue::from_str(&format!("{before}{key}"));
    let mut value = value.map_err(|_| refused(format!("{variable} holds no key")))?;
    value.set_sensitive(true);
    // A subscription's tokens change, and its account stays.
    let account = subscription.as_ref().and_then(|known| known.present().ok()?.account);
    let credential = match subscription {
        None => Credential::Key(HeaderName::from_static(header), value),
        Some(subscription) => Credential::Subscription(subscription),
    };
    let limits = settings.limits.get(&way.provider).copied().unwrap_or_default();
    env.retain(|(name, _)| {
        *name != way.base.0 && !way.keys.iter().any(|(known, ..)| known == name)
    });
    env.push((variable.to_owned(), dummy(job)));
    env.push((way.base.0.to_owned(), format!("http://127.0.0.1:{GATEWAY_PORT}{path}")));
    job.step(format!("keys: {variable} is added by the gateway, for {provider} alone"));
    Ok(Some(Gateway {
        provider,
        tls,
        credential,
        calls: Calls::of_key(&job.spec.places.calls(), &account.unwrap_or(key), limits),
        redactor: job.vault.redactor(),
    }))
}

/// The tokens by which the kind logs in, if it does by such.
fn subscription(job: &Job, kind: &AgentKind) -> Result<Option<Subscription>, Failure> {
    let logins = &job.spec.machine.logins;
    let login = logins.read(kind.as_str()).map_err(|error| refused(error.to_string()))?;
    let by_subscription = login.is_some_and(|login| login.held == Held::Subscription);
    Ok(by_subscription.then(|| logins.subscription(kind.as_str())))
}

/// What the agent takes for a key: another one for each run, and worth nothing.
fn dummy(job: &Job) -> String {
    let digest = Sha256::digest(format!("dummy {}@{}", job.run.marker(), job.spec.fence()));
    format!("gangline-dummy-{}", hex(&digest[..12]))
}

/// What an agent is given by name.
#[derive(Default)]
pub(super) struct Given {
    pub(super) variables: Env,
    files: Vec<(String, Vec<u8>)>,
}

/// The secrets that the definition names. That they were given is durable when this returns.
pub(super) async fn secrets(job: &Job, definition: &Definition) -> Result<Given, Failure> {
    let names: BTreeSet<SecretName> =
        definition.secrets.iter().map(|told| told.secret().clone()).collect();
    if names.is_empty() {
        return Ok(Given::default());
    }
    let values = job.secrets(&names).await?;
    let mut given = Given::default();
    for told in &definition.secrets {
        let (name, secret) = (told.secret(), &values[told.secret()]);
        match told {
            SecretUse::File(_) => given.files.push((name.to_string(), secret.bytes().to_vec())),
            SecretUse::Variable { variable, .. } => match secret.as_variable() {
                Some(value) => given.variables.push((variable.clone(), value.to_owned())),
                None => return Err(refused(format!("no variable can hold the secret {name}"))),
            },
        }
    }
    let tier = job.spec.machine.tier;
    if tier != Tier::L2
        && let Some((name, _)) = given.files.first()
    {
        return Err(refused(format!(
            "the secret {name} is to be a file, for which only tier bubblewrap has a place in \
             memory, and this machine's tier is {tier}: write VARIABLE={name} in the definition"
        )));
    }
    let remembered = vault::remember_given(&job.spec.places, &job.id().ticket, &names);
    remembered.map_err(|fault| refused(with_causes(&fault)))?;
    let listed: Vec<String> = definition.secrets.iter().map(ToString::to_string).collect();
    job.step(format!("secrets: {}", listed.join(", ")));
    Ok(given)
}

impl Given {
    /// The folder of secrets, which may be empty.
    pub(super) fn shown(&mut self, sandbox: Sandbox) -> Sandbox {
        match sandbox.tier {
            Tier::L2 => sandbox.private(SECRETS, std::mem::take(&mut self.files)),
            Tier::L0 | Tier::L1 => sandbox,
        }
    }
}
