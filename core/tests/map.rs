//! Maps over many items: rules M1 to M8, over many orders of events.

mod by_hand;
mod counting;
mod executor;
mod virtual_clock;

use by_hand::ByHand;
use core::{
    cell::{Cell, RefCell},
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use executor::{Executor, Spawner};
use futures_util::StreamExt;
use klaw::{
    Clock, JoinError, SpawnBlocking, SpawnError, SpawnErrorKind,
    task::{BlockingJob, TryMapError},
};
use std::{
    collections::VecDeque,
    future::{pending, ready},
    rc::Rc,
    sync::{Arc, Mutex},
    task::Poll,
};
use virtual_clock::VirtualClock;

const SEEDS: u64 = if cfg!(miri) { 1 } else { 64 };
/// How many items there are where time passes for each of them.
const ITEMS: u64 = if cfg!(miri) { 15 } else { 50 };
/// How many items there are where the number of them is the point.
const MANY: u64 = if cfg!(miri) { 100 } else { 10_000 };

fn tasks(executor: &Executor) -> klaw::Executor<Spawner> {
    klaw::Executor::new(executor.spawner())
}

fn width(width: usize) -> NonZeroUsize {
    NonZeroUsize::new(width).unwrap()
}

/// Polls up to `count` ready tasks.
fn steps(executor: &Executor, count: u64) {
    for _ in 0..count {
        executor.step();
    }
}

fn raise<T>() -> T {
    std::panic::resume_unwind(Box::new("on purpose"))
}

/// How many there are, and how many there were at most.
#[derive(Default)]
struct Gauge {
    now: Cell<usize>,
    most: Cell<usize>,
}

impl Gauge {
    fn add(&self) {
        self.now.set(self.now.get() + 1);
        self.most.set(self.most.get().max(self.now.get()));
    }

    fn take(&self) {
        self.now.set(self.now.get() - 1);
    }
}

/// Holds a place in a gauge until it is dropped.
struct Held(Rc<Gauge>);

impl Held {
    fn new(gauge: &Rc<Gauge>) -> Self {
        gauge.add();
        Self(gauge.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.take();
    }
}

/// Runs tasks, and moves the clock on when there is nothing else to do, until `done`.
fn drive(executor: &Executor, clock: &VirtualClock, done: impl Fn() -> bool) {
    executor.run();
    while !done() {
        assert!(clock.timers() > 0, "nothing will ever happen");
        clock.advance(Duration::from_millis(1));
        executor.run();
    }
}

/// A time between 0 and 9 ms that depends on the item and the seed.
fn some_time(item: u64, seed: u64) -> Duration {
    Duration::from_millis((item.wrapping_mul(0x9e37_79b9) ^ seed.wrapping_mul(0x85eb_ca6b)) % 10)
}

#[test]
fn m1_a_map_takes_items_one_by_one() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let (gauge, taken) = (Rc::new(Gauge::default()), Rc::new(Cell::new(0)));
        let (count, held, timers) = (taken.clone(), gauge.clone(), clock.clone());
        let items = (0..40).inspect(move |_| {
            count.set(count.get() + 1);
            held.add();
        });
        let held = gauge.clone();
        let map = tasks(&executor).map(items, move |n| {
            let (sleep, held) = (timers.sleep(some_time(n, seed)), held.clone());
            async move {
                sleep.await;
                held.take();
                n
            }
        });
        assert_eq!(taken.get(), 0, "it does nothing before it is polled");
        let width = 1 + seed as usize % 5;
        let output = executor.start(map.width(self::width(width)));
        drive(&executor, &clock, || output.is_ready());
        assert_eq!(output.take().unwrap().len(), 40);
        assert_eq!((taken.get(), gauge.most.get()), (40, width));
    }
}

