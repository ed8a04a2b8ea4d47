//! `gangline`: see the library of the same name.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A daemon makes and drops many small things on all of its threads, for each request anew: the
/// system's allocator was a sixth of what a request costs.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gangline::main()
}
