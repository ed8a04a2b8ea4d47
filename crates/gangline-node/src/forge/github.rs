//! GitHub, or who speaks its REST API: check runs and statuses of one commit.
//!
//! Each page is asked for with the tag of the answer before, so that what has not changed costs
//! nothing of the quota. No address in an answer is followed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use gangline_domain::ids::CommitId;
use gangline_domain::network::Target;
use gangline_domain::secret::Secret;
use gangline_policy::{ApiAddress, RepositoryName};
use gangline_ports::forge::{Conclusion, Forge, ForgeError, Run, RunState};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::clock::now;
use crate::proxy::exchange;
use crate::web;

/// How long one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Bytes that one answer may have.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Runs on a page, and pages of each kind.
const PAGE: usize = 100;
const PAGES_MAX: usize = 50;
/// What is waited when it does not say how long.
const LIMITED: Duration = Duration::from_mins(1);

/// One repository there.
pub(crate) struct GitHub {
    target: Target,
    tls: bool,
    authority: String,
    /// `/api/v3/repos/ann/shop`
    path: String,
    authorization: HeaderValue,
    /// Pages by their paths.
    seen: RefCell<BTreeMap<String, Seen>>,
}

/// An answer that may still hold.
#[derive(Clone)]
struct Seen {
    tag: HeaderValue,
    runs: Rc<Vec<Run>>,
}

impl GitHub {
    /// Asks at `api` about `repository`. `None` for a token that no header can hold.
    pub(crate) fn new(
        api: &ApiAddress,
        repository: &RepositoryName,
        token: &Secret,
    ) -> Option<Self> {
        let (target, tls, path) = web::parts(api.as_str())?;
        let bearer = format!("Bearer {}", token.as_variable()?);
        let mut authorization = HeaderValue::from_str(&bearer).ok()?;
        authorization.set_sensitive(true);
        Some(Self {
            authority: web::authority(&target, tls),
            path: format!("{path}/repos/{repository}"),
            target,
            tls,
            authorization,
            seen: RefCell::new(BTreeMap::new()),
        })
    }

    /// All pages of one kind.
    async fn all<P: Page>(&self, what: &str) -> Result<Vec<Run>, ForgeError> {
        let mut all = vec![];
        for page in 1..=PAGES_MAX {
            let path = format!("{}/{what}?per_page={PAGE}&page={page}", self.path);
            let runs = self.page::<P>(path).await?;
            all.extend(runs.iter().cloned());
            if runs.len() < PAGE {
                return Ok(all);
            }
        }
        Err(ForgeError::Refused(format!("there are more than {} runs", PAGE * PAGES_MAX)))
    }

    async fn page<P: Page>(&self, path: String) -> Result<Rc<Vec<Run>>, ForgeError> {
        let seen = self.seen.borrow().get(&path).cloned();
        let asked = self.ask(&path, seen.as_ref().map(|seen| &seen.tag));
        let (answer, _connection) = match timeout(ANSWER_MAX, asked).await {
            Ok(answered) => answered?,
            Err(_) => return Err(later(&self.authority, "no answer")),
        };
        if let (StatusCode::NOT_MODIFIED, Some(seen)) = (answer.status(), seen) {
            return Ok(seen.runs);
        }
        refusal(&answer, &self.authority)?;
        let tag = answer.headers().get("etag").cloned();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect();
        let body = match timeout(ANSWER_MAX, body).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) => return Err(later(&self.authority, &error.to_string())),
            Err(_) => return Err(later(&self.authority, "its answer has no end")),
        };
        let page: P = serde_json::from_slice(&body)
            .map_err(|error| later(&self.authority, &format!("an odd answer: {error}")))?;
        let runs = Rc::new(page.runs());
        if let Some(tag) = tag {
            let seen = Seen { tag, runs: Rc::clone(&runs) };
            self.seen.borrow_mut().insert(path, seen);
        }
        Ok(runs)
    }

    async fn ask(
        &self,
        path: &str,
        tag: Option<&HeaderValue>,
    ) -> Result<(Response<Incoming>, tokio::task::JoinSet<()>), ForgeError> {
        let request = Request::get(path)
            .header("host", &self.authority)
            .header("authorization", &self.authorization)
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header("user-agent", "gangline");
        let request = match tag {
            Some(tag) => request.header("if-none-match", tag),
            None => request,
        };
        let request = request.body(Full::new(Bytes::new()));
        let request = request.map_err(|error| ForgeError::Refused(error.to_string()))?;
        let answered = exchange((&self.target, self.tls), request).await;
        answered.map_err(|error| later(&self.authority, &error.to_string()))
    }
}

