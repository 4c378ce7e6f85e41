//! Checkpointed actors: when they are saved, what a crash loses, what ends them.

#![cfg(feature = "std")]

mod executor;
mod virtual_clock;

use core::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
    time::Duration,
};
use executor::{Executor, Output, Spawner};
use klaw::{
    Actor, ActorRef, AskError, CancelToken, Checkpointer, Ctx, Event, Exit, Reply, Restart,
    Runtime, Strategy, Supervisor, SupervisorError,
    checkpoint::{Persist, PersistError, SharedStore, Writer, key_hash, open, seal},
    durable::{Checkpoint, CheckpointError, Checkpointed, serve_checkpointed},
    mailbox_named,
};
use std::{collections::BTreeMap, rc::Rc};
use virtual_clock::VirtualClock;

const SEEDS: u64 = if cfg!(miri) { 1 } else { 16 };
const EVERY: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);
const ROOM: usize = 64;

/// A store in memory that fails and waits when it is told to.
#[derive(Clone, Default)]
struct Memory(Rc<Disk>);

#[derive(Default)]
struct Disk {
    values: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    saves: Cell<usize>,
    /// How many accesses are still to fail.
    broken: Cell<usize>,
    held: Cell<bool>,
    waits: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Broken;

impl Memory {
    async fn access(&self) -> Result<(), Broken> {
        poll_fn(|cx| {
            if self.0.held.get() {
                *self.0.waits.borrow_mut() = Some(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        match self.0.broken.get().checked_sub(1) {
            Some(left) => {
                self.0.broken.set(left);
                Err(Broken)
            }
            None => Ok(()),
        }
    }

    fn release(&self) {
        self.0.held.set(false);
        self.0.waits.take().unwrap().wake();
    }

    fn bytes(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.values.borrow().get(key).cloned()
    }

    fn put(&self, key: &[u8], bytes: &[u8]) {
        self.0.values.borrow_mut().insert(key.to_vec(), bytes.to_vec());
    }

    /// The sum that was saved last.
    fn sum(&self) -> Option<u64> {
        self.bytes(b"tally").map(|bytes| open::<Sum>(&bytes).unwrap().0)
    }

    fn saves(&self) -> usize {
        self.0.saves.get()
    }
}

impl Checkpointer for Memory {
    type Error = Broken;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Broken> {
        self.access().await?;
        Ok(self.bytes(key).map(|bytes| {
            let buf = &mut buf[..bytes.len()];
            buf.copy_from_slice(&bytes);
            &*buf
        }))
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), Broken> {
        self.access().await?;
        self.put(key, value);
        self.0.saves.set(self.saves() + 1);
        Ok(())
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), Broken> {
        self.access().await?;
        self.0.values.borrow_mut().remove(key);
        Ok(())
    }
}

struct Sum(u64);

impl Persist for Sum {
    const TYPE: &'static str = "sum";
    const VERSION: u32 = 2;
    const SCHEMA: u64 = key_hash(b"u64");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        if self.0 == u64::MAX {
            return Err(PersistError::Unencodable);
        }
        out.write(&self.0.to_le_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        match version {
            2 => Ok(Self(u64::from_le_bytes(bytes.try_into()?))),
            found => Err(PersistError::TooOld { found }),
        }
    }
}

/// The next release of [`Sum`].
struct NewerSum;

impl Persist for NewerSum {
    const TYPE: &'static str = "sum";
    const VERSION: u32 = 3;
    const SCHEMA: u64 = 0;

    fn encode(&self, _: &mut Writer<'_>) -> Result<(), PersistError> {
        Ok(())
    }

    fn decode(_: u32, _: &[u8]) -> Result<Self, PersistError> {
        Ok(Self)
    }
}

enum Msg {
    Add(u64),
    /// Adds, and answers when that is kept.
    Keep(u64, Reply<u64>),
    Get(Reply<u64>),
    /// Adds one and takes a second.
    Work(VirtualClock),
    Fail,
    Panic,
    End,
}

#[derive(Debug, PartialEq)]
enum Failure {
    Asked,
    Checkpoint(CheckpointError<Broken>),
}

impl From<CheckpointError<Broken>> for Failure {
    fn from(error: CheckpointError<Broken>) -> Self {
        Self::Checkpoint(error)
    }
}

/// Adds up; each incarnation says in `log` how it begins and ends.
struct Tally {
    sum: Sum,
    keep: Vec<Reply<u64>>,
    log: Log,
}

type Log = Rc<RefCell<Vec<String>>>;

impl Actor for Tally {
    type Msg = Msg;
    type Error = Failure;

    async fn started(&mut self, _: &mut Ctx<'_, Msg>) -> Result<(), Failure> {
        self.log.borrow_mut().push(format!("started at {}", self.sum.0));
        Ok(())
    }

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), Failure> {
        match msg {
            Msg::Add(n) => self.sum.0 += n,
            Msg::Keep(n, reply) => {
                self.sum.0 += n;
                self.keep.push(reply);
            }
            Msg::Get(reply) => reply.send(self.sum.0),
            Msg::Work(clock) => {
                self.sum.0 += 1;
                clock.advance(SECOND);
            }
            Msg::Fail => return Err(Failure::Asked),
            Msg::Panic => panic!("as asked"),
            Msg::End => ctx.stop(),
        }
        Ok(())
    }

    async fn stopped(&mut self, why: &Exit<Failure>) {
        self.sum.0 = self.sum.0.wrapping_add(1000);
        self.log.borrow_mut().push(format!("stopped {why:?}"));
    }
}

impl Checkpointed for Tally {
    type State = Sum;

    fn state(&self) -> &Sum {
        &self.sum
    }

    fn save_now(&self) -> bool {
        !self.keep.is_empty()
    }

    fn saved(&mut self) {
        for reply in self.keep.drain(..) {
            reply.send(self.sum.0);
        }
    }
}

/// A supervised tally.
struct Bench {
    executor: Executor,
    clock: VirtualClock,
    store: Memory,
    log: Log,
    me: ActorRef<Msg>,
    stop: CancelToken,
    ended: Output<Result<(), SupervisorError>>,
}

impl Bench {
    fn new(seed: u64, store: &Memory) -> Self {
        Self::every(seed, store, EVERY)
    }

    fn every(seed: u64, store: &Memory, every: Duration) -> Self {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let (log, stop, me) = (Log::default(), CancelToken::new(), mailbox_named("tally", 16));
        let checkpoint =
            Checkpoint::new(store.clone(), "tally", clock.clone(), [0; ROOM]).every(every);
        let (told, to_actor) = (log.clone(), log.clone());
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .max_restarts(10)
            .observe(move |event: &Event<'_>| {
                if let Event::Failed { error, .. } = event {
                    told.borrow_mut().push(format!("failed {error:?}"));
                }
            })
            .actor(&me, Restart::OnFailure, move |me| {
                let log = to_actor.clone();
                let make =
                    |saved: Option<Sum>| Tally { sum: saved.unwrap_or(Sum(0)), keep: vec![], log };
                serve_checkpointed(make, me, checkpoint.clone())
            });
        let running = supervisor.run(&clock).until(stop.cancelled());
        let ended = executor.start(running);
        executor.run();
        Self { executor, clock, store: store.clone(), log, me, stop, ended }
    }

    fn tell(&self, msg: Msg) {
        assert!(self.me.try_tell(msg).is_ok());
        self.executor.run();
    }

    fn ask(&self, question: fn(Reply<u64>) -> Msg) -> Output<Result<u64, AskError>> {
        let me = self.me.clone();
        let answer = self.executor.start(async move { me.ask(question).await });
        self.executor.run();
        answer
    }

    fn sum(&self) -> u64 {
        self.ask(Msg::Get).take().unwrap().unwrap()
    }

    fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        self.executor.run();
    }

    fn log(&self) -> Vec<String> {
        self.log.take()
    }
}

/// Runs `scenario` in many wake orders, on an empty store.
fn in_many_orders(every: Duration, scenario: impl Fn(Bench)) {
    for seed in 0..SEEDS {
        scenario(Bench::every(seed, &Memory::default(), every));
    }
}

#[test]
fn an_idle_actor_is_saved_when_the_interval_has_passed() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.advance(EVERY - Duration::from_nanos(1));
        assert_eq!(bench.store.sum(), None);
        bench.advance(Duration::from_nanos(1));
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(1), 1));
    });
}

