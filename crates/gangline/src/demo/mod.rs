//! `gangline demo`: a small real repository, six tickets, and scripted agents of which some lie.

mod entry;
mod play;
mod stage;
mod tale;

pub(crate) use entry::Demo;
