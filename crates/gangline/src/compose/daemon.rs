//! The daemon: store, node, engine and server, put together.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use gangline_engine::{Ended, Engine, EngineConfig, EngineTask};
use gangline_node::places::Places;
use gangline_node::{Launcher, Node, NodeConfig, NodeHandle};
use gangline_policy::MachineConfig;
use gangline_ports::link::FromNode;
use gangline_ports::store::StoreError;
use gangline_server::{
    App, Archive, BindError, Orchestrator, Settings, Socket, StopWish, attend, deliver,
    http_router, measure, relay, serve, serve_http, socket_router, tell_devices, tell_traces,
};
use gangline_store::SqliteStore;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::alive::jobs_alive;
use super::archive::{Files, Secrets};
use super::clock::now;
use super::config;
use super::export::places;
use super::gate::Gate;
use super::hooks;
use super::http;
use super::hubs::Hubs;
use super::landing::GitLanding;
use super::log::Log;
use super::login;
use super::paths::Paths;
use super::push;
use super::refresh::keep_current;
use super::reload::{Followed, Reload};
use super::schedules::keep_schedules;
use super::store::{open_store, unreadable};
use super::traces;
use super::trust::trust;
use super::upkeep::Upkeep;
use super::whole::refuse_half_restored;
use crate::exit::Exit;
use crate::failure::Failure;

/// Reports of nodes that may wait for the engine.
const REPORTS_MAX: usize = 1_024;
/// How long requests under way may take when the daemon ends.
const REQUESTS_GRACE: Duration = Duration::from_secs(5);
/// How long jobs may take to stop when that was asked for.
const JOBS_GRACE: Duration = Duration::from_secs(40);
/// How often they are looked at meanwhile.
const JOBS_LOOK: Duration = Duration::from_millis(50);

/// A running daemon.
pub(crate) struct Daemon {
    paths: Paths,
    store: Arc<SqliteStore>,
    gate: Arc<Gate>,
    places: Places,
    engine: EngineTask,
    running: gangline_engine::EngineHandle<SqliteStore>,
    server: JoinHandle<std::io::Result<()>>,
    web: Option<JoinHandle<std::io::Result<()>>>,
    helpers: JoinSet<()>,
    wishes: watch::Receiver<StopWish>,
    ending: CancellationToken,
}

/// The daemon as a process of its own.
pub(crate) async fn detached_daemon(paths: &Paths) -> Result<(), Failure> {
    Daemon::start(paths, Log::File).await?.until_ended().await
}

