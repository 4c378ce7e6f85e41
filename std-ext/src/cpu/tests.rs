mod context;

use super::*;
use core::{
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};
use futures_util::future::{join, join_all};
use smol::future::block_on;
use std::sync::mpsc::{Receiver, Sender, channel};

fn pool(threads: usize, capacity: usize) -> CpuPool {
    CpuPool::builder()
        .threads(NonZeroUsize::new(threads).unwrap())
        .capacity(NonZeroUsize::new(capacity).unwrap())
        .build()
        .unwrap()
}

/// Occupies the only thread of `pool` until the sender is used or dropped.
fn occupy(pool: &CpuPool) -> (Job<()>, Sender<()>) {
    let (started, is_started) = channel();
    let (release, released): (_, Receiver<()>) = channel();
    let job = pool.run(move || {
        started.send(()).unwrap();
        let _ = released.recv();
    });
    is_started.recv().unwrap();
    (job, release)
}

fn poll<R: Send + 'static>(job: &mut Job<R>) -> Poll<Result<R, JobError>> {
    core::pin::Pin::new(job).poll(&mut Context::from_waker(Waker::noop()))
}

/// Counts how often it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn results_come_back_and_are_counted() {
    let pool = pool(2, 4);
    let jobs = (0..100_u64).map(|n| pool.run(move || n * n));
    let results = block_on(join_all(jobs));
    let squares: Vec<_> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(squares, (0..100).map(|n| n * n).collect::<Vec<_>>());
    block_on(pool.idle());
    let expected = CpuStats { finished: 100, ..CpuStats::default() };
    assert_eq!(pool.stats(), expected);
}

#[test]
fn h7_a_panic_ends_one_job_only_and_keeps_its_payload() {
    let pool = pool(1, 8);
    let error = block_on(pool.run(|| panic!("number {}", 7))).unwrap_err();
    assert_eq!(error.to_string(), "the job panicked: number 7");
    let error = block_on(pool.run(|| std::panic::panic_any(42_u8))).unwrap_err();
    let JobError::Panicked(panic) = error else { panic!("{error}") };
    assert_eq!(*panic.into_payload().downcast::<u8>().unwrap(), 42);
    assert_eq!(block_on(pool.run(|| 1)).unwrap(), 1);
    assert_eq!((pool.stats().finished, pool.stats().panicked), (3, 2));
}

#[test]
fn h9_a_job_dropped_before_it_starts_is_never_run() {
    let pool = pool(1, 8);
    let (first, release) = occupy(&pool);
    let captured = Arc::new(AtomicUsize::new(0));
    let (ran, canary) = (Arc::new(AtomicUsize::new(0)), Dropped(Arc::clone(&captured)));
    let count = Arc::clone(&ran);
    let job = pool.run(move || {
        count.fetch_add(1, Ordering::SeqCst);
        drop(canary);
    });
    assert_eq!(captured.load(Ordering::SeqCst), 0);
    drop(job);
    assert_eq!(captured.load(Ordering::SeqCst), 1, "what it held is let go of at once");
    assert_eq!(pool.stats().queued, 1, "its place is not yet free");
    drop(release);
    block_on(first).unwrap();
    block_on(pool.idle());
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    assert_eq!((pool.stats().queued, pool.stats().finished), (0, 1));
}

#[test]
fn h9_a_job_dropped_after_it_started_runs_on_and_its_result_is_dropped() {
    let pool = pool(1, 8);
    let dropped = Arc::new(AtomicUsize::new(0));
    let (started, is_started) = channel();
    let (release, released) = channel::<()>();
    let result = Dropped(Arc::clone(&dropped));
    let job = pool.run(move || {
        started.send(()).unwrap();
        let _ = released.recv();
        result
    });
    is_started.recv().unwrap();
    drop(job);
    assert_eq!((pool.stats().running, dropped.load(Ordering::SeqCst)), (1, 0));
    drop(release);
    // A job behind it on the only thread: the first one's destructors have run by then.
    block_on(pool.run(|| ())).unwrap();
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    assert_eq!(pool.stats().finished, 2);
}

