//! Tasks and their handles: rules H1 to H9, over many orders of events.

mod by_hand;
mod counting;
mod executor;
mod virtual_clock;

use by_hand::ByHand;
use core::{cell::Cell, pin::Pin, time::Duration};
use executor::Executor;
use klaw::{
    CancelToken, Clock, JoinError, Spawn, SpawnBlocking, SpawnError, SpawnErrorKind, TaskHandle,
    task::{BlockingJob, ExitReason, Task},
    timeout,
};
use std::{
    cell::RefCell,
    collections::VecDeque,
    future::{Future, pending, ready},
    rc::Rc,
    task::{Context, Poll},
};
use virtual_clock::VirtualClock;

const SEEDS: u64 = if cfg!(miri) { 4 } else { 64 };

fn tasks(executor: &Executor) -> klaw::Executor<executor::Spawner> {
    klaw::Executor::new(executor.spawner())
}

fn raise<T>() -> T {
    std::panic::resume_unwind(Box::new("on purpose"))
}

/// Polls up to `count` ready tasks.
fn steps(executor: &Executor, count: u64) {
    for _ in 0..count {
        executor.step();
    }
}

/// Counts itself out when it is dropped.
struct Alive(Rc<Cell<usize>>);

impl Alive {
    fn new(count: &Rc<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Self(count.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// Panics when it is dropped.
struct Grenade;

impl Drop for Grenade {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            raise::<()>();
        }
    }
}

/// Gives others a turn, `0` times.
struct Yield(usize);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(()) };
        self.0 = left;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[derive(Clone, Copy, Debug)]
enum End {
    Value,
    Panic,
    Cancel,
    DropOfTheExecutor,
}

const ENDS: [End; 4] = [End::Value, End::Panic, End::Cancel, End::DropOfTheExecutor];

#[test]
fn h1_every_handle_resolves() {
    for seed in 0..SEEDS {
        for end in ENDS {
            let (executor, waiting) = (Executor::new(seed), Executor::new(seed));
            let handle = tasks(&executor)
                .submit(async move {
                    Yield(2).await;
                    match end {
                        End::Value => 7,
                        End::Panic => raise(),
                        End::Cancel | End::DropOfTheExecutor => pending().await,
                    }
                })
                .unwrap();
            let everyone: Vec<_> = (0..3).map(|_| waiting.start(handle.ended())).collect();
            waiting.run();
            steps(&executor, seed % 4);
            if matches!(end, End::Cancel) {
                handle.cancel("enough");
            }
            if matches!(end, End::DropOfTheExecutor) {
                drop(executor);
            } else {
                executor.run();
            }
            let result = waiting.settle(handle.into_future()).expect("a handle resolves");
            let reason = everyone.iter().map(|ended| ended.take().expect("all hear of the end"));
            let reasons: Vec<_> = reason.collect();
            match (end, result) {
                (End::Value, Ok(7)) => assert_eq!(reasons, [ExitReason::Finished; 3]),
                (End::Panic, Err(JoinError::Panicked(panic))) => {
                    assert_eq!(panic.message(), Some("on purpose"));
                    assert_eq!(reasons, [ExitReason::Panicked; 3]);
                }
                (End::Cancel, Err(JoinError::Cancelled(cancelled))) => {
                    assert_eq!(cancelled.reason, "enough");
                    assert_eq!(reasons, [ExitReason::Cancelled(cancelled); 3]);
                }
                (End::DropOfTheExecutor, Err(JoinError::Abandoned)) => {
                    assert_eq!(reasons, [ExitReason::Abandoned; 3]);
                }
                (end, result) => panic!("seed {seed}: {end:?} came to {result:?}"),
            }
        }
    }
}

#[test]
fn h1_also_if_the_executor_drops_what_it_refuses_or_never_polls() {
    struct Forgetful;
    impl<F: Future<Output = ()>> Spawn<F> for Forgetful {
        fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
            drop(future);
            Ok(())
        }
    }
    let mut handle = klaw::Executor::new(Forgetful).submit(ready(1)).unwrap();
    let result = by_hand::now((&mut handle).into_future()).expect("it resolves at once");
    assert!(matches!(result, Err(JoinError::Abandoned)));
    assert_eq!(handle.exit_reason(), Some(ExitReason::Abandoned));
}

