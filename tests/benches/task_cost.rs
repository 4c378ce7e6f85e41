//! What a handle and a map cost: tasks of klaw beside bare executors, on two threads.
//!
//! Every entry starts from a task on the executor itself, in rounds that take turns. Processor time is
//! that of all threads, so it hardly depends on what else the machine does.
//!
//! `cargo bench -p klaw-tests --bench task_cost [-- [ITEMS [ROUNDS]] [NAME]]`, where only entries whose
//! name contains NAME are run.

use core::{
    hint::black_box,
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll},
};
use futures_util::{
    StreamExt,
    stream::{self, FuturesUnordered},
};
use klaw_smol::{Clock, Executor, Sleep, SmolClock, klaw};
use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

const THREADS: usize = 2;
const WIDTH: NonZeroUsize = NonZeroUsize::new(64).unwrap();
/// How many tasks are waited for at once.
const BATCH: usize = 1_000;
const LIMIT: Duration = Duration::from_secs(60);

/// One line of the table: what is run, and what each round took per item.
struct Entry<'a> {
    name: &'static str,
    run: Box<dyn Fn(usize) + 'a>,
    /// Nanoseconds passed.
    passed: Vec<f64>,
    /// Nanoseconds of processor time, of all threads together.
    worked: Vec<f64>,
}

fn entry<'a>(name: &'static str, run: impl Fn(usize) + 'a) -> Entry<'a> {
    Entry { name, run: Box::new(run), passed: vec![], worked: vec![] }
}

async fn work(n: usize) -> usize {
    black_box(n)
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<usize>().ok());
    let name =
        std::env::args().skip(1).find(|arg| !arg.starts_with('-') && arg.parse::<usize>().is_err());
    let wanted = |entry: &Entry<'_>| name.as_ref().is_none_or(|name| entry.name.contains(name));
    let items = numbers.next().unwrap_or(100_000);
    let rounds = numbers.next().unwrap_or(11);
    let smol = Arc::new(async_executor::Executor::<'static>::new());
    let workers: Vec<_> = (0..THREADS).map(|_| worker(&smol)).collect();
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_time()
        .build()
        .expect("tokio starts");
    let tasks = klaw::Executor::new(Executor::from(&smol));

    let mut joins = vec![
        entry("smol::Task, spawn and await", |items| on(&smol, spawn_raw(smol.clone(), items))),
        entry("klaw, submit and await", |items| on(&smol, submit(tasks.clone(), items))),
        entry("tokio, spawn and await", |items| {
            let done = tokio.spawn(spawn_tokio(items));
            tokio.block_on(done).expect("no panic");
        }),
        entry("tokio, JoinSet", |items| {
            let done = tokio.spawn(join_set(items));
            tokio.block_on(done).expect("no panic");
        }),
        entry("futures, FuturesUnordered, one task", |items| on(&smol, unordered(items))),
    ];
    let mut maps = vec![
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
        entry("futures, FuturesUnordered, one task", |items| {
            on(&smol, async move { assert_eq!(topped_up(items).await, items) });
        }),
        entry("smol::Task, a spawn per item", |items| {
            let executor = smol.clone();
            let spawned = stream::iter(0..items).map(move |n| executor.spawn(work(n)));
            let stream = spawned.buffer_unordered(WIDTH.get());
            on(&smol, async move { assert_eq!(stream.count().await, items) });
        }),
    ];
    let mut limits = vec![
        entry("klaw, timeout by async-io", |items| {
            on(&smol, async move {
                for n in 0..items {
                    black_box(klaw::timeout(&SmolClock, LIMIT, work(n)).await.expect("in time"));
                }
            });
        }),
        entry("klaw, timeout by a clock that stands", |items| {
            on(&smol, async move {
                for n in 0..items {
                    black_box(klaw::timeout(&Standing, LIMIT, work(n)).await.expect("in time"));
                }
            });
        }),
        entry("tokio, timeout", |items| {
            let done = tokio.spawn(async move {
                for n in 0..items {
                    black_box(tokio::time::timeout(LIMIT, work(n)).await.expect("in time"));
                }
            });
            tokio.block_on(done).expect("no panic");
        }),
        entry("reading the clock", |items| {
            on(&smol, async move {
                for _ in 0..items {
                    black_box(Instant::now());
                }
            });
        }),
    ];
    joins.retain(wanted);
    limits.retain(wanted);
    maps.retain(wanted);
    report("start a task and await it", &mut joins, items, rounds);
    report("run 64 at once over many items", &mut maps, items, rounds);
    report("limit the time of what is ready at once", &mut limits, items, rounds);
    drop(joins);
    drop(maps);
    drop(limits);
    for (stop, worker) in workers {
        drop(stop);
        worker.join().expect("a worker ends");
    }
}

