//! Whether this process has two cores to itself.

use crate::run::pin;
use std::{
    fs,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// A spinning thread that reads the clock sees no gap like this, unless something else ran:
/// another process, or on a shared host another machine.
const GAP: Duration = Duration::from_micros(20);

/// What part of this time two spinning threads really run; the worse of both.
pub fn share(spinning: Duration) -> f64 {
    let both = &Barrier::new(2);
    thread::scope(|scope| {
        let threads = [0, 1].map(|core| {
            scope.spawn(move || {
                pin::to_core(core);
                spin(spinning, both)
            })
        });
        threads.into_iter().map(|thread| thread.join().unwrap_or(0.0)).fold(1.0, f64::min)
    })
}

fn spin(time: Duration, both: &Barrier) -> f64 {
    both.wait();
    let start = Instant::now();
    let (mut last, mut lost) = (start, Duration::ZERO);
    while last - start < time {
        let now = Instant::now();
        if now - last > GAP {
            lost += now - last;
        }
        last = now;
    }
    1.0 - lost.as_secs_f64() / (last - start).as_secs_f64()
}

/// How long all threads of this process together could have run, but had no core.
///
/// Linux counts it; elsewhere it is nothing, and `share` has to do.
pub fn starved() -> Duration {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos = threads.filter_map(|thread| {
        let counts = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        counts.split(' ').nth(1)?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
