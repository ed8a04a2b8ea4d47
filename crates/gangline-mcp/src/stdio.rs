//! The server over standard input and output, as editors and agents start it.

use rmcp::ServiceExt as _;
use rmcp::service::ServerInitializeError;
use rmcp::transport::io::stdio_pipes;

use crate::place::Place;
use crate::server::Server;

/// Why serving ended before the client wished it to.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// What the client said first is not the protocol.
    #[error("the client does not speak the Model Context Protocol")]
    Begin(#[source] Box<ServerInitializeError>),
    /// A bug: the loop that serves panicked.
    #[error("serving ended by itself")]
    Panicked(#[source] tokio::task::JoinError),
}

/// Serves until the client closes standard input.
pub async fn serve_stdio<P: Place>(place: P) -> Result<(), StdioError> {
    let client = place.client().clone();
    let running = match Server::new(place).serve(stdio_pipes()).await {
        Ok(running) => running,
        // It went before it said anything: nothing is wrong with that.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => return Err(StdioError::Begin(Box::new(error))),
    };
    let served = running.waiting().await.map(drop).map_err(StdioError::Panicked);
    // Where no daemon runs, nobody asks who is there.
    drop(client.leave().await);
    served
}
