//! The simulator's faults, and klaw's own parts under them.

#![cfg(feature = "std")]

use core::{
    cell::{Cell, RefCell},
    fmt::Debug,
    future::{pending, poll_fn},
    task::{Poll, Waker},
    time::Duration,
};
use klaw::{
    Actor, AskError, Clock, Ctx, Instant, Reply, Restart, Runtime, Strategy, Supervisor, bounded,
    serve,
    sim::{self, FaultKind, Injection, RunError, Sim},
    supervise::Spawned,
    task,
};
use std::{
    collections::{BTreeSet, VecDeque},
    panic::catch_unwind,
    rc::Rc,
    thread,
};

const SEEDS: u64 = if cfg!(miri) { 5 } else { 1_000 };

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
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

/// A task that never ends, and tells whether it was dropped by unwinding.
fn victim(sim: &Sim, name: &'static str, dropped: &Rc<RefCell<Vec<(&'static str, bool)>>>) {
    struct Guard(&'static str, Rc<RefCell<Vec<(&'static str, bool)>>>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.1.borrow_mut().push((self.0, thread::panicking()));
        }
    }
    let guard = Guard(name, dropped.clone());
    sim.spawn_named(name, async move {
        let _guard = guard;
        pending().await
    });
}

// Each kind.

#[test]
fn a_cancelled_task_is_dropped_and_recorded() {
    let (sim, dropped) = (Sim::new(0), Rc::default());
    sim.inject(Injection::cancel(1.0).on("victim"));
    victim(&sim, "victim", &dropped);
    victim(&sim, "bystander", &dropped);
    sim.run(yield_now()).unwrap();
    assert_eq!(*dropped.borrow(), [("victim", false)]);
    let faults = sim.faults();
    assert_eq!(faults.len(), 1);
    assert_eq!((&*faults[0].task.name, faults[0].task.number), ("victim", 0));
    assert_eq!((faults[0].kind, faults[0].at), (FaultKind::Cancel, Instant::EPOCH));
    assert_eq!((sim.tasks(), sim.panics()), (1, 0));
}

#[test]
fn an_injected_panic_unwinds_and_is_no_error_of_the_run() {
    let (sim, dropped) = (Sim::new(0), Rc::default());
    sim.inject(Injection::panic(1.0).on_prefix("vic"));
    victim(&sim, "victim", &dropped);
    victim(&sim, "bystander", &dropped);
    sim.run(yield_now()).unwrap();
    assert_eq!(*dropped.borrow(), [("victim", true)]);
    assert_eq!(sim.faults()[0].kind, FaultKind::Panic);
    assert_eq!((sim.faults().len(), sim.tasks(), sim.panics()), (1, 1, 0));
}

#[test]
fn a_stalled_task_is_not_polled_until_its_time_is_over() {
    let mut times = BTreeSet::new();
    for seed in 0..SEEDS {
        let sim = Sim::new(seed);
        sim.inject(Injection::stall(1.0, ms(5)).on("victim").at_most(1));
        let clock = sim.clock();
        sim.spawn_named("victim", async move {
            let mut last = Instant::EPOCH;
            let mut jump = Duration::ZERO;
            for _ in 0..10 {
                yield_now().await;
                jump = jump.max(clock.now().saturating_since(last));
                last = clock.now();
            }
            assert!(!jump.is_zero(), "it was woken, and not polled until time had gone on");
        });
        sim.run(sim.clock().sleep(ms(10))).unwrap();
        assert_eq!(sim.tasks(), 0, "it went on");
        let faults = sim.faults();
        let [fault] = &*faults else { panic!("{faults:?}") };
        let FaultKind::Stall(time) = fault.kind else { panic!("{fault:?}") };
        assert!(time > Duration::ZERO && time <= ms(5), "{time:?}");
        times.insert(time);
    }
    assert!(times.len() as u64 > SEEDS / 2, "they are drawn");
}

#[test]
fn a_task_that_is_stalled_while_it_is_parked_is_not_woken_by_that() {
    let sim = Sim::new(0);
    sim.inject(Injection::stall(1.0, ms(5)).on("victim").at_most(1));
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    let kept = Rc::new(RefCell::new(None::<Waker>));
    let given = kept.clone();
    sim.spawn_named(
        "victim",
        poll_fn(move |cx| {
            counted.set(counted.get() + 1);
            given.replace(Some(cx.waker().clone()));
            Poll::Pending
        }),
    );
    sim.run_until_stalled().unwrap();
    assert_eq!((sim.faults().len(), polls.get()), (1, 1));
    sim.run(sim.clock().sleep(ms(10))).unwrap();
    assert_eq!(polls.get(), 1);
    kept.take().unwrap().wake();
    sim.run_until_stalled().unwrap();
    assert_eq!(polls.get(), 2);
}

