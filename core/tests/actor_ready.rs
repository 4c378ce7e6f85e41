//! When an incarnation counts as ready, and what is published of a watched one.

#![cfg(feature = "std")]

mod by_hand;
mod virtual_clock;

use by_hand::ByHand;
use core::time::Duration;
use klaw::{
    Actor, ActorRef, Clock, Ctx, Exit, Instant, mailbox_named, serve, supervise::Incarnation,
};
use std::sync::mpsc::{Sender, channel};
use virtual_clock::VirtualClock;

#[derive(Clone, Copy)]
enum Start {
    Well,
    Waiting,
    Failing,
    Ignoring,
}

struct Starter(Start);

impl Actor for Starter {
    type Msg = ();
    type Error = &'static str;

    async fn started(&mut self, ctx: &mut Ctx<'_, ()>) -> Result<(), &'static str> {
        match self.0 {
            Start::Well => {}
            Start::Waiting => core::future::pending().await,
            Start::Failing => return Err("no start"),
            Start::Ignoring => ctx.stop(),
        }
        Ok(())
    }

    async fn handle(&mut self, (): (), _: &mut Ctx<'_, ()>) -> Result<(), &'static str> {
        Ok(())
    }
}

/// An incarnation that leaves its mailbox open, as under a supervisor.
fn incarnation(
    start: Start,
    me: &ActorRef<()>,
) -> ByHand<impl Incarnation<Output = Exit<&'static str>>> {
    let mut serve = serve(Starter(start), me.clone());
    drop(serve.adopt());
    ByHand::new(serve)
}

#[test]
fn an_incarnation_is_ready_once_it_has_started_well() {
    let me = mailbox_named("starter", 1);
    let mut running = incarnation(Start::Well, &me);
    assert!(!running.future_mut().is_ready(), "not polled so far");
    assert!(running.poll().is_pending());
    assert!(running.future_mut().is_ready());
}

#[test]
fn an_incarnation_that_is_still_starting_or_failed_to_is_not_ready() {
    let me = mailbox_named("starter", 1);
    let mut waiting = incarnation(Start::Waiting, &me);
    assert!(waiting.poll().is_pending());
    assert!(!waiting.future_mut().is_ready());
    drop(waiting);
    let mut failing = incarnation(Start::Failing, &me);
    assert!(matches!(failing.ready(), Exit::Failed("no start")));
    assert!(!failing.future_mut().is_ready());
}

/// OTP's `ignore`.
#[test]
fn an_actor_that_stops_while_it_starts_ends_as_normal_and_was_never_ready() {
    let me = mailbox_named("starter", 1);
    let mut ignoring = incarnation(Start::Ignoring, &me);
    assert!(matches!(ignoring.ready(), Exit::Normal));
    assert!(!ignoring.future_mut().is_ready());
}

#[test]
fn readiness_is_that_of_the_incarnation_not_of_the_one_before() {
    let me = mailbox_named("starter", 1);
    let mut first = incarnation(Start::Well, &me);
    assert!(first.poll().is_pending());
    assert!(first.future_mut().is_ready());
    drop(first);
    let mut second = incarnation(Start::Waiting, &me);
    assert!(!second.future_mut().is_ready(), "not polled so far");
    assert!(second.poll().is_pending());
    assert!(!second.future_mut().is_ready(), "it has begun, and that is all");
    drop(second);
    let mut third = incarnation(Start::Well, &me);
    assert!(third.poll().is_pending());
    assert!(third.future_mut().is_ready());
    assert_eq!(me.incarnations(), 3);
}

/// Says since when it is in a poll, while it is in it; panics if asked to.
struct Asker(Sender<Option<Instant>>);

impl Actor for Asker {
    type Msg = bool;
    type Error = &'static str;

    async fn handle(&mut self, panic: bool, ctx: &mut Ctx<'_, bool>) -> Result<(), &'static str> {
        self.0.send(ctx.me().busy_since()).unwrap();
        assert!(!panic, "told to panic");
        Ok(())
    }
}

#[test]
fn a_watched_incarnation_tells_since_when_it_is_in_a_poll() {
    let (clock, me, (say, said)) = (VirtualClock::new(), mailbox_named("asker", 1), channel());
    let mut running = ByHand::parked(serve(Asker(say), me.clone()).watched(&clock));
    assert_eq!(me.busy_since(), None);
    for _ in 0..2 {
        clock.advance(Duration::from_secs(1));
        me.try_tell(false).unwrap();
        assert!(running.poll().is_pending());
        assert_eq!(said.recv(), Ok(Some(clock.now())));
        assert_eq!(me.busy_since(), None, "between polls it is not busy");
    }
    me.try_tell(true).unwrap();
    let panicked = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| running.poll()));
    assert!(panicked.is_err());
    assert_eq!((said.recv(), me.busy_since()), (Ok(Some(clock.now())), None));
}

#[test]
fn an_incarnation_that_is_not_watched_tells_nothing() {
    let (me, (say, said)) = (mailbox_named("asker", 1), channel());
    let mut running = ByHand::parked(serve(Asker(say), me.clone()));
    me.try_tell(false).unwrap();
    assert!(running.poll().is_pending());
    assert_eq!(said.recv(), Ok(None));
}

#[test]
fn a_watched_incarnation_is_an_incarnation() {
    let (clock, me) = (VirtualClock::new(), mailbox_named("starter", 1));
    let mut running = serve(Starter(Start::Well), me.clone()).watched(&clock);
    assert!(running.adopt().same_actor(&me));
    let mut running = ByHand::parked(running);
    assert!(running.future_mut().is_ready());
    me.stop();
    assert!(matches!(running.ready(), Exit::Stopped));
}
