//! From the command line to the exit code.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;
use gangline_api::command::Verb;

use super::args::{Asked, Cli, Command};
use super::context::Context;
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;

/// The program.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    // Said by this program to itself inside a sandbox, where every millisecond is before each agent.
    if args.get(1).is_some_and(|word| word == gangline_node::SHIM_SUBCOMMAND) {
        return gangline_process::shim_main(args.into_iter().skip(2));
    }
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => {
            let exit = usage(&error, args.iter().any(|arg| arg == "--json"));
            // Who calls a hook may take 2 for its refusal of what is about to be done.
            let hook = exit == Exit::Usage && args.windows(2).any(|two| two == ["hook", "task"]);
            return if hook { Exit::Failed } else { exit }.into();
        }
    };
    let json = cli.global.json;
    match catch_unwind(AssertUnwindSafe(|| carried_out(cli))) {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            failure.tell(json);
            failure.exit().into()
        }
        // The panic has told its place on standard error.
        Err(_panic) => {
            let failure = Failure::new(Exit::Bug, "this is a bug in gangline").code("internal");
            failure.next("report it with the output of: gangline doctor").tell(json);
            Exit::Bug.into()
        }
    }
}

/// Help and version are answers; all else is told with exit code 2.
fn usage(error: &clap::Error, json: bool) -> Exit {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A reader that has gone wants no help.
        drop(error.print());
        return Exit::Done;
    }
    if json {
        let message = error.render().to_string();
        let message = message.trim().trim_start_matches("error: ").to_owned();
        Failure::new(Exit::Usage, message).code("usage").next("gangline help").tell(true);
    } else {
        drop(error.print());
    }
    Exit::Usage
}

fn carried_out(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        // A job puts itself into its namespaces and must be single-threaded there: no runtime yet.
        Command::Job(job) => Ok(compose::job(&job.spec)),
        Command::WorkerMcp => Ok(gangline_agents::worker::main()),
        Command::CaptureInside(inside) => Ok(compose::capture_inside(&inside.order)),
        Command::ScriptedAgent(agent) => Ok(compose::scripted_agent(&agent.args)),
        Command::Completions(completions) => completions.run().map(Into::into),
        Command::Man(man) => man.run().map(Into::into),
        Command::Daemon => {
            let paths = compose::Paths::from_env()?;
            compose::daemon_runtime()?.block_on(compose::detached_daemon(&paths))?;
            Ok(Exit::Done.into())
        }
        Command::Asked(command) => {
            let context = Context::new(cli.global)?;
            context.may_work_with(command.of_own_machine())?;
            let runtime = if matches!(*command, Asked::Up(_)) {
                compose::daemon_runtime()?
            } else {
                compose::client_runtime()?
            };
            runtime.block_on(asked(*command, &context)).map(Into::into)
        }
    }
}

async fn asked(command: Asked, context: &Context) -> Result<Exit, Failure> {
    match command {
        Asked::Init(init) => init.run(context).await,
        Asked::Up(up) => up.run(context).await,
        Asked::Down(down) => down.run(context).await,
        Asked::Project(project) => project.run(context).await,
        Asked::Add(add) => add.run(context).await,
        Asked::Edit(edit) => edit.run(context).await,
        Asked::Agents(agents) => agents.run(context).await,
        Asked::External(external) => external.run(context).await,
        Asked::Hook(hook) => hook.run(context).await,
        Asked::Start(keys) => keys.run(context, Verb::Start).await,
        Asked::Chat(chat) => chat.run(context).await,
        Asked::Mcp(mcp) => mcp.run(context).await,
        Asked::Plan(plan) => plan.run(context).await,
        Asked::Schedules(schedules) => schedules.run(context).await,
        Asked::Import(import) => import.run(context).await,
        Asked::Run(run) => run.run(context).await,
        Asked::List(list) => list.run(context).await,
        Asked::Search(search) => search.run(context).await,
        Asked::Top(top) => top.run(context).await,
        Asked::Show(show) => show.run(context).await,
        Asked::Packet(packet) => packet.run(context).await,
        Asked::Logs(logs) => logs.run(context).await,
        Asked::Brief(brief) => brief.run(context).await,
        Asked::Diff(diff) => diff.run(context).await,
        Asked::Evidence(evidence) => evidence.run(context).await,
        Asked::Worklog(worklog) => worklog.run(context).await,
        Asked::Lessons(lessons) => lessons.run(context).await,
        Asked::Usage(usage) => usage.run(context).await,
        Asked::Flaky(flaky) => flaky.run(context).await,
        Asked::Token(token) => token.run(context).await,
        Asked::Dashboard(dashboard) => dashboard.run(context).await,
        Asked::Webhooks(webhooks) => webhooks.run(context).await,
        Asked::Open(open) => open.run(context).await,
        Asked::Approve(approve) => approve.run(context).await,
        Asked::Reject(reject) => reject.run(context).await,
        Asked::Permit(permit) => permit.run(context).await,
        Asked::Recheck(keys) => keys.run(context, Verb::Recheck).await,
        Asked::Retry(retry) => retry.run(context).await,
        Asked::Steer(steer) => steer.run(context).await,
        Asked::Split(split) => split.run(context).await,
        Asked::Answer(answer) => answer.run(context).await,
        Asked::Pause(pause) => pause.run(context).await,
        Asked::Resume(resume) => resume.run(context).await,
        Asked::Node(node) => node.run(context).await,
        Asked::Stop(keys) => keys.run(context, Verb::Stop).await,
        Asked::Kill(keys) => keys.run(context, Verb::Kill).await,
        Asked::Hold(keys) => keys.run(context, Verb::Hold).await,
        Asked::Cancel(keys) => keys.run(context, Verb::Cancel).await,
        Asked::TakeOver(take_over) => take_over.run(context).await,
        Asked::Login(login) => login.run(context).await,
        Asked::Backup(backup) => backup.run(context).await,
        Asked::Restore(restore) => restore.run(context).await,
        Asked::Doctor(doctor) => doctor.run(context).await,
        Asked::Demo(demo) => demo.run(context).await,
    }
}
