//! How a request reaches the routes.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, Response};

use super::kept::Kept;

/// An answer on its way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Response<Bytes>> + Send + 'a>>;

/// The routes themselves, for whoever is in one process with them. They know who asks.
pub trait Within: Debug + Send + Sync {
    /// What the routes answer.
    fn answer(&self, request: Request<Full<Bytes>>) -> Answering<'_>;
}

/// How a request reaches the routes.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Over connections, with the token that says who asks where no socket does.
    Connected(Arc<Kept>, Option<Arc<str>>),
    Within(Arc<dyn Within>),
}
