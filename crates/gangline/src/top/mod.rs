//! `gangline top`: what needs a person first, on a terminal, as it happens.
//!
//! ```text
//!   driver   the loop: terminal, keys, signals, requests        the only one that does I/O
//!     │ Message                     ▲ Effect
//!     ▼                             │
//!   update   Model × Message ─▶ effects      pure         draw   Model ─▶ frame   pure
//!              └ rows     what needs a person first
//!              └ offers   what can be done, with its key
//! ```

mod board;
mod draw;
mod driver;
mod editor;
mod entry;
mod feed;
mod input;
mod keys;
mod model;
mod offers;
mod page;
mod rows;
mod styled;
mod terminal;
mod typed;
mod update;
mod wishes;

pub(crate) use entry::Top;

#[cfg(test)]
mod tests;