impl Daemon {
    /// Starts everything, the socket last: who gets an answer has a whole daemon behind it.
    pub(crate) async fn start(paths: &Paths, log: Log) -> Result<Self, Failure> {
        let machine = config::machine(paths)?;
        let dial = log.begin(machine.daemon.log, machine.daemon.log_format);
        paths.make()?;
        refuse_half_restored(paths)?;
        let store = Arc::new(open_store(paths, &machine).await?);
        // Again, now that the lock is held: a restore looks for the lock behind its mark.
        refuse_half_restored(paths)?;
        let (agents_max, places) = (machine.daemon.agents_max, places(paths));
        let (followers, followed) = watch::channel(Arc::new(Followed::of(machine.clone()).await));
        let (reports, heard) = mpsc::channel(REPORTS_MAX);
        let http = http::listen(&machine.http).await?;
        let logins = login::folder(paths);
        let secrets = Secrets { machine: followed.clone(), logins: logins.clone() };
        let files = Files { paths: paths.clone(), places: places.clone(), secrets };
        let local = NodeConfig::local(places.clone(), launcher()?, machine.clone());
        let gate = Arc::new(Gate::new(node(NodeConfig { logins, ..local }, reports).await?));
        let landing = Arc::new(GitLanding { places: places.clone() });
        let config = EngineConfig { agents_max };
        let started = Engine::start(Arc::clone(&store), Arc::clone(&gate), landing, config, heard);
        let (running, engine) = match started.await {
            Ok(started) => started,
            Err(error) => return Err(unreadable(paths, &error).await),
        };
        let settings = settings(paths, &machine, *running.seq().borrow())?;
        let ending = CancellationToken::new();
        let listening = http.as_ref().map(|(_, address)| address.to_string());
        let described = described(paths, agents_max, listening);
        let (app, wishes) = App::new(running.clone(), files.clone(), described, ending.clone());
        let app = app.with_settings(|now| *now = settings);
        let socket = Socket::bind(&paths.socket()).await.map_err(|error| unbound(&error))?;
        tracing::info!(socket = %paths.socket().display(), "ready");
        let mut helpers = beside(&app, &ending);
        let web = http.map(|(listener, address)| {
            tracing::info!(%address, "listening");
            let routes = http_router(app.clone());
            serve_http(listener, routes, ending.clone(), REQUESTS_GRACE)
        });
        let (seq, gated) = (running.seq(), Arc::clone(&gate));
        let reload = Reload { gate: gated, followers, dial, seq: seq.clone(), now };
        helpers.spawn(reload.run(paths.clone(), app.clone(), ending.clone()));
        let serving = serve(socket, socket_router(app), ending.clone(), REQUESTS_GRACE);
        helpers.spawn(keep_schedules(running.clone(), files.clone(), now, ending.clone()));
        helpers.spawn(keep_current(running.clone(), files, ending.clone()));
        let hubs = Hubs::new(running.clone(), places.clone());
        let (machine, log) = (followed, paths.log());
        let upkeep = Upkeep { store: Arc::clone(&store), machine, seq, now, hubs, log };
        helpers.spawn(upkeep.run(ending.clone()));
        #[expect(clippy::disallowed_methods, reason = "until_ended awaits both of them")]
        let (server, web) = (tokio::spawn(serving), web.map(tokio::spawn));
        let paths = paths.clone();
        Ok(Self {
            paths,
            store,
            gate,
            places,
            engine,
            running,
            server,
            web,
            helpers,
            wishes,
            ending,
        })
    }

