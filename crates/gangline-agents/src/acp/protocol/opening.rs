//! From the first line to an open session.

use serde_json::{Value, json};

use super::{AcpProtocol, Outcome, Sent, VERSION};
use crate::acp::wire::{RpcError, list, text};
use crate::driver::{AgentEvent, SessionStart};

impl AcpProtocol {
    pub(super) fn initialise(&mut self) -> String {
        let params = json!({
            "protocolVersion": VERSION,
            "clientCapabilities": {
                "fs": { "readTextFile": false, "writeTextFile": false },
                "terminal": false,
            },
            "clientInfo": {
                "name": "gangline", "title": "Gangline", "version": env!("CARGO_PKG_VERSION"),
            },
        });
        self.request(Sent::Initialise, "initialize", &params)
    }

    pub(super) fn opening_answered(
        &mut self,
        sent: Sent,
        result: Result<Value, RpcError>,
    ) -> Vec<AgentEvent> {
        match (sent, result) {
            (Sent::Initialise, Ok(agent)) => self.met(agent),
            (Sent::Login, Ok(_)) => self.open(),
            (Sent::Open, Ok(session)) => return self.opened(&session),
            (Sent::Model, Ok(_)) => self.begin(),
            (Sent::Open, Err(error)) if error.wants_login() => self.log_in(error.words),
            (Sent::Login, Err(error)) => {
                self.outcome = Some(Outcome::LoggedOut { message: error.words });
            }
            (Sent::Initialise | Sent::Open | Sent::Model, Err(error)) => {
                self.outcome = Some(Outcome::Failed(error));
            }
            (Sent::Prompt, _) => panic!("BUG: a prompt is answered elsewhere"),
        }
        vec![]
    }

    fn met(&mut self, agent: Value) {
        self.agent = agent;
        let version = &self.agent["protocolVersion"];
        if version.as_u64() == Some(VERSION) {
            self.open();
        } else {
            let message = format!(
                "it speaks version {version} of the Agent Client Protocol, and not {VERSION}"
            );
            self.outcome = Some(Outcome::Broken { message });
        }
    }

    fn open(&mut self) {
        let mut params = json!({ "cwd": self.plan.cwd, "mcpServers": self.plan.mcp });
        let able = &self.agent["agentCapabilities"];
        let method = match &self.plan.session {
            SessionStart::Fresh { .. } => "session/new",
            SessionStart::Resume { session } => {
                params["sessionId"] = json!(session);
                if able["sessionCapabilities"]["resume"].is_object() {
                    "session/resume"
                } else if able["loadSession"] == true {
                    self.loading = true;
                    "session/load"
                } else {
                    let message = "kind `acp` cannot resume a session with this agent, which \
                                   offers neither session/load nor session/resume";
                    self.outcome = Some(Outcome::Broken { message: message.to_owned() });
                    return;
                }
            }
        };
        let line = self.request(Sent::Open, method, &params);
        self.replies.push(line);
    }

    /// Logs in by the first way that takes nobody's hand.
    fn log_in(&mut self, words: String) {
        self.loading = false;
        let methods = list(&self.agent, "authMethods");
        let given = |name: &str| self.plan.env.contains(name);
        let known = self.plan.preset.logins.iter().find(|(variable, id)| {
            given(variable) && methods.iter().any(|method| text(method, "id") == *id)
        });
        let by_variables = methods.iter().find(|method| {
            let vars = list(method, "vars");
            let mut names = vars.iter().map(|variable| text(variable, "name"));
            text(method, "type") == "env_var" && !vars.is_empty() && names.all(given)
        });
        let method = known.map(|(_, id)| *id).or(by_variables.map(|method| text(method, "id")));
        match method.map(str::to_owned) {
            Some(method) if !self.tried_login => {
                self.tried_login = true;
                let params = json!({ "methodId": method });
                let line = self.request(Sent::Login, "authenticate", &params);
                self.replies.push(line);
            }
            Some(_) | None => self.outcome = Some(Outcome::LoggedOut { message: words }),
        }
    }

    fn opened(&mut self, opened: &Value) -> Vec<AgentEvent> {
        self.loading = false;
        let id = match &self.plan.session {
            SessionStart::Resume { session } => session.clone(),
            SessionStart::Fresh { .. } => text(opened, "sessionId").to_owned(),
        };
        if id.is_empty() {
            let message = "it opened a session without an id".to_owned();
            self.outcome = Some(Outcome::Broken { message });
            return vec![];
        }
        self.session = Some(id.clone());
        let option = list(opened, "configOptions")
            .iter()
            .find(|option| text(option, "category") == "model" || text(option, "id") == "model");
        let now = option.map(|option| text(option, "currentValue"));
        let now = now.unwrap_or_else(|| text(&opened["models"], "currentModelId")).to_owned();
        match self.plan.model.clone() {
            Some(model) if model != now => {
                let line = if let Some(option) = option {
                    let params = json!({
                        "sessionId": id, "configId": option["id"], "value": model,
                    });
                    self.request(Sent::Model, "session/set_config_option", &params)
                } else {
                    let params = json!({ "sessionId": id, "modelId": model });
                    self.request(Sent::Model, "session/set_model", &params)
                };
                self.replies.push(line);
            }
            Some(_) | None => self.begin(),
        }
        let model = self.plan.model.clone().or_else(|| (!now.is_empty()).then_some(now));
        vec![AgentEvent::Started { session: Some(id), model }]
    }

    fn begin(&mut self) {
        let prompt = std::mem::take(&mut self.plan.prompt);
        let line = self.prompt(prompt);
        self.replies.push(line);
    }
}
