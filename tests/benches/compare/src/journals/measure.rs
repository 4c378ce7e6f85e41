//! How one writer is measured.
//!
//! All stores in turn, round after round, in a new order each time; so what the disk does meanwhile
//! falls on all of them. A first round is thrown away. A ratio is the median of the rounds' ratios,
//! each of two medians of one round.

#[path = "../measure/order.rs"]
mod order;
#[path = "../measure/stats.rs"]
mod stats;

pub use order::Order;
pub use stats::Stats;

use crate::{
    clock,
    options::{Options, Scratch},
    peers::{self, Peer, Result, Store},
};
use std::{fs, time::Instant};

pub const PAYLOAD: usize = 1024;

/// One store, in microseconds for each write.
pub struct Reading {
    pub name: &'static str,
    pub flushes: &'static str,
    /// The median of the rounds' medians.
    pub p50: Stats,
    /// The median of the rounds' 99th percentiles.
    pub p99: f64,
    /// Processor time of the whole process.
    pub processor: f64,
    pub ratio: f64,
}

struct Run {
    peer: Peer,
    store: Box<dyn Store>,
    next: u64,
    rounds: Vec<Round>,
}

struct Round {
    p50: f64,
    p99: f64,
    processor: f64,
}

/// Writes `together` payloads at a time.
pub fn steps(dir: &Scratch, options: &Options, together: usize) -> Result<Vec<Reading>> {
    let mut runs = vec![];
    for (n, peer) in peers::all().into_iter().enumerate() {
        if together == 1 || peer.batches {
            let dir = dir.join(&format!("steps-{together}-{n}"));
            fs::create_dir(&dir)?;
            let store = (peer.create)(&dir)?;
            runs.push(Run { peer, store, next: 0, rounds: vec![] });
        }
    }
    let payload = payload();
    let payloads = vec![&payload[..]; together];
    let mut order = Order::new();
    for round in 0..=options.rounds {
        for at in order.shuffled(runs.len()) {
            let measured = runs[at].round(&payloads, options.writes)?;
            if round > 0 {
                runs[at].rounds.push(measured);
            }
        }
    }
    let base = runs.iter().position(|run| run.peer.is_base).expect("one store is the base");
    Ok(runs.iter().map(|run| run.reading(&runs[base])).collect())
}

/// Bytes that no store can press together.
pub fn payload() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut byte = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8
    };
    (0..PAYLOAD).map(|_| byte()).collect()
}

impl Run {
    fn round(&mut self, payloads: &[&[u8]], writes: usize) -> Result<Round> {
        let mut micros = Vec::with_capacity(writes);
        let used = clock::process();
        for _ in 0..writes {
            let begun = Instant::now();
            self.store.write(self.next, payloads)?;
            micros.push(begun.elapsed().as_secs_f64() * 1e6 / payloads.len() as f64);
            self.next += payloads.len() as u64;
        }
        let used = (clock::process() - used).as_secs_f64() * 1e6;
        micros.sort_by(f64::total_cmp);
        Ok(Round {
            p50: micros[writes / 2],
            p99: micros[(writes * 99 / 100).min(writes - 1)],
            processor: used / (writes * payloads.len()) as f64,
        })
    }

    fn reading(&self, base: &Self) -> Reading {
        let median =
            |of: fn(&Round) -> f64| Stats::of(&mut self.rounds.iter().map(of).collect::<Vec<_>>());
        let pairs = self.rounds.iter().zip(&base.rounds);
        let mut ratios: Vec<_> = pairs.map(|(own, base)| own.p50 / base.p50).collect();
        Reading {
            name: self.peer.name,
            flushes: self.peer.flushes,
            p50: median(|round| round.p50),
            p99: median(|round| round.p99).median,
            processor: median(|round| round.processor).median,
            ratio: Stats::of(&mut ratios).median,
        }
    }
}
