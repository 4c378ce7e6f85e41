//! Tasks, handles and maps on smol's executors, with threads and without.

use klaw_smol::{
    Clock, Executor, JoinError, LocalExecutor, Runtime, SmolClock, SpawnErrorKind,
    klaw::{self, task::ExitReason},
    task::Priority,
};
use klaw_std::CpuPool;
use std::{
    cell::RefCell,
    future::pending,
    num::NonZeroUsize,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

fn number(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn threads(threads: usize) -> Runtime {
    Runtime::builder().threads(number(threads)).build().unwrap()
}

/// Takes its time to be dropped, and says when it is done.
struct Slow(Arc<AtomicBool>);

impl Drop for Slow {
    fn drop(&mut self) {
        std::thread::sleep(Duration::from_millis(20));
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn h1_h2_a_runtime_dropped_under_a_waiter_resolves_its_handles_after_the_destructors() {
    let rt = threads(2);
    let gone = Arc::new(AtomicBool::new(false));
    let slow = Slow(gone.clone());
    let handle = rt.submit(async move {
        let _slow = slow;
        pending::<()>().await;
    });
    let handle = handle.unwrap();
    let waiter = std::thread::spawn(move || async_io::block_on(handle.into_future()));
    drop(rt);
    assert!(matches!(waiter.join().unwrap(), Err(JoinError::Abandoned)));
    assert!(gone.load(Ordering::SeqCst));
}

#[test]
fn h2_a_cancelled_task_has_ended_only_when_its_destructors_ran() {
    let rt = threads(2);
    let gone = Arc::new(AtomicBool::new(false));
    let (slow, (started, begun)) = (Slow(gone.clone()), mpsc::channel());
    let mut handle = rt
        .submit(async move {
            let _slow = slow;
            started.send(()).unwrap();
            pending::<()>().await;
        })
        .unwrap();
    begun.recv().unwrap();
    assert!(handle.cancel("enough"));
    let result = rt.block_on((&mut handle).into_future());
    assert!(gone.load(Ordering::SeqCst));
    assert!(matches!(result, Err(JoinError::Cancelled(_))));
    assert_eq!(
        handle.exit_reason().map(|reason| reason.to_string()),
        Some("cancelled: enough".into())
    );
}

#[test]
fn h1_a_local_executor_dropped_under_a_waiter() {
    let executor = Rc::new(smol::LocalExecutor::new());
    let not_send = Rc::new(7);
    let ex = klaw::Executor::new(LocalExecutor::from(&executor));
    let captured = not_send.clone();
    let handle = ex.submit(async move {
        pending::<()>().await;
        captured
    });
    let handle = handle.unwrap();
    assert!(executor.try_tick());
    drop(executor);
    assert!(matches!(async_io::block_on(handle.into_future()), Err(JoinError::Abandoned)));
    assert_eq!(Rc::strong_count(&not_send), 1);
    let error = ex.submit(async { 5 }).unwrap_err();
    assert_eq!(error.kind, SpawnErrorKind::Closed);
    assert_eq!(async_io::block_on(error.refused.unwrap()), 5, "H8: the future comes back");
}

#[test]
fn h7_a_panic_ends_one_task_only() {
    let rt = threads(1);
    let ex = rt.executor();
    let handles = (0..10).map(|n| {
        ex.submit(async move {
            if n % 2 == 1 {
                std::panic::resume_unwind(Box::new(n));
            }
            n
        })
        .unwrap()
    });
    let results = async_io::block_on(ex.gather(handles));
    for (n, result) in results.into_iter().enumerate() {
        match result {
            Ok(value) => assert!(value == n && n % 2 == 0),
            Err(JoinError::Panicked(panic)) => {
                assert_eq!(panic.into_payload().downcast_ref(), Some(&n));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn many_tasks_cancelled_from_other_threads_all_end_once() {
    let rt = threads(4);
    let (exits, value) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let handles: Vec<_> = (0..500)
        .map(|n| {
            let (exits, value) = (exits.clone(), value.clone());
            rt.executor()
                .task("raced")
                .on_exit(move |_| {
                    exits.fetch_add(1, Ordering::SeqCst);
                })
                .submit(async move {
                    SmolClock.sleep(Duration::from_micros(n % 50)).await;
                    value
                })
                .unwrap()
        })
        .collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| handles.iter().filter(|handle| handle.cancel("enough")).count());
        }
    });
    let reasons: Vec<_> =
        rt.block_on(async { handles.iter().map(|handle| handle.ended()).collect::<Vec<_>>() });
    for ended in reasons {
        let reason = rt.block_on(ended);
        assert!(matches!(reason, ExitReason::Finished | ExitReason::Cancelled(_)), "{reason}");
    }
    assert_eq!(exits.load(Ordering::SeqCst), 500);
    drop(handles);
    rt.shutdown();
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_task_of_low_priority_lets_others_go_first() {
    let executor = Rc::new(smol::LocalExecutor::new());
    let ex = klaw::Executor::new(LocalExecutor::from(&executor));
    let order = Rc::new(RefCell::new(vec![]));
    let note = |name| {
        let order = order.clone();
        async move { order.borrow_mut().push(name) }
    };
    ex.task("low").priority(Priority::Low).submit(note("low")).unwrap();
    ex.task("normal").submit(note("normal")).unwrap();
    while executor.try_tick() {}
    assert_eq!(*order.borrow(), ["normal", "low"]);
}

#[test]
fn maps_on_threads_give_every_result_in_order() {
    let rt = threads(4);
    let ex = rt.executor();
    let map = ex.map(0..20_000_u64, |n| async move {
        if n % 1_000 == 0 {
            SmolClock.sleep(Duration::from_micros(200)).await;
        }
        n
    });
    let results = async_io::block_on(map.width(number(16)));
    assert!(results.into_iter().map(Result::unwrap).eq(0..20_000));

    let mut stream = ex.imap_ordered(0..20_000_u64, |n| async move { n }).width(number(8));
    async_io::block_on(async {
        for n in 0..20_000 {
            assert_eq!(stream.next().await.unwrap().unwrap(), n);
        }
        assert!(stream.next().await.is_none());
    });

    let mut stream = ex.imap(0..20_000_u64, |n| async move { n }).width(number(8));
    let mut seen = async_io::block_on(async {
        let mut seen = vec![];
        while let Some(result) = stream.next().await {
            seen.push(result.unwrap());
        }
        seen
    });
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..20_000));
}

#[test]
fn m5_try_map_on_threads_leaves_nothing_behind() {
    let rt = threads(4);
    let alive = Arc::new(());
    let held = alive.clone();
    let map = rt.executor().try_map(0_u32.., move |n| {
        let held = held.clone();
        async move {
            let _held = held;
            if n == 5_000 { Err(n) } else { Ok(()) }
        }
    });
    let error = async_io::block_on(map).unwrap_err();
    assert_eq!(error.to_string(), "item 5000: 5000");
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn m6_a_dropped_stream_of_an_endless_iterator_ends_on_threads() {
    let rt = threads(4);
    let alive = Arc::new(());
    for taken in [0, 1, 100] {
        let held = alive.clone();
        let mut stream = rt.executor().imap(0_u64.., move |n| {
            let held = held.clone();
            async move { (n, held) }
        });
        async_io::block_on(async {
            for _ in 0..taken {
                stream.next().await.unwrap().unwrap();
            }
        });
        drop(stream);
    }
    rt.shutdown();
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn m8_computing_on_a_pool() {
    let rt = threads(2);
    let pool = CpuPool::new(number(2)).unwrap();
    let ex = rt.executor().with_pool(pool.clone());
    let results = rt.block_on(ex.map_cpu(0..100_000_u64, |n| n.wrapping_mul(n)));
    assert!(results.into_iter().map(Result::unwrap).eq((0..100_000).map(|n: u64| n * n)));
    rt.block_on(pool.idle());
    assert!(pool.stats().finished <= 16 * 4 + 16 + 16, "{:?}", pool.stats());
    let handle = ex.submit_blocking(|token| token.is_cancelled()).unwrap();
    assert!(!rt.block_on(handle.into_future()).unwrap());
    pool.close();
    let error = ex.submit_blocking(|_| 6).unwrap_err();
    assert_eq!(error.kind, SpawnErrorKind::Closed);
    assert_eq!(error.refused.unwrap()(klaw::CancelToken::new()), 6);
}

#[test]
fn a_task_submits_others_to_the_executor_that_runs_it() {
    let executor = Arc::new(smol::Executor::new());
    let ex = klaw::Executor::new(Executor::from(&executor));
    let inner = ex.clone();
    let handle = ex.submit(async move {
        let children = (0..10).map(|n| inner.submit(async move { n }).unwrap());
        inner.gather(children).await.into_iter().map(Result::unwrap).sum::<u32>()
    });
    let handle = handle.unwrap();
    assert_eq!(async_io::block_on(executor.run(handle.into_future())).unwrap(), 45);
}