#[test]
fn without_a_message_nothing_is_saved_and_no_timer_is_armed() {
    in_many_orders(EVERY, |bench| {
        bench.advance(EVERY); // `started` may have changed something
        assert_eq!((bench.store.saves(), bench.clock.timers()), (1, 0));
        bench.advance(10 * EVERY);
        assert_eq!(bench.store.saves(), 1);
        // The interval is over already: saved at once, and then not for ten seconds.
        bench.tell(Msg::Add(1));
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(1), 2));
        bench.tell(Msg::Add(1));
        bench.advance(EVERY - SECOND);
        assert_eq!(bench.store.saves(), 2);
        bench.advance(SECOND);
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(2), 3));
    });
}

#[test]
fn an_actor_that_is_never_idle_is_saved_once_an_interval() {
    in_many_orders(EVERY, |bench| {
        for _ in 0..16 {
            assert!(bench.me.try_tell(Msg::Work(bench.clock.clone())).is_ok());
        }
        bench.executor.run();
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(10), 1));
        bench.advance(EVERY - 6 * SECOND);
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(16), 2));
    });
}

#[test]
fn an_interval_of_zero_saves_after_every_message() {
    in_many_orders(Duration::ZERO, |bench| {
        for n in 1..=5 {
            bench.tell(Msg::Add(1));
            assert_eq!(bench.store.sum(), Some(n));
        }
        assert_eq!((bench.store.saves(), bench.clock.timers()), (6, 0));
    });
}

