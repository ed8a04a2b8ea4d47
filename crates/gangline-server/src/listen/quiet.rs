//! Connections of the unix socket that do not wake us because the other side has read its answer.
//!
//! The runtime's own sockets are watched in both directions at once, and one in the unix domain is
//! reported as writable whenever something is taken off it: each answer would wake us twice. These
//! are watched for what comes, and for room only while there is none.

use std::io::{self, IoSlice, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::serve::Listener;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::UnixListener;
use tokio::net::unix::SocketAddr;

/// A listener whose connections are quiet.
pub(super) struct Quietly(pub(super) UnixListener);

impl Listener for Quietly {
    type Io = Quiet;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.0).await;
            match stream.into_std().and_then(Quiet::new) {
                Ok(quiet) => return (quiet, address),
                Err(error) => tracing::error!(%error, "a client of the socket is turned away"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection.
pub(super) struct Quiet {
    /// Watched for what comes.
    stream: AsyncFd<UnixStream>,
    /// Watched for room, while there is none.
    full: Option<AsyncFd<UnixStream>>,
}

impl Quiet {
    /// `stream` does not block.
    fn new(stream: UnixStream) -> io::Result<Self> {
        Ok(Self { stream: watched(stream, Interest::READABLE)?, full: None })
    }

    /// Writes as soon as there is room.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&UnixStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let Some(full) = &self.full else {
                match write(self.stream.get_ref()) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        let again = self.stream.get_ref().try_clone()?;
                        self.full = Some(watched(again, Interest::WRITABLE)?);
                    }
                    written => return Poll::Ready(written),
                }
                continue;
            };
            let mut room = ready!(full.poll_write_ready(cx))?;
            if let Ok(written) = room.try_io(|stream| write(stream.get_ref())) {
                self.full = None;
                return Poll::Ready(written);
            }
        }
    }
}

#[expect(deprecated, reason = "its heir is unsafe, and std's socket is always the same descriptor")]
fn watched(stream: UnixStream, interest: Interest) -> io::Result<AsyncFd<UnixStream>> {
    AsyncFd::with_interest(stream, interest)
}

impl AsyncRead for Quiet {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.stream.poll_read_ready(cx))?;
            let room = buffer.initialize_unfilled();
            let room_bytes = room.len();
            let Ok(read) = ready.try_io(|stream| stream.get_ref().read(room)) else { continue };
            let read = match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            // There was no more: to look would be one system call for nothing.
            if read > 0 && read < room_bytes {
                ready.clear_ready();
            }
            buffer.advance(read);
            return Poll::Ready(Ok(()));
        }
    }
}

impl AsyncWrite for Quiet {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |mut stream| stream.write(bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |mut stream| stream.write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.get_ref().shutdown(Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixStream as Other;

    use super::*;

    /// More than a socket takes at once.
    const BYTES: usize = 8 * 1024 * 1024;

    fn pair() -> (Quiet, Other) {
        let (ours, other) = UnixStream::pair().unwrap();
        for stream in [&ours, &other] {
            stream.set_nonblocking(true).unwrap();
        }
        (Quiet::new(ours).unwrap(), Other::from_std(other).unwrap())
    }

    #[tokio::test]
    async fn all_that_is_written_arrives_however_slowly_it_is_read() {
        let (mut ours, mut other) = pair();
        let sent: Vec<u8> = (0..BYTES).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let write = async {
            ours.write_all(&sent).await.unwrap();
            assert!(ours.full.is_none(), "nothing is watched for room any more");
            ours.shutdown().await.unwrap();
            ours
        };
        let read = async {
            let mut came = vec![];
            let mut part = [0; 10_000];
            loop {
                let read = other.read(&mut part).await.unwrap();
                came.extend_from_slice(&part[..read]);
                tokio::task::yield_now().await;
                if read == 0 {
                    return came;
                }
            }
        };
        let (_ours, came) = tokio::join!(write, read);
        assert!(came == sent);
    }

    #[tokio::test]
    async fn all_that_comes_is_read_in_pieces_of_any_length() {
        let (mut ours, mut other) = pair();
        let write = async {
            for n in 1..300_usize {
                other.write_all(&vec![b'x'; n * 37]).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(other);
        };
        let mut came = vec![];
        let read = ours.read_to_end(&mut came);
        let ((), read) = tokio::join!(write, read);
        assert_eq!(read.unwrap(), (1..300).map(|n| n * 37).sum::<usize>());
    }

    #[tokio::test]
    async fn a_client_that_has_gone_is_told() {
        let (mut ours, other) = pair();
        drop(other);
        let error = ours.write_all(&vec![0; BYTES]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