#[test]
fn m1_a_stream_works_on_no_more_than_its_consumer_leaves_room_for() {
    for seed in 0..SEEDS {
        for ordered in [false, true] {
            let executor = Executor::new(seed);
            let width = 1 + seed as usize % 5;
            let gauge = Rc::new(Gauge::default());
            let held = gauge.clone();
            let items = (0..30_u64).inspect(move |_| held.add());
            let ex = tasks(&executor);
            let f = |n| ready(n);
            let stream = if ordered { ex.imap_ordered(items, f) } else { ex.imap(items, f) };
            let mut stream = stream.width(self::width(width));
            let mut got = 0;
            loop {
                // Everything runs as far as it can before each result is taken.
                let mut next = ByHand::new(stream.next());
                let result = loop {
                    if let Poll::Ready(result) = next.poll() {
                        break result;
                    }
                    executor.run();
                };
                let Some(result) = result else { break };
                assert!(gauge.now.get() <= width);
                gauge.take();
                assert!(result.unwrap() < 30);
                got += 1;
                executor.run();
            }
            assert_eq!((got, gauge.most.get()), (30, width));
            assert_eq!(executor.tasks(), 0);
        }
    }
}

#[test]
fn m2_a_map_and_an_ordered_stream_keep_the_order_of_the_items() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let width = self::width(1 + seed as usize % 7);
        let f = {
            let clock = clock.clone();
            move |n| {
                let sleep = clock.sleep(some_time(n, seed));
                async move {
                    sleep.await;
                    n
                }
            }
        };
        let map = tasks(&executor).map(0..ITEMS, f.clone()).width(width);
        let mapped = executor.start(map);
        let stream = tasks(&executor).imap_ordered(0..ITEMS, f).width(width);
        let streamed = executor.start(async move {
            let results: Vec<_> = stream.collect().await;
            results
        });
        drive(&executor, &clock, || mapped.is_ready() && streamed.is_ready());
        for output in [mapped, streamed] {
            let values: Vec<_> = output.take().unwrap().into_iter().map(Result::unwrap).collect();
            assert!(values.into_iter().eq(0..ITEMS));
        }
    }
}

#[test]
fn m2_a_stream_gives_results_as_they_come() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let timers = clock.clone();
        // The later an item, the sooner it is done.
        let mut stream = tasks(&executor).imap([30, 20, 10], move |ms| {
            let sleep = timers.sleep(Duration::from_millis(ms));
            async move {
                sleep.await;
                ms
            }
        });
        let output = executor.start(async move {
            let mut order = vec![];
            while let Some(result) = stream.next().await {
                order.push(result.unwrap());
            }
            order
        });
        drive(&executor, &clock, || output.is_ready());
        assert_eq!(output.take().unwrap(), [10, 20, 30]);
    }
}

/// That the width is `NonZeroUsize` is checked by the compiler; that it ends at either end, here.
#[test]
fn m3_every_width_ends() {
    const WIDE: usize = if cfg!(miri) { 20 } else { 1_000 };
    for width in [1, 2, 3, WIDE] {
        for items in [0, 1, 2, 3, if cfg!(miri) { 7 } else { 50 }] {
            let executor = Executor::new(7);
            let ex = tasks(&executor);
            let width = self::width(width);
            let map = executor.settle(ex.map(0..items, ready).width(width)).unwrap();
            assert_eq!(map.len(), items);
            let stream = ex.imap_ordered(0..items, ready).width(width);
            assert_eq!(executor.settle(stream.count()), Some(items));
            let stream = ex.imap((0..).take_while(move |n| *n < items), ready).width(width);
            assert_eq!(executor.settle(stream.count()), Some(items));
            assert_eq!(executor.tasks(), 0);
        }
    }
}

#[test]
fn m4_workers_run_while_the_consumer_awaits_something_else() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let (timers, done) = (clock.clone(), Rc::new(Cell::new(0)));
        let count = done.clone();
        let mut stream = tasks(&executor)
            .imap(0..10_u64, move |n| {
                let (sleep, count) = (timers.sleep(Duration::from_millis(n)), count.clone());
                async move {
                    sleep.await;
                    count.set(count.get() + 1);
                }
            })
            .width(width(4));
        let (pause, seen) = (clock.sleep(Duration::from_millis(100)), done.clone());
        let output = executor.start(async move {
            stream.next().await.unwrap().unwrap();
            pause.await; // the stream is not polled meanwhile
            (seen.get(), stream.count().await)
        });
        drive(&executor, &clock, || output.is_ready());
        // One was taken before the pause, and the four for which there is room were done during it.
        assert_eq!(output.take(), Some((5, 9)));
    }
}

