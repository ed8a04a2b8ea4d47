//! All tools, one a row: name, title, what it may do, input, output, and what carries it out.

use std::sync::LazyLock;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    decide, delegate, events, evidence, issues, plan, queue, schema, search, ticket, update,
    workers, worktree,
};
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown;

/// What a tool may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum May {
    /// Look.
    Read,
    /// Add, and end nothing.
    Add,
    /// The same, and asking twice is as good as asking once.
    AddOnce,
    /// End something, or let something reach the target branch.
    Decide,
}

impl May {
    fn annotations(self, title: &str) -> ToolAnnotations {
        let read = self == Self::Read;
        ToolAnnotations::with_title(title)
            .read_only(read)
            .destructive(self == Self::Decide)
            .idempotent(read || self == Self::AddOnce)
            .open_world(false)
    }
}

/// What a tool answers.
pub(super) trait Answer: Serialize + JsonSchema {
    /// Bound of each text in it.
    fn text_chars_max(&self) -> usize {
        shown::TEXT_CHARS_MAX
    }

    /// Whether its texts were made safe when it was put together, because they are read to be
    /// judged and nothing may be taken out of them.
    fn is_verbatim(&self) -> bool {
        false
    }

    /// In words, for clients that show nothing else; the document itself when absent.
    fn words(&self) -> Option<String> {
        None
    }
}

macro_rules! tools {
    ($($name:literal $title:literal $may:ident $input:path => $output:path, $run:path, $what:literal;)+) => {
        fn tools() -> Vec<Tool> {
            vec![$(tool::<$input, $output>($name, $title, May::$may, $what)),+]
        }

        /// Carries out a call of a tool.
        pub(crate) async fn call<P: Place>(
            server: &Server<P>,
            name: &str,
            arguments: &JsonObject,
        ) -> Result<CallToolResult, Refusal> {
            match name {
                $($name => {
                    let wish: $input = read($name, arguments)?;
                    Box::pin($run(server, wish)).await.map(|answer| told(&answer))
                })+
                unknown => Err(Refusal::bad_request(format!("there is no tool `{unknown}`"))),
            }
        }
    };
}

