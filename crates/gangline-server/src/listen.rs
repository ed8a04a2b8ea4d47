//! Where the daemon is asked: its unix socket, and HTTP.

mod quiet;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use self::quiet::Quietly;

/// Bytes that the path of a socket may have on all systems.
pub(crate) const SOCKET_PATH_BYTES_MAX: usize = 103;

/// How long a client over HTTP may take nothing of what is sent to it.
const WRITE: Duration = Duration::from_secs(30);

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there.
    #[error("another daemon answers at {}", .0.display())]
    InUse(PathBuf),
    /// The system limits these paths.
    #[error("the socket's path {} is longer than {SOCKET_PATH_BYTES_MAX} bytes", .0.display())]
    TooLong(PathBuf),
    /// The directory cannot be written to.
    #[error("the socket {} cannot be made", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// A socket that answers to its owner only. Dropping it removes the file.
#[derive(Debug)]
pub struct Socket {
    listener: Option<UnixListener>,
    path: PathBuf,
    inode: u64,
}

impl Socket {
    /// Listens at `path`, whose directory is the caller's alone. A socket that nobody answers on
    /// is replaced; the caller holds the lock that keeps two daemons from doing so at once.
    pub async fn bind(path: &Path) -> Result<Self, BindError> {
        if path.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            return Err(BindError::TooLong(path.to_owned()));
        }
        let failed = |source| BindError::Io { path: path.to_owned(), source };
        match UnixStream::connect(path).await {
            Ok(_answered) => return Err(BindError::InUse(path.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                std::fs::remove_file(path).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let inode = std::fs::symlink_metadata(path).map_err(failed)?.ino();
        Ok(Self { listener: Some(listener), path: path.to_owned(), inode })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A later daemon's socket is not ours to remove.
        let ours = std::fs::symlink_metadata(&self.path).is_ok_and(|m| m.ino() == self.inode);
        if ours && let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the socket could not be removed");
        }
    }
}

/// Answers until `ending`, then lets requests under way finish for at most `grace`.
pub async fn serve(
    mut socket: Socket,
    router: Router,
    ending: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let Some(listener) = socket.listener.take() else {
        panic!("BUG: a socket is served once");
    };
    let ended = ending.clone();
    let serving =
        axum::serve(Quietly(listener), router).with_graceful_shutdown(ended.cancelled_owned());
    with_grace(serving.into_future(), ending, grace).await
}

/// Answers HTTP in the same way.
pub async fn serve_http(
    listener: TcpListener,
    router: Router,
    ending: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let ended = ending.clone();
    let service = router.into_make_service_with_connect_info::<Peer>();
    let serving = axum::serve(Impatient { listener, write: WRITE }, service)
        .with_graceful_shutdown(ended.cancelled_owned());
    with_grace(serving.into_future(), ending, grace).await
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

impl Connected<IncomingStream<'_, Impatient>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Impatient>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Lets go of who takes nothing of what is sent: a stream would be held open for them for ever.
struct Impatient {
    listener: TcpListener,
    /// How long they may take nothing.
    write: Duration,
}

impl Listener for Impatient {
    type Io = Pin<Box<TimeoutStream<TcpStream>>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Small messages go at once.
        let _slower = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write));
        (Box::pin(stream), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

async fn with_grace(
    serving: impl Future<Output = io::Result<()>>,
    ending: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let deadline = async {
        ending.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = serving => served,
        // Whoever has not read the answer by now is not waited for.
        () = deadline => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn bound(path: &Path) -> Result<(), String> {
        Socket::bind(path).await.map(drop).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_live_socket_is_refused_and_a_dead_one_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let live = Socket::bind(&path).await.unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            bound(&path).await.unwrap_err(),
            format!("another daemon answers at {}", path.display())
        );
        drop(live);
        assert!(!path.exists(), "the socket outlives its daemon");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "this is what a killed daemon leaves");
        bound(&path).await.unwrap();
    }

    #[tokio::test]
    async fn who_takes_nothing_of_what_is_sent_is_let_go() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (dropped, gone) = tokio::sync::oneshot::channel::<()>();
        let dropped = std::sync::Arc::new(std::sync::Mutex::new(Some(dropped)));
        let endless = axum::routing::get(move || async move {
            let held = dropped.lock().unwrap().take();
            let chunk = axum::body::Bytes::from(vec![b'x'; 64 * 1024]);
            axum::body::Body::from_stream(futures_util::stream::unfold(
                (held, chunk),
                async |(held, chunk)| {
                    let next: Result<_, io::Error> = Ok(chunk.clone());
                    Some((next, (held, chunk)))
                },
            ))
        });
        let serving = axum::serve(
            Impatient { listener, write: Duration::from_millis(200) },
            Router::new().route("/", endless),
        );
        let client = async {
            use tokio::io::AsyncWriteExt as _;
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            // Nothing is read, and the connection is not closed from this side.
            gone.await.unwrap_err();
            drop(stream);
        };
        tokio::select! {
            served = serving.into_future() => panic!("it ended: {served:?}"),
            () = client => {}
        }
    }

    #[tokio::test]
    async fn a_path_that_no_system_takes_is_named() {
        let long = PathBuf::from(format!("/{}", "x".repeat(120)));
        assert!(matches!(Socket::bind(&long).await, Err(BindError::TooLong(_))));
    }

    #[tokio::test]
    async fn a_socket_does_not_remove_its_successor() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let old = Socket::bind(&path).await.unwrap();
        std::fs::rename(&path, dir.path().join("old")).unwrap();
        let _new = Socket::bind(&path).await.unwrap();
        drop(old);
        assert!(path.exists());
    }
}