#[test]
fn m4_room_that_comes_all_at_once_puts_all_workers_to_work() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let running = Rc::new(Gauge::default());
        let gauge = running.clone();
        let mut stream = tasks(&executor)
            .imap(0..20, move |n| {
                let held = Held::new(&gauge);
                async move {
                    let _held = held;
                    if n >= 4 {
                        pending::<()>().await;
                    }
                }
            })
            .width(width(4));
        assert!(ByHand::new(stream.next()).poll().is_pending());
        executor.run();
        for _ in 0..4 {
            assert!(by_hand::now(stream.next()).is_some());
        }
        assert_eq!(running.now.get(), 0, "all wait for room");
        executor.run();
        assert_eq!(running.now.get(), 4);
    }
}

#[test]
fn m5_a_map_keeps_all_results() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let map = tasks(&executor).map(0..20, |n| {
            assert_ne!(n, usize::MAX);
            if n == 3 {
                raise::<()>(); // where the future is made
            }
            async move {
                if n % 5 == 4 {
                    raise()
                }
                n
            }
        });
        let results = executor.settle(map.width(width(3))).unwrap();
        assert_eq!(results.len(), 20);
        for (n, result) in results.into_iter().enumerate() {
            match result {
                Ok(value) => assert!(value == n && n != 3 && n % 5 != 4),
                Err(JoinError::Panicked(panic)) => {
                    assert!(n == 3 || n % 5 == 4);
                    assert_eq!(panic.message(), Some("on purpose"));
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(executor.panics(), 0);
    }
}

/// An iterator that promises whatever it is told to.
struct Promising<I>(I, usize);

impl<I: Iterator> Iterator for Promising<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.1, None)
    }
}

/// Results go where the iterator promised that there are some, or stay with their workers; some are
/// there at once, some later, some never.
#[test]
fn m5_a_map_keeps_all_results_whatever_the_iterator_promises() {
    const COUNT: usize = if cfg!(miri) { 60 } else { 500 };
    const BROKEN: u64 = COUNT as u64 / 2;
    for seed in 0..SEEDS {
        let promises = [0, COUNT / 12, COUNT / 5, COUNT, COUNT + 1, 4 * COUNT, usize::MAX];
        for promised in promises {
            let (executor, clock) = (Executor::new(seed), VirtualClock::new());
            let timers = clock.clone();
            let map = tasks(&executor).map(Promising(0..COUNT as u64, promised), move |n| {
                let sleep = (n % 7 == seed % 7).then(|| timers.sleep(some_time(n, seed)));
                if n == BROKEN {
                    raise::<()>();
                }
                async move {
                    if let Some(sleep) = sleep {
                        sleep.await;
                    }
                    n
                }
            });
            let output = executor.start(map.width(width(1 + seed as usize % 9)));
            drive(&executor, &clock, || output.is_ready());
            let results = output.take().unwrap();
            assert_eq!(results.len(), COUNT);
            for (n, result) in (0..).zip(results) {
                match result {
                    Ok(value) => assert_eq!(value, n),
                    Err(error) => assert!(n == BROKEN && matches!(error, JoinError::Panicked(_))),
                }
            }
        }
    }
}

#[test]
fn m5_a_panic_of_the_iterator_is_the_last_result() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let items = (0..20).inspect(|n| {
            if *n == 7 {
                raise()
            }
        });
        let results = executor.settle(tasks(&executor).map(items, ready)).unwrap();
        assert_eq!(results.len(), 8);
        assert!(results[..7].iter().all(Result::is_ok));
        assert!(matches!(results[7], Err(JoinError::Panicked(_))));
    }
}

