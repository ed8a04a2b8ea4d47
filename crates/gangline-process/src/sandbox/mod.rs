//! What a program may see and reach.
//!
//! The root inside is built from nothing: what is not named is not there. See [`Sandbox`].

mod bubblewrap;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod landlock;
mod plan;
mod probe;
mod read_set;
#[cfg(target_os = "linux")]
mod seccomp;
mod spec;
mod status;

pub(crate) use bubblewrap::wrap;
#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{Wall, walled};
#[cfg(target_os = "linux")]
pub(crate) use landlock::{Wall, walled};
pub use probe::{SandboxReport, TierReport, probe};
pub use read_set::system_read_set;
pub use spec::{Network, PrivateFolder, ProxyWay, Sandbox, SandboxError, Tier};
pub(crate) use status::StatusPipe;