/// A future that panics when it is dropped, however it ended.
struct Trap(End, #[allow(dead_code, reason = "for its destructor")] Grenade);

impl Future for Trap {
    type Output = u8;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        match self.0 {
            End::Value => Poll::Ready(1),
            End::Panic => raise(),
            End::Cancel | End::DropOfTheExecutor => Poll::Pending,
        }
    }
}

#[test]
fn h1_a_panic_in_a_destructor_does_not_hang_the_handle() {
    for end in ENDS {
        let executor = Executor::new(1);
        let handle = tasks(&executor).submit(Trap(end, Grenade)).unwrap();
        executor.run();
        match end {
            End::Cancel => assert!(handle.cancel("enough")),
            End::DropOfTheExecutor => executor.shut_down(),
            End::Value | End::Panic => {}
        }
        executor.run();
        let result = by_hand::now(handle.into_future()).expect("it resolves");
        assert!(matches!(result, Err(JoinError::Panicked(_))), "{end:?} came to {result:?}");
        assert_eq!(executor.panics(), 0, "the panic stays within the task");
    }
}

#[test]
fn h2_it_resolves_only_after_the_destructors_ran() {
    for seed in 0..SEEDS {
        for end in ENDS {
            let executor = Executor::new(seed);
            let alive = Rc::new(Cell::new(0));
            let (captured, inside) = (Alive::new(&alive), alive.clone());
            let at_hook = Rc::new(Cell::new(usize::MAX));
            let (hook, counted) = (at_hook.clone(), alive.clone());
            let handle = tasks(&executor)
                .task("counted")
                .on_exit(move |_| hook.set(counted.get()))
                .submit(async move {
                    let _captured = captured;
                    let _inside = Alive::new(&inside);
                    Yield(2).await;
                    match end {
                        End::Value => {}
                        End::Panic => raise(),
                        End::Cancel | End::DropOfTheExecutor => pending().await,
                    }
                })
                .unwrap();
            // Asked in the poll in which the waiter is woken.
            let waiter = Executor::new(seed);
            let seen = waiter.start({
                let (ended, alive) = (handle.ended(), alive.clone());
                async move {
                    ended.await;
                    alive.get()
                }
            });
            waiter.run();
            steps(&executor, seed % 3 + 1);
            match end {
                End::Cancel => assert!(handle.cancel("enough")),
                End::DropOfTheExecutor => executor.shut_down(),
                End::Value | End::Panic => {}
            }
            while !seen.is_ready() {
                assert!(handle.is_running() || alive.get() == 0);
                assert!(executor.step() || waiter.step(), "somebody has something to do");
                waiter.run();
            }
            assert_eq!((seen.take(), at_hook.get()), (Some(0), 0), "{end:?}");
        }
    }
}

#[test]
fn h2_at_the_moment_of_the_wake() {
    /// Looks, when it is woken, at what is alive.
    struct Look(std::sync::Arc<std::sync::atomic::AtomicUsize>, std::sync::Mutex<Option<usize>>);
    impl std::task::Wake for Look {
        fn wake(self: std::sync::Arc<Self>) {
            let alive = self.0.load(std::sync::atomic::Ordering::SeqCst);
            *self.1.lock().unwrap() = Some(alive);
        }
    }
    struct Shared(std::sync::Arc<std::sync::atomic::AtomicUsize>);
    impl Drop for Shared {
        fn drop(&mut self) {
            self.0.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
        }
    }
    let executor = Executor::new(0);
    let alive = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(1));
    let captured = Shared(alive.clone());
    let handle = tasks(&executor).submit(async move {
        let _captured = captured;
        pending::<()>().await;
    });
    let handle = handle.unwrap();
    executor.run();
    let look = std::sync::Arc::new(Look(alive, std::sync::Mutex::new(None)));
    let mut ended = core::pin::pin!(handle.ended());
    let waker = look.clone().into();
    assert!(ended.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    handle.cancel("enough");
    assert_eq!(*look.1.lock().unwrap(), None, "a request is not the end");
    executor.run();
    assert_eq!(*look.1.lock().unwrap(), Some(0));
}

