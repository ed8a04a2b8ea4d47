//! Which versions of the wire understand one another.

/// The wire's version. Programs of different versions that agree in this one understand another.
pub const API_VERSION: u32 = 1;
/// What every path of this version begins with.
pub const BASE: &str = "/api/v1";
/// Response header: the wire's version that the daemon speaks.
pub const API_VERSION_HEADER: &str = "gangline-api";
/// Response header: the daemon's own version.
pub const PROGRAM_VERSION_HEADER: &str = "gangline-version";
/// Request header: who asks, by the name that a surface knows; shown in history.
pub const PERSON_HEADER: &str = "gangline-person";
/// Request header of mutations: a repeat with the same key is answered, not done again.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";
/// Request header of a main agent's tools, on the socket and within the daemon: which main agent asks,
/// as `ID NAME`.
pub const MAIN_AGENT_HEADER: &str = "gangline-main-agent";
/// The version of this program.
pub const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");
