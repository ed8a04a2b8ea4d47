//! Verification: measuring one commit, in a checkout that no agent touched.
//!
//! ```text
//!   Subject (facts of git, the claim) ─┐
//!   Policy  (of the base commit)       ├─▶ verify ─▶ Vec<CheckResult> ─▶ Report ─▶ verdict
//!   Bench   (checkout, sandbox, logs) ─┘     │                             │
//!                                            │                             └─▶ recovery: what the
//!     commits ▸ files ▸ clean ▸ scope ▸      │                                 next try is told
//!     protected ▸ harness ▸ … ▸ waived ▸     │   (see `registry.rs`)
//!     setup ▸ each command of the policy ◀───┘
//! ```
//!
//! A check that could not measure is inconclusive and never passes. A claim stands beside the
//! fact and never for it. The facts of git come in as values: this crate runs the policy's
//! commands, inside the sandbox, and nothing else.

mod addressed;
#[cfg(test)]
mod bench;
mod built;
mod cases;
mod clean;
mod code;
mod command;
mod commits;
mod coverage;
mod dates;
mod decisive;
mod deliverable;
mod external_ci;
mod files;
mod finding;
mod harness;
mod hidden;
mod hints;
mod inline;
mod licence;
mod lockfile;
mod log;
mod markers;
mod printed;
mod protected;
mod registry;
mod results;
mod rewritten;
mod runners;
mod scope;
mod secrets;
mod setup;
mod size;
mod special_cases;
mod start;
mod subject;
mod test_changes;
mod together;
mod tree;
mod trial;
mod truth;
mod verify;
mod waived;
mod watched;

pub use deliverable::{OUTPUT_BYTES_MAX, OUTPUT_FILES_MAX, OutputFolder, artifact, plan, report};
pub use external_ci::{EXTERNAL_CI, External, external_ci, external_ci_unmeasured};
pub use hints::{Recovery, recovery};
pub use runners::{Reading, TestOutput, TestStatus};
pub use secrets::secret_shape;
pub use setup::run_setup;
pub use start::copy_folder;
pub use subject::{
    Bench, ChangedPath, Content, Dates, Merged, Progress, SecretsFound, Side, Subject,
};
pub use trial::Layout;
pub use verify::{verify, verify_beside, verify_candidate};
