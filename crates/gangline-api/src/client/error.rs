//! Why a request has no answer.

use std::error::Error;
use std::path::PathBuf;

use crate::problem::Problem;
use crate::version::{API_VERSION, PROGRAM_VERSION};

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens.
    #[error("no daemon answers at {}", socket.display())]
    NoDaemon {
        /// Where.
        socket: PathBuf,
    },
    /// Nobody can be reached at an address, or nobody who is trusted to be there.
    #[error("no daemon answers at {url}")]
    Unreached {
        /// Where.
        url: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The socket belongs to somebody else.
    #[error("the daemon's socket {} is not yours to use", socket.display())]
    NotYours {
        /// Which.
        socket: PathBuf,
    },
    /// The path of the socket is longer than the system allows.
    #[error("the path of the daemon's socket is too long: {}", socket.display())]
    PathTooLong {
        /// Which.
        socket: PathBuf,
    },
    /// The connection broke. A mutation may or may not have been done.
    #[error("the daemon went away in the middle of {request}")]
    Broken {
        /// What was asked.
        request: String,
        /// How.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The daemon did not answer in time. A mutation may or may not have been done.
    #[error("the daemon did not answer {request} within {after_ms} ms")]
    TimedOut {
        /// What was asked.
        request: String,
        /// How long that was waited for.
        after_ms: u64,
    },
    /// The daemon speaks another version of the wire.
    #[error(
        "the daemon is gangline {program} and speaks API version {api}; \
         this is gangline {PROGRAM_VERSION} and speaks {API_VERSION}"
    )]
    OtherVersion {
        /// The daemon's wire.
        api: String,
        /// The daemon's version.
        program: String,
    },
    /// Something else answers there.
    #[error("what answers at {place} is not a gangline daemon")]
    NotGangline {
        /// The socket or the address.
        place: String,
    },
    /// The daemon says no.
    #[error("{}", .0.detail)]
    Refused(Box<Problem>),
    /// The answer is not what this version of the wire promises.
    #[error("the daemon's answer to {request} cannot be read")]
    Malformed {
        /// What was asked.
        request: String,
        /// What is wrong with the answer.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl ClientError {
    /// Whether there is no daemon, or one that is just going: whoever wants one may start it, where
    /// it is to be on this machine.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::NoDaemon { .. } | Self::Unreached { .. } | Self::Broken { .. })
    }
}
