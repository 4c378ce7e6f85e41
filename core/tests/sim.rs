//! The simulator: its clock, its order, and how its runs end.

#![cfg(feature = "std")]

mod counting;

use core::{
    cell::{Cell, RefCell},
    future::{pending, poll_fn},
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
    time::Duration,
};
use klaw::{
    Clock, Entropy, Instant, Runtime, Sleep, Spawn, SpawnBlocking, SpawnErrorKind, WallClock,
    bounded,
    sim::{EventKind, Injection, RunError, Sim},
    timeout,
};
use std::{
    rc::Rc,
    sync::{Arc, Mutex},
    task::Wake,
    thread,
};

const SEEDS: u64 = if cfg!(miri) { 2 } else { 100 };
/// For what chance decides.
const ORDERS: u64 = if cfg!(miri) { 20 } else { 100 };

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const fn at(millis: u64) -> Instant {
    Instant::EPOCH.saturating_add(ms(millis))
}

/// Pending once, and ready again at once.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A list that tasks write to.
type Log<T> = Rc<RefCell<Vec<T>>>;

/// Writes its number into a list when it is woken.
struct Note(u32, Arc<Mutex<Vec<u32>>>);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push(self.0);
    }
}

// The rules of a clock.

#[test]
fn c1_no_sleep_ends_early() {
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        let mut random = sim.random();
        let ended = Rc::new(Cell::new(0));
        for _ in 0..20 {
            let (clock, ended) = (sim.clock(), ended.clone());
            let waits = [random.next_u64() % 1_000, random.next_u64() % 1_000];
            sim.spawn(async move {
                for wait in waits {
                    let deadline = clock.now().saturating_add(Duration::from_nanos(wait));
                    clock.sleep(Duration::from_nanos(wait)).await;
                    assert_eq!(clock.now(), deadline, "nor late, as nothing takes time here");
                }
                ended.set(ended.get() + 1);
            });
        }
        sim.run(sim.clock().sleep(ms(1))).unwrap();
        assert_eq!(ended.get(), 20);
    }
}

