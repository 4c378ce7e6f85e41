//! Checkpointed actors started by `spawn_actor(..).checkpoint(store, every)`.

#![cfg(feature = "std")]

mod executor;
mod virtual_clock;

use core::{cell::RefCell, convert::Infallible, time::Duration};
use executor::{Executor, Spawner};
use klaw::{
    Actor, ActorRef, Checkpointer, Ctx, Event, Reply, Runtime,
    checkpoint::{Persist, PersistError, SEAL_LEN, SharedStore, Writer, key_hash, open, seal},
    durable::{CheckpointError, Checkpointed, restore},
};
use std::{collections::BTreeMap, rc::Rc};
use virtual_clock::VirtualClock;

const EVERY: Duration = Duration::from_secs(10);
const SEEDS: u64 = if cfg!(miri) { 1 } else { 16 };

/// What outlives a process.
type Disk = Rc<RefCell<BTreeMap<Vec<u8>, Vec<u8>>>>;

/// A store on it.
struct Memory(Disk);

impl Checkpointer for Memory {
    type Error = Infallible;

    async fn load<'b>(
        &mut self,
        key: &[u8],
        buf: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        Ok(self.0.borrow().get(key).map(|value| {
            let buf = &mut buf[..value.len()];
            buf.copy_from_slice(value);
            &*buf
        }))
    }

    async fn save(&mut self, key: &[u8], value: &[u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    async fn remove(&mut self, key: &[u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().remove(key);
        Ok(())
    }
}

/// A text that grows.
#[derive(Debug, Default, PartialEq)]
struct Text(String);

impl Persist for Text {
    const TYPE: &'static str = "text";
    const VERSION: u32 = 1;
    const SCHEMA: u64 = key_hash(b"utf-8");

    fn encode(&self, out: &mut Writer<'_>) -> Result<(), PersistError> {
        out.write(self.0.as_bytes());
        Ok(())
    }

    fn decode(version: u32, bytes: &[u8]) -> Result<Self, PersistError> {
        let 1 = version else { return Err(PersistError::TooOld { found: version }) };
        let text = core::str::from_utf8(bytes).map_err(|_| PersistError::Malformed)?;
        Ok(Self(text.into()))
    }
}

/// The next release of [`Text`].
struct NewerText;

impl Persist for NewerText {
    const TYPE: &'static str = Text::TYPE;
    const VERSION: u32 = 2;
    const SCHEMA: u64 = 0;

    fn encode(&self, _: &mut Writer<'_>) -> Result<(), PersistError> {
        Ok(())
    }

    fn decode(_: u32, _: &[u8]) -> Result<Self, PersistError> {
        Ok(Self)
    }
}

enum Msg {
    Write(&'static str),
    /// Answers when what was written is kept.
    Keep(Reply<()>),
    Read(Reply<String>),
    Fail,
}

#[derive(Debug)]
#[allow(dead_code, reason = "shown in events")]
enum Failure {
    Asked,
    Checkpoint(CheckpointError<Infallible>),
}

impl From<CheckpointError<Infallible>> for Failure {
    fn from(error: CheckpointError<Infallible>) -> Self {
        Self::Checkpoint(error)
    }
}

struct Writing {
    text: Text,
    keep: Vec<Reply<()>>,
}

impl Actor for Writing {
    type Msg = Msg;
    type Error = Failure;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), Failure> {
        match msg {
            Msg::Write(more) => self.text.0.push_str(more),
            Msg::Keep(reply) => self.keep.push(reply),
            Msg::Read(reply) => reply.send(self.text.0.clone()),
            Msg::Fail => return Err(Failure::Asked),
        }
        Ok(())
    }
}

impl Checkpointed for Writing {
    type State = Text;

    fn state(&self) -> &Text {
        &self.text
    }

    fn save_now(&self) -> bool {
        !self.keep.is_empty()
    }

    fn saved(&mut self) {
        self.keep.drain(..).for_each(|reply| reply.send(()));
    }
}

/// One process on a disk.
struct Process {
    executor: Executor,
    clock: VirtualClock,
    runtime: Runtime<Spawner, VirtualClock>,
    disk: Disk,
    store: SharedStore<Memory>,
    /// What was told to the observers, and how many actors were made.
    told: Rc<RefCell<Vec<String>>>,
}

impl Process {
    fn new(seed: u64, disk: &Disk) -> Self {
        let (executor, clock) = (Executor::new(seed), VirtualClock::new());
        let runtime = Runtime::new(executor.spawner(), clock.clone());
        let store = SharedStore::new(Memory(disk.clone()));
        Self { executor, clock, runtime, disk: disk.clone(), store, told: Rc::default() }
    }

    fn start(&self, name: &'static str) -> ActorRef<Msg> {
        self.start_with(name, 4096)
    }

    fn start_with(&self, name: &'static str, longest: usize) -> ActorRef<Msg> {
        let (told, made) = (self.told.clone(), self.told.clone());
        let me = self
            .runtime
            .spawn_actor(move |me| {
                let made = made.clone();
                let make = move |saved: Option<Text>| {
                    made.borrow_mut().push(format!("made of {saved:?}"));
                    Writing { text: saved.unwrap_or_default(), keep: vec![] }
                };
                restore(make, me).longest(longest)
            })
            .name(name)
            .checkpoint(self.store.clone(), EVERY)
            .max_restarts(1)
            .observe(move |event: &Event<'_>| {
                if let Event::Failed { error, .. } = event {
                    told.borrow_mut().push(format!("failed {error:?}"));
                }
            })
            .start()
            .unwrap();
        self.executor.run();
        me
    }

    fn tell(&self, to: &ActorRef<Msg>, msg: Msg) {
        assert!(to.try_tell(msg).is_ok());
        self.executor.run();
    }

    fn read(&self, of: &ActorRef<Msg>) -> String {
        let of = of.clone();
        self.executor.settle(async move { of.ask(Msg::Read).await.unwrap() }).unwrap()
    }

    fn kept(&self, name: &str) -> Option<String> {
        let disk = self.disk.borrow();
        disk.get(name.as_bytes()).map(|bytes| open::<Text>(bytes).unwrap().0)
    }

    fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        self.executor.run();
    }
}