#[test]
fn m5_try_map_cancels_the_rest_and_waits_for_it() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let (alive, timers) = (Rc::new(Gauge::default()), clock.clone());
        let (taken, gauge) = (Rc::new(Cell::new(0)), alive.clone());
        let count = taken.clone();
        let map = tasks(&executor).try_map(0..40_u64, move |n| {
            count.set(count.get() + 1);
            let (held, sleep) = (Held::new(&gauge), timers.sleep(Duration::from_millis(1 + n)));
            async move {
                let _held = held;
                sleep.await;
                if n == 5 { Err("five") } else { Ok(n) }
            }
        });
        // Polled after every step, also where nobody woke it: it must not come early.
        let mut map = ByHand::parked(map.width(width(4)));
        let result = loop {
            if let Poll::Ready(result) = map.poll() {
                break result;
            }
            if !executor.step() {
                assert!(clock.timers() > 0, "nothing will ever happen");
                clock.advance(Duration::from_millis(1));
            }
        };
        assert!(matches!(result, Err(TryMapError::Failed { index: 5, error: "five" })));
        assert_eq!(alive.now.get(), 0, "those that were cancelled are gone");
        assert!(taken.get() <= 6 + 4, "{} were begun", taken.get());
        executor.run();
        assert_eq!((executor.tasks(), clock.timers()), (0, 0));
    }
}

#[test]
fn m5_try_map_gives_all_values_or_a_panic() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let map = tasks(&executor).try_map(0..40, |n| ready(Ok::<_, ()>(n)));
        assert!(executor.settle(map).unwrap().unwrap().into_iter().eq(0..40));
        let map = tasks(&executor).try_map(0..40, |n| async move {
            if n == 9 {
                raise::<()>();
            }
            Ok::<_, ()>(n)
        });
        let error = executor.settle(map.width(width(2))).unwrap().unwrap_err();
        assert!(matches!(error, TryMapError::Join { index: 9, error: JoinError::Panicked(_) }));
    }
}

#[test]
fn m6_dropping_the_stream_or_the_map_cancels_the_rest() {
    for seed in 0..SEEDS {
        for collect in [false, true] {
            let executor = Executor::new(seed);
            let (alive, items_alive) = (Rc::new(Gauge::default()), Rc::new(Gauge::default()));
            let (gauge, taken) = (alive.clone(), Rc::new(Cell::new(0)));
            let (count, items) = (taken.clone(), items_alive.clone());
            let items = (0..100).map(move |n| {
                count.set(count.get() + 1);
                (n, Held::new(&items))
            });
            let f = move |(n, item)| {
                let held = Held::new(&gauge);
                async move {
                    let _held = (held, item);
                    if n > 2 {
                        pending::<()>().await;
                    }
                    n
                }
            };
            if collect {
                let mut map = ByHand::parked(tasks(&executor).map(items, f).width(width(4)));
                steps(&executor, seed % 12);
                assert!(map.poll().is_pending());
                drop(map);
            } else {
                let mut stream = tasks(&executor).imap(items, f).width(width(4));
                assert!(ByHand::new(stream.next()).poll().is_pending());
                steps(&executor, seed % 12);
                drop(stream);
            }
            let begun = taken.get();
            executor.run();
            assert_eq!(taken.get(), begun, "nothing is begun any more");
            assert_eq!((alive.now.get(), items_alive.now.get(), executor.tasks()), (0, 0, 0));
        }
    }
}

#[test]
fn m7_nothing_is_kept_after_delivery() {
    let executor = Executor::new(3);
    let alive = Rc::new(Gauge::default());
    let gauge = alive.clone();
    let mut stream =
        tasks(&executor).imap(0..100_000, move |_| ready(Held::new(&gauge))).width(width(8));
    let mut deliver = |count| {
        for _ in 0..count {
            let mut next = ByHand::new(stream.next());
            while next.poll().is_pending() {
                assert!(executor.step());
            }
            assert!(next.wakes() <= 1 && alive.now.get() <= 8);
        }
    };
    deliver(MANY / 10);
    let ((), _, grown) = counting::allocated(|| deliver(2 * MANY));
    assert!(grown < 1_000, "{grown} bytes more are held after {} results", 2 * MANY);
    drop(stream);
    executor.run();
    assert_eq!(alive.now.get(), 0);
}