tools! {
    "delegate_ticket" "Delegate a ticket" Add
        delegate::DelegateTicket => delegate::Delegated, delegate::delegate_ticket,
        "Hand a ticket to a worker agent, which implements it on its own in a git worktree of its \
         own. Returns at once. A ticketId that exists is started; one that does not is added. Put \
         all that the agent has to know into body: it does not see this conversation.";
    "plan_goal" "Plan a goal" Add
        plan::PlanGoal => decide::Changed, plan::plan_goal,
        "Have a planner agent read the repository and propose tickets for a goal, with dependencies, \
         scopes and acceptance checks. Returns at once; when it is delivered, they are drafts.";
    "get_plan" "Show a plan" Read
        plan::GetPlan => plan::Plan, plan::get_plan,
        "What a plan proposed: its overview, and its tickets as they are now.";
    "accept_plan" "Accept a plan" Decide
        plan::AcceptDrafts => plan::Accepted, plan::accept_plan,
        "Start the drafts of a plan, or some of them, or cancel those left. Ask the person first.";
    "check_worker_status" "Check a worker" Read
        workers::CheckWorkerStatus => workers::WorkerStatus, workers::check_worker_status,
        "Where one worker stands: state, current task, what it waits for, open questions.";
    "list_workers" "List workers" Read
        workers::ListWorkers => workers::UnderWay, workers::list_workers,
        "All tickets that are under way and what each waits for; closed ones on request.";
    "wait_for_events" "Wait for events" Read
        events::WaitForEvents => events::News, events::wait_for_events,
        "What happened after an event number: tickets that landed, were escalated, ask a question \
         or wait for a review. Waits a bounded time for the first one. Ask again with `next`.";
    "get_ticket" "Show a ticket" Read
        ticket::GetTicket => ticket::TicketSummary, ticket::get_ticket,
        "One ticket: text, state, tries, questions, verdict, what can be done next.";
    "update_ticket" "Change a ticket" Decide
        update::UpdateTicket => decide::Changed, update::update_ticket,
        "Edit what a ticket asks for, start a draft, hold, resume, cancel, recheck, reject with \
         feedback, permit changes to protected files, take over, or hand back a ticket.";
    "get_evidence" "Show the evidence" Read
        evidence::GetEvidence => evidence::Evidence, evidence::get_evidence,
        "What was measured of a ticket's commit, claim beside fact, check by check.";
    "get_diff" "Show the diff" Read
        evidence::GetDiff => evidence::DiffView, evidence::get_diff,
        "The files that a ticket's last commit changes; with detail full or a path, the text.";
    "answer_question" "Answer a question" Decide
        decide::AnswerQuestion => decide::Changed, decide::answer_question,
        "Answer the question of a ticket's agent. The answer counts as the person's own word.";
    "steer_worker" "Steer a worker" Add
        decide::SteerWorker => decide::Steered, decide::steer_worker,
        "Say something to a ticket's agent while it works, without stopping it; kept for its next \
         attempt where no agent is at work.";
    "retry_ticket" "Retry a ticket" Add
        decide::RetryTicket => decide::Changed, decide::retry_ticket,
        "Give an escalated ticket all its tries again, with a hint for the next one.";
    "stop_worker" "Stop a worker" Decide
        workers::StopWorker => workers::Stopped, workers::stop_worker,
        "End a worker's agent, keep its work, and hold the ticket until update_ticket resumes it.";
    "approve_ticket" "Approve a ticket" Decide
        decide::ApproveTicket => decide::Changed, decide::approve_ticket,
        "Let a verified commit that waits in review land on the target branch. Ask the person first.";
    "get_merge_queue" "Show the merge queue" Read
        queue::GetMergeQueue => queue::MergeQueue, queue::get_merge_queue,
        "Tickets on their way to the target branch, in landing order.";
    "get_worktree_status" "Show a worktree" Read
        worktree::GetWorktreeStatus => worktree::WorktreeStatus, worktree::get_worktree_status,
        "Where a ticket's worktree and branch are, and what is known of uncommitted changes.";
    "search" "Search" Read
        search::Search => search::Found, search::search,
        "Tickets, live and closed, by words of their titles, labels and references, and lessons.";
    "get_issue" "Read an issue" Read
        issues::GetIssue => issues::Issue, issues::get_issue,
        "A ticket as whoever works on it reads it.";
    "submit_issue_for_review" "Submit an issue for review" AddOnce
        issues::SubmitIssueForReview => issues::Submitted, issues::submit_issue_for_review,
        "Hand in the work on an issue that you were assigned or have taken over: what is committed \
         in its worktree is captured and verified.";
}

static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(tools);

/// All tools, as clients list them.
pub(crate) fn all() -> &'static [Tool] {
    &TOOLS
}

fn tool<I: JsonSchema, O: Answer>(
    name: &'static str,
    title: &'static str,
    may: May,
    what: &'static str,
) -> Tool {
    let words = what.split_whitespace().collect::<Vec<_>>().join(" ");
    Tool::new(name, words, schema::of_input::<I>())
        .with_raw_output_schema(schema::of_output::<O>())
        .with_title(title)
        .with_annotations(may.annotations(title))
}

fn read<I: DeserializeOwned>(tool: &str, arguments: &JsonObject) -> Result<I, Refusal> {
    let read = I::deserialize(arguments);
    read.map_err(|error| {
        let hint = "tools/list has the schema of each tool's arguments";
        Refusal::bad_request(format!("{tool}: {error}")).hint(hint)
    })
}

fn told(answer: &impl Answer) -> CallToolResult {
    let mut document = serde_json::to_value(answer).expect("BUG: an answer is JSON");
    if !answer.is_verbatim() {
        shown::harmless(&mut document, answer.text_chars_max());
    }
    let words = answer.words().map(|words| shown::block(&words));
    let text = words.unwrap_or_else(|| document.to_string());
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(document);
    result
}

#[cfg(test)]
mod tests;
