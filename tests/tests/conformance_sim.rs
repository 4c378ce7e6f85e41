//! In the simulator: every order of tasks that the seeds bring up.

use klaw::sim::{self, Spawner, VirtualClock};

type Rt = klaw::Runtime<Spawner, VirtualClock>;
type AnyScope = klaw::Scope<Spawner, VirtualClock>;
type AnyFuture = klaw::LocalBoxFuture;
type Children = dyn klaw::supervise::AnyChild;
type Pool = Spawner;

const VIRTUAL_TIME: bool = true;

/// How many seeds; few unless it is said, `.ci/run` asks for 10,000.
const SEEDS: &str = "KLAW_CONFORMANCE_SEEDS";

fn run(scenario: impl AsyncFn(Rt) + 'static) {
    let seeds = std::env::var(SEEDS).map_or(1_000, |count| count.parse().expect("a number"));
    run_seeds(seeds, scenario);
}

/// For scenarios that take long.
fn run_few(scenario: impl AsyncFn(Rt) + 'static) {
    run_seeds(10, scenario);
}

fn run_seeds(seeds: u64, scenario: impl AsyncFn(Rt)) {
    sim::seeds(0..seeds).run(async |sim| scenario(Rt::new(sim.spawner(), sim.clock())).await);
}

fn pool(rt: &Rt) -> Pool {
    rt.spawner().clone()
}

#[path = "../scenarios/mod.rs"]
mod scenarios;
#[path = "../scenarios/threads_none.rs"]
mod threads;