/// Runs `scenario` in many wake orders, on an empty disk.
fn in_many_orders(scenario: impl Fn(u64, Process)) {
    for seed in 0..SEEDS {
        scenario(seed, Process::new(seed, &Disk::default()));
    }
}

#[test]
fn it_is_saved_on_the_interval() {
    in_many_orders(|_, process| {
        let me = process.start("writer");
        process.tell(&me, Msg::Write("a"));
        process.advance(EVERY - Duration::from_nanos(1));
        assert_eq!(process.kept("writer"), None);
        process.advance(Duration::from_nanos(1));
        assert_eq!(process.kept("writer").unwrap(), "a");
    });
}

#[test]
fn it_is_saved_on_demand() {
    in_many_orders(|_, process| {
        let me = process.start("writer");
        process.tell(&me, Msg::Write("a"));
        assert_eq!(process.kept("writer"), None);
        process.executor.settle(async move { me.ask(Msg::Keep).await.unwrap() }).unwrap();
        assert_eq!(process.kept("writer").unwrap(), "a");
    });
}

#[test]
fn it_is_saved_when_stopped_and_a_new_process_goes_on() {
    in_many_orders(|seed, process| {
        let me = process.start("writer");
        process.tell(&me, Msg::Write("a"));
        me.stop();
        process.executor.run();
        assert_eq!(process.kept("writer").unwrap(), "a");

        let next = Process::new(seed, &process.disk);
        let me = next.start("writer");
        assert_eq!(next.read(&me), "a");
        assert_eq!(*next.told.borrow(), ["made of Some(Text(\"a\"))"]);
    });
}

#[test]
fn a_process_that_just_ends_is_as_it_was_saved_last() {
    in_many_orders(|seed, process| {
        let me = process.start("writer");
        process.tell(&me, Msg::Write("a"));
        process.advance(EVERY);
        process.tell(&me, Msg::Write("b"));
        let disk = process.disk.clone();
        drop(process);
        let next = Process::new(seed, &disk);
        let me = next.start("writer");
        assert_eq!(next.read(&me), "a");
    });
}

#[test]
fn a_restart_goes_on_from_the_last_save() {
    in_many_orders(|_, process| {
        let me = process.start("writer");
        process.tell(&me, Msg::Write("a"));
        process.advance(EVERY);
        process.tell(&me, Msg::Write("b"));
        process.tell(&me, Msg::Fail);
        assert_eq!(process.read(&me), "a");
        let told = ["made of None", "failed Asked", "made of Some(Text(\"a\"))"];
        assert_eq!(*process.told.borrow(), told);
    });
}

#[test]
fn a_checkpoint_that_cannot_be_read_is_a_failure_and_never_the_initial_state() {
    let mut buf = [0; 64];
    let newer = seal(&NewerText, &mut buf).unwrap().to_vec();
    let mut damaged = seal(&Text("text".into()), &mut buf).unwrap().to_vec();
    damaged[SEAL_LEN] ^= 1;
    for (bytes, error) in [
        (newer, "failed Checkpoint(Open(TooNew { found: 2, known: 1 }))"),
        (damaged, "failed Checkpoint(Open(Damaged))"),
        (vec![], "failed Checkpoint(Open(NotSealed))"),
    ] {
        in_many_orders(|_, process| {
            process.disk.borrow_mut().insert(b"writer".to_vec(), bytes.clone());
            let me = process.start("writer");
            assert!(me.try_tell(Msg::Write("lost")).is_err(), "somebody listens");
            let told = process.told.borrow();
            assert!(!told.is_empty() && told.iter().all(|line| line == error), "{told:?}");
            assert_eq!(process.disk.borrow()[&b"writer"[..]], bytes);
        });
    }
}

#[test]
fn a_state_that_is_too_long_is_a_failure_and_overwrites_nothing() {
    in_many_orders(|_, process| {
        let me = process.start_with("writer", 3);
        process.tell(&me, Msg::Write("abc"));
        process.advance(EVERY);
        assert_eq!(process.kept("writer").unwrap(), "abc");
        process.tell(&me, Msg::Write("d"));
        process.advance(EVERY);
        let needed = SEAL_LEN + 4;
        let failed = format!("failed Checkpoint(Seal(NoRoom {{ needed: {needed} }}))");
        assert_eq!(process.told.borrow()[1], failed);
        assert_eq!(process.read(&me), "abc");
    });
}

#[test]
fn two_names_are_two_states_in_one_store() {
    in_many_orders(|_, process| {
        let (one, two) = (process.start("one"), process.start("two"));
        process.tell(&one, Msg::Write("1"));
        process.tell(&two, Msg::Write("2"));
        process.advance(EVERY);
        assert_eq!(process.kept("one").unwrap(), "1");
        assert_eq!(process.kept("two").unwrap(), "2");
    });
}

#[test]
#[should_panic = "a checkpointed actor needs a name"]
fn an_actor_without_a_name_has_nowhere_to_be_kept() {
    let process = Process::new(0, &Disk::default());
    let make = |saved: Option<Text>| Writing { text: saved.unwrap_or_default(), keep: vec![] };
    let builder = process.runtime.spawn_actor(move |me| restore(make, me));
    let _ = builder.checkpoint(process.store.clone(), EVERY);
}
