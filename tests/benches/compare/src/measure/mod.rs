//! How a cell is measured.
//!
//! All implementations in turn, round after round, in a new order each time; so what the machine
//! does meanwhile falls on all of them. A first round is thrown away.

mod cores;
mod order;
mod stats;
pub mod watchdog;

pub use stats::Stats;

use crate::{
    cells::{Cell, Measure, Program, Threads},
    clock,
    options::Options,
    peers::Peer,
    run::HANGS,
};
use order::Order;
use std::{
    thread,
    time::{Duration, Instant},
};

/// How much of two cores two spinning threads must get around a sample.
const SHARE: f64 = 0.85;

/// How many of the two threads may on average have waited for a core during a sample.
const STARVED: f64 = 0.1;

/// What counts in multiples of this divides evenly among all senders and receivers.
const GRAIN: u64 = 16;

/// One implementation in one cell.
#[derive(Clone, Copy)]
pub struct Reading {
    pub stats: Stats,
    /// How many were busy: two tasks in turn need one core, even where there are two.
    pub cores: f64,
    /// In how many rounds two threads had two cores; if in none, `stats` is of all rounds.
    pub kept: usize,
    pub rounds: usize,
}

impl Reading {
    /// It did not come to an end.
    pub fn hangs(&self) -> bool {
        self.stats.median.is_infinite()
    }
}

/// Measures a cell: a reading for each implementation that has what it needs.
pub fn cell(cell: &Cell, peers: &[Peer], options: &Options) -> Vec<Option<Reading>> {
    let watched = |peer: &Peer| format!("{} in {}", peer.name, cell.name);
    let program = match &cell.measure {
        Measure::Time(program) => program,
        Measure::Count(count) => {
            let count =
                |peer: &Peer| watchdog::watch(&watched(peer), options.timeout, || count(peer));
            return peers.iter().map(|peer| count(peer).map(Reading::once)).collect();
        }
    };
    let mut runs: Vec<_> = peers
        .iter()
        .map(|peer| {
            let (program, name) = (program(peer)?, watched(peer));
            let count =
                watchdog::watch(&name, options.timeout, || calibrate(&program, options.millis));
            Some(Run { program, name, count, hangs: count == 0, samples: vec![] })
        })
        .collect();
    let mut order = Order::new();
    for round in 0..=options.rounds {
        for at in order.shuffled(runs.len()) {
            let Some(run) = runs[at].as_mut().filter(|run| !run.hangs) else { continue };
            let sample = watchdog::watch(&run.name, options.timeout, || match cell.threads {
                Threads::One => run.once(),
                threads => on_two_cores(run, threads, options.retries),
            });
            run.hangs = sample.nanos.is_infinite();
            if round > 0 {
                run.samples.push(sample);
            }
        }
    }
    runs.into_iter().map(|run| run.map(|run| run.reading())).collect()
}

struct Run {
    program: Program,
    name: String,
    count: u64,
    /// Whether it has once not come to an end.
    hangs: bool,
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
        let taken = (self.program)(self.count);
        if taken == HANGS {
            return Sample { nanos: f64::INFINITY, cores: 0.0, starved: 0.0, kept: true };
        }
        let whole = start.elapsed().as_secs_f64();
        let cores = (clock::process() - used).as_secs_f64() / whole;
        let starved = (cores::starved().saturating_sub(starved)).as_secs_f64() / whole;
        let nanos = taken.as_nanos() as f64 / self.count as f64;
        Sample { nanos, cores, starved, kept: true }
    }

    fn reading(&self) -> Reading {
        if self.hangs { Reading::once(f64::INFINITY) } else { Reading::of(&self.samples) }
    }
}

/// How many make a sample of the wished length, or none if it hangs. It warms up, too.
fn calibrate(program: &Program, millis: u64) -> u64 {
    let wished = Duration::from_millis(millis).as_secs_f64();
    let mut count = 64 * GRAIN;
    loop {
        let taken = program(count);
        if taken == HANGS {
            return 0;
        }
        let taken = taken.as_secs_f64();
        let factor = wished / taken.max(1e-9);
        if factor < 8.0 {
            return ((count as f64 * factor) as u64).next_multiple_of(GRAIN).max(GRAIN);
        }
        count *= 8;
    }
}

/// Samples until the cores were there before, meanwhile and after, or patience ends.
fn on_two_cores(run: &Run, threads: Threads, retries: usize) -> Sample {
    let spinning = match threads {
        // A thread that just woke may run for a while before the scheduler makes it share, so
        // where starving says nothing, since they starve each other, spinning takes longer.
        Threads::Many => Duration::from_millis(15),
        _ => Duration::from_millis(3),
    };
    let mut before = cores::share(spinning);
    let mut left = retries;
    loop {
        while before < SHARE && left > 0 {
            thread::sleep(Duration::from_millis(10));
            before = cores::share(spinning);
            left -= 1;
        }
        let mut sample = run.once();
        let after = cores::share(spinning);
        let starved = threads == Threads::Two && sample.starved > STARVED;
        sample.kept = before >= SHARE && after >= SHARE && !starved;
        if sample.kept || left == 0 || sample.nanos.is_infinite() {
            return sample;
        }
        before = after;
        left -= 1;
    }
}

impl Reading {
    fn once(value: f64) -> Self {
        Self { stats: Stats::of(&mut [value]), cores: 1.0, kept: 1, rounds: 1 }
    }

    fn of(samples: &[Sample]) -> Self {
        let kept = samples.iter().filter(|sample| sample.kept).count();
        let counting = || samples.iter().filter(|sample| sample.kept || kept == 0);
        Self {
            stats: Stats::of(&mut counting().map(|sample| sample.nanos).collect::<Vec<_>>()),
            cores: Stats::of(&mut counting().map(|sample| sample.cores).collect::<Vec<_>>()).median,
            kept,
            rounds: samples.len(),
        }
    }
}
