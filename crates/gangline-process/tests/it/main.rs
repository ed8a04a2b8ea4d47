//! Real processes, real sandboxes. Tests that need bubblewrap fail where it is missing.

mod children;
mod detached;
mod escapes;
mod foreground;
mod landlock;
mod lock;
mod role;
mod run;
mod sandbox;
mod usage;
mod world;