#[test]
fn c2_a_deadline_that_has_passed_is_ready_at_the_first_poll() {
    let sim = Sim::new(0);
    let clock = sim.clock();
    sim.run(clock.sleep(ms(5))).unwrap();
    for deadline in [Instant::EPOCH, at(4), at(5)] {
        let sleep = pin!(clock.sleep_until(deadline));
        assert!(sleep.poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
    let sleep = pin!(clock.sleep(Duration::ZERO));
    assert!(sleep.poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

#[test]
fn c3_far_future_arms_no_timer_and_no_duration_panics() {
    let sim = Sim::new(0);
    let clock = sim.clock();
    for duration in [Duration::MAX, Duration::from_nanos(u64::MAX)] {
        let clock = clock.clone();
        sim.spawn(async move { clock.sleep(duration).await });
    }
    sim.run_until_stalled().unwrap();
    assert_eq!((sim.tasks(), clock.timers()), (2, 0));
    // With a timer armed it would go there instead.
    let error = sim.run(pending::<()>()).unwrap_err();
    assert!(matches!(error, RunError::Deadlock { at: Instant::EPOCH, .. }), "{error}");
    let almost = Instant::from_nanos(u64::MAX - 1);
    sim.run(clock.sleep_until(almost)).unwrap();
    assert_eq!(clock.now(), almost);
}

#[test]
fn c4_reset_works_before_and_after_completion() {
    let sim = Sim::new(0);
    let clock = sim.clock();
    let times = sim.run(async {
        let mut times = vec![];
        let mut sleep = pin!(clock.sleep(ms(5)));
        sleep.as_mut().reset(at(10));
        sleep.as_mut().await;
        times.push(clock.now());
        sleep.as_mut().reset(at(20));
        sleep.as_mut().await;
        times.push(clock.now());
        sleep.as_mut().reset(at(30));
        poll_fn(|cx| {
            assert!(sleep.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        // While it is armed: away, to never, and back again.
        sleep.as_mut().reset(Instant::FAR_FUTURE);
        assert_eq!(clock.timers(), 0);
        sleep.as_mut().reset(at(25));
        assert_eq!(clock.timers(), 1, "the task that waits is remembered");
        sleep.as_mut().await;
        times.push(clock.now());
        sleep.as_mut().reset(at(1));
        sleep.await;
        times.push(clock.now());
        times
    });
    assert_eq!(times.unwrap(), [at(10), at(20), at(25), at(25)]);
}

#[test]
fn c4_a_task_that_is_parked_hears_of_a_reset_by_another() {
    let sim = Sim::new(0);
    let clock = sim.clock();
    let sleep = Rc::new(RefCell::new(Box::pin(clock.sleep(Duration::MAX))));
    let parked = sleep.clone();
    sim.spawn(async move {
        yield_now().await;
        sleep.borrow_mut().as_mut().reset(at(7));
    });
    sim.run(poll_fn(|cx| parked.borrow_mut().as_mut().poll(cx))).unwrap();
    assert_eq!(clock.now(), at(7));
}

#[test]
fn c5_a_dropped_sleep_leaves_no_timer() {
    let sim = Sim::new(0);
    let clock = sim.clock();
    let mut sleeps: Vec<_> = (0..100).map(|n| Box::pin(clock.sleep(ms(n + 1)))).collect();
    assert_eq!(clock.timers(), 0, "nothing is armed before the first poll");
    for sleep in &mut sleeps {
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(clock.timers(), 100);
    let mut numbers = 0..;
    sleeps.retain(|_| numbers.next().is_some_and(|number| number % 3 == 0));
    assert_eq!((sleeps.len(), clock.timers()), (34, 34));
    drop(sleeps);
    assert_eq!(clock.timers(), 0);
    // A timeout that does not strike drops its sleep.
    sim.run(timeout(&clock, ms(5), yield_now())).unwrap().unwrap();
    assert_eq!((clock.timers(), clock.now()), (0, Instant::EPOCH));
}

#[test]
fn c6_now_never_goes_back() {
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        let last = Rc::new(Cell::new(Instant::EPOCH));
        for _ in 0..5 {
            let (clock, last, mut random) = (sim.clock(), last.clone(), sim.random());
            sim.spawn(async move {
                let mut sleep = pin!(clock.sleep(ms(1)));
                for _ in 0..10 {
                    // Into the past as often as not.
                    sleep.as_mut().reset(Instant::from_nanos(random.next_u64() % 1_000_000));
                    poll_fn(|cx| {
                        let polled = sleep.as_mut().poll(cx);
                        sleep.as_mut().reset(Instant::from_nanos(random.next_u64() % 1_000_000));
                        polled
                    })
                    .await;
                    assert!(last.replace(clock.now()) <= clock.now());
                }
            });
        }
        sim.run(sim.clock().sleep(ms(100))).unwrap();
        assert_eq!(sim.tasks(), 0);
    }
}

#[test]
fn c7_time_stands_still_while_a_task_is_ready() {
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        let clock = sim.clock();
        let busy = sim.clock();
        sim.spawn(async move {
            for _ in 0..100 {
                yield_now().await;
                assert_eq!(busy.now(), Instant::EPOCH);
            }
        });
        sim.run(clock.sleep(Duration::from_nanos(1))).unwrap();
        assert_eq!(sim.tasks(), 0, "the busy task was done before time went on");
    }
}

#[test]
fn c7_time_goes_to_the_next_deadline_and_equal_ones_fire_as_they_were_armed() {
    let sim = Sim::new(0);
    let woken = Arc::new(Mutex::new(vec![]));
    let deadlines = [3, 1, 2, 1, 3, 1];
    let mut sleeps: Vec<_> =
        deadlines.iter().map(|deadline| Box::pin(sim.clock().sleep(ms(*deadline)))).collect();
    for (sleep, number) in sleeps.iter_mut().zip(0..) {
        let waker = Waker::from(Arc::new(Note(number, woken.clone())));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    for (time, expected) in [(1, &[1, 3, 5][..]), (2, &[2]), (3, &[0, 4])] {
        sim.run(sim.clock().sleep(ms(1))).unwrap();
        assert_eq!(sim.clock().now(), at(time));
        assert_eq!(std::mem::take(&mut *woken.lock().unwrap()), expected);
    }
}

#[test]
fn c7_tasks_of_one_deadline_go_on_in_any_order() {
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..ORDERS {
        let sim = Sim::new(seed);
        let log: Log<u32> = Log::default();
        for number in 0..3 {
            let (clock, log) = (sim.clock(), log.clone());
            sim.spawn(async move {
                clock.sleep_until(at(1)).await;
                log.borrow_mut().push(number);
            });
        }
        sim.run(sim.clock().sleep(ms(2))).unwrap();
        orders.insert(log.take());
    }
    assert_eq!(orders.len(), 6, "{orders:?}");
}

#[test]
fn c8_a_deadlock_is_an_error_that_names_the_parked_tasks() {
    let sim = Sim::new(0);
    let (clock, (tx, rx)) = (sim.clock(), bounded::<u32>(1));
    let _held = tx.clone();
    sim.spawn_named("consumer", async move {
        clock.sleep(ms(1500)).await;
        rx.recv().await.unwrap();
    });
    sim.spawn(pending());
    sim.spawn_named("done", async {});
    let error = sim.run(pending::<()>()).unwrap_err();
    let text = error.to_string();
    let RunError::Deadlock { at: when, parked } = error else { panic!("{text}") };
    assert_eq!(when, at(1500));
    let parked: Vec<_> = parked
        .iter()
        .map(|parked| (parked.task.number, &*parked.task.name, parked.since))
        .collect();
    let unnamed = core::any::type_name::<core::future::Pending<()>>();
    assert_eq!(
        parked,
        [(0, "consumer", at(1500)), (1, unnamed, Instant::EPOCH), (3, "root", Instant::EPOCH)]
    );
    assert_eq!(
        text,
        format!(
            "deadlock at 1.5s: no task is ready and no timer is armed; parked:\n  \
             #0 consumer since 1.5s\n  #1 {unnamed} since 0ns\n  #3 root since 0ns"
        )
    );
    assert_eq!(sim.tasks(), 2, "the root is gone, the others are not");
}

/// Everything that a seed decides, at work together.
fn busy_trace(seed: u64) -> (Vec<String>, Vec<u64>) {
    let sim = Sim::new(seed);
    sim.trace(true);
    sim.inject(Injection::stall(0.1, ms(3)));
    sim.inject(Injection::spurious(0.1));
    sim.inject(Injection::cancel(0.02).on("worker"));
    sim.inject(Injection::panic(0.02).on("worker"));
    let drawn: Log<u64> = Log::default();
    let (tx, rx) = bounded(2);
    for _ in 0..5 {
        let (clock, mut random, tx) = (sim.clock(), sim.random(), tx.clone());
        let (drawn, spawner) = (drawn.clone(), sim.spawner());
        sim.spawn_named("worker", async move {
            for _ in 0..if cfg!(miri) { 2 } else { 5 } {
                let bits = random.next_u64();
                drawn.borrow_mut().push(bits);
                clock.sleep(Duration::from_nanos(bits % 5_000_000)).await;
                let tx = tx.clone();
                let _ = spawner.spawn_blocking(move || tx.try_send(bits).unwrap_or(()));
            }
        });
    }
    drop(tx);
    sim.run(async { while rx.recv().await.is_ok() {} }).unwrap();
    let events = sim.events().iter().map(ToString::to_string).collect();
    (events, drawn.take())
}

#[test]
fn c9_the_same_seed_gives_the_same_schedule() {
    for seed in 0..SEEDS {
        let (events, drawn) = busy_trace(seed);
        assert!(events.len() > 20, "{events:?}");
        // In another thread, so that addresses and thread-local state differ.
        let again = thread::spawn(move || busy_trace(seed)).join().unwrap();
        assert_eq!((events, drawn), again);
    }
}

#[test]
fn c9_different_seeds_give_different_schedules() {
    let traces: std::collections::BTreeSet<_> = (0..SEEDS).map(busy_trace).collect();
    assert_eq!(traces.len() as u64, SEEDS);
    let mut firsts = [0; 2];
    for seed in 0..ORDERS {
        let sim = Sim::new(seed);
        let first = Rc::new(Cell::new(None));
        for task in 0..2 {
            let first = first.clone();
            sim.spawn(async move { first.set(first.get().or(Some(task))) });
        }
        sim.run_until_stalled().unwrap();
        firsts[first.get().unwrap()] += 1;
    }
    assert!(
        firsts.iter().all(|count| (ORDERS * 3..=ORDERS * 7).contains(&(count * 10))),
        "{firsts:?}"
    );
}

// Running.

#[test]
fn a_root_may_borrow_and_other_tasks_outlive_it() {
    let sim = Sim::new(0);
    let (tx, rx) = bounded(1);
    sim.spawn(async move { while rx.recv().await.is_ok() {} });
    let text = String::from("borrowed");
    assert_eq!(sim.run(async { text.len() }).unwrap(), 8);
    assert_eq!(sim.tasks(), 1);
    sim.run(tx.send(1)).unwrap().unwrap();
    drop(tx);
    sim.run_until_stalled().unwrap();
    assert_eq!(sim.tasks(), 0);
}

#[test]
fn time_stands_still_in_a_run_without_a_root() {
    let sim = Sim::new(0);
    let clock = sim.clock();
    sim.spawn(async move { clock.sleep(ms(1)).await });
    sim.run_until_stalled().unwrap();
    assert_eq!((sim.tasks(), sim.clock().timers(), sim.clock().now()), (1, 1, Instant::EPOCH));
}

#[test]
fn a_livelock_is_an_error_that_names_the_busiest_task() {
    let sim = Sim::new(0);
    sim.max_polls(100);
    sim.spawn_named("idle", async { pending().await });
    sim.spawn_named("spinner", async {
        loop {
            yield_now().await;
        }
    });
    let error = sim.run(pending::<()>()).unwrap_err();
    assert!(matches!(&error, RunError::Livelock { polls: 100, .. }), "{error}");
    assert_eq!(error.to_string(), "livelock at 0ns: not done after 100 polls, most of #1 spinner");
    let error = sim.run_until_stalled().unwrap_err();
    assert!(matches!(error, RunError::Livelock { .. }), "{error}");
}

#[test]
fn as_many_polls_as_are_allowed_may_be_needed() {
    let sim = Sim::new(0);
    sim.max_polls(3);
    let yields = async |times| {
        for _ in 0..times {
            yield_now().await;
        }
    };
    sim.run(yields(2)).unwrap();
    assert!(matches!(sim.run(yields(3)), Err(RunError::Livelock { .. })));
}

#[test]
fn a_panic_of_a_task_ends_the_run_and_names_it() {
    let sim = Sim::new(0);
    let dropped = Rc::new(Cell::new(false));
    let guard = OnDrop(dropped.clone());
    let clock = sim.clock();
    sim.spawn_named("faulty", async move {
        let _guard = guard;
        clock.sleep(ms(2)).await;
        panic!("out of {}", "luck");
    });
    let error = sim.run(pending::<()>()).unwrap_err();
    assert_eq!(error.to_string(), "task #0 faulty panicked at 2ms: out of luck");
    assert!(dropped.get(), "it was dropped");
    assert_eq!((sim.tasks(), sim.panics()), (0, 1));
    sim.run(async {}).unwrap();
}

#[test]
fn panics_that_are_tolerated_are_counted() {
    let sim = Sim::new(0);
    sim.tolerate_panics(true);
    (0..3).for_each(|_| sim.spawn(async { panic!("one of three") }));
    sim.run(sim.clock().sleep(ms(1))).unwrap();
    assert_eq!((sim.panics(), sim.tasks()), (3, 0));
    let error = sim.run(async { panic!("the root") }).unwrap_err();
    assert!(matches!(error, RunError::Panicked { .. }), "a root may never panic: {error}");
}

#[test]
fn a_destructor_that_panics_is_its_tasks_panic() {
    let sim = Sim::new(0);
    let bomb = Bomb;
    sim.spawn_named("bomb", async move { drop(bomb) });
    let error = sim.run(pending::<()>()).unwrap_err();
    assert_eq!(error.to_string(), "task #0 bomb panicked at 0ns: the bomb went off");
    // In the future of a root that is done, beside its output.
    let mut bomb = Some(Bomb);
    let error = sim
        .run(poll_fn(move |_| {
            let _held = &mut bomb;
            Poll::Ready(())
        }))
        .unwrap_err();
    assert_eq!(error.to_string(), "task #2 root panicked at 0ns: the bomb went off");
}

#[test]
fn a_task_cannot_run_its_own_simulation() {
    let sim = Sim::new(0);
    let error = sim.run(async { sim.run(async {}) }).unwrap_err();
    assert!(error.to_string().ends_with("a task cannot run its own simulation"), "{error}");
    sim.run(async {}).unwrap();
}

#[test]
fn a_wake_from_another_thread_is_heard() {
    let sim = Sim::new(0);
    let mut polls = 0;
    sim.run(poll_fn(|cx| {
        polls += 1;
        if polls == 1 {
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake()).join().unwrap();
            return Poll::Pending;
        }
        Poll::Ready(())
    }))
    .unwrap();
    assert_eq!(polls, 2);
}

#[test]
fn wakes_from_many_threads_make_one_poll() {
    let sim = Sim::new(0);
    let (polls, waker) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(None::<Waker>)));
    let (counted, given) = (polls.clone(), waker.clone());
    sim.spawn(poll_fn(move |cx| {
        counted.set(counted.get() + 1);
        given.replace(Some(cx.waker().clone()));
        Poll::Pending
    }));
    sim.run_until_stalled().unwrap();
    let waker = waker.take().unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| waker.wake_by_ref()));
        }
    });
    sim.run_until_stalled().unwrap();
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_waker_of_a_task_that_is_over_wakes_no_other() {
    let sim = Sim::new(0);
    let kept = Rc::new(RefCell::new(None));
    let given = kept.clone();
    sim.spawn(poll_fn(move |cx| {
        given.replace(Some(cx.waker().clone()));
        Poll::Ready(())
    }));
    sim.run_until_stalled().unwrap();
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    // It is in the place that the first one had.
    sim.spawn(poll_fn(move |_| {
        counted.set(counted.get() + 1);
        Poll::Pending
    }));
    sim.run_until_stalled().unwrap();
    kept.take().unwrap().wake();
    sim.run_until_stalled().unwrap();
    assert_eq!(polls.get(), 1);
}

