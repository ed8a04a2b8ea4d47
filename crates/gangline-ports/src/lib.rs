//! What the engine needs of the world, and the laws that each adapter must keep.
//!
//! A port is its conformance suite: `store::conformance` holds the laws of [`Store`], and every
//! backend, the memory one included, runs them.

pub mod forge;
pub mod landing;
pub mod link;
pub mod store;

pub use forge::Forge;
pub use landing::LandingPort;
pub use store::{Past, Store};
