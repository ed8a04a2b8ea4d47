//! Names and numbers. Each is a type that cannot hold a traversal, a leading dash or a
//! control character, so that no later layer has to ask again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a name of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {wanted}: {why}", shown(.given))]
pub struct BadName {
    given: String,
    wanted: &'static str,
    why: &'static str,
}

impl BadName {
    fn new(given: &str, wanted: &'static str, why: &'static str) -> Self {
        Self { given: given.chars().take(80).collect(), wanted, why }
    }

    /// What it should have been, such as "a branch name".
    pub fn wanted(&self) -> &'static str {
        self.wanted
    }
}

fn shown(given: &str) -> String {
    given.escape_debug().to_string()
}

/// Declares a validated text type that is (de)serialised as its text.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text, as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                match check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(why) => Err(BadName::new(text, $wanted, why)),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_type!(
    /// A project's name: `[a-z0-9][a-z0-9-]{0,39}`; also a directory name.
    ProjectId, "a project name", slug
);
text_type!(
    /// A node's name; the built-in one is `local`.
    NodeId, "a node name", slug
);
text_type!(
    /// The name of an agent definition, such as `ticket-worker`.
    AgentName, "an agent name", slug
);
text_type!(
    /// How an agent is driven: `claude`, `codex`, `acp`, `command`, `scripted`, …
    AgentKind, "an agent kind", slug
);
text_type!(
    /// The name of a secret, such as `npm-token`; also a file name.
    SecretName, "a secret's name", slug
);
text_type!(
    /// The name of a forge in the machine's configuration, such as `github`.
    ForgeName, "a forge's name", slug
);
text_type!(
    /// The name of a server of tools that the machine's configuration declares, such as `memory`.
    McpName, "a name of an MCP server", slug
);
text_type!(
    /// The name of a schedule, such as `nightly`.
    ScheduleName, "a schedule's name", slug
);
text_type!(
    /// The name under which an external session registers, such as `backend-1`.
    ExternalId, "a session name", slug
);
text_type!(
    /// What a token is called in lists, such as `7f3a90c2`.
    TokenId, "a token's id", slug
);
text_type!(
    /// A full commit id: 40 or 64 lower-case hexadecimal digits.
    CommitId, "a commit id", object_id
);
text_type!(
    /// A full tree id: 40 or 64 lower-case hexadecimal digits.
    TreeId, "a tree id", object_id
);
text_type!(
    /// A branch name without `refs/heads/`, within a safer subset of git's own rule.
    BranchName, "a branch name", branch
);
text_type!(
    /// What a client sends with a mutation so that a repeat is recognised: 1 to 128 printable
    /// ASCII characters without spaces. Behind a blank may follow what it was sent with, as 16
    /// hexadecimal digits.
    IdempotencyKey, "an idempotency key", once
);

impl IdempotencyKey {
    /// As a client sends it.
    ///
    /// # Errors
    ///
    /// Where it is empty, too long, or has anything but printable ASCII characters.
    pub fn sent(text: &str) -> Result<Self, BadName> {
        match token(text) {
            Ok(()) => Ok(Self(text.to_owned())),
            Err(why) => Err(BadName::new(text, "an idempotency key", why)),
        }
    }

    /// The key of this request alone: with another one it is refused.
    #[must_use]
    pub fn of_request(&self, fingerprint: u64) -> Self {
        Self(format!("{} {fingerprint:016x}", self.name()))
    }

    /// What the client sent.
    pub fn name(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }

    /// Of which request it is, where that is known.
    pub fn request(&self) -> Option<&str> {
        self.0.split_once(' ').map(|(_, request)| request)
    }
}

fn once(text: &str) -> Result<(), &'static str> {
    let (name, request) = text.split_once(' ').unwrap_or((text, "0000000000000000"));
    token(name)?;
    match request.len() == 16 && request.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        true => Ok(()),
        false => Err("only 16 hexadecimal digits may follow a blank"),
    }
}

fn slug(text: &str) -> Result<(), &'static str> {
    let first = text.bytes().next().ok_or("it is empty")?;
    if text.len() > 40 {
        return Err("it is longer than 40 characters");
    }
    if !(first.is_ascii_lowercase() || first.is_ascii_digit()) {
        return Err("it must begin with a-z or 0-9");
    }
    if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err("only a-z, 0-9 and - are allowed");
    }
    Ok(())
}

fn object_id(text: &str) -> Result<(), &'static str> {
    if text.len() != 40 && text.len() != 64 {
        return Err("it must have 40 or 64 digits");
    }
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err("only 0-9 and a-f are allowed");
    }
    Ok(())
}

fn branch(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > 200 {
        return Err("it is longer than 200 characters");
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/');
    if !text.bytes().all(allowed) {
        return Err("only A-Z, a-z, 0-9, . _ - and / are allowed");
    }
    if text.starts_with('-') || text == "HEAD" || text.starts_with("refs/") {
        return Err("it must not begin with - or refs/, nor be HEAD");
    }
    for part in text.split('/') {
        if part.is_empty() || part.starts_with('.') || part.ends_with('.') {
            return Err("no part may be empty, or begin or end with a dot");
        }
        // git compares as bytes, and so does this: `.LOCK` is no lock file.
        if part.contains("..") || part.as_bytes().ends_with(b".lock") {
            return Err("no part may contain .. or end with .lock");
        }
    }
    Ok(())
}

fn token(text: &str) -> Result<(), &'static str> {
    if text.is_empty() || text.len() > 128 {
        return Err("it must have 1 to 128 characters");
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err("only printable ASCII without spaces is allowed");
    }
    Ok(())
}