#[test]
fn an_item_costs_no_allocation() {
    let executor = Executor::new(3);
    let ex = tasks(&executor);
    let run = |items: u64| {
        counting::allocations(|| {
            let stream = ex.imap(0..items, ready).width(width(4));
            assert_eq!(executor.settle(stream.count()), Some(items as usize));
        })
    };
    let (few, many) = (run(MANY / 10), run(MANY / 10 + MANY));
    // The test's executor makes a waker for each poll; a poll does many items.
    assert!(many - few < MANY as usize * 2, "{few} allocations, {many} for {MANY} items more");
}

#[test]
fn an_executor_that_goes_away_leaves_a_result_for_each_item() {
    for seed in 0..SEEDS {
        let (executor, waiting) = (Executor::new(seed), Executor::new(seed));
        let f = |n| async move {
            if n >= 4 {
                pending::<()>().await;
            }
            n
        };
        let map = waiting.start(tasks(&executor).map(0..20, f).width(width(3)));
        let stream = tasks(&executor).imap_ordered(0..20, f).width(width(3));
        let stream = waiting.start(stream.collect::<Vec<_>>());
        waiting.run();
        while executor.step() {
            waiting.run();
        }
        executor.shut_down();
        waiting.run();
        for output in [map, stream] {
            let results = output.take().expect("it ends");
            assert_eq!(results.len(), 20);
            for (n, result) in results.into_iter().enumerate() {
                match result {
                    Ok(value) => assert!(value == n && n < 4),
                    Err(JoinError::Abandoned) => assert!(n >= 4),
                    Err(error) => panic!("{n}: {error}"),
                }
            }
        }
    }
}

#[test]
fn an_executor_without_room_does_it_with_fewer_tasks_or_says_so() {
    for room in 0..3 {
        let executor = Executor::new(1);
        let output = executor.start(tasks(&executor).map(0..10, ready).width(width(5)));
        executor.set_room(room);
        executor.run();
        let results = output.take().expect("it ends");
        assert_eq!(results.len(), 10);
        let refused =
            |result: &Result<_, _>| matches!(result, Err(JoinError::Refused(SpawnErrorKind::Full)));
        assert!(results.iter().all(|result| refused(result) == (room == 0)), "{results:?}");
        assert!(results.iter().all(|result| result.is_ok() == (room > 0)));
    }
}

/// A pool whose jobs run when the test says so, the oldest first.
#[derive(Clone)]
struct Pool(Arc<Mutex<VecDeque<BlockingJob>>>, usize);

impl Pool {
    /// A pool with room for `room` jobs.
    fn new(room: usize) -> Self {
        Self(Arc::default(), room)
    }

    /// Runs jobs until there are none; gives their number.
    fn run(&self) -> usize {
        let mut count = 0;
        loop {
            let job = self.0.lock().unwrap().pop_front();
            let Some(job) = job else { return count };
            job();
            count += 1;
        }
    }
}

impl SpawnBlocking<BlockingJob> for Pool {
    fn spawn_blocking(&self, job: BlockingJob) -> Result<(), SpawnError<BlockingJob>> {
        let mut jobs = self.0.lock().unwrap();
        if jobs.len() == self.1 {
            return Err(SpawnError::full(Some(job)));
        }
        jobs.push_back(job);
        Ok(())
    }
}

fn with_pool(pool: &Pool) -> klaw::Executor<(), Pool> {
    klaw::Executor::new(()).with_pool(pool.clone())
}

#[test]
fn m8_items_are_computed_in_chunks() {
    let pool = Pool::new(100);
    let map = with_pool(&pool).map_cpu(0..MANY, |n| n * n);
    let mut map = ByHand::parked(map.width(width(4)));
    let hops = pool.run();
    assert!((4..=4 * 4 + 4).contains(&hops), "{hops} jobs for {MANY} items");
    let results = map.ready();
    assert!(results.into_iter().map(Result::unwrap).eq((0..MANY).map(|n| n * n)));

    let map =
        with_pool(&pool).map_cpu(0..MANY, |n| n).chunk(width(MANY as usize / 100)).width(width(2));
    let mut map = ByHand::parked(map);
    assert!((100..=102).contains(&pool.run()));
    assert_eq!(map.ready().len(), MANY as usize);
}

