//! Connections to the daemon, kept from one request to the next.
//!
//! Whoever asks drives the connection meanwhile, so that nothing runs while nobody asks. A
//! connection that is idle may have been closed by the daemon without our knowing: it is only
//! given to requests that may be asked twice.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use super::endpoint::{Endpoint, Stream};

/// Bytes that an answer may have.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Connections that are kept while nobody asks.
const IDLE_MAX: usize = 4;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Lost {
    /// Nobody can be talked to.
    Unreached(std::io::Error),
    /// It broke off before any of the answer came.
    Unanswered(Box<dyn Error + Send + Sync>),
    /// It broke off in the middle of the answer.
    Halfway(Box<dyn Error + Send + Sync>),
    /// What came is not HTTP.
    NotHttp,
}

/// Where the daemon is, and the connections to it that are idle.
pub(super) struct Kept {
    endpoint: Endpoint,
    idle: Mutex<Vec<Connection>>,
}

type Driven = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    driven: Pin<Box<Driven>>,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Kept {
    pub(super) fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, idle: Mutex::default() }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks over a connection of its own, which is kept afterwards.
    pub(super) async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Lost> {
        let connection = self.connect().await?;
        self.ask_over(connection, request).await
    }

    async fn connect(&self) -> Result<Connection, Lost> {
        let stream = self.endpoint.connect().await.map_err(Lost::Unreached)?;
        let shaken = http1::handshake(TokioIo::new(stream)).await;
        let (sender, driven) = shaken.map_err(|error| Lost::Unanswered(error.into()))?;
        Ok(Connection { sender, driven: Box::pin(driven) })
    }

    /// Asks what may be asked twice: over a connection that is there, or else over another one.
    pub(super) async fn ask_again(
        &self,
        request: impl Fn() -> Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, Lost> {
        if let Some(connection) = self.idle().await {
            match self.ask_over(connection, request()).await {
                Err(Lost::Unanswered(_closed_meanwhile)) => {}
                answered => return answered,
            }
        }
        self.ask(request()).await
    }

    async fn ask_over(
        &self,
        mut connection: Connection,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, Lost> {
        let answer = connection.talk(request).await?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        Ok(answer)
    }

    /// One that is not known to be closed.
    async fn idle(&self) -> Option<Connection> {
        loop {
            let mut connection = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            if connection.is_open().await {
                return Some(connection);
            }
        }
    }
}

impl Connection {
    async fn talk(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, Lost> {
        let Self { sender, driven } = self;
        let talk = async {
            sender.ready().await.map_err(|error| Lost::Unanswered(error.into()))?;
            let response: Response<Incoming> =
                sender.send_request(request).await.map_err(|error| match error.is_parse() {
                    true => Lost::NotHttp,
                    false => Lost::Unanswered(error.into()),
                })?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
            Ok(Response::from_parts(parts, body.map_err(Lost::Halfway)?.to_bytes()))
        };
        let mut talk = std::pin::pin!(talk);
        let mut open = true;
        loop {
            tokio::select! {
                biased;
                answer = &mut talk => return answer,
                // Its error, if any, is the request's as well.
                _closed = driven.as_mut(), if open => open = false,
            }
        }
    }

    /// Looks whether the daemon has closed it, without waiting for anything.
    async fn is_open(&mut self) -> bool {
        if self.sender.is_closed() {
            return false;
        }
        let ended = poll_fn(|cx| Poll::Ready(self.driven.as_mut().poll(cx).is_ready())).await;
        !ended && !self.sender.is_closed()
    }
}
