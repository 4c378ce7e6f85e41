//! The cache between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;
mod pool;
mod virtual_clock;

use block_on::block_on;
use core::{
    future::poll_fn,
    num::NonZeroUsize,
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use klaw::{
    BoxFuture, Boxed, Spawn,
    cache::{AsyncLru, LoadError},
};
use pool::Pool;
use std::{
    sync::{Arc, Barrier},
    thread,
};
use virtual_clock::VirtualClock;

const ROUNDS: u32 = if cfg!(miri) { 3 } else { 200 };
const THREADS: usize = 4;

type Cache<S> = AsyncLru<u32, u32, &'static str, Boxed<S>, VirtualClock>;

fn cache<S: Spawn<BoxFuture>>(spawner: S, capacity: usize) -> Cache<S> {
    let capacity = NonZeroUsize::new(capacity).unwrap();
    AsyncLru::new(Boxed(spawner), VirtualClock::new(), capacity)
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn a1_one_load_however_many_threads_ask_at_once() {
    let pool = Pool::new(2);
    let cache = cache(pool.spawner(), ROUNDS as usize);
    let (loads, start) = (Arc::<AtomicUsize>::default(), Barrier::new(THREADS));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for key in 0..ROUNDS {
                    start.wait();
                    let loads = loads.clone();
                    let load = || async move {
                        yield_once().await;
                        loads.fetch_add(1, Ordering::Relaxed);
                        Ok(2 * key)
                    };
                    let value = block_on(cache.get_or_load(&key, load)).unwrap();
                    assert_eq!(value, 2 * key);
                }
            });
        }
    });
    assert_eq!(loads.load(Ordering::Relaxed), ROUNDS as usize);
    assert_eq!(cache.len(), ROUNDS as usize);
}

#[test]
fn a2_callers_who_go_away_on_other_threads_take_nothing_from_who_stays() {
    let pool = Pool::new(2);
    let cache = cache(pool.spawner(), 2);
    let (alive, start) = (Arc::<AtomicUsize>::default(), Barrier::new(THREADS));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (cache, alive, start) = (&cache, &alive, &start);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    start.wait();
                    let key = round % 3;
                    alive.fetch_add(1, Ordering::Relaxed);
                    let alive = Counted(alive.clone());
                    let load = move || async move {
                        let _alive = alive;
                        yield_once().await;
                        if round % 5 == 4 { Err("none") } else { Ok(key) }
                    };
                    if thread % 2 == 0 {
                        // Goes away at whatever moment that is.
                        let mut asked = pin!(cache.get_or_load(&key, load));
                        let _ = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                        if thread == 0 {
                            thread::yield_now();
                        }
                        continue;
                    }
                    match block_on(cache.get_or_load(&key, load)) {
                        Ok(value) => assert_eq!(value, key),
                        Err(LoadError::Failed(error)) => assert_eq!(*error, "none"),
                        Err(error) => panic!("{error}"),
                    }
                    if round % 7 == 0 {
                        cache.invalidate(&key);
                    }
                }
            });
        }
    });
    assert!(cache.len() <= 2);
    drop(pool);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a3_when_the_executor_goes_nobody_waits_for_ever() {
    for round in 0..ROUNDS {
        let pool = Pool::new(2);
        let cache = cache(pool.spawner(), 2);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let load = || async {
                        yield_once().await;
                        Ok(7)
                    };
                    match block_on(cache.get_or_load(&1, load)) {
                        Ok(value) => assert_eq!(value, 7),
                        Err(LoadError::Dropped | LoadError::Refused(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                });
            }
            (0..round % 8).for_each(|_| thread::yield_now());
            drop(pool);
        });
    }
}
