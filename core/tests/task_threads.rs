//! Tasks, maps and jobs between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;
mod pool;

use block_on::block_on;
use core::{
    future::{pending, poll_fn},
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
};
use klaw::{CancelToken, Executor, JoinError, TaskHandle};
use pool::{Pool, Spawner};
use std::{sync::Arc, thread};

const ROUNDS: usize = if cfg!(miri) { 4 } else { 300 };
const THREADS: usize = if cfg!(miri) { 2 } else { 4 };

fn tasks(pool: &Pool) -> Executor<Spawner, Spawner> {
    Executor::new(pool.spawner()).with_pool(pool.spawner())
}

/// Counts those that are there.
struct Alive(Arc<AtomicUsize>);

impl Alive {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Gives others a turn, `times` times.
async fn take_turns(times: usize) {
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What a task does, by its number.
async fn work(number: usize, alive: Alive) -> usize {
    let _alive = alive;
    take_turns(number % 4).await;
    if number % 3 == 2 {
        pending::<()>().await;
    }
    number
}

/// The task with `number` ended as it may when others cancel it or its executor goes.
#[track_caller]
fn check(number: usize, result: Result<usize, JoinError>) {
    match result {
        Ok(value) => assert!(value == number && number % 3 != 2),
        Err(JoinError::Cancelled(cancelled)) => assert_eq!(cancelled.reason, "enough"),
        Err(JoinError::Abandoned) => {}
        Err(error) => panic!("{number}: {error}"),
    }
}

#[test]
fn h1_every_handle_resolves_whoever_cancels_and_whoever_waits() {
    let (pool, alive) = (Pool::new(THREADS), Arc::<AtomicUsize>::default());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let tasks = tasks(&pool);
                for number in 0..ROUNDS {
                    let handle = tasks.submit(work(number, Alive::new(&alive))).unwrap();
                    thread::scope(|scope| {
                        let ended = handle.ended();
                        let other = scope.spawn(move || block_on(ended));
                        if number % 3 != 0 {
                            handle.cancel("enough");
                        }
                        other.join().unwrap();
                        // Who hears of the end hears of it after the end.
                        assert!(!handle.is_running());
                    });
                    let result = block_on(handle.into_future());
                    assert!(number % 3 != 0 || result.is_ok(), "nobody cancelled it");
                    check(number, result);
                }
            });
        }
    });
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn h1_every_handle_resolves_when_the_executor_goes() {
    for round in 0..ROUNDS / 4 {
        let (pool, alive) = (Pool::new(THREADS), Arc::<AtomicUsize>::default());
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (tasks, alive) = (tasks(&pool), &alive);
                scope.spawn(move || {
                    let mut handles: Vec<(usize, TaskHandle<usize>)> = vec![];
                    for number in 0..16 {
                        match tasks.submit(work(number, Alive::new(alive))) {
                            Ok(handle) => handles.push((number, handle)),
                            Err(error) => drop(error.refused.expect("it comes back")),
                        }
                    }
                    for (number, mut handle) in handles {
                        if number % 5 == thread {
                            handle.cancel("enough");
                        }
                        check(number, block_on((&mut handle).into_future()));
                        assert!(!handle.is_running());
                    }
                });
            }
            (0..round % 8).for_each(|_| thread::yield_now());
            drop(pool);
        });
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    }
}

#[test]
fn a_dropped_handle_leaves_nothing_behind() {
    let (pool, alive) = (Pool::new(THREADS), Arc::<AtomicUsize>::default());
    let tasks = tasks(&pool);
    let mut ends = vec![];
    for number in 0..ROUNDS {
        let value = Alive::new(&alive);
        let handle = tasks.submit(async move {
            take_turns(number % 3).await;
            value
        });
        let handle = handle.unwrap();
        ends.push(handle.ended());
        drop(handle);
    }
    for ended in ends {
        block_on(ended);
    }
    // The last thing a task does is to say so; what it left to nobody is gone by then.
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn h9_a_job_never_runs_or_runs_to_its_end() {
    let pool = Pool::new(THREADS);
    let tasks = tasks(&pool);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for number in 0..ROUNDS {
                    let ran = Arc::<AtomicUsize>::default();
                    let noted = ran.clone();
                    let job = move |asked: CancelToken| {
                        noted.fetch_add(1, Ordering::Relaxed);
                        asked.is_cancelled()
                    };
                    let handle = tasks.submit_blocking(job).unwrap();
                    if number % 2 == 0 {
                        handle.cancel("enough");
                    }
                    let result = block_on(handle.into_future());
                    let times = ran.load(Ordering::Relaxed);
                    match result {
                        Ok(_) => assert_eq!(times, 1),
                        Err(JoinError::Cancelled(_)) => assert!(times == 0 && number % 2 == 0),
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
}

#[test]
fn m2_maps_on_threads_lose_no_item_and_keep_the_order() {
    const ITEMS: usize = if cfg!(miri) { 12 } else { 400 };
    let pool = Pool::new(THREADS);
    let tasks = tasks(&pool);
    let f = |n: usize| async move {
        take_turns(n % 3).await;
        n
    };
    thread::scope(|scope| {
        for width in [1, 2, 7] {
            let (tasks, width) = (&tasks, NonZeroUsize::new(width).unwrap());
            scope.spawn(move || {
                let all = block_on(tasks.map(0..ITEMS, f).width(width));
                assert!(all.into_iter().map(Result::unwrap).eq(0..ITEMS));
                let mut stream = tasks.imap_ordered(0..ITEMS, f).width(width);
                for n in 0..ITEMS {
                    assert_eq!(block_on(stream.next()).unwrap().unwrap(), n);
                }
                assert!(block_on(stream.next()).is_none());
                let mut stream = tasks.imap(0..ITEMS, f).width(width);
                let next = || block_on(stream.next()).map(Result::unwrap);
                let mut all: Vec<_> = core::iter::from_fn(next).collect();
                all.sort_unstable();
                assert!(all.into_iter().eq(0..ITEMS));
                let all = block_on(tasks.map_cpu(0..ITEMS, |n| 2 * n).width(width));
                assert!(all.into_iter().map(Result::unwrap).eq((0..ITEMS).map(|n| 2 * n)));
            });
        }
    });
}

#[test]
fn m6_a_map_dropped_at_any_moment_lets_everything_go() {
    let alive = Arc::<AtomicUsize>::default();
    let pool = Pool::new(THREADS);
    for round in 0..ROUNDS {
        let (tasks, held) = (tasks(&pool), alive.clone());
        let items = (0..64).map(move |n| (n, Alive::new(&held)));
        let f = |(n, alive): (usize, Alive)| async move {
            take_turns(n % 3).await;
            drop(alive);
            n
        };
        let mut stream = tasks.imap(items, f).width(NonZeroUsize::new(4).unwrap());
        for _ in 0..round % 16 {
            assert!(block_on(stream.next()).is_some());
        }
        drop(stream);
    }
    drop(pool);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}