#[test]
fn h3_a_wait_by_reference_loses_nothing() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let timer = clock.sleep(Duration::from_secs(10));
        let mut handle = tasks(&executor)
            .submit(async move {
                timer.await;
                String::from("kept")
            })
            .unwrap();
        let waited = executor.start({
            let clock = clock.clone();
            async move {
                let mut tries = 1;
                loop {
                    let limit = Duration::from_secs(3);
                    match timeout(&clock, limit, (&mut handle).into_future()).await {
                        Ok(result) => return (tries, result.unwrap()),
                        Err(_) => tries += 1,
                    }
                }
            }
        });
        for _ in 0..10 {
            executor.run();
            clock.advance(Duration::from_secs(1));
        }
        executor.run();
        assert_eq!(waited.take(), Some((4, String::from("kept"))));
        assert_eq!(clock.timers(), 0);
    }
}

#[test]
#[should_panic(expected = "awaited after it was taken")]
fn h3_a_result_is_given_once() {
    let executor = Executor::new(0);
    let mut handle = tasks(&executor).submit(ready(1)).unwrap();
    executor.run();
    assert!(by_hand::now((&mut handle).into_future()).unwrap().is_ok());
    assert_eq!(handle.exit_reason(), Some(ExitReason::Finished), "this can still be asked");
    let _ = by_hand::now((&mut handle).into_future());
}

#[test]
fn h4_it_is_running_until_it_has_ended_also_while_it_is_cancelled() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let asleep = tasks(&executor).submit(pending::<()>()).unwrap();
        assert!(asleep.is_running(), "from submit on");
        steps(&executor, seed % 2);
        assert!(asleep.cancel("enough"));
        assert!(asleep.is_running() && asleep.exit_reason().is_none(), "asked is not ended");
        executor.run();
        assert!(!asleep.is_running() && asleep.exit_reason().is_some());
    }
}

#[test]
fn h5_cancel_is_idempotent_and_the_first_reason_wins() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let handle = tasks(&executor).submit(pending::<()>()).unwrap();
        steps(&executor, seed % 2);
        assert!(handle.cancel("first"));
        assert!(!handle.cancel("second"));
        executor.run();
        assert!(!handle.cancel("third"));
        match by_hand::now(handle.into_future()).unwrap() {
            Err(JoinError::Cancelled(cancelled)) => assert_eq!(cancelled.reason, "first"),
            result => panic!("{result:?}"),
        }
    }
}

#[test]
fn h5_after_completion_it_does_nothing() {
    let executor = Executor::new(0);
    let handle = tasks(&executor).submit(ready(3)).unwrap();
    executor.run();
    assert!(!handle.cancel("too late"));
    assert_eq!(handle.exit_reason(), Some(ExitReason::Finished));
    assert!(matches!(by_hand::now(handle.into_future()), Some(Ok(3))));
}

#[test]
fn h6_completion_beats_cancel() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let (tx, rx) = klaw::bounded(1);
        let polls = Rc::new(Cell::new(0));
        let count = polls.clone();
        let handle = tasks(&executor)
            .submit(async move {
                count.set(count.get() + 1);
                rx.recv().await
            })
            .unwrap();
        executor.run();
        // Both are there before the next poll, in either order.
        if seed % 2 == 0 {
            tx.try_send(seed).unwrap();
        }
        assert!(handle.cancel("enough"));
        if seed % 2 == 1 {
            tx.try_send(seed).unwrap();
        }
        executor.run();
        assert_eq!(by_hand::now(handle.into_future()).unwrap().unwrap(), Ok(seed));
        assert_eq!(polls.get(), 1);
    }
}

#[test]
fn h6_cancelled_in_its_own_last_poll_it_still_gives_its_value() {
    let executor = Executor::new(0);
    let own = Rc::new(RefCell::new(None::<TaskHandle<u32>>));
    let me = own.clone();
    let handle = tasks(&executor).submit(async move {
        assert!(me.borrow().as_ref().unwrap().cancel("myself"));
        5
    });
    *own.borrow_mut() = Some(handle.unwrap());
    executor.run();
    let handle = own.take().unwrap();
    assert!(matches!(by_hand::now(handle.into_future()), Some(Ok(5))));
}

#[test]
fn h6_cancelled_before_its_first_poll_it_is_never_polled() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let (polled, alive) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
        let (seen, captured) = (polled.clone(), Alive::new(&alive));
        let handle = tasks(&executor).submit(async move {
            let _captured = captured;
            seen.set(true);
        });
        let handle = handle.unwrap();
        handle.cancel("never mind");
        executor.run();
        assert!(!polled.get() && alive.get() == 0);
        assert!(matches!(handle.exit_reason(), Some(ExitReason::Cancelled(_))));
    }
}