#[test]
fn m8_other_jobs_of_the_pool_get_their_turn() {
    let pool = Pool::new(100);
    let done = Arc::new(AtomicUsize::new(0));
    let count = done.clone();
    let map = with_pool(&pool).map_cpu(0..1_000, move |_| count.fetch_add(1, Ordering::SeqCst));
    let mut map = ByHand::parked(map.width(width(1)).chunk(width(10)));
    let seen = done.clone();
    let other = with_pool(&pool).submit_blocking(move |_| seen.load(Ordering::SeqCst)).unwrap();
    pool.run();
    assert_eq!(by_hand::now(other.into_future()).unwrap().unwrap(), 10);
    assert_eq!(map.ready().len(), 1_000);
}

#[test]
fn m8_a_full_pool_costs_turns_not_items() {
    let pool = Pool::new(1);
    let map = with_pool(&pool).map_cpu(0..1_000, |n| if n == 500 { raise() } else { n });
    let mut map = ByHand::parked(map.width(width(4)).chunk(width(10)));
    pool.run();
    let results = map.ready();
    assert_eq!((results.len(), results.iter().filter(|r| r.is_err()).count()), (1_000, 1));
    assert!(matches!(results[500], Err(JoinError::Panicked(_))));

    let pool = Pool::new(0);
    let results = by_hand::now(with_pool(&pool).map_cpu(0..3, |n| n)).unwrap();
    assert!(results.iter().all(|r| matches!(r, Err(JoinError::Refused(SpawnErrorKind::Full)))));
    assert_eq!(results.len(), 3);
}

#[test]
fn m8_dropping_the_map_stops_the_jobs_between_items() {
    let pool = Pool::new(100);
    let map = Arc::new(Mutex::new(None));
    let (done, slot) = (Arc::new(AtomicUsize::new(0)), map.clone());
    let count = done.clone();
    let running = with_pool(&pool).map_cpu(0..1_000, move |n| {
        count.fetch_add(1, Ordering::SeqCst);
        if n == 20 {
            drop(slot.lock().unwrap().take());
        }
    });
    let mut running: std::pin::Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(running);
    assert!(counting::poll(running.as_mut()).is_pending());
    *map.lock().unwrap() = Some(running);
    pool.run();
    assert_eq!(done.load(Ordering::SeqCst), 21);
}

#[test]
fn an_iterator_and_a_function_that_are_not_send_run_on_a_local_executor() {
    let executor = Executor::new(5);
    let seen = Rc::new(RefCell::new(vec![]));
    let log = seen.clone();
    let map = tasks(&executor).map([Rc::new(1), Rc::new(2)], move |n| {
        log.borrow_mut().push(*n);
        ready(n)
    });
    assert_eq!(executor.settle(map).unwrap().len(), 2);
    assert_eq!(seen.borrow().len(), 2);
}

/// Keeps the tasks it is given, to be polled and dropped one by one.
#[derive(Clone, Default)]
struct Bench(Rc<RefCell<Vec<ByHand<Task>>>>);

type Task = std::pin::Pin<Box<dyn Future<Output = ()>>>;

impl<F: Future<Output = ()> + 'static> klaw::Spawn<F> for Bench {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        self.0.borrow_mut().push(ByHand::new(Box::pin(future)));
        Ok(())
    }
}

#[test]
fn m1_a_dropped_worker_leaves_its_room_to_the_others() {
    let bench = Bench::default();
    let f = |n| async move {
        if n == 0 {
            pending::<()>().await;
        }
        n
    };
    let mut stream = klaw::Executor::new(bench.clone()).imap(0..6, f).width(width(2));
    assert!(ByHand::new(stream.next()).poll().is_pending());
    let (mut first, mut second) = {
        let mut tasks = bench.0.borrow_mut();
        (tasks.remove(0), tasks.remove(0))
    };
    assert!(first.poll().is_pending());
    drop(first);
    assert!(second.poll().is_pending());
    // Room for two: one for what the dropped worker had, one for what the other could take.
    assert!(matches!(by_hand::now(stream.next()), Some(Some(Err(JoinError::Abandoned)))));
    assert!(matches!(by_hand::now(stream.next()), Some(Some(Ok(1)))));
}
