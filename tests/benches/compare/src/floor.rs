//! What no actor can be faster than: two uncontended locks, and what the executor itself takes for a
//! task and for a wake. Medians of some rounds, one thread.

use smol::{LocalExecutor, future};
use std::{
    array,
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    hint::black_box,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
    task::{Poll, Waker},
    time::{Duration, Instant},
};

const ROUNDS: usize = 11;
const TASKS: usize = 1000;
const HOPS: usize = 200_000;

fn main() {
    show("two uncontended locks", 2_000_000, two_locks);
    show("an empty task, spawned and awaited", 20_000, |n| spawn(n, || async {}));
    show("the same, of 500 bytes", 20_000, |n| spawn(n, || large::<500>()));
    show("a wake and a poll, along a ring of 1,000 tasks that do nothing else", HOPS, ring);
}

/// Prints the median of what `run` takes for one of `n`.
fn show(what: &str, n: usize, run: impl Fn(usize) -> Duration) {
    let mut rounds: [f64; ROUNDS] = array::from_fn(|_| run(n).as_nanos() as f64 / n as f64);
    rounds.sort_by(f64::total_cmp);
    println!("{what}: {:.1} ns", rounds[ROUNDS / 2]);
}

fn two_locks(n: usize) -> Duration {
    let locks = [AtomicBool::new(false), AtomicBool::new(false)];
    let start = Instant::now();
    for _ in 0..n {
        for lock in black_box(&locks) {
            black_box(lock.swap(true, Ordering::Acquire));
            lock.store(false, Ordering::Release);
        }
    }
    start.elapsed()
}

async fn large<const BYTES: usize>() {
    let bytes = [0u8; BYTES];
    future::yield_now().await;
    black_box(&bytes);
}

fn spawn<F: Future<Output = ()> + 'static>(n: usize, task: impl Fn() -> F) -> Duration {
    let executor = LocalExecutor::new();
    future::block_on(executor.run(async {
        let start = Instant::now();
        for _ in 0..n {
            executor.spawn(task()).await;
        }
        start.elapsed()
    }))
}

/// Who waits in the ring, and how many hops are left.
struct Ring {
    waiting: RefCell<Vec<Option<Waker>>>,
    left: Cell<usize>,
}

impl Ring {
    fn wake(&self, at: usize) {
        let waker = self.waiting.borrow_mut()[at].take();
        waker.into_iter().for_each(Waker::wake);
    }
}

fn ring(n: usize) -> Duration {
    let executor = LocalExecutor::new();
    // The last one is who waits for the end.
    let ring = Rc::new(Ring {
        waiting: RefCell::new(vec![None; TASKS + 1]),
        left: Cell::new(n + TASKS), // each is polled once to begin with
    });
    for at in 0..TASKS {
        let ring = ring.clone();
        let mut started = false;
        let task = poll_fn(move |cx| {
            ring.waiting.borrow_mut()[at] = Some(cx.waker().clone());
            ring.left.set(ring.left.get().saturating_sub(1));
            if ring.left.get() == 0 {
                ring.wake(TASKS);
            } else if std::mem::replace(&mut started, true) {
                ring.wake((at + 1) % TASKS);
            }
            Poll::<()>::Pending
        });
        executor.spawn(task).detach();
    }
    while executor.try_tick() {}
    assert_eq!(ring.left.get(), n);
    let start = Instant::now();
    ring.wake(0);
    future::block_on(executor.run(poll_fn(|cx| {
        ring.waiting.borrow_mut()[TASKS] = Some(cx.waker().clone());
        if ring.left.get() == 0 { Poll::Ready(()) } else { Poll::Pending }
    })));
    start.elapsed()
}