#[test]
fn an_endless_interval_saves_on_demand_alone() {
    in_many_orders(Duration::MAX, |bench| {
        bench.tell(Msg::Add(1));
        bench.advance(Duration::MAX);
        assert_eq!((bench.store.saves(), bench.clock.timers()), (0, 0));
        assert_eq!(bench.ask(|reply| Msg::Keep(2, reply)).take(), Some(Ok(3)));
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(3), 1));
    });
}

#[test]
fn who_waits_for_the_save_is_answered_after_it() {
    in_many_orders(EVERY, |bench| {
        bench.store.0.held.set(true);
        let kept = bench.ask(|reply| Msg::Keep(5, reply));
        assert!(!kept.is_ready());
        assert_eq!(bench.store.sum(), None);
        bench.store.release();
        bench.executor.run();
        assert_eq!((kept.take(), bench.store.sum()), (Some(Ok(5)), Some(5)));
    });
}

#[test]
fn no_message_is_handled_while_the_state_is_saved() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.store.0.held.set(true);
        bench.advance(EVERY);
        let got = bench.ask(Msg::Get);
        bench.advance(EVERY);
        assert!(!got.is_ready());
        assert_eq!(bench.me.len(), 1);
        bench.store.release();
        bench.executor.run();
        assert_eq!((got.take(), bench.store.sum()), (Some(Ok(1)), Some(1)));
    });
}

#[test]
fn what_stopped_does_is_saved_and_a_new_process_goes_on_from_there() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.stop.cancel("the test is over");
        bench.executor.run();
        assert_eq!(bench.ended.take(), Some(Ok(())));
        assert_eq!(bench.log(), ["started at 0", "stopped Stopped"]);
        assert_eq!(bench.store.sum(), Some(1001));
        let next = Bench::new(1, &bench.store);
        assert_eq!(next.log(), ["started at 1001"]);
    });
}

#[test]
fn an_actor_that_ends_by_itself_is_saved() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.tell(Msg::End);
        assert_eq!(bench.log(), ["started at 0", "stopped Normal"]);
        assert_eq!(bench.store.sum(), Some(1001));
    });
}

#[test]
fn a_restart_goes_on_from_the_last_save() {
    type Crash = fn(&Bench);
    let crashes: [(Crash, &str); 3] = [
        (|bench| bench.tell(Msg::Fail), "failed Asked"),
        (|bench| bench.tell(Msg::Panic), "failed Panicked(panic: as asked)"),
        (|bench| bench.me.kill(), "failed Killed"),
    ];
    for (crash, failed) in crashes {
        in_many_orders(EVERY, |bench| {
            bench.tell(Msg::Add(1));
            bench.advance(EVERY);
            bench.tell(Msg::Add(10)); // lost
            bench.log();
            let behind = bench.me.clone();
            crash(&bench);
            assert!(behind.try_tell(Msg::Add(100)).is_ok()); // waits for the next incarnation
            bench.executor.run();
            assert_eq!((bench.store.sum(), bench.store.saves()), (Some(1), 1));
            let log = bench.log();
            let last: Vec<_> = log.iter().filter(|line| !line.starts_with("stopped")).collect();
            assert_eq!(last, [failed, "started at 1"]);
            assert_eq!(bench.sum(), 101);
        });
    }
}

#[test]
fn a_kill_amid_a_save_leaves_what_was_saved_before() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.advance(EVERY);
        bench.tell(Msg::Add(10));
        bench.store.0.held.set(true);
        bench.advance(EVERY);
        bench.me.kill();
        bench.executor.run();
        bench.store.release();
        bench.executor.run();
        assert_eq!((bench.store.sum(), bench.store.saves()), (Some(1), 1));
        assert_eq!(bench.sum(), 1);
    });
}

