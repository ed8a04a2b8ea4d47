//! What people see: plain text from whatever agents wrote, tables that fit, one live line.

mod live;
mod moment;
mod out;
mod paint;
mod plain;
mod table;

pub(crate) use live::Live;
pub(crate) use moment::{age, clock, date, day, span};
pub(crate) use out::Out;
pub(crate) use paint::{Paint, Tone};
pub(crate) use plain::{plain, plain_block, verbatim_block};
pub(crate) use table::{Cell, Table};
