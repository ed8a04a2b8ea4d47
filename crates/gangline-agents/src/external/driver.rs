//! A session without a process.

use std::time::Duration;

use gangline_domain::external::EXTERNAL_KIND;
use gangline_process::EndProof;

use crate::definition::Definition;
use crate::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, Promise, SendError, Session, SessionPlan,
};

/// See the module.
#[derive(Debug)]
pub struct External;

impl AgentDriver for External {
    fn kind(&self) -> &'static str {
        EXTERNAL_KIND
    }

    fn launch(&self, _: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        Ok(Box::new(Elsewhere { told: Told::Nothing, ending: false }))
    }

    /// There is none.
    fn program(&self, _: &Definition) -> String {
        String::new()
    }

    fn needs_network(&self) -> bool {
        false
    }

    fn resumable(&self) -> bool {
        false
    }

    fn can_ask(&self, _: &Definition) -> bool {
        false
    }

    /// Its worker's tools are told to the session, which may start them.
    fn takes_mcp(&self) -> bool {
        true
    }
}

/// A session that works elsewhere.
struct Elsewhere {
    told: Told,
    ending: bool,
}

/// How far its events have been told.
enum Told {
    Nothing,
    Start,
    End,
}

impl Elsewhere {
    async fn next(&mut self) -> Option<AgentEvent> {
        match self.told {
            Told::Nothing => {
                self.told = Told::Start;
                Some(AgentEvent::Started { session: None, model: None })
            }
            Told::Start if self.ending => {
                self.told = Told::End;
                Some(AgentEvent::Finished(AgentEnd::Interrupted))
            }
            Told::Start => std::future::pending().await,
            Told::End => None,
        }
    }
}

impl Session for Elsewhere {
    fn next_event(&mut self) -> Promise<'_, Option<AgentEvent>> {
        Box::pin(self.next())
    }

    fn answer(&mut self, question: &str, _: &str) -> Result<(), SendError> {
        Err(SendError::NotOpen { question: question.to_owned() })
    }

    fn steer(&mut self, _: &str) -> Result<(), SendError> {
        Err(SendError::Deaf { kind: EXTERNAL_KIND })
    }

    fn interrupt(&mut self) -> Promise<'_, Result<(), SendError>> {
        self.ending = true;
        Box::pin(std::future::ready(Ok(())))
    }

    /// No process of it is ours to end.
    fn stop(&mut self, _: Duration) -> Promise<'_, EndProof> {
        self.ending = true;
        Box::pin(std::future::ready(EndProof::default()))
    }

    fn pid(&self) -> u32 {
        std::process::id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_waits_until_it_is_interrupted() {
        let mut session = Elsewhere { told: Told::Nothing, ending: false };
        let started = session.next_event().await;
        assert_eq!(started, Some(AgentEvent::Started { session: None, model: None }));
        let waits = tokio::time::timeout(Duration::from_millis(20), session.next_event()).await;
        assert!(waits.is_err(), "{waits:?}");
        session.interrupt().await.unwrap();
        let ended = session.next_event().await;
        assert_eq!(ended, Some(AgentEvent::Finished(AgentEnd::Interrupted)));
        assert_eq!(session.next_event().await, None);
        assert!(session.stop(Duration::ZERO).await.is_proven());
    }
}
