//! Frames of a board that has one of each, and what keys come to.

mod fixture;
mod frames;
mod keys;
mod robust;
