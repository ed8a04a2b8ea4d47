//! One run of the world.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gangline_domain::mutant::{Mutant, plant};

use crate::checker::Checker;
use crate::world::World;

/// Simulated milliseconds of trouble.
const TROUBLE_MS: u64 = 2 * 3_600_000;
/// Simulated milliseconds within which everything comes to an end once nothing breaks any more.
const CALM_MS: u64 = 24 * 3_600_000;
/// How often it is looked whether everything has come to an end.
const LOOK_MS: u64 = 60_000;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub promise: &'static str,
    /// What was seen.
    pub detail: String,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Steps taken.
    pub steps: u64,
    /// Events written, by their type.
    pub events: BTreeMap<&'static str, u64>,
    /// Simulated milliseconds.
    pub simulated_ms: u64,
    /// Orchestrators that were started.
    pub leaders: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All promises were kept.
    Kept(Stats),
    /// One was not; after how many steps.
    Broken(Violation, u64),
}

/// Runs the world of this seed, with a planted fault or without; with `trace`, each happening is
/// printed.
#[must_use]
pub fn run(seed: u64, mutant: Option<Mutant>, trace: bool) -> Outcome {
    plant(mutant);
    let mut world = World::new(seed);
    world.trace = trace;
    let ended = catch_unwind(AssertUnwindSafe(|| live(&mut world)));
    plant(None);
    match ended {
        Ok(Ok(stats)) => Outcome::Kept(stats),
        Ok(Err(violation)) => Outcome::Broken(violation, world.steps),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            let detail = text.unwrap_or_else(|| "a panic without words".to_owned());
            Outcome::Broken(Violation { promise: "nothing panics", detail }, world.steps)
        }
    }
}

fn live(world: &mut World) -> Result<Stats, Violation> {
    let began = world.now;
    while world.now.ms_since(began) < TROUBLE_MS {
        world.step()?;
    }
    world.calm_down();
    let calm = world.now;
    let mut look = calm;
    while world.now.ms_since(calm) < CALM_MS {
        world.step()?;
        // Looking is not cheap: now and then is enough to know the end.
        if world.now >= look {
            if Checker::finally(world).is_ok() {
                break;
            }
            look = world.now.plus_ms(LOOK_MS);
        }
    }
    Checker::finally(world)?;
    let mut events = BTreeMap::new();
    for recorded in &world.store.events {
        *events.entry(recorded.event.type_name()).or_default() += 1;
    }
    Ok(Stats {
        steps: world.steps,
        events,
        simulated_ms: world.now.ms_since(began),
        leaders: world.leaders.len() as u64,
    })
}
