//! Steps that use the worker's tools, as agents do through the server of them.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

use super::{Agent, Stop, tool_done};
use crate::scripted::script::ToolCall;
use crate::worker::{self, Reply, SOCKET_ENV};

impl Agent {
    /// Calls a tool; `${RESULT}` is what came of it from then on.
    pub(super) async fn call(&mut self, call: ToolCall) -> Result<(), Stop> {
        let ToolCall { tool, arguments, patience_ms, may_fail } = call;
        let id = self.tool(&tool, &arguments.to_string(), vec![]);
        let done = match std::env::var_os(SOCKET_ENV).map(PathBuf::from) {
            Some(socket) => {
                let patience = patience_ms.map_or(Duration::MAX, Duration::from_millis);
                let asking = timeout(patience, worker::ask(&socket, &tool, arguments));
                match self.inbox.during(asking).await? {
                    Ok(Ok(Reply::Done(Value::String(text)))) => Ok(text),
                    Ok(Ok(Reply::Done(data))) => Ok(data.to_string()),
                    Ok(Ok(Reply::Refused(why))) => Err(why),
                    Ok(Err(error)) => Err(error.to_string()),
                    Err(_elapsed) => Err("it took too long".to_owned()),
                }
            }
            None => Err(format!("{SOCKET_ENV} is not set")),
        };
        let (Ok(text) | Err(text)) = &done;
        tool_done(id, done.is_ok(), text);
        self.variables.insert("RESULT", text.clone());
        match done {
            Err(why) if !may_fail => Err(Stop::Failed(format!("{tool}: {why}"))),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