/// A ticket's key, `[A-Z][A-Z0-9]*-[0-9]+`, such as `APP-12`. Sorts by prefix, then number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TicketKey {
    prefix: String,
    number: u64,
}

impl TicketKey {
    /// The key `PREFIX-number`. The prefix is checked as in a whole key.
    pub fn new(prefix: &str, number: u64) -> Result<Self, BadName> {
        format!("{prefix}-{number}").parse()
    }

    /// What stands before the dash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What stands behind the dash.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl FromStr for TicketKey {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = |why| BadName::new(text, "a ticket key such as APP-12", why);
        let (prefix, number) = text.split_once('-').ok_or_else(|| bad("it has no dash"))?;
        let mut bytes = prefix.bytes();
        if !bytes.next().is_some_and(|b| b.is_ascii_uppercase()) {
            return Err(bad("it must begin with A-Z"));
        }
        if !bytes.all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) || prefix.len() > 16 {
            return Err(bad("before the dash stand at most 16 of A-Z and 0-9"));
        }
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if !digits || number.len() > 12 || (number.len() > 1 && number.starts_with('0')) {
            return Err(bad("behind the dash stands a number without leading zeros"));
        }
        let number = number.parse().map_err(|_| bad("the number is too large"))?;
        Ok(Self { prefix: prefix.to_owned(), number })
    }
}

impl TryFrom<String> for TicketKey {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<TicketKey> for String {
    fn from(key: TicketKey) -> Self {
        key.to_string()
    }
}

impl fmt::Display for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.prefix, self.number)
    }
}

/// A ticket of a project. Written `project.KEY`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TicketId {
    /// The project it belongs to.
    pub project: ProjectId,
    /// Its key, unique within the project.
    pub key: TicketKey,
}

impl FromStr for TicketId {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = |why| BadName::new(text, "a ticket id such as shop.APP-12", why);
        let (project, key) = text.split_once('.').ok_or_else(|| bad("it has no dot"))?;
        Ok(Self { project: project.parse()?, key: key.parse()? })
    }
}

impl TryFrom<String> for TicketId {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<TicketId> for String {
    fn from(id: TicketId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.project, self.key)
    }
}

/// What a job is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// One run of an agent on a ticket.
    Attempt,
    /// Fetches what an attempt left, as one bundle.
    Capture,
    /// Measures one commit.
    Verification,
    /// Builds and checks a merge candidate.
    Integration,
    /// Lets another agent read a commit that was measured.
    Review,
}

impl JobKind {
    fn letter(self) -> char {
        match self {
            Self::Attempt => 'a',
            Self::Capture => 'c',
            Self::Verification => 'v',
            Self::Integration => 'i',
            Self::Review => 'r',
        }
    }
}

/// A job of a ticket: `project.KEY.a1`. The letter is the kind, the number counts all jobs of
/// the ticket, so that a job's name is known before it runs and never used twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId {
    /// The ticket that the job is for.
    pub ticket: TicketId,
    /// What the job does.
    pub kind: JobKind,
    /// Counts the ticket's jobs, from 1.
    pub n: u32,
}

impl FromStr for JobId {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = |why| BadName::new(text, "a job id such as shop.APP-12.a1", why);
        let (ticket, tail) = text.rsplit_once('.').ok_or_else(|| bad("it has no dot"))?;
        let mut letters = tail.chars();
        let kind = match letters.next() {
            Some('a') => JobKind::Attempt,
            Some('c') => JobKind::Capture,
            Some('v') => JobKind::Verification,
            Some('i') => JobKind::Integration,
            Some('r') => JobKind::Review,
            Some(_) | None => return Err(bad("its last part begins with a, c, v, i or r")),
        };
        let n = letters.as_str();
        let canonical = n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0');
        match n.parse() {
            Ok(n) if canonical => Ok(Self { ticket: ticket.parse()?, kind, n }),
            Ok(_) | Err(_) => Err(bad("its last part ends with a number")),
        }
    }
}

impl TryFrom<String> for JobId {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}{}", self.ticket, self.kind.letter(), self.n)
    }
}

/// The right to act on a job, as an ever-growing number: (leadership epoch, counter). Compared
/// epoch first, so that a new leader's first fence is above every fence of the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fence {
    /// The epoch of the leader that granted it.
    pub epoch: u64,
    /// Counts within the board, never reset.
    pub n: u64,
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.n)
    }
}

impl FromStr for Fence {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "a fence such as 3-17", "it is not two numbers");
        let (epoch, n) = text.split_once('-').ok_or_else(bad)?;
        Ok(Self { epoch: epoch.parse().map_err(|_| bad())?, n: n.parse().map_err(|_| bad())? })
    }
}

/// A moment: microseconds since the Unix epoch.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment and `ms` milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` until this moment; 0 when it is not earlier.
    pub fn ms_since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0) / 1000).unwrap_or(0)
    }

    /// Days since the Unix epoch, in UTC.
    pub fn day(self) -> i64 {
        self.0.div_euclid(86_400_000_000)
    }
}

/// Who did something: `person:NAME`, `agent:NAME`, `policy`, `gangline`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person, by the name the surface knows.
    Person(String),
    /// A person, or a program for one, who is not at this machine's socket.
    Remote {
        /// The name that the surface knows.
        name: String,
        /// By which door and from where, such as `http 127.0.0.1 token 7f3a90c2`.
        via: String,
    },
    /// The project's policy, which a person accepted.
    Policy,
    /// The orchestrator itself.
    Gangline,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(name) | Self::Remote { name, .. } => write!(f, "person:{name}"),
            Self::Policy => f.write_str("policy"),
            Self::Gangline => f.write_str("gangline"),
        }
    }
}

#[cfg(test)]
mod tests;