#[test]
fn a_poll_does_not_allocate() {
    let allocations = |polls: usize| {
        let sim = Sim::new(0);
        let clock = sim.clock();
        let root = async {
            for _ in 0..polls {
                yield_now().await;
                clock.sleep(ms(1)).await;
            }
        };
        counting::allocations(|| sim.run(root).unwrap())
    };
    let many = if cfg!(miri) { 50 } else { 1_000 };
    assert_eq!(allocations(10), allocations(many));
}

// Capabilities.

#[test]
fn jobs_run_once_at_a_random_later_point() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let mut firsts = [0; 2];
    for seed in 0..ORDERS {
        let sim = Sim::new(seed);
        // A pool runs each job that it took.
        sim.inject(Injection::cancel(1.0));
        sim.inject(Injection::panic(1.0));
        sim.inject(Injection::stall(0.5, ms(1)));
        let before = RUNS.load(Ordering::Relaxed);
        let (spawner, job) = (sim.spawner(), || {
            RUNS.fetch_add(1, Ordering::Relaxed);
        });
        let seen = sim.run(async {
            spawner.spawn_blocking(job).unwrap();
            assert_eq!(RUNS.load(Ordering::Relaxed), before, "not by who spawned it");
            yield_now().await;
            let seen = RUNS.load(Ordering::Relaxed) - before;
            sim.clock().sleep(ms(2)).await;
            seen
        });
        firsts[seen.unwrap()] += 1;
        assert_eq!(RUNS.load(Ordering::Relaxed), before + 1);
    }
    assert!(firsts.iter().all(|count| *count > ORDERS / 10), "{firsts:?}");
}