#[test]
fn a_spurious_poll_is_one_that_nobody_asked_for() {
    let sim = Sim::new(0);
    sim.inject(Injection::spurious(1.0).on("victim"));
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    sim.spawn_named(
        "victim",
        poll_fn(move |_| {
            counted.set(counted.get() + 1);
            Poll::Pending
        }),
    );
    sim.run(async {
        for _ in 0..10 {
            yield_now().await;
        }
    })
    .unwrap();
    assert!((5..=11).contains(&polls.get()), "{}", polls.get());
    assert!(sim.faults().iter().all(|fault| fault.kind == FaultKind::Spurious));
    // They do not bring about each other, so time goes on and deadlocks are found.
    sim.run(sim.clock().sleep(ms(1))).unwrap();
    assert!(matches!(sim.run(pending::<()>()), Err(RunError::Deadlock { .. })));
}

#[test]
fn no_future_of_klaw_minds_a_spurious_poll_or_a_stall() {
    sim::seeds(0..SEEDS).run(async |sim| {
        sim.inject(Injection::spurious(0.3));
        sim.inject(Injection::stall(0.1, ms(1)));
        let (tx, rx) = bounded(1);
        for n in 0..2 {
            let tx = tx.clone();
            sim.spawn(async move {
                for k in 0..5 {
                    tx.send(5 * n + k).await.unwrap();
                }
            });
        }
        drop(tx);
        let mut received = vec![];
        while let Ok(n) = rx.recv().await {
            received.push(n);
        }
        received.sort_unstable();
        assert_eq!(received, (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn faults_hit_ready_and_parked_tasks_and_those_never_polled() {
    let mut seen = BTreeSet::new();
    for seed in 0..100 {
        let sim = Sim::new(seed);
        sim.inject(Injection::cancel(0.3).on("victim").at_most(1));
        let state = Rc::new(Cell::new("not polled"));
        let told = state.clone();
        sim.spawn_named("victim", async move {
            told.set("ready");
            yield_now().await;
            told.set("parked");
            pending().await
        });
        sim.run(async {
            for _ in 0..3 {
                yield_now().await;
            }
        })
        .unwrap();
        if !sim.faults().is_empty() {
            seen.insert(state.get());
        }
    }
    assert_eq!(seen, BTreeSet::from(["not polled", "parked", "ready"]));
}

#[test]
fn a_root_is_neither_cancelled_nor_made_to_panic() {
    sim::seeds(0..20).run(async |sim| {
        sim.inject(Injection::cancel(1.0));
        sim.inject(Injection::panic(1.0));
        for _ in 0..20 {
            yield_now().await;
        }
        assert!(sim.faults().is_empty());
    });
}

#[test]
fn a_destructor_that_panics_when_it_is_cancelled_ends_the_run() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the bomb went off");
        }
    }
    let sim = Sim::new(0);
    sim.inject(Injection::cancel(1.0));
    let bomb = Bomb;
    sim.spawn_named("bomb", async move {
        let _bomb = bomb;
        pending().await
    });
    let error = sim.run(pending::<()>()).unwrap_err();
    assert_eq!(error.to_string(), "task #0 bomb panicked at 0ns: the bomb went off");
}

#[test]
fn a_probability_is_kept() {
    let hits: usize = (0..20)
        .map(|seed| {
            let sim = Sim::new(seed);
            sim.inject(Injection::stall(0.2, Duration::ZERO).on("root"));
            sim.run(async {
                for _ in 0..499 {
                    yield_now().await;
                }
            })
            .unwrap();
            sim.faults().len()
        })
        .sum();
    // Of 10,000 polls; four standard deviations are 160.
    assert!((1_840..=2_160).contains(&hits), "{hits}");
}

#[test]
fn a_probability_above_one_is_refused() {
    for probability in [-0.1, 1.1, f64::NAN] {
        catch_unwind(|| Injection::cancel(probability)).unwrap_err();
    }
}

// A bug that only some schedules show.

/// A lock for tasks; `CORRECT` ones pass on a wake-up that reached a waiter which is dropped.
struct Baton<const CORRECT: bool>(RefCell<Waiting>);

#[derive(Default)]
struct Waiting {
    taken: bool,
    next: u64,
    queue: VecDeque<(u64, Waker)>,
}

impl<const CORRECT: bool> Baton<CORRECT> {
    fn release(&self) {
        self.0.borrow_mut().taken = false;
        self.wake_one();
    }

    fn wake_one(&self) {
        let first = self.0.borrow_mut().queue.pop_front();
        if let Some((_, waker)) = first {
            waker.wake();
        }
    }

    async fn acquire(self: Rc<Self>) -> Held<CORRECT> {
        let mut place = Place { baton: self, number: None };
        poll_fn(|cx| {
            let waiting = &mut *place.baton.0.borrow_mut();
            if let Some(number) = place.number {
                waiting.queue.retain(|(other, _)| *other != number);
            }
            if !waiting.taken {
                waiting.taken = true;
                place.number = None;
                return Poll::Ready(());
            }
            waiting.next += 1;
            place.number = Some(waiting.next);
            waiting.queue.push_back((waiting.next, cx.waker().clone()));
            Poll::Pending
        })
        .await;
        Held(place.baton.clone())
    }
}

struct Place<const CORRECT: bool> {
    baton: Rc<Baton<CORRECT>>,
    number: Option<u64>,
}

impl<const CORRECT: bool> Drop for Place<CORRECT> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let was_woken = {
            let queue = &mut self.baton.0.borrow_mut().queue;
            let before = queue.len();
            queue.retain(|(other, _)| *other != number);
            queue.len() == before
        };
        if CORRECT && was_woken {
            self.baton.wake_one();
        }
    }
}