#[test]
fn h7_a_panic_ends_one_task_only_and_its_payload_is_kept() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let ex = tasks(&executor);
        let handles: Vec<_> = (0..8)
            .map(|n| {
                ex.submit(async move {
                    Yield(n).await;
                    if n % 3 == 1 {
                        std::panic::resume_unwind(Box::new(n));
                    }
                    n
                })
                .unwrap()
            })
            .collect();
        let results = executor.settle(ex.gather(handles)).unwrap();
        for (n, result) in results.into_iter().enumerate() {
            match result {
                Ok(value) => assert!(value == n && n % 3 != 1),
                Err(JoinError::Panicked(panic)) => {
                    assert_eq!(panic.into_payload().downcast_ref(), Some(&n));
                    assert_eq!(n % 3, 1);
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((executor.panics(), executor.tasks()), (0, 0));
    }
}

#[test]
fn h8_what_is_refused_comes_back() {
    let executor = Executor::new(0);
    let ex = tasks(&executor);
    executor.set_room(0);
    let told = Rc::new(Cell::new(0));
    let hook = told.clone();
    let error = ex
        .task("refused")
        .on_exit(move |result| {
            assert!(matches!(result, Err(JoinError::Abandoned)));
            hook.set(hook.get() + 1);
        })
        .submit(async { 42 })
        .unwrap_err();
    assert_eq!((error.kind, told.get()), (SpawnErrorKind::Full, 1));
    assert_eq!(by_hand::now(error.refused.unwrap()), Some(42), "the user's own future");
    executor.close();
    let error = ex.submit(ready(43)).unwrap_err();
    assert_eq!(error.kind, SpawnErrorKind::Closed);
    assert_eq!(by_hand::now(error.refused.unwrap()), Some(43));
}

/// A pool whose jobs run when the test says so, the oldest first.
#[derive(Clone, Default)]
struct Pool(std::sync::Arc<std::sync::Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    jobs: VecDeque<BlockingJob>,
    closed: bool,
    swallows: bool,
}

impl Pool {
    fn run_one(&self) -> bool {
        let job = self.0.lock().unwrap().jobs.pop_front();
        job.map(|job| job()).is_some()
    }
}

impl SpawnBlocking<BlockingJob> for Pool {
    fn spawn_blocking(&self, job: BlockingJob) -> Result<(), SpawnError<BlockingJob>> {
        let mut queue = self.0.lock().unwrap();
        if queue.closed {
            let refused = (!queue.swallows).then_some(job);
            return Err(SpawnError::closed(refused));
        }
        queue.jobs.push_back(job);
        Ok(())
    }
}

fn with_pool(pool: &Pool) -> klaw::Executor<(), Pool> {
    klaw::Executor::new(()).with_pool(pool.clone())
}

#[test]
fn h8_a_refused_job_comes_back_also_from_a_pool_that_drops_it() {
    let pool = Pool::default();
    for swallows in [false, true] {
        *pool.0.lock().unwrap() = Queue { closed: true, swallows, ..Queue::default() };
        let error = with_pool(&pool).submit_blocking(|_| 44).unwrap_err();
        assert_eq!(error.kind, SpawnErrorKind::Closed);
        assert_eq!(error.refused.unwrap()(CancelToken::new()), 44);
    }
}

#[test]
fn h9_a_job_cancelled_before_it_starts_never_runs() {
    let pool = Pool::default();
    let (ran, seen) = std::sync::mpsc::channel::<()>();
    let handle = with_pool(&pool).submit_blocking(move |_| ran.send(()).unwrap()).unwrap();
    assert!(handle.cancel("never mind"));
    assert!(handle.is_running(), "its captures are still there");
    assert!(pool.run_one());
    assert_eq!(seen.recv(), Err(std::sync::mpsc::RecvError), "its captures are gone");
    assert!(matches!(by_hand::now(handle.into_future()), Some(Err(JoinError::Cancelled(_)))));
}

#[test]
fn h9_a_job_that_has_started_sees_the_token_and_runs_to_its_end() {
    let pool = Pool::default();
    let handle = std::sync::Arc::new(std::sync::Mutex::new(None::<TaskHandle<_>>));
    let own = handle.clone();
    let job = move |token: CancelToken| {
        let own = own.lock().unwrap();
        let own = own.as_ref().unwrap();
        assert!(!token.is_cancelled());
        assert!(own.cancel("enough"));
        assert!(own.is_running() && own.exit_reason().is_none());
        token.reason()
    };
    *handle.lock().unwrap() = Some(with_pool(&pool).submit_blocking(job).unwrap());
    assert!(pool.run_one());
    let handle = handle.lock().unwrap().take().unwrap();
    assert!(!handle.is_running());
    assert_eq!(by_hand::now(handle.into_future()).unwrap().unwrap(), Some("enough"));
}

#[test]
fn h9_jobs_panic_and_are_abandoned_like_tasks() {
    let pool = Pool::default();
    let ex = with_pool(&pool);
    let panics = ex.submit_blocking(|_| raise::<u8>()).unwrap();
    let told = std::sync::Arc::new(std::sync::Mutex::new(0));
    let hook = told.clone();
    let dropped =
        ex.task("dropped").on_exit(move |_| *hook.lock().unwrap() += 1).submit_blocking(|_| 1);
    let dropped = dropped.unwrap();
    assert!(pool.run_one());
    assert!(matches!(by_hand::now(panics.into_future()), Some(Err(JoinError::Panicked(_)))));
    assert!(dropped.is_running());
    pool.0.lock().unwrap().jobs.clear();
    assert!(matches!(by_hand::now(dropped.into_future()), Some(Err(JoinError::Abandoned))));
    assert_eq!(*told.lock().unwrap(), 1);
}

#[test]
fn a_dropped_handle_lets_the_task_run_on_and_its_value_go() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let (alive, ran) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
        let (count, done) = (alive.clone(), ran.clone());
        let handle = tasks(&executor)
            .submit(async move {
                Yield(1).await;
                done.set(true);
                Alive::new(&count)
            })
            .unwrap();
        let ended = handle.ended();
        if seed % 2 == 0 {
            drop(handle);
            executor.run();
        } else {
            executor.run();
            assert_eq!(alive.get(), 1, "kept for the handle");
            drop(handle);
        }
        assert!(ran.get() && alive.get() == 0);
        assert_eq!(by_hand::now(ended), Some(ExitReason::Finished));
    }
}