#[test]
fn a_runtime_is_made_of_its_capabilities() {
    let sim = Sim::new(0);
    let rt = Runtime::new(sim.spawner().named("made by the runtime"), sim.clock());
    rt.spawn(async { panic!("so that its name is seen") }).unwrap();
    let error = sim.run(rt.sleep(ms(1))).unwrap_err();
    assert!(error.to_string().contains("#0 made by the runtime"), "{error}");
    let wall = rt.clock().unix_millis();
    sim.run(rt.sleep(ms(1_500))).unwrap();
    assert_eq!(rt.clock().unix_millis(), wall + 1_500);
}

#[test]
fn what_other_threads_may_hold_is_send() {
    const fn is_send<T: Send + Sync>(_: &T) {}
    let sim = Sim::new(0);
    is_send(&sim.clock());
    is_send(&sim.clock().sleep(ms(1)));
    is_send(&sim.random());
    is_send(&sim.run(pending::<()>()).unwrap_err());
}

#[test]
fn random_bits_follow_from_the_seed() {
    let draws = |seed| {
        let sim = Sim::new(seed);
        let (mut one, mut other) = (sim.random(), sim.random());
        [one.next_u64(), other.next_u64(), one.clone().next_u64(), one.next_u64()]
    };
    let all: std::collections::BTreeSet<_> = (0..SEEDS).flat_map(draws).collect();
    assert_eq!(all.len() as u64, 4 * SEEDS, "one stream for each seed, from which all draw");
    assert_eq!(draws(7), draws(7));
}

