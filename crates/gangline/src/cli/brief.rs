//! `gangline brief`: what an agent was told, and what others are to be told.

use clap::{Args, ValueEnum};
use gangline_agents::brief::Instruction;
use gangline_agents::brief::TicketText;
use gangline_agents::brief::package::{Consumer, PackageInput, package};
use gangline_api::ticket::TicketDetail;

use super::args::word;
use super::context::Context;
use super::place;
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::plain_block;

/// `gangline brief`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without --for it is what the last attempt was told. With it, a package for \
    somebody else is put\ntogether. A ticket is C1 (internal) unless a label says c0, c1, c2 or c3; \
    nobody is given more than\nthey may see: external-model C0, local-session C2, the others C1."
)]
pub(crate) struct Brief {
    /// The ticket
    key: String,
    /// Put a bootstrap package together for this consumer
    #[arg(long = "for", value_enum, value_name = "CONSUMER")]
    consumer: Option<Whom>,
}

/// Who is given a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Whom {
    /// A session beside you, with full instructions
    LocalSession,
    /// Another terminal of this machine, within the skills of a role
    ParallelTerminal,
    /// An agent in a container elsewhere
    RemoteAgent,
    /// An agent that reads much and writes little
    MaintenanceAgent,
    /// A model with a prompt and nothing else
    ExternalModel,
}

impl Whom {
    fn consumer(self) -> Consumer {
        match self {
            Self::LocalSession => Consumer::LocalSession,
            Self::ParallelTerminal => Consumer::ParallelTerminal,
            Self::RemoteAgent => Consumer::RemoteAgent,
            Self::MaintenanceAgent => Consumer::MaintenanceAgent,
            Self::ExternalModel => Consumer::ExternalModel,
        }
    }
}

impl Brief {
    /// Whether it puts together a package, of what the repository says to agents.
    pub(crate) fn packs(&self) -> bool {
        self.consumer.is_some()
    }

    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let (told, text) = match self.consumer {
            None => {
                let brief = client.brief(&ticket).await?;
                (brief.job, brief.text)
            }
            Some(whom) => {
                let detail = client.ticket(&ticket).await?;
                let project = client.project(&detail.ticket.project).await?;
                let root = std::path::Path::new(&project.repo);
                let input = input(&detail, compose::told_to_agents(root, &detail.ticket.agent)?);
                let text = package(&input, whom.consumer()).map_err(|withheld| {
                    Failure::new(Exit::Failed, withheld.to_string())
                        .code("bad_request")
                        .next("label the ticket anew, if it may be shown: c0 for what is public")
                })?;
                (word(&whom), text)
            }
        };
        if context.json {
            let document = serde_json::json!({ "for": told, "text": text });
            context.out.json(&document)?;
        } else {
            context.out.lines(plain_block(&text))?;
        }
        Ok(Exit::Done)
    }
}

fn input(
    detail: &TicketDetail,
    (skills, instructions): (Vec<String>, Vec<Instruction>),
) -> PackageInput {
    let ticket = &detail.ticket;
    PackageInput {
        ticket: TicketText {
            key: ticket.key.clone(),
            title: ticket.title.clone(),
            body: detail.body.clone(),
        },
        labels: ticket.labels.clone(),
        agent: ticket.agent.clone(),
        skills,
        scope: detail.scope.clone(),
        deliverable: detail.deliverable.clone(),
        instructions,
        hints: detail.hints.iter().map(|hint| hint.text.clone()).collect(),
        own: detail.brief.clone(),
    }
}