struct Held<const CORRECT: bool>(Rc<Baton<CORRECT>>);

impl<const CORRECT: bool> Drop for Held<CORRECT> {
    fn drop(&mut self) {
        self.0.release();
    }
}

async fn workers_take_turns<const CORRECT: bool>(sim: &Sim) {
    sim.inject(Injection::cancel(0.05).on("worker").at_most(1));
    let baton = Rc::new(Baton::<CORRECT>(RefCell::default()));
    let (tx, rx) = bounded::<()>(1);
    for _ in 0..4 {
        let (baton, tx) = (baton.clone(), tx.clone());
        sim.spawn_named("worker", async move {
            let _tx = tx;
            for _ in 0..3 {
                let _held = baton.clone().acquire().await;
                yield_now().await;
            }
        });
    }
    drop(tx);
    // Closed when every worker is done or dropped.
    rx.recv().await.unwrap_err();
}

#[test]
fn a_lost_wakeup_is_found() {
    let found = catch_unwind(|| sim::seeds(0..1_000).run(workers_take_turns::<false>)).unwrap_err();
    let text = found.downcast_ref::<String>().unwrap();
    assert!(text.contains("deadlock at 0ns") && text.contains(" worker since 0ns"), "{text}");
    assert!(text.contains("faults") && text.contains("worker: cancel"), "{text}");
    assert!(text.contains("\nKLAW_SIM_SEED="), "{text}");
}

#[test]
fn without_the_bug_no_seed_fails() {
    sim::seeds(0..SEEDS).run(workers_take_turns::<true>);
}

// Channels.

/// What was acknowledged was received, what was received was sent once, in order for each sender.
#[test]
fn a_channel_loses_nothing_under_cancellation() {
    let cancelled = Cell::new(0);
    sim::seeds(0..SEEDS).run(async |sim| {
        sim.inject(Injection::cancel(0.05).on("sender"));
        sim.inject(Injection::panic(0.02).on("sender"));
        sim.inject(Injection::spurious(0.1));
        sim.inject(Injection::stall(0.05, ms(2)));
        let (tx, rx) = bounded(1);
        let acknowledged = Rc::new(RefCell::new([vec![], vec![]]));
        for me in 0..2 {
            let (tx, acknowledged) = (tx.clone(), acknowledged.clone());
            sim.spawn_named("sender", async move {
                for n in 0..5 {
                    tx.send((me, n)).await.unwrap();
                    acknowledged.borrow_mut()[me].push(n);
                }
            });
        }
        drop(tx);
        let mut received = [vec![], vec![]];
        while let Ok((from, n)) = rx.recv().await {
            received[from].push(n);
        }
        let hit = sim.faults().iter().filter(|fault| fault.task.name == "sender").count();
        cancelled.set(cancelled.get() + hit);
        same(&received, &acknowledged.borrow());
        assert!(received.iter().all(|from| from.iter().copied().eq(0..from.len())));
    });
    assert!(cancelled.get() as u64 > SEEDS / 2, "{}", cancelled.get());
}

#[track_caller]
fn same<T: PartialEq + Debug>(left: &T, right: &T) {
    assert_eq!(left, right);
}

#[test]
fn a_receiver_that_is_cancelled_leaves_its_messages_to_the_next() {
    sim::seeds(0..SEEDS).run(async |sim| {
        sim.inject(Injection::cancel(0.1).on("receiver").at_most(2));
        sim.inject(Injection::spurious(0.1));
        let (tx, rx) = bounded(1);
        let received = Rc::new(RefCell::new(vec![]));
        for name in ["receiver", "receiver", "the last receiver"] {
            let (rx, received) = (rx.clone(), received.clone());
            sim.spawn_named(name, async move {
                while let Ok(n) = rx.recv().await {
                    received.borrow_mut().push(n);
                    yield_now().await;
                }
            });
        }
        drop(rx);
        for n in 0..8 {
            tx.send(n).await.unwrap();
        }
        while received.borrow().len() < 8 {
            sim.clock().sleep(ms(1)).await;
        }
        received.borrow_mut().sort_unstable();
        same(&*received.borrow(), &(0..8).collect());
    });
}

