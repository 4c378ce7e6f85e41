//! What a simulated run costs: how many seeds of small scenarios are run in a second, on one thread.
//!
//! `cargo bench -p klaw-tests --bench sim_cost [-- [SEEDS [ROUNDS]]]`

use core::{cell::Cell, time::Duration};
use klaw::{Clock, channel::oneshot, sim};
use std::time::Instant;

/// A scenario: its name, and what runs that many seeds of it.
type Scenario = (&'static str, fn(u64));

const SENDERS: usize = 9;
const MESSAGES: usize = 2;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<u64>().ok());
    let seeds = numbers.next().unwrap_or(10_000);
    let rounds = numbers.next().unwrap_or(11).max(1);
    let scenarios: [Scenario; 3] =
        [("nothing", nothing), ("nine tasks that sleep", sleeps), ("the same, one channel", sends)];
    let mut taken = scenarios.map(|_| vec![]);
    for _ in 0..rounds {
        for ((_, run), taken) in scenarios.iter().zip(&mut taken) {
            let begun = Instant::now();
            run(seeds);
            taken.push(begun.elapsed().as_nanos() as f64 / seeds as f64 / 1e3);
        }
    }
    println!("{seeds} seeds, {rounds} rounds, us per seed: best, median, worst; seeds per second");
    for ((name, _), mut taken) in scenarios.into_iter().zip(taken) {
        taken.sort_by(f64::total_cmp);
        let (best, median, worst) = (taken[0], taken[taken.len() / 2], taken[taken.len() - 1]);
        println!("  {name:<24} {best:>7.2} {median:>7.2} {worst:>7.2} {:>10.0}", 1e6 / median);
    }
}

/// What making and ending a simulation costs.
fn nothing(seeds: u64) {
    sim::seeds(0..seeds).run(async |_| {});
}

/// Ten tasks with the root, twenty polls woken by the clock.
fn sleeps(seeds: u64) {
    let slept = Cell::new(0);
    sim::seeds(0..seeds).run(async |sim| {
        let tasks: Vec<_> = (0..SENDERS)
            .map(|_| {
                let clock = sim.clock();
                let (done, ended) = oneshot::channel();
                sim.spawn_named("sleeper", async move {
                    for _ in 0..MESSAGES {
                        clock.sleep(Duration::from_millis(1)).await;
                    }
                    done.send(MESSAGES).expect("the root waits for it");
                });
                ended
            })
            .collect();
        for ended in tasks {
            slept.set(slept.get() + ended.await.expect("it ends"));
        }
    });
    assert_eq!(slept.get() as u64, seeds * (SENDERS * MESSAGES) as u64);
}

/// The tasks also wait for room in a channel of one message.
fn sends(seeds: u64) {
    let received = Cell::new(0);
    sim::seeds(0..seeds).run(async |sim| {
        let (tx, rx) = klaw::bounded(1);
        for _ in 0..SENDERS {
            let (tx, clock) = (tx.clone(), sim.clock());
            sim.spawn_named("sender", async move {
                for _ in 0..MESSAGES {
                    clock.sleep(Duration::from_millis(1)).await;
                    tx.send(1).await.expect("the root receives");
                }
            });
        }
        drop(tx);
        while let Ok(n) = rx.recv().await {
            received.set(received.get() + n);
        }
    });
    assert_eq!(received.get(), seeds * (SENDERS * MESSAGES) as u64);
}
