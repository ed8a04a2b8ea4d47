//! Real programs, driven for real.

mod acp;
mod claude;
mod command;
mod scripted;
mod stub;
mod world;
