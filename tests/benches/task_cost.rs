//! What a handle and a map cost: tasks of klaw beside bare executors, on two threads.
//!
//! Every entry starts from a task on the executor itself, in rounds that take turns; medians.
//!
//! `cargo bench -p klaw-tests --bench task_cost [-- ITEMS [ROUNDS]]`

use core::{hint::black_box, num::NonZeroUsize};
use futures_util::{StreamExt, stream};
use klaw_smol::{Executor, klaw};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const THREADS: usize = 2;
const WIDTH: NonZeroUsize = NonZeroUsize::new(64).unwrap();
/// How many tasks are waited for at once.
const BATCH: usize = 1_000;

/// One line of the table: what is run, and how long each round took per item.
struct Entry<'a> {
    name: &'static str,
    run: Box<dyn Fn(usize) + 'a>,
    nanos: Vec<f64>,
}

fn entry<'a>(name: &'static str, run: impl Fn(usize) + 'a) -> Entry<'a> {
    Entry { name, run: Box::new(run), nanos: vec![] }
}

async fn work(n: usize) -> usize {
    black_box(n)
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let items = numbers.next().unwrap_or(100_000);
    let rounds = numbers.next().unwrap_or(11);
    let smol = Arc::new(async_executor::Executor::<'static>::new());
    let workers: Vec<_> = (0..THREADS).map(|_| worker(&smol)).collect();
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .build()
        .expect("tokio starts");
    let tasks = klaw::Executor::new(Executor::from(&smol));

    let mut joins = [
        entry("async-executor, spawn and await", |items| on(&smol, spawn_raw(smol.clone(), items))),
        entry("klaw, submit and await", |items| on(&smol, submit(tasks.clone(), items))),
        entry("tokio, spawn and await", |items| {
            let done = tokio.spawn(spawn_tokio(items));
            tokio.block_on(done).expect("no panic");
        }),
    ];
    let mut maps = [
        entry("klaw, map", |items| {
            let map = tasks.map(0..items, work).width(WIDTH);
            on(&smol, async move { assert_eq!(map.await.len(), items) });
        }),
        entry("klaw, imap", |items| {
            let stream = tasks.imap(0..items, work).width(WIDTH);
            on(&smol, async move { assert_eq!(stream.count().await, items) });
        }),
        entry("klaw, imap_ordered", |items| {
            let stream = tasks.imap_ordered(0..items, work).width(WIDTH);
            on(&smol, async move { assert_eq!(stream.count().await, items) });
        }),
        entry("futures, buffer_unordered, one task", |items| {
            let stream = stream::iter(0..items).map(work).buffer_unordered(WIDTH.get());
            on(&smol, async move { assert_eq!(stream.count().await, items) });
        }),
        entry("async-executor, a spawn per item", |items| {
            let executor = smol.clone();
            let spawned = stream::iter(0..items).map(move |n| executor.spawn(work(n)));
            let stream = spawned.buffer_unordered(WIDTH.get());
            on(&smol, async move { assert_eq!(stream.count().await, items) });
        }),
    ];
    report("start a task and await it", &mut joins, items, rounds);
    report("run 64 at once over many items", &mut maps, items, rounds);
    drop(joins);
    drop(maps);
    for (stop, worker) in workers {
        drop(stop);
        worker.join().expect("a worker ends");
    }
}

type Worker = (klaw::Sender<()>, thread::JoinHandle<()>);

/// A thread that runs the executor until its sender is dropped.
fn worker(executor: &Arc<async_executor::Executor<'static>>) -> Worker {
    let (stop, stopped) = klaw::bounded::<()>(1);
    let executor = executor.clone();
    let run = move || {
        async_io::block_on(executor.run(async {
            let _closed = stopped.recv().await;
        }));
    };
    (stop, thread::spawn(run))
}

/// Runs `future` as a task of the executor and waits for it.
fn on(
    executor: &async_executor::Executor<'static>,
    future: impl Future<Output = ()> + Send + 'static,
) {
    async_io::block_on(executor.spawn(future));
}

async fn spawn_raw(executor: Arc<async_executor::Executor<'static>>, items: usize) {
    for batch in batches(items) {
        let handles: Vec<_> = batch.map(|n| executor.spawn(work(n))).collect();
        for handle in handles {
            black_box(handle.await);
        }
    }
}

async fn submit(tasks: klaw::Executor<Executor>, items: usize) {
    for batch in batches(items) {
        let handles: Vec<_> =
            batch.map(|n| tasks.submit(work(n)).expect("the executor is open")).collect();
        for handle in handles {
            black_box(handle.await.expect("a value"));
        }
    }
}

async fn spawn_tokio(items: usize) {
    for batch in batches(items) {
        let handles: Vec<_> = batch.map(|n| tokio::spawn(work(n))).collect();
        for handle in handles {
            black_box(handle.await.expect("a value"));
        }
    }
}

fn batches(items: usize) -> impl Iterator<Item = core::ops::Range<usize>> {
    (0..items).step_by(BATCH).map(move |from| from..items.min(from + BATCH))
}

fn report(title: &str, entries: &mut [Entry<'_>], items: usize, rounds: usize) {
    for round in 0..=rounds {
        let first = round % entries.len();
        for step in 0..entries.len() {
            let at = (first + step) % entries.len();
            let entry = &mut entries[at];
            let begun = Instant::now();
            (entry.run)(items);
            let nanos = per_item(begun.elapsed(), items);
            if round > 0 {
                entry.nanos.push(nanos); // the first round warms up
            }
        }
    }
    println!("{title}: {items} items, {rounds} rounds, {THREADS} threads, ns per item");
    println!("  {:<36} {:>8}   quartiles", "", "median");
    for entry in entries {
        entry.nanos.sort_by(f64::total_cmp);
        let at = |part: usize| entry.nanos[(entry.nanos.len() - 1) * part / 4];
        println!("  {:<36} {:>8.1}   {:.1} to {:.1}", entry.name, at(2), at(1), at(3));
    }
}

fn per_item(time: Duration, items: usize) -> f64 {
    time.as_nanos() as f64 / items as f64
}
