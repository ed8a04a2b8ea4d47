//! What became of agents' claims.

use gangline_api::honesty::{Honesty, HonestyView};
use gangline_domain::honesty::HonestyRecord;
use gangline_domain::project::Project;

pub(crate) fn honesty(project: &Project) -> Honesty {
    let agents = project.honesty.iter().map(record).collect();
    Honesty { project: project.id.to_string(), agents }
}

fn record(record: &HonestyRecord) -> HonestyView {
    let counts = record.counts;
    HonestyView {
        agent: record.agent.to_string(),
        kind: record.kind.to_string(),
        model: record.model.clone(),
        attempts: counts.attempts,
        passed: counts.passed,
        firsts: counts.firsts,
        first_passed: counts.first_passed,
        claims_true: counts.claims_true,
        claims_false: counts.claims_false,
        claims_unproven: counts.claims_unproven,
        claims_read: counts.claims_read,
        last_us: record.last_at.0,
    }
}
