//! `Cmd::in_foreground`.

use gangline_process::{Cmd, Exit, SpawnError};

use crate::world::sh;

#[tokio::test]
async fn a_foreground_program_is_in_its_starters_group_and_tells_how_it_ended() {
    let group = rustix::process::getpgrp().as_raw_pid();
    let script = format!("[ \"$(ps -o pgid= -p $$ | tr -d ' ')\" = {group} ] && exit 7");
    assert_eq!(sh(&script).in_foreground().await.unwrap(), Exit::Code(7));
    assert_eq!(sh("kill -TERM $$").in_foreground().await.unwrap(), Exit::Signal(15));
}

#[tokio::test]
async fn an_interrupt_from_the_keyboard_is_the_foreground_programs_alone() {
    let script = format!("kill -INT {}; kill -INT $$; exit 0", std::process::id());
    assert_eq!(sh(&script).in_foreground().await.unwrap(), Exit::Signal(2));
}

#[tokio::test]
async fn a_foreground_program_that_is_not_there_is_told() {
    let refused = Cmd::new("no-such-shell").in_foreground().await;
    assert!(matches!(refused, Err(SpawnError::NotFound { .. })), "{refused:?}");
}
