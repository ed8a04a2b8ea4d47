//! The engine: one writer that turns commands and reports into durable events, and makes the
//! world as the durable board says it ought to be.
//!
//! [`Dispatcher`] is sans-I/O and has two drivers: [`Engine`] on tokio, and the simulation.
//!
//! ```text
//! inputs ─▶ take ─▶ working board ─▶ turn: plan … ─▶ Effect::Commit(batch)
//!                                                        │ Input::Committed
//!            replies, publications, duties ◀── durable board
//! ```

mod dispatcher;
mod driver;
mod duties;
mod nodes;
mod recent;
mod waits;

pub use dispatcher::{Denied, Dispatcher, Effect, Input, ReplyId};
pub use driver::{CommandError, Ended, Engine, EngineConfig, EngineHandle, EngineTask};
pub use nodes::{Hindrance, NodeView, NodesView};
pub use recent::RecentPast;
pub use waits::Durability;
