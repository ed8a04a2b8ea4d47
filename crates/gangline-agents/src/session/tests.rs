//! What the session does by the clock.

use gangline_process::{Cmd, Sandbox};

use super::*;

/// Holds every line back, and has little patience.
#[derive(Default)]
struct Slow {
    held: Vec<String>,
    patience: Option<Duration>,
    linger: Option<Duration>,
    was_silent: bool,
}

impl Protocol for Slow {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        self.held.push(line.text.clone());
        vec![]
    }

    fn end(&mut self, exit: Exit, _: &str) -> AgentEnd {
        AgentEnd::GaveUp { reason: format!("{exit}, silent: {}", self.was_silent) }
    }

    fn answer(&mut self, question: &str, _: &str) -> Result<String, SendError> {
        Err(SendError::NotOpen { question: question.to_owned() })
    }

    fn steer(&mut self, text: &str) -> Result<String, SendError> {
        Ok(text.to_owned())
    }

    fn interrupt(&mut self) -> Interrupt {
        Interrupt::Signals
    }

    fn listens(&self) -> bool {
        true
    }

    fn has_result(&self) -> bool {
        self.linger.is_some() && self.held.is_empty()
    }

    fn linger(&self) -> Duration {
        self.linger.unwrap_or_default()
    }

    fn half_said(&self) -> bool {
        !self.held.is_empty()
    }

    fn pause(&mut self) -> Vec<AgentEvent> {
        let text = std::mem::take(&mut self.held).join("+");
        if text.is_empty() { vec![] } else { vec![AgentEvent::Message { text }] }
    }

    fn patience(&self) -> Option<Duration> {
        self.patience
    }

    fn silent(&mut self) {
        self.was_silent = true;
    }
}

fn session(line: &str, protocol: Slow) -> LineSession<Slow> {
    let cmd = Cmd::new("sh").args(["-c", line]).env_from_host(&["PATH"]).sandbox(Sandbox::none());
    LineSession::new(cmd.spawn().unwrap(), protocol, &[])
}

async fn ended(session: &mut LineSession<Slow>) -> String {
    match timeout(Duration::from_secs(20), session.next_event()).await.expect("in time") {
        Some(AgentEvent::Finished(AgentEnd::GaveUp { reason })) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_held_back_is_told_when_nothing_follows_and_at_the_end() {
    let mut session = session("echo a; echo b; read x; echo \"c $x\"", Slow::default());
    let told = |text: &str| Some(AgentEvent::Message { text: text.to_owned() });
    assert_eq!(session.next_event().await, told("a+b"));
    session.steer("").unwrap();
    session.steer("go on").unwrap();
    assert_eq!(session.next_event().await, told("c go on"));
    assert_eq!(ended(&mut session).await, "exit code 0, silent: false");
}

#[tokio::test]
async fn a_program_that_is_silent_for_too_long_is_ended() {
    let patience = Some(Duration::from_millis(100));
    let mut session = session("exec sleep 600", Slow { patience, ..Slow::default() });
    let reason = ended(&mut session).await;
    assert!(reason.ends_with("silent: true"), "{reason}");
}

#[tokio::test]
async fn a_program_that_stays_after_its_result_is_ended_when_its_time_is_over() {
    let linger = Some(Duration::ZERO);
    let mut session = session("exec sleep 600", Slow { linger, ..Slow::default() });
    let reason = ended(&mut session).await;
    assert!(reason.ends_with("silent: false"), "{reason}");
}
