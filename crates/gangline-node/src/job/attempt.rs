//! An attempt: checkout ▸ setup ▸ brief ▸ agent session ▸ end.

mod attached;
mod brief;
mod checkout;
mod claim;
mod credentials;
mod definition;
mod drop;
mod leave;
mod lessons;
mod network;
mod prepare;
mod results;
pub(crate) mod review;
mod session;
mod startup_files;
mod worker;

use gangline_domain::budget::Usage;
use gangline_domain::job::{AttemptEnd, EndKind, Infra};

use crate::clock::now;
use crate::control::Listener;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::journal::{What, Worklog};
use crate::outcome;

pub use network::SHIM_SUBCOMMAND;
pub(crate) use prepare::{OUTCOME_FILE, note_progress};

/// Runs the attempt to its end, whatever that is.
pub(crate) async fn run(job: &Job, listener: &mut Listener) -> AttemptEnd {
    let Some(attempt) = job.ticket().running_attempt().cloned() else {
        let what = "the ticket does not say which attempt this is".to_owned();
        return outcome::end(EndKind::Infra(Infra::Tool(what)));
    };
    let prepared = job.unless_ended(listener, Box::pin(prepare::prepare(job, &attempt))).await;
    let mut end = match prepared {
        Ok((prepared, None)) => session::run(job, listener, prepared).await,
        Ok((prepared, Some(proxy))) => {
            let session = session::run(job, listener, prepared);
            proxy.beside(session, |passage| job.note(What::Network { passage })).await
        }
        Err(failure) => outcome::end(how(failure)),
    };
    let spent = u64::try_from(job.started.elapsed().as_millis()).unwrap_or(u64::MAX);
    end.usage = Usage { wall_ms: spent, ..end.usage };
    close_worklog(job);
    end
}

fn how(failure: Failure) -> EndKind {
    match failure {
        Failure::Infra(infra) => EndKind::Infra(infra),
        Failure::Stopped => EndKind::Stopped,
        Failure::TimedOut => EndKind::TimedOut,
        // The agent has not begun: it is the project's own setup.
        Failure::Passed(passed) => {
            EndKind::Infra(Infra::SetupFailed(format!("its programs were {passed}")))
        }
    }
}

/// The work log is for people: that it could not be written ends nothing.
fn close_worklog(job: &Job) {
    let closed = match Worklog::read(&job.run) {
        Ok(Some(mut log)) => {
            log.ended = Some(now());
            log.write(&job.run)
        }
        Ok(None) => Ok(()),
        Err(fault) => Err(fault),
    };
    if let Err(fault) = closed {
        job.alert(fault.to_string());
    }
}