// Actors.

enum Msg {
    Add(u64),
    Total(Reply<u64>),
}

/// Fails at every fifth addition if it is fragile.
#[derive(Default)]
struct Counter {
    total: u64,
    fragile: bool,
}

impl Actor for Counter {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        yield_now().await;
        match msg {
            Msg::Add(n) if self.fragile && n % 5 == 4 => return Err("every fifth"),
            Msg::Add(n) => self.total += n,
            Msg::Total(reply) => reply.send(self.total),
        }
        Ok(())
    }
}

#[test]
fn an_actor_handles_what_it_was_told_and_nothing_else() {
    sim::seeds(0..SEEDS).run(async |sim| {
        sim.inject(Injection::cancel(0.05).on("client"));
        sim.inject(Injection::stall(0.05, ms(2)));
        sim.inject(Injection::spurious(0.1));
        let rt = Runtime::new(sim.spawner().named("actor"), sim.clock());
        let counter = rt
            .spawn_actor(|me| serve(Counter::default(), me))
            .name("counter")
            .capacity(1)
            .start()
            .unwrap();
        let told = Rc::new(Cell::new(0));
        let (done, all_done) = bounded::<()>(1);
        for n in 1..4 {
            let (counter, told, done) = (counter.clone(), told.clone(), done.clone());
            sim.spawn_named("client", async move {
                let _done = done;
                for _ in 0..3 {
                    counter.tell(Msg::Add(n)).await.unwrap();
                    told.set(told.get() + n);
                }
            });
        }
        drop(done);
        all_done.recv().await.unwrap_err();
        same(&counter.ask(Msg::Total).await, &Ok(told.get()));
        counter.stop();
        counter.closed().await;
    });
}

#[test]
fn every_question_is_answered_when_the_actor_fails_or_its_task_is_lost() {
    let lost = Cell::new(0);
    sim::seeds(0..SEEDS).run(async |sim| {
        sim.inject(Injection::panic(0.02).on("actor"));
        sim.inject(Injection::spurious(0.1));
        let rt = Runtime::new(sim.spawner().named("actor"), sim.clock());
        let counter = rt
            .spawn_actor(|me| serve(Counter { fragile: true, ..Counter::default() }, me))
            .capacity(2)
            .restart(Restart::Always)
            .max_restarts(100)
            .start()
            .unwrap();
        for n in 0..10 {
            let told = counter.tell(Msg::Add(n)).await;
            match counter.ask(Msg::Total).await {
                Ok(_) => told.unwrap(),
                Err(AskError::NoReply) => {}
                Err(AskError::Closed) => {
                    lost.set(lost.get() + 1);
                    same(&sim.faults().iter().any(|fault| fault.kind == FaultKind::Panic), &true);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    });
    assert!(lost.get() as u64 > SEEDS / 10, "{}", lost.get());
}

// Supervision.

#[test]
fn a_supervisor_restarts_each_child_that_is_lost() {
    let lost = Cell::new(0);
    sim::seeds(0..SEEDS).run(async |sim| {
        sim.inject(Injection::cancel(0.05).on("child"));
        sim.inject(Injection::panic(0.05).on("child"));
        sim.inject(Injection::stall(0.05, ms(2)));
        sim.inject(Injection::spurious(0.1));
        let incarnations = Rc::new(Cell::new(0));
        let (clock, counted) = (sim.clock(), incarnations.clone());
        let child = move || {
            counted.set(counted.get() + 1);
            let clock = clock.clone();
            task(async move {
                for _ in 0..5 {
                    clock.sleep(ms(1)).await;
                }
            })
        };
        let ended = Supervisor::new(Strategy::OneForOne)
            .max_restarts(usize::MAX)
            .child("first", Restart::OnFailure, child.clone())
            .child("second", Restart::OnFailure, child)
            .run_with(Spawned(sim.spawner().named("child")), &sim.clock())
            .await;
        same(&ended, &Ok(()));
        let kills = |kind| matches!(kind, FaultKind::Cancel | FaultKind::Panic);
        let faults = sim.faults().iter().filter(|fault| kills(fault.kind)).count();
        same(&incarnations.get(), &(2 + faults));
        lost.set(lost.get() + faults);
    });
    assert!(lost.get() as u64 > SEEDS / 2, "{}", lost.get());
}
