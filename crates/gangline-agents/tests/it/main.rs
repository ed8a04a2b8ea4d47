//! Real programs, driven for real.

mod acp;
mod claude;
mod codex;
mod command;
mod gemini;
mod opencode;
mod scripted;
mod stub;
mod world;