    /// Serves until it is asked to end, is interrupted, or another orchestrator leads.
    pub(crate) async fn until_ended(mut self) -> Result<(), Failure> {
        let mut over = None;
        let wish = tokio::select! {
            wish = wished(&mut self.wishes) => wish,
            () = interrupted() => StopWish::LeaveJobs,
            ended = self.engine.ended() => {
                over = Some(ended);
                StopWish::LeaveJobs
            }
        };
        tracing::info!(?wish, ?over, "ending");
        if wish == StopWish::StopJobs {
            self.stop_jobs().await;
        }
        self.ending.cancel();
        let served = (&mut self.server).await;
        if let Some(web) = &mut self.web
            && let Ok(Err(error)) = web.await
        {
            tracing::warn!(%error, "HTTP was not answered to the end");
        }
        while let Some(ended) = self.helpers.join_next().await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
        let over = if let Some(over) = over {
            over
        } else {
            self.engine.stop();
            self.engine.ended().await
        };
        self.gate.node().shutdown().await;
        drop(self.running);
        // Everybody else who had the store has ended by now.
        if let Some(store) = Arc::into_inner(self.store)
            && let Err(error) = store.close().await
        {
            tracing::warn!(%error, "the store was not closed in order; nothing is lost");
        }
        match (over, served) {
            (Ended::Deposed, _) => {
                Err(Failure::new(Exit::Failed, "another orchestrator leads this store"))
            }
            (Ended::Corrupt(why), _) => {
                Err(unreadable(&self.paths, &StoreError::Corrupt(why)).await)
            }
            (Ended::Stopped, Ok(Ok(()))) => Ok(()),
            (Ended::Stopped, Ok(Err(error))) => Err(Failure::because(Exit::Failed, &error)),
            (Ended::Stopped, Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Asks all jobs to stop, lets none start, and waits until none is left or their time is over.
    async fn stop_jobs(&self) {
        self.gate.shut();
        if let Err(error) = self.gate.node().stop_all_jobs().await {
            tracing::warn!(%error, "the jobs could not be stopped");
            return;
        }
        let begun = tokio::time::Instant::now();
        while jobs_alive(&self.places) > 0 {
            if begun.elapsed() > JOBS_GRACE {
                tracing::warn!("some jobs are still ending; the next daemon hears of them");
                return;
            }
            tokio::time::sleep(JOBS_LOOK).await;
        }
    }
}

/// What goes on beside the routes.
fn beside<O: Orchestrator, A: Archive>(app: &App<O, A>, ending: &CancellationToken) -> JoinSet<()> {
    let mut helpers = JoinSet::new();
    helpers.spawn(attend(app.clone(), ending.clone()));
    helpers.spawn(relay(app.clone(), ending.clone()));
    helpers.spawn(measure(app.clone(), ending.clone()));
    helpers.spawn(deliver(app.clone(), ending.clone()));
    helpers.spawn(tell_traces(app.clone(), ending.clone()));
    helpers.spawn(tell_devices(app.clone(), ending.clone()));
    helpers
}

/// The node of this machine. `reports` is where it tells the engine of its jobs.
async fn node(config: NodeConfig, reports: mpsc::Sender<FromNode>) -> Result<NodeHandle, Failure> {
    Node::start(config, reports).await.map_err(|error| {
        let failure = Failure::because(Exit::Failed, &error);
        failure.next("set GANGLINE_RUNTIME_DIR to a directory with a shorter path")
    })
}

/// What the daemon says of itself. `http` is the address where it listens, if it does.
fn described(paths: &Paths, agents_max: u32, http: Option<String>) -> gangline_server::Daemon {
    gangline_server::Daemon {
        pid: std::process::id(),
        started_at: now(),
        socket: paths.socket().display().to_string(),
        state_dir: paths.state().display().to_string(),
        log: paths.log().display().to_string(),
        agents_max,
        http,
    }
}

/// What is in force of the configuration that the daemon begins with. `seq` is the last event.
fn settings(paths: &Paths, machine: &MachineConfig, seq: u64) -> Result<Settings, Failure> {
    let mut settings = Settings::default();
    settings.hooks = Arc::new(hooks::open(paths, machine, seq)?);
    settings.traces = traces::open(paths, machine, seq)?;
    settings.push = push::open(paths, machine, seq)?;
    settings.trust = Arc::new(trust(machine));
    settings.webhooks = http::reach(machine.external.webhooks);
    settings.configured.since = now();
    settings.set_guests(http::guests(machine));
    Ok(settings)
}

async fn wished(wishes: &mut watch::Receiver<StopWish>) -> StopWish {
    match wishes.wait_for(|wish| *wish != StopWish::None).await {
        Ok(wish) => *wish,
        // Nobody is left who could wish.
        Err(_) => StopWish::LeaveJobs,
    }
}

/// SIGINT or SIGTERM; or SIGHUP, when the terminal that it was started in is gone. Otherwise that one
/// means that the configuration is to be read.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let had_terminal = std::io::stderr().is_terminal();
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match (interrupt, terminate) {
        (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = left(had_terminal) => {}
        },
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "signals are not heard; end it with `gangline down`");
            std::future::pending::<()>().await;
        }
    }
}

/// The terminal has hung up.
async fn left(had_terminal: bool) {
    use tokio::signal::unix::{SignalKind, signal};
    if had_terminal && let Ok(mut hangups) = signal(SignalKind::hangup()) {
        while hangups.recv().await.is_some() {
            if !std::io::stderr().is_terminal() {
                return;
            }
        }
    }
    std::future::pending::<()>().await;
}

fn unbound(error: &BindError) -> Failure {
    let failure = Failure::because(Exit::Failed, error);
    match error {
        BindError::InUse(_) => failure.next("gangline down"),
        BindError::TooLong(_) => {
            failure.next("set GANGLINE_RUNTIME_DIR to a directory with a shorter path")
        }
        BindError::Io { .. } => failure.next("gangline doctor"),
    }
}

/// Jobs are this very program.
fn launcher() -> Result<Launcher, Failure> {
    let program =
        std::env::current_exe().map_err(|error| Failure::because(Exit::Failed, &error))?;
    Ok(Launcher { program, args: vec!["job".into()] })
}
