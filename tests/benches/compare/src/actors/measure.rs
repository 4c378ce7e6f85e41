//! How a scenario is measured.
//!
//! All implementations in turn, round after round, in a new order each time; so what the machine
//! does meanwhile falls on all of them. A first round is thrown away. A ratio is the median of the
//! rounds' ratios, each within one round.

#[path = "../measure/cores.rs"]
mod cores;
#[path = "../measure/order.rs"]
mod order;
#[path = "../measure/stats.rs"]
mod stats;

pub use stats::Stats;

use crate::{
    clock,
    options::Options,
    peers::Peer,
    scenario::{Program, Scenario},
    stage::Threads,
    watchdog,
};
use order::Order;
use std::{
    thread,
    time::{Duration, Instant},
};

/// How much of two cores two spinning threads must get around a sample.
const SHARE: f64 = 0.85;

/// For how long they spin.
const SPINNING: Duration = Duration::from_millis(3);

/// How many of the two threads may on average have waited for a core during a sample.
const STARVED: f64 = 0.1;

/// What counts in multiples of this divides evenly among all tellers.
const GRAIN: u64 = 16;

/// A scenario with the readings of all peers, for each way to run it.
pub struct Table {
    pub scenario: Scenario,
    pub readings: [Vec<Option<Reading>>; Threads::ALL.len()],
}

/// One implementation in one scenario.
#[derive(Clone, Copy)]
pub struct Reading {
    pub nanos: Stats,
    /// To the implementation that ratios are to.
    pub ratio: Option<f64>,
    /// How many were busy.
    pub cores: f64,
    /// In how many rounds two threads had two cores; if in none, the rest is of all rounds.
    pub kept: usize,
    pub rounds: usize,
}

pub fn scenario(scenario: Scenario, peers: &[Peer], options: &Options) -> Table {
    let readings = Threads::ALL.map(|threads| on(scenario, threads, peers, options));
    Table { scenario, readings }
}

fn on(
    scenario: Scenario,
    threads: Threads,
    peers: &[Peer],
    options: &Options,
) -> Vec<Option<Reading>> {
    let mut runs: Vec<Option<Run>> = peers
        .iter()
        .map(|peer| {
            let program = (peer.program)(scenario)?;
            let name = format!("{} in {} on {}", peer.name, scenario.name(), threads.name());
            let count = scenario.fixed(options.quick).unwrap_or_else(|| {
                watchdog::watch(&name, options.timeout, || {
                    calibrate(|count| program(threads, count), options.millis)
                })
            });
            Some(Run { program, threads, name, count, samples: vec![] })
        })
        .collect();
    let mut order = Order::new();
    for round in 0..=options.rounds {
        for at in order.shuffled(runs.len()) {
            let Some(run) = &mut runs[at] else { continue };
            let sample = watchdog::watch(&run.name, options.timeout, || match threads {
                Threads::Root | Threads::One => run.once(),
                Threads::Two => run.on_two_cores(options.retries),
            });
            if round > 0 {
                run.samples.push(sample);
            }
        }
    }
    let base = peers.iter().position(|peer| peer.is_base);
    let base = base.and_then(|at| runs[at].as_ref()).map(|run| run.samples.clone());
    let reading = |run: &Option<Run>| Some(Reading::of(&run.as_ref()?.samples, base.as_deref()));
    runs.iter().map(reading).collect()
}

struct Run {
    program: Program,
    threads: Threads,
    name: String,
    count: u64,
    samples: Vec<Sample>,
}

#[derive(Clone, Copy)]
struct Sample {
    /// For each one.
    nanos: f64,
    /// How many were busy on average.
    cores: f64,
    /// How many threads could have run but did not, on average.
    starved: f64,
    /// Whether the cores were ours.
    kept: bool,
}

impl Run {
    fn once(&self) -> Sample {
        let (starved, used, start) = (cores::starved(), clock::process(), Instant::now());
        let taken = (self.program)(self.threads, self.count);
        let whole = start.elapsed().as_secs_f64();
        Sample {
            nanos: taken.as_nanos() as f64 / self.count as f64,
            cores: (clock::process() - used).as_secs_f64() / whole,
            starved: cores::starved().saturating_sub(starved).as_secs_f64() / whole,
            kept: true,
        }
    }

    /// Samples until the cores were there before, meanwhile and after, or patience ends.
    fn on_two_cores(&self, retries: usize) -> Sample {
        let mut before = cores::share(SPINNING);
        let mut left = retries;
        loop {
            while before < SHARE && left > 0 {
                thread::sleep(Duration::from_millis(10));
                before = cores::share(SPINNING);
                left -= 1;
            }
            let mut sample = self.once();
            let after = cores::share(SPINNING);
            sample.kept = before >= SHARE && after >= SHARE && sample.starved <= STARVED;
            if sample.kept || left == 0 {
                return sample;
            }
            before = after;
            left -= 1;
        }
    }
}

/// How many make a sample of the wished length. It warms up, too.
fn calibrate(program: impl Fn(u64) -> Duration, millis: u64) -> u64 {
    let wished = Duration::from_millis(millis).as_secs_f64();
    let mut count = 4 * GRAIN;
    loop {
        let taken = program(count).as_secs_f64();
        let factor = wished / taken.max(1e-9);
        if factor < 8.0 {
            return ((count as f64 * factor) as u64).next_multiple_of(GRAIN).max(GRAIN);
        }
        count *= 8;
    }
}

impl Reading {
    fn of(samples: &[Sample], base: Option<&[Sample]>) -> Self {
        let kept = samples.iter().filter(|sample| sample.kept).count();
        let counts = |sample: &&Sample| sample.kept || kept == 0;
        let of = |value: fn(&Sample) -> f64| {
            Stats::of(&mut samples.iter().filter(counts).map(value).collect::<Vec<_>>())
        };
        let ratio = base.map(|base| {
            let pairs = || samples.iter().zip(base);
            let sure = pairs().any(|(sample, base)| sample.kept && base.kept);
            let counting = pairs().filter(|(sample, base)| !sure || sample.kept && base.kept);
            let mut ratios: Vec<f64> =
                counting.map(|(sample, base)| sample.nanos / base.nanos).collect();
            Stats::of(&mut ratios).median
        });
        Self {
            nanos: of(|sample| sample.nanos),
            ratio,
            cores: of(|sample| sample.cores).median,
            kept,
            rounds: samples.len(),
        }
    }
}