/// A clock that costs nothing to read: what is left is the timeout's own.
#[derive(Clone)]
struct Standing;

impl Clock for Standing {
    type Sleep = Forever;

    fn now(&self) -> klaw::Instant {
        klaw::Instant::EPOCH
    }

    fn sleep_until(&self, _: klaw::Instant) -> Forever {
        Forever
    }
}

/// Time that never comes, since the clock stands.
struct Forever;

impl Future for Forever {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Sleep for Forever {
    fn reset(self: Pin<&mut Self>, _: klaw::Instant) {}
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

async fn join_set(items: usize) {
    for batch in batches(items) {
        let mut tasks: tokio::task::JoinSet<_> = batch.map(work).collect();
        while let Some(value) = tasks.join_next().await {
            black_box(value.expect("a value"));
        }
    }
}

/// The futures themselves, polled in the task that awaits them: what there is without tasks.
async fn unordered(items: usize) {
    for batch in batches(items) {
        let mut futures: FuturesUnordered<_> = batch.map(work).collect();
        while let Some(value) = futures.next().await {
            black_box(value);
        }
    }
}

/// As many at once as the maps have, by hand: what `buffer_unordered` does, without its stream.
async fn topped_up(items: usize) -> usize {
    let mut left = (0..items).map(work);
    let mut running: FuturesUnordered<_> = left.by_ref().take(WIDTH.get()).collect();
    let mut count = 0;
    while let Some(value) = running.next().await {
        black_box(value);
        count += 1;
        running.extend(left.next());
    }
    count
}

fn batches(items: usize) -> impl Iterator<Item = core::ops::Range<usize>> {
    (0..items).step_by(BATCH).map(move |from| from..items.min(from + BATCH))
}

fn report(title: &str, entries: &mut [Entry<'_>], items: usize, rounds: usize) {
    for round in 0..=rounds {
        let first = round % entries.len().max(1);
        for step in 0..entries.len() {
            let at = (first + step) % entries.len();
            let entry = &mut entries[at];
            let (begun, worked) = (Instant::now(), processor_time());
            (entry.run)(items);
            if round > 0 {
                // The first round warms up.
                entry.passed.push(per_item(begun.elapsed(), items));
                entry.worked.push(per_item(processor_time() - worked, items));
            }
        }
    }
    println!("{title}: {items} items, {rounds} rounds, {THREADS} threads, ns per item");
    println!(
        "  {:<36} {:>7} {:>7} {:>7}   processor: best and median",
        "", "best", "median", "worst"
    );
    for Entry { name, passed, worked, .. } in entries {
        passed.sort_by(f64::total_cmp);
        worked.sort_by(f64::total_cmp);
        let (last, mid) = (passed.len() - 1, passed.len() / 2);
        let [best, median, worst] = [passed[0], passed[mid], passed[last]];
        println!(
            "  {name:<36} {best:>7.1} {median:>7.1} {worst:>7.1}   {:>7.1} {:>7.1}",
            worked[0], worked[mid]
        );
    }
}

fn per_item(time: Duration, items: usize) -> f64 {
    time.as_nanos() as f64 / items as f64
}

/// What all threads of this process have worked so far.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("it is positive")
}
