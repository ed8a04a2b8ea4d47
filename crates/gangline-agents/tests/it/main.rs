//! Real programs, driven for real.

mod claude;
mod command;
mod scripted;
mod stub;
mod world;
