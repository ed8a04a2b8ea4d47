//! What people see: plain text from whatever agents wrote, tables that fit, one live line.

mod live;
mod moment;
mod out;
mod paint;
mod table;

pub(crate) use gangline_api::amount::{dollars, span};
pub(crate) use gangline_api::plain::{plain, plain_block, verbatim_block};
pub(crate) use live::Live;
pub(crate) use moment::{age, brief_age, clock, date, day};
pub(crate) use out::Out;
pub(crate) use paint::{Paint, Tone};
pub(crate) use table::{Cell, Table, cut, wrap};