#[test]
fn the_hook_is_called_once_before_the_handle_resolves_and_may_panic() {
    for end in ENDS {
        let executor = Executor::new(0);
        let told = Rc::new(Cell::new(0));
        let hook = told.clone();
        let handle = tasks(&executor)
            .task("watched")
            .on_exit(move |result: &Result<(), JoinError>| {
                assert_eq!(result.is_ok(), matches!(end, End::Value));
                hook.set(hook.get() + 1);
                raise::<()>();
            })
            .submit(async move {
                match end {
                    End::Value => {}
                    End::Panic => raise(),
                    End::Cancel | End::DropOfTheExecutor => pending().await,
                }
            })
            .unwrap();
        let mut ended = ByHand::parked(handle.ended());
        executor.run();
        match end {
            End::Cancel => assert!(handle.cancel("enough")),
            End::DropOfTheExecutor => executor.shut_down(),
            End::Value | End::Panic => {}
        }
        executor.run();
        assert_eq!((ended.ready(), told.get()), (ExitReason::Panicked, 1), "{end:?}");
        assert_eq!(executor.panics(), 0);
    }
}

#[test]
fn a_task_costs_one_allocation_and_a_wait_none() {
    /// Keeps the one task it is given, without a box.
    struct Place<F>(RefCell<Option<F>>);
    impl<F: Future<Output = ()>> Spawn<F> for Place<F> {
        fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
            *self.0.borrow_mut() = Some(future);
            Ok(())
        }
    }
    let place: Place<Task<core::future::Ready<u8>>> = Place(RefCell::new(None));
    let made = counting::allocations(|| {
        let handle = klaw::Executor::new(&place).submit(ready(1)).unwrap();
        let task = place.0.borrow_mut().take().unwrap();
        let mut task = core::pin::pin!(task);
        let mut join = core::pin::pin!(handle.into_future());
        assert!(counting::poll(join.as_mut()).is_pending());
        assert!(counting::poll(task.as_mut()).is_ready());
        assert!(matches!(counting::poll(join.as_mut()), Poll::Ready(Ok(1))));
    });
    assert_eq!(made, 1, "the cell");
}