#[test]
fn h2_a_job_gives_its_result_after_its_captures_are_dropped() {
    let pool = pool(1, 8);
    for _ in 0..200 {
        let dropped = Arc::new(AtomicUsize::new(0));
        let canary = Dropped(Arc::clone(&dropped));
        block_on(pool.run(move || {
            let _held = &canary;
        }))
        .unwrap();
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_full_pool_gives_the_closure_back() {
    let pool = pool(1, 2);
    let (first, release) = occupy(&pool);
    let queued = [pool.try_run(|| 1).unwrap(), pool.try_run(|| 2).unwrap()];
    let error = pool.try_run(|| 3).unwrap_err();
    assert_eq!(error.kind, SpawnErrorKind::Full);
    assert_eq!(error.refused.unwrap()(), 3);
    let error = pool.spawn_blocking(|| ()).unwrap_err();
    assert_eq!((error.kind, error.refused.is_some()), (SpawnErrorKind::Full, true));

    // `run` waits instead, and drops out of the line without leaving a trace.
    let mut waiting = pool.run(|| 4);
    let mut dropped = pool.run(|| 5);
    assert!(poll(&mut dropped).is_pending());
    assert!(poll(&mut waiting).is_pending());
    drop(dropped);
    assert_eq!(pool.stats(), CpuStats { queued: 2, running: 1, ..CpuStats::default() });
    drop(release);
    let results = block_on(join(join_all(queued), waiting));
    assert_eq!(results.0.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(results.1.unwrap(), 4);
    block_on(first).unwrap();
    assert_eq!(pool.stats().finished, 4);
}

#[test]
fn everyone_who_waits_for_room_gets_it() {
    let pool = pool(2, 1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let results = block_on(join_all((0..500).map(|n| pool.run(move || n))));
                assert!(results.into_iter().map(Result::unwrap).eq(0..500));
            });
        }
    });
    block_on(pool.idle());
    assert_eq!(pool.stats().finished, 2000);
}

#[test]
fn a_closed_pool_takes_nothing_and_finishes_what_it_has() {
    let pool = pool(1, 1);
    let (first, release) = occupy(&pool);
    let queued = pool.run(|| "queued");
    let waiting = pool.run(|| "waiting");
    pool.close();
    assert!(matches!(block_on(waiting), Err(JobError::Closed)));
    assert_eq!(pool.try_run(|| ()).unwrap_err().kind, SpawnErrorKind::Closed);
    assert_eq!(pool.spawn_blocking(|| ()).unwrap_err().kind, SpawnErrorKind::Closed);
    assert!(matches!(block_on(pool.run(|| ())), Err(JobError::Closed)));
    drop(release);
    assert_eq!(block_on(queued).unwrap(), "queued");
    block_on(first).unwrap();
    block_on(pool.idle());
}

#[test]
fn jobs_outlive_the_pool() {
    let pool = pool(1, 8);
    let (first, release) = occupy(&pool);
    let second = pool.run(|| 2);
    drop(pool);
    drop(release);
    block_on(first).unwrap();
    assert_eq!(block_on(second).unwrap(), 2);
}

#[test]
fn jobs_without_handle_run_and_their_panics_are_counted() {
    let pool = pool(1, 8);
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    pool.spawn_blocking(|| panic!("on purpose")).unwrap();
    pool.spawn_blocking(move || {
        count.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    block_on(pool.idle());
    assert_eq!(ran.load(Ordering::SeqCst), 1);
    assert_eq!((pool.stats().finished, pool.stats().panicked), (2, 1));
}

#[test]
fn a_result_whose_destructor_panics_does_not_end_the_process() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let pool = pool(1, 8);
    let (started, is_started) = channel();
    let (release, released) = channel::<()>();
    let job = pool.run(move || {
        started.send(()).unwrap();
        let _ = released.recv();
        Bomb
    });
    is_started.recv().unwrap();
    drop(job);
    drop(release);
    assert_eq!(block_on(pool.run(|| 1)).unwrap(), 1);
}

#[test]
fn threads_carry_the_name() {
    let pool = CpuPool::builder().threads(NonZeroUsize::MIN).thread_name("sums").build().unwrap();
    let name = block_on(pool.run(|| std::thread::current().name().map(String::from)));
    assert_eq!(name.unwrap().unwrap(), "sums-0");
    assert_eq!(pool.threads(), 1);
}

#[test]
fn handles_and_errors_can_be_shared() {
    fn shared<T: Send + Sync + Unpin + 'static>() {}
    shared::<CpuPool>();
    shared::<JobError>();
    fn sent<T: Send + Unpin>() {}
    sent::<Job<core::cell::Cell<u8>>>();
}