#[test]
fn a_simulation_may_be_full() {
    let sim = Sim::new(0);
    sim.max_tasks(1);
    sim.spawn(pending());
    let error = sim.spawner().spawn(async {}).unwrap_err();
    assert_eq!(error.kind, SpawnErrorKind::Full);
    assert!(error.refused.is_some());
    let error = sim.spawner().spawn_blocking(|| ()).unwrap_err();
    assert_eq!(error.kind, SpawnErrorKind::Full);
    assert!(error.refused.is_some());
}

// Its end.

#[test]
fn dropping_it_drops_the_tasks_the_last_one_first() {
    let sim = Sim::new(0);
    let log: Log<u32> = Log::default();
    let spawn = |number| {
        let note = DropNote(number, log.clone());
        sim.spawn(async move {
            let _note = note;
            pending().await
        });
    };
    spawn(0);
    sim.spawn(async {});
    (1..3).for_each(spawn);
    sim.run_until_stalled().unwrap();
    // Into the place of the one that is done.
    spawn(3);
    drop(sim);
    assert_eq!(log.take(), [3, 2, 1, 0]);
}

#[test]
fn handles_outlive_it() {
    let sim = Sim::new(0);
    let (spawner, clock) = (sim.spawner(), sim.clock());
    let refused = Rc::new(Cell::new(None));
    let (late, told) = (spawner.clone(), refused.clone());
    let guard = Call(move || {
        told.set(late.spawn(async {}).err().map(|error| (error.kind, error.refused.is_some())));
    });
    sim.spawn(async move {
        let _guard = guard;
        pending().await
    });
    let kept = Rc::new(RefCell::new(None));
    let given = kept.clone();
    sim.spawn(poll_fn(move |cx| {
        given.replace(Some(cx.waker().clone()));
        Poll::Pending
    }));
    let mut sleep = pin!(clock.sleep(ms(1)));
    assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    sim.run_until_stalled().unwrap();
    drop(sim);
    assert_eq!(refused.get(), Some((SpawnErrorKind::Closed, true)), "while it is dropped");
    kept.take().unwrap().wake();
    assert!(sleep.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let error = spawner.spawn_named("late", async {}).unwrap_err();
    assert_eq!((error.kind, error.refused.is_some()), (SpawnErrorKind::Closed, true));
    let error = spawner.spawn_blocking(|| ()).unwrap_err();
    assert_eq!((error.kind, error.refused.is_some()), (SpawnErrorKind::Closed, true));
}

#[test]
fn a_panic_of_a_destructor_goes_on_after_all_tasks_are_dropped() {
    let sim = Sim::new(0);
    let dropped = Rc::new(Cell::new(false));
    let guard = OnDrop(dropped.clone());
    sim.spawn(async move {
        let _guard = guard;
        pending().await
    });
    let bomb = Bomb;
    sim.spawn(async move {
        let _bomb = bomb;
        pending().await
    });
    let panic = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| drop(sim))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the bomb went off"));
    assert!(dropped.get());
}

