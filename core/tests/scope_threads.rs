//! Scopes between real threads; meant to run under ThreadSanitizer and Miri as well.

#![cfg(feature = "std")]

mod block_on;
mod pool;
mod virtual_clock;

use block_on::block_on;
use core::{
    future::pending,
    sync::atomic::{AtomicUsize, Ordering},
};
use klaw::{CancelToken, Runtime, scope};
use pool::{Pool, Spawner};
use std::{sync::Arc, thread};
use virtual_clock::VirtualClock;

const ROUNDS: usize = if cfg!(miri) { 3 } else { 200 };
const CHILDREN: usize = 6;

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

/// A scope with children of which some end, and one cleanup; when it ends is for `token` to say.
async fn run_scope(
    rt: Runtime<Spawner, VirtualClock>,
    token: CancelToken,
    alive: Arc<AtomicUsize>,
    cleaned: Arc<AtomicUsize>,
) {
    let body = async |s: &klaw::Scope<Spawner, VirtualClock>| {
        let cleaned = cleaned.clone();
        let left = alive.clone();
        let cleanup = async move {
            // The children are gone, with all that they wrote.
            assert_eq!(left.load(Ordering::Relaxed), 0);
            cleaned.fetch_add(1, Ordering::Relaxed);
        };
        s.defer(cleanup).expect("the pool is open");
        let mut last = None;
        for number in 0..CHILDREN {
            let alive = Alive::new(&alive);
            let child = s.spawn(async move {
                let _alive = alive;
                if number % 2 == 0 {
                    pending::<()>().await;
                }
            });
            match child {
                Ok(child) => last = Some(child),
                Err(_) => assert!(s.token().is_cancelled()),
            }
        }
        if let Some(child) = last {
            assert!(child.await.is_ok() || s.token().is_cancelled());
        }
        pending::<()>().await;
    };
    let ended = scope(&rt).below(&token).run(body).await;
    assert_eq!(ended.unwrap_err().reason, "enough");
    assert_eq!(alive.load(Ordering::Relaxed), 0, "it returns when all are gone");
}

#[test]
fn a_scope_returns_when_all_its_tasks_on_other_threads_are_gone() {
    let pool = Pool::new(2);
    let rt = Runtime::new(pool.spawner(), VirtualClock::new());
    for round in 0..ROUNDS {
        let (token, alive) = (CancelToken::new(), Arc::<AtomicUsize>::default());
        let cleaned = Arc::<AtomicUsize>::default();
        thread::scope(|threads| {
            let stop = token.clone();
            threads.spawn(move || {
                (0..round % 8).for_each(|_| thread::yield_now());
                stop.cancel("enough");
            });
            block_on(run_scope(rt.clone(), token.clone(), alive, cleaned.clone()));
        });
        // None if it was cancelled before its body began.
        assert!(cleaned.load(Ordering::Relaxed) <= 1);
    }
}
