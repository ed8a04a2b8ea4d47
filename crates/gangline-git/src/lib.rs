//! Git, without believing a repository that an agent could write.
//!
//! ```text
//!   person's repository ──fetch──▶ Hub (bare, ours) ──borrow──▶ checkout of one attempt
//!            ▲                      ▲        │                        │ agent writes
//!            └──land, publish───────┼────────┘                        ▼
//!                                   └──import (checked)── bundle ◀── capture (sandboxed)
//! ```
//!
//! Git on the host never runs on a directory that an agent could write: what an attempt leaves
//! is read by [`capture()`] inside a sandbox, from a git directory of our own, and comes into the
//! [`Hub`] as one checked bundle.

mod candidate;
mod capture;
mod checkout;
mod durable;
mod git;
mod hub;
mod inspect;
mod land;
mod lock;
mod message;
mod nofollow;
mod printable;
mod provision;
mod publish;
mod refs;
mod remote;
mod stale;
mod template;
mod version;
mod worktrees;

pub use candidate::{Built, CandidateError, CandidateRequest, Style};
pub use capture::{
    CaptureError, CaptureRequest, Captured, Commits, Inside, Skipped, SkippedWhy, Stray, capture,
    capture_inside,
};
pub use checkout::{
    Backend, BackendKind, Checkout, CheckoutBackend, CheckoutError, CheckoutRequest, CloneBackend,
    Disarmed, Identity, IdentityError, LinkedBackend, RemoveError, disarm, sweep_trash,
};
pub use git::{EMAIL, GitFailure, NAME};
pub use hub::{
    ChangeStatus, ChangedFile, Contents, ContentsBound, Diff, Expected, FetchTargetError,
    GivenAttribute, Hub, HubSize, ImportError, ImportRequest, Imported, LogLine, ObjectFormat,
    OpenHubError, ReadError, RefChange, RefError, RepackError, Repacked, RescueRef, Scan, Spaces,
    Still, TreeEntry, TreeIsh, WantedFile,
};
pub use inspect::{DirtyPath, Head, InspectError, PersonRepo, TargetError, inspect};
pub use land::{LandOutcome, LandRequest, ReadBack, ReadBackError, Refused, land, read_back};
pub use lock::LockError;
pub use message::{MessageInput, compose};
pub use provision::{Needs, Provided, ProvisionError, Provisioned, Unprovided, provision};
pub use publish::{PublishOutcome, PublishRefused, publish_branch};
pub use refs::{RefName, RefPrefix};
pub use remote::{Remote, RemoteError};
pub use template::{
    BranchTemplate, CommitTemplate, NameInput, TemplateError, WorktreeName, WorktreeTemplate, slug,
};
pub use version::{GitVersion, VersionError, git_version};
pub use worktrees::{Found, Meta, MetaError, State, read_meta, scan};