#[test]
fn a_failed_save_ends_the_incarnation_after_stopped() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.store.0.broken.set(1);
        bench.advance(EVERY);
        let error = "Checkpoint(Save(Broken))";
        let log = bench.log();
        assert_eq!(log[1], format!("stopped Failed({error})"));
        assert_eq!(log[2], format!("failed {error}"));
        assert_eq!(log[3..], ["started at 0"]);
    });
}

#[test]
fn a_failed_save_at_the_end_is_a_failure() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.store.0.broken.set(1);
        bench.tell(Msg::End);
        let log = bench.log();
        assert_eq!(
            log[..3],
            ["started at 0", "stopped Normal", "failed Checkpoint(Save(Broken))",]
        );
    });
}

#[test]
fn a_state_that_cannot_be_encoded_is_a_failure_and_overwrites_nothing() {
    in_many_orders(EVERY, |bench| {
        bench.tell(Msg::Add(1));
        bench.advance(EVERY);
        bench.tell(Msg::Add(u64::MAX - 1));
        bench.log();
        bench.advance(EVERY);
        let log = bench.log();
        assert_eq!(log[1], "failed Checkpoint(Seal(Unencodable))");
        assert_eq!((log[2].as_str(), bench.store.sum()), ("started at 1", Some(1)));
    });
}

/// Starts on a store with `bytes` in it: the supervisor hears of it, and the bytes stay.
fn refuses(bytes: &[u8], error: &str) {
    for seed in 0..SEEDS {
        let store = Memory::default();
        store.put(b"tally", bytes);
        let bench = Bench::new(seed, &store);
        assert_eq!(bench.log(), [format!("failed Checkpoint(Open({error}))")]);
        assert!(matches!(bench.ended.take(), Some(Err(SupervisorError::StartFailed { .. }))));
        assert_eq!(store.bytes(b"tally").unwrap(), bytes);
        assert_eq!(store.saves(), 0);
        assert!(bench.me.is_closed());
    }
}

#[test]
fn a_checkpoint_that_cannot_be_read_fails_the_start_and_stays_as_it_is() {
    let mut buf = [0; ROOM];
    let mut damaged = seal(&Sum(7), &mut buf).unwrap().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    refuses(&damaged, "Damaged");
    refuses(b"", "NotSealed");
    refuses(seal(&NewerSum, &mut buf).unwrap(), "TooNew { found: 3, known: 2 }");
}

#[test]
fn a_store_that_cannot_be_read_fails_the_start() {
    let store = Memory::default();
    store.0.broken.set(1);
    let bench = Bench::new(1, &store);
    assert_eq!(bench.log(), ["failed Checkpoint(Load(Broken))"]);
    assert!(matches!(bench.ended.take(), Some(Err(SupervisorError::StartFailed { .. }))));
}

#[test]
fn an_actor_is_ready_only_when_it_is_restored() {
    let store = Memory::default();
    store.0.held.set(true);
    let bench = Bench::new(1, &store);
    assert!(bench.log().is_empty());
    store.release();
    bench.executor.run();
    assert_eq!(bench.log(), ["started at 0"]);
}

#[test]
fn actors_of_a_runtime_share_a_store_each_with_its_key() {
    for seed in 0..SEEDS {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let runtime: Runtime<Spawner, _> = Runtime::new(executor.spawner(), clock.clone());
        let memory = Memory::default();
        let store = SharedStore::new(memory.clone());
        let tallies: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .map(|key| {
                let checkpoint =
                    Checkpoint::new(store.clone(), key, clock.clone(), vec![0; ROOM]).every(EVERY);
                let incarnation = move |me| {
                    let make = |saved: Option<Sum>| Tally {
                        sum: saved.unwrap_or(Sum(0)),
                        keep: vec![],
                        log: Log::default(),
                    };
                    serve_checkpointed(make, me, checkpoint.clone())
                };
                runtime.spawn_actor(incarnation).name(key).start().unwrap()
            })
            .collect();
        for (tally, n) in tallies.iter().zip(1..) {
            assert!(tally.try_tell(Msg::Add(n)).is_ok());
        }
        executor.run();
        memory.0.held.set(true);
        clock.advance(EVERY);
        executor.run();
        tallies[0].kill(); // also if it is the one that uses the store: the next in line is served
        executor.run();
        memory.release();
        executor.run();
        for (tally, n) in tallies.iter().zip(1..).skip(1) {
            let saved = memory.bytes(tally.name().as_bytes()).unwrap();
            assert_eq!(open::<Sum>(&saved).unwrap().0, n);
        }
        let (first, got) = (tallies[0].clone(), async |me: ActorRef<Msg>| me.ask(Msg::Get).await);
        assert_eq!(executor.settle(got(first)), Some(Ok(0)));
    }
}