impl Forge for GitHub {
    async fn runs(&self, commit: &CommitId) -> Result<Vec<Run>, ForgeError> {
        let mut runs = self.all::<CheckRuns>(&format!("commits/{commit}/check-runs")).await?;
        runs.extend(self.all::<Statuses>(&format!("commits/{commit}/status")).await?);
        Ok(runs)
    }
}

fn later(authority: &str, why: &str) -> ForgeError {
    ForgeError::Later { why: format!("{authority} could not be asked: {why}"), after: None }
}

/// What an answer that is none says.
fn refusal(answer: &Response<Incoming>, authority: &str) -> Result<(), ForgeError> {
    let status = answer.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let after = limited(answer.headers());
    let refused = |why: &str| Err(ForgeError::Refused(format!("{authority} {why} ({status})")));
    match status.as_u16() {
        403 | 429 if after.is_some() || status == StatusCode::TOO_MANY_REQUESTS => {
            let after = Some(after.unwrap_or(LIMITED));
            Err(ForgeError::Later {
                why: format!("{authority} wants to be asked later ({status})"),
                after,
            })
        }
        401 => refused("does not accept the token"),
        403 => refused("does not let the token read the runs of this repository"),
        404 => refused("knows no such repository, or shows it not to this token"),
        300..=399 => refused("has the repository elsewhere: name it as it is called now"),
        // The commit was only just pushed.
        409 | 422 => Err(later(authority, &format!("it does not know the commit yet ({status})"))),
        500..=599 => {
            Err(ForgeError::Later { why: format!("{authority} is out of order ({status})"), after })
        }
        _other => refused("does not answer"),
    }
}

/// How long it wants to be left alone.
fn limited(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if headers.contains_key("retry-after") {
        return Some(LIMITED);
    }
    if number("x-ratelimit-remaining") != Some(0) {
        return None;
    }
    let seconds_now = u64::try_from(now().0 / 1_000_000).unwrap_or(0);
    let reset = number("x-ratelimit-reset").map(|at| at.saturating_sub(seconds_now) + 1);
    Some(reset.map_or(LIMITED, Duration::from_secs))
}

/// One page of runs.
trait Page: DeserializeOwned {
    fn runs(self) -> Vec<Run>;
}

#[derive(Deserialize)]
struct CheckRuns {
    check_runs: Vec<CheckRun>,
}

#[derive(Deserialize)]
struct CheckRun {
    name: String,
    status: String,
    conclusion: Option<String>,
    html_url: Option<String>,
    output: Option<Output>,
}

#[derive(Default, Deserialize)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
}

impl Page for CheckRuns {
    fn runs(self) -> Vec<Run> {
        let run = |run: CheckRun| {
            let ended = (run.status == "completed").then(|| run.conclusion.unwrap_or_default());
            let output = run.output.unwrap_or_default();
            Run {
                name: run.name,
                state: ended.map_or(RunState::Waiting, |end| RunState::Concluded(conclusion(end))),
                title: output.title.unwrap_or_default(),
                summary: output.summary.unwrap_or_default(),
                url: run.html_url.unwrap_or_default(),
            }
        };
        self.check_runs.into_iter().map(run).collect()
    }
}

/// What it could not bring to an end says nothing of the commit.
fn conclusion(end: String) -> Conclusion {
    match end.as_str() {
        "success" => Conclusion::Success,
        "neutral" => Conclusion::Neutral,
        "skipped" => Conclusion::Skipped,
        "failure" => Conclusion::Failure,
        _other => Conclusion::Broken(end),
    }
}

/// The latest status of each context.
#[derive(Deserialize)]
struct Statuses {
    statuses: Vec<Status>,
}

#[derive(Deserialize)]
struct Status {
    context: String,
    state: String,
    description: Option<String>,
    target_url: Option<String>,
}

impl Page for Statuses {
    fn runs(self) -> Vec<Run> {
        let run = |status: Status| Run {
            name: status.context,
            state: match status.state.as_str() {
                "pending" => RunState::Waiting,
                _ended => RunState::Concluded(conclusion(status.state)),
            },
            title: status.description.unwrap_or_default(),
            summary: String::new(),
            url: status.target_url.unwrap_or_default(),
        };
        self.statuses.into_iter().map(run).collect()
    }
}

#[cfg(test)]
mod tests;
