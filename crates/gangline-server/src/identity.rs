//! Who asks, and what they may.

use std::collections::BTreeSet;

use axum::Extension;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gangline_api::codes;
use gangline_domain::ids::{Actor, ProjectId, Timestamp, TokenId};
use gangline_domain::token::{Role, TokenUse};

use crate::app::App;
use crate::archive::Archive;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Who asks. Whatever carries the routes says so before the first of them is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The name that their deeds are told under; whatever the request says, when absent.
    pub(crate) name: Option<String>,
    /// What they may do at most.
    pub(crate) role: Role,
    /// The projects they may see and touch; all of them, when absent.
    pub(crate) projects: Option<BTreeSet<ProjectId>>,
    /// The token or session that lets them in, if one does.
    pub(crate) token: Option<TokenId>,
    /// What the token is for.
    pub(crate) used_as: Option<TokenUse>,
    /// Who they are to those who count, where no token says it.
    pub(crate) subject: Option<String>,
    /// From when on they are let in no more; never, when absent.
    pub(crate) until: Option<Timestamp>,
    /// By which door and from where; absent for this machine's socket.
    pub(crate) via: Option<String>,
}

impl Identity {
    /// Whoever can open the daemon's socket is the person whose daemon it is.
    pub(crate) fn owner() -> Self {
        Self {
            name: None,
            role: Role::Admin,
            projects: None,
            token: None,
            used_as: None,
            subject: None,
            until: None,
            via: None,
        }
    }

    /// As whom their wishes are recorded. `said` is what the request calls them.
    pub(crate) fn actor(&self, said: String) -> Actor {
        let name = self.name.clone().unwrap_or(said);
        match &self.via {
            None => Actor::Person(name),
            Some(via) => Actor::Remote { name, via: via.clone() },
        }
    }

    /// The same, come in by another door at the same place.
    pub(crate) fn by(mut self, door: &str) -> Self {
        self.via = self.via.map(|via| match via.split_once(' ') {
            Some((_, from)) => format!("{door} {from}"),
            None => door.to_owned(),
        });
        self
    }

    /// Whether they may see and touch this project.
    pub(crate) fn is_for(&self, project: &ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(project))
    }

    /// Whether a request about the project with this name, or about none, is within the projects
    /// they are kept to. What is read about none is told of those only.
    pub(crate) fn reaches(&self, project: Option<&str>, reads: bool) -> Result<(), Failure> {
        let Some(projects) = &self.projects else { return Ok(()) };
        let within = match project {
            Some(named) => projects.iter().any(|project| project.as_str() == named),
            None => reads,
        };
        if within {
            return Ok(());
        }
        let names: Vec<&str> = projects.iter().map(ProjectId::as_str).collect();
        let detail = format!("this token is for {} only", names.join(", "));
        Err(Failure::new(codes::forbidden, detail).hint("ask an admin for another token"))
    }

    /// Whether what let them in is still worth something.
    pub(crate) fn is_still_in<O: Orchestrator, A: Archive>(&self, app: &App<O, A>) -> bool {
        let now = App::<O, A>::now();
        if self.until.is_some_and(|until| until <= now) {
            return false;
        }
        let Some(id) = &self.token else { return true };
        app.orchestrator.read(|board| board.tokens.get(id).is_some_and(|t| !t.has_expired(now)))
    }

    pub(crate) fn allows(&self, needed: Role) -> Result<(), Failure> {
        if self.role >= needed {
            return Ok(());
        }
        let (own, word, needed_word) = (self.role, self.role.word(), needed.word());
        let detail = format!("this needs role {needed} ({needed_word}); yours is {own} ({word})");
        Err(Failure::new(codes::forbidden, detail).hint("ask an admin for another token"))
    }
}

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Needed {
    pub(crate) role: Role,
    /// What it changes is the caller's own and no project's: it is also for those who are kept to some.
    pub(crate) of_oneself: bool,
}

/// Lets through who has the role that the route needs, for the project in its path.
pub(crate) async fn required(
    State(needed): State<Needed>,
    Extension(identity): Extension<Identity>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let path = match path {
        Ok(path) => path,
        Err(wrong) => return Failure::new(codes::bad_request, wrong.body_text()).into_response(),
    };
    let named = path.iter().find(|(name, _)| *name == "project").map(|(_, value)| value);
    let within = request.method().is_safe() || needed.of_oneself;
    match identity.allows(needed.role).and_then(|()| identity.reaches(named, within)) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}