// What is written down.

#[test]
fn a_trace_is_written_on_demand() {
    let sim = Sim::new(0);
    sim.run(async {}).unwrap();
    assert!(sim.events().is_empty());
    sim.trace(true);
    let (tx, rx) = bounded(1);
    sim.spawn_named("sender", {
        let clock = sim.clock();
        async move {
            clock.sleep(ms(2)).await;
            tx.send(1).await.unwrap();
        }
    });
    sim.run(rx.recv()).unwrap().unwrap();
    let events = sim.events();
    assert_eq!(events.iter().filter(|event| event.kind == EventKind::Spawned).count(), 2);
    let last: Vec<_> = events[events.len() - 6..].iter().map(ToString::to_string).collect();
    assert_eq!(
        last,
        [
            "2ms #1 sender: woken",
            "2ms #1 sender: polled",
            "2ms #2 root: woken",
            "2ms #1 sender: finished",
            "2ms #2 root: polled",
            "2ms #2 root: finished",
        ]
    );
    sim.trace(false);
    assert!(sim.events().is_empty());
}

struct OnDrop(Rc<Cell<bool>>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

struct DropNote(u32, Log<u32>);

impl Drop for DropNote {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

struct Call<F: FnMut()>(F);

impl<F: FnMut()> Drop for Call<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the bomb went off");
    }
}
