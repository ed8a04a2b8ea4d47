//! Signed requests that become tickets. No token is needed: the signature is the credential.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use gangline_api::codes;
use gangline_api::command::AddTicket;
use gangline_api::webhook::IntakeTicket;
use gangline_domain::ids::{Actor, IdempotencyKey, ProjectId};

use super::Signing;
use super::sign::Unsigned;
use crate::app::App;
use crate::archive::Archive;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::secret;

/// A request, before anything of it is believed.
pub(crate) struct IntakeRequest<'r> {
    /// The intake's name.
    pub(crate) name: &'r str,
    /// Where it comes from.
    pub(crate) from: String,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r Bytes,
}

/// What a believed request asks for.
pub(crate) struct Accepted {
    pub(crate) project: ProjectId,
    pub(crate) wish: AddTicket,
    pub(crate) actor: Actor,
    /// The same for each repeat of the same message.
    pub(crate) key: IdempotencyKey,
}

/// Looks at the signature, then at the message.
pub(crate) async fn accept<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    request: IntakeRequest<'_>,
) -> Result<Accepted, Failure> {
    let IntakeRequest { name, from, headers, body } = request;
    let hooks = Arc::clone(&app.settings().hooks);
    let Some((intake, keys)) = hooks.intake.get(name) else {
        let shown: String = name.chars().take(40).collect();
        let detail = format!("there is no intake {}", shown.escape_debug());
        return Err(Failure::new(codes::no_such_intake, detail).hint("add it to config.toml"));
    };
    let key = keys.get(&*app.archive, Signing::Intake(name)).await.map_err(|error| {
        tracing::error!(intake = name, error, "the secret of an intake cannot be read");
        Failure::new(codes::unavailable, "this intake cannot check signatures now")
            .hint("gangline doctor, on the daemon's machine")
    })?;
    let now_s = App::<O, A>::now().0.div_euclid(1_000_000);
    let id = key.verified(headers, body, now_s).map_err(|error| unsigned(&error))?;
    let wish: IntakeTicket = serde_json::from_slice(body)
        .map_err(|error| Failure::new(codes::bad_request, error.to_string()))?;
    let IntakeTicket { title, body, priority, mut labels, external_ref } = wish;
    labels.extend(intake.labels.iter().cloned());
    let wish = AddTicket {
        title,
        body,
        priority,
        labels,
        external_ref,
        draft: intake.draft,
        ..AddTicket::default()
    };
    // An id may be longer than a key, and may have any characters.
    let key = format!("intake:{name}:{}", secret::digest(&id));
    Ok(Accepted {
        project: intake.project.clone(),
        wish,
        actor: Actor::Remote { name: name.to_owned(), via: format!("intake {from}") },
        key: key.parse()?,
    })
}

fn unsigned(error: &Unsigned) -> Failure {
    let code = match error {
        Unsigned::Headers | Unsigned::Wrong => codes::bad_signature,
        Unsigned::Stale { .. } => codes::stale_signature,
    };
    Failure::new(code, error.to_string()).hint("docs/webhooks.md says how to sign")
}
