//! An agent's only way to the network: a proxy outside its sandbox that lets listed hosts pass.
//!
//! ```text
//!   inside: agent ─▶ shim ─▶ unix socket ─▶ request ▸ rules ▸ resolve ▸ connect ─▶ host
//!                                              │ denied: 403          │ to the address that was
//!                                              ▼                      ▼ judged, and no other
//!                                            journal: who, decision, bytes
//! ```
//!
//! It speaks HTTP with `CONNECT`, and plain HTTP of one request a connection. What it carries it
//! does not read, save what goes to the [`gateway`].

mod calls;
mod connection;
mod gateway;
mod post;
mod request;
mod tls;

use std::future::poll_fn;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use gangline_domain::network::HostRule;
use gangline_domain::resources::ByteSize;
use tokio::net::UnixListener;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinSet;

use crate::durable::FileFault;
use crate::journal::Passage;
pub(crate) use calls::Calls;
use connection::Resolver;
pub(crate) use gateway::{Credential, GATEWAY_PORT, Gateway, exchange};
pub use post::PostFailed;
pub(crate) use post::post_json;

/// Connections at once. Further ones wait.
const CONNECTIONS_MAX: usize = 256;
/// Entries that wait to be written.
const PASSAGES_WAITING_MAX: usize = 1_024;
/// Entries of one attempt in its journal.
const PASSAGES_MAX: u64 = 5_000;

/// See the module.
pub(crate) struct Proxy {
    listener: UnixListener,
    socket: PathBuf,
    open: JoinSet<()>,
    shared: Arc<Shared>,
    passages: Receiver<Passage>,
    noted: u64,
}

/// What all connections share.
pub(crate) struct Shared {
    rules: Vec<HostRule>,
    bytes_max: ByteSize,
    bytes: AtomicU64,
    tell: Sender<Passage>,
    /// Passages that nobody could be told of, because there were too many.
    untold: AtomicU64,
    resolver: Resolver,
    gateway: Option<Gateway>,
}

impl Shared {
    fn tell(&self, passage: Passage) {
        if self.tell.try_send(passage).is_err() {
            self.untold.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts bytes that passed; says whether they were still within the bound.
    fn count(&self, bytes: u64) -> bool {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        before.saturating_add(bytes) <= self.bytes_max.bytes()
    }

    fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.bytes_max.bytes()
    }
}

impl Proxy {
    /// Listens on `socket`, which only this user can reach.
    pub(crate) fn open(
        socket: &Path,
        rules: Vec<HostRule>,
        bytes_max: ByteSize,
        gateway: Option<Gateway>,
    ) -> Result<Self, FileFault> {
        Self::resolving(socket, rules, bytes_max, (Resolver::System, gateway))
            .map_err(|error| FileFault::new("listen on", socket, error))
    }

    fn resolving(
        socket: &Path,
        rules: Vec<HostRule>,
        bytes_max: ByteSize,
        (resolver, gateway): (Resolver, Option<Gateway>),
    ) -> io::Result<Self> {
        match std::fs::remove_file(socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(socket)?;
        std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
        let (tell, passages) = mpsc::channel(PASSAGES_WAITING_MAX);
        let shared = Shared {
            rules,
            bytes_max,
            bytes: AtomicU64::new(0),
            tell,
            untold: AtomicU64::new(0),
            resolver,
            gateway,
        };
        Ok(Self {
            listener,
            socket: socket.to_owned(),
            open: JoinSet::new(),
            shared: Arc::new(shared),
            passages,
            noted: 0,
        })
    }

    /// Serves for as long as `work` takes, then ends what is open.
    pub(crate) async fn beside<T>(
        mut self,
        work: impl Future<Output = T>,
        mut note: impl FnMut(Passage),
    ) -> T {
        let mut work = pin!(work);
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                passage = self.passages.recv() => self.note(passage, &mut note),
                () = reap(&mut self.open) => {}
                accepted = self.listener.accept(), if self.open.len() < CONNECTIONS_MAX => {
                    // A client that is gone again, or a moment without descriptors.
                    let Ok((client, _)) = accepted else { continue };
                    self.open.spawn(connection::serve(client, Arc::clone(&self.shared)));
                }
            }
        };
        self.open.shutdown().await;
        while let Ok(passage) = self.passages.try_recv() {
            self.note(Some(passage), &mut note);
        }
        let left_out =
            self.shared.untold.load(Ordering::Relaxed) + self.noted.saturating_sub(PASSAGES_MAX);
        if left_out > 0 {
            note(Passage::left_out(left_out));
        }
        done
    }

    fn note(&mut self, passage: Option<Passage>, note: &mut impl FnMut(Passage)) {
        let Some(passage) = passage else { return };
        self.noted += 1;
        if self.noted <= PASSAGES_MAX {
            note(passage);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // A socket that stays is removed by the next proxy of that name.
        drop(std::fs::remove_file(&self.socket));
    }
}

/// Takes one connection that has ended out of the set; never ends while there is none.
async fn reap(open: &mut JoinSet<()>) {
    poll_fn(|context| match open.poll_join_next(context) {
        Poll::Ready(Some(_)) => Poll::Ready(()),
        Poll::Ready(None) | Poll::Pending => Poll::Pending,
    })
    .await;
}

#[cfg(test)]
mod tests;
