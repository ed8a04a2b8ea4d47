//! What depends on the operating system, in modules of equal shape.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;

#[cfg(target_os = "linux")]
pub(crate) use linux::{
    Pinned, available_memory, boot_id, children, die_with_parent, each_descriptor, machine_memory,
    parent_of, pid_namespace, processes, proportional_memory, start_ticks, usage, variables,
};
#[cfg(target_os = "macos")]
pub(crate) use macos::{
    Pinned, available_memory, boot_id, children, die_with_parent, each_descriptor, machine_memory,
    parent_of, pid_namespace, processes, proportional_memory, start_ticks, usage, variables,
};
