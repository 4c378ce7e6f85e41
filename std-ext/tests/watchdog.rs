//! The watchdog: real threads, hand-made time, and messages to wait for each other.

use core::{
    future::{Ready, ready},
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
    time::Duration,
};
use klaw::{Actor, ActorRef, Clock, Ctx, Instant, Sleep, mailbox_named, serve};
use klaw_std::{Stuck, Watchdog};
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    thread::{self, JoinHandle},
};

/// Longer than any of this takes: a test that waits for it has failed.
const FOREVER: Duration = Duration::from_secs(60);
const LIMIT: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_millis(1);

/// Time that is set by hand; each look of the watchdog at it can be waited for.
#[derive(Clone)]
struct Hand {
    nanos: Arc<AtomicU64>,
    looks: Option<Sender<()>>,
}

struct Never(Ready<()>);

impl Hand {
    fn new() -> Self {
        Self { nanos: Arc::default(), looks: None }
    }

    fn counted(&self) -> (Self, Receiver<()>) {
        let (looks, looked) = channel();
        (Self { nanos: self.nanos.clone(), looks: Some(looks) }, looked)
    }

    fn set(&self, seconds: u64) {
        self.nanos.store(seconds * 1_000_000_000, Ordering::SeqCst);
    }
}

impl Clock for Hand {
    type Sleep = Never;

    fn now(&self) -> Instant {
        let now = Instant::from_nanos(self.nanos.load(Ordering::SeqCst));
        if let Some(looks) = &self.looks {
            let _: Result<(), _> = looks.send(());
        }
        now
    }

    fn sleep_until(&self, _: Instant) -> Never {
        Never(ready(()))
    }
}

impl Future for Never {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl Sleep for Never {
    fn reset(self: Pin<&mut Self>, _: Instant) {}
}

/// Blocks its thread in a handler until it is let go.
struct Blocking {
    entered: Sender<()>,
    let_go: Receiver<()>,
}

impl Actor for Blocking {
    type Msg = ();
    type Error = &'static str;

    async fn handle(&mut self, (): (), ctx: &mut Ctx<'_, ()>) -> Result<(), &'static str> {
        assert_eq!(ctx.name(), "blocking");
        self.entered.send(()).map_err(|_| "nobody waits")?;
        self.let_go.recv().map_err(|_| "nobody lets go")
    }
}

struct Scene {
    clock: Hand,
    me: ActorRef<()>,
    entered: Receiver<()>,
    let_go: Sender<()>,
    actor: JoinHandle<()>,
    looked: Receiver<()>,
    reports: Receiver<Stuck>,
    watchdog: Watchdog,
}

/// A watched actor on a thread of its own, which waits for messages, and a watchdog.
fn scene(report_panics: bool) -> Scene {
    let (clock, me) = (Hand::new(), mailbox_named("blocking", 4));
    let (enter, entered) = channel();
    let (let_go, going) = channel();
    let incarnation = serve(Blocking { entered: enter, let_go: going }, me.clone()).watched(&clock);
    let actor = thread::spawn(move || drop(smol::block_on(incarnation)));
    let (counted, looked) = clock.counted();
    let (reporter, reports) = channel();
    let report = move |stuck: &Stuck| {
        reporter.send(*stuck).unwrap();
        assert!(!report_panics, "a report that panics");
    };
    let watchdog = Watchdog::start(counted, LIMIT, INTERVAL, report).unwrap();
    watchdog.watch(&me);
    let scene = Scene { clock, me, entered, let_go, actor, looked, reports, watchdog };
    scene.enter();
    scene.leave();
    scene
}

impl Scene {
    /// Waits until the watchdog has looked once more at everything, at the present time.
    fn look(&self) {
        while self.looked.try_recv().is_ok() {}
        // The first may be of a look that had begun; when the third begins, the second is over.
        (0..3).for_each(|_| self.looked.recv_timeout(FOREVER).unwrap());
    }

    fn enter(&self) {
        self.me.try_tell(()).unwrap();
        self.entered.recv_timeout(FOREVER).unwrap();
    }

    /// Lets the handler return, and waits until the poll is over.
    fn leave(&self) {
        self.let_go.send(()).unwrap();
        while self.me.busy_since().is_some() {
            thread::yield_now();
        }
    }

    fn end(self) {
        self.me.stop();
        self.actor.join().unwrap();
        drop(self.watchdog);
        while self.looked.try_recv().is_ok() {}
        let gone = Err(TryRecvError::Disconnected);
        assert_eq!(self.looked.try_recv(), gone, "its thread has ended, and with it the clock");
    }
}

#[test]
fn a_poll_that_lasts_is_reported_once() {
    let scene = scene(false);
    scene.clock.set(1);
    scene.enter();
    assert_eq!(scene.me.busy_since(), Some(Instant::from_nanos(1_000_000_000)));
    scene.clock.set(5);
    scene.look();
    assert!(scene.reports.try_recv().is_err(), "four seconds are below the limit");
    scene.clock.set(6);
    scene.look();
    let stuck = scene.reports.try_recv().unwrap();
    assert_eq!((stuck.name, stuck.elapsed), ("blocking", Duration::from_secs(5)));
    assert_eq!(stuck.since, Instant::from_nanos(1_000_000_000));
    assert_eq!(stuck.to_string(), "blocking has not left a poll for 5s");
    scene.clock.set(60);
    scene.look();
    assert!(scene.reports.try_recv().is_err(), "the same poll");
    scene.leave();
    scene.enter();
    scene.clock.set(70);
    scene.look();
    assert_eq!(scene.reports.try_recv().unwrap().elapsed, Duration::from_secs(10), "the next one");
    scene.leave();
    scene.end();
}

#[test]
fn an_actor_that_waits_is_not_stuck() {
    let scene = scene(false);
    scene.clock.set(60);
    scene.look();
    assert!(scene.reports.try_recv().is_err());
    scene.end();
}

/// `stop` closes the mailbox of an actor that still handles what waits, and may be stuck in it.
#[test]
fn an_actor_that_drains_is_watched() {
    let scene = scene(false);
    scene.enter();
    scene.me.stop();
    scene.look();
    scene.clock.set(5);
    scene.look();
    assert_eq!(scene.reports.try_recv().unwrap().name, "blocking");
    scene.leave();
    scene.end();
}

#[test]
fn a_report_that_panics_does_not_end_the_watchdog() {
    let scene = scene(true);
    for round in 1..=2 {
        scene.enter();
        scene.clock.set(round * 10);
        let stuck = scene.reports.recv_timeout(FOREVER).unwrap();
        assert_eq!(stuck.elapsed, Duration::from_secs(10));
        scene.leave();
    }
    assert!(format!("{:?}", scene.watchdog).starts_with("Watchdog"));
    scene.end();
}
