//! Traces, from the machine's configuration to the server's words, and what `doctor` says of them.

use std::sync::Arc;

use gangline_api::doctor::{Finding, Health};
use gangline_api::status::TracesView;
use gangline_policy::{MachineConfig, TracesPolicy};
use gangline_server::{TraceSink, Traces};

use super::now;
use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::age;

/// Goes on where it was left; what is new begins behind `seq`.
pub(super) fn open(
    paths: &Paths,
    machine: &MachineConfig,
    seq: u64,
) -> Result<Option<Arc<Traces>>, Failure> {
    let folder = paths.traces();
    let opened = match &machine.traces {
        Some(policy) => Traces::open(&folder, sink(policy), seq).map(Some),
        None => Traces::forget(&folder).map(|()| None),
    };
    opened.map_err(|error| {
        let message = format!("how far traces are cannot be kept in {}", folder.display());
        Failure::new(Exit::Failed, format!("{message}: {error}")).next("gangline doctor")
    })
}

/// As another configuration has it; what is new begins behind `seq`.
pub(super) fn changed(
    before: Option<&Arc<Traces>>,
    paths: &Paths,
    machine: &MachineConfig,
    seq: u64,
) -> Option<Arc<Traces>> {
    if let (Some(before), Some(policy)) = (before, &machine.traces) {
        return Some(before.changed(sink(policy)));
    }
    open(paths, machine, seq).unwrap_or_else(|failure| {
        tracing::error!("{}", failure.message());
        None
    })
}

fn sink(policy: &TracesPolicy) -> TraceSink {
    TraceSink {
        endpoint: policy.endpoint.0.clone(),
        headers: policy.headers.keys().cloned().collect(),
        content: policy.content,
    }
}

/// What `doctor` says.
pub(super) fn finding(traces: &TracesView) -> Finding {
    let TracesView { endpoint, behind, spans, given_up, failing_since_us, error } = traces;
    match (failing_since_us, given_up) {
        (Some(since), _) => {
            let since = age(*since, now().0);
            let why = error.as_deref().unwrap_or("it takes nothing");
            let found = format!("{endpoint}: takes nothing for {since}, {behind} behind: {why}");
            Finding::new(Health::Bad, "traces", found)
                .next("mend [traces] in config.toml, or start its receiver")
        }
        (None, 0) => {
            Finding::new(Health::Good, "traces", format!("{endpoint}: took {spans} spans"))
        }
        (None, given_up) => {
            let found = format!("{endpoint}: took {spans} spans; {given_up} were given up before");
            Finding::new(Health::Fair, "traces", found).next("gangline up logs say why")
        }
    }
}
