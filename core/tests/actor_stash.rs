//! Messages put aside: their order, their bound, and what becomes of them when an actor ends.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod probe;
mod virtual_clock;

use by_hand::ByHand;
use executor::Executor;
use klaw::{
    Actor, ActorRef, AskError, Ctx, Exit, Reply, Restart, Strategy, Supervisor, actor::StashFull,
    mailbox_named, serve,
};
use probe::Log;
use std::{error::Error, sync::Arc};
use virtual_clock::VirtualClock;

enum Msg {
    /// Handled if the door is open, put aside if not.
    Knock(u32),
    /// Put aside whatever happens.
    Ask(#[allow(dead_code, reason = "only dropped")] Reply<u32>),
    Open,
    /// Closes the door; brings nothing back.
    Shut,
    /// Brings all back with the door shut.
    Back,
    Fail,
    End,
    Hang,
}

struct Door {
    open: bool,
    log: Log,
}

impl Actor for Door {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Knock(n) if self.open => self.log.add(format!("{n}")),
            Msg::Knock(_) | Msg::Ask(_) => match ctx.stash(msg) {
                Ok(()) => {}
                Err(StashFull(Msg::Knock(n))) => self.log.add(format!("no room for {n}")),
                Err(full) => return Err(if full.source().is_none() { "full" } else { "odd" }),
            },
            Msg::Open => {
                self.open = true;
                ctx.unstash_all();
            }
            Msg::Shut => self.open = false,
            Msg::Back => ctx.unstash_all(),
            Msg::Fail => return Err("told to fail"),
            Msg::End => ctx.stop(),
            Msg::Hang => core::future::pending().await,
        }
        Ok(())
    }
}

type Running = ByHand<core::pin::Pin<Box<dyn Future<Output = Exit<&'static str>>>>>;

fn door(capacity: usize) -> (ActorRef<Msg>, Running, Log) {
    let (me, log) = (mailbox_named("door", capacity), Log::default());
    let running = serve(Door { open: false, log: log.clone() }, me.clone());
    (me, ByHand::parked(Box::pin(running)), log)
}

fn tell(me: &ActorRef<Msg>, messages: impl IntoIterator<Item = Msg>) {
    messages.into_iter().for_each(|msg| me.try_tell(msg).expect("there is room"));
}

#[test]
fn what_was_put_aside_comes_back_in_order_and_before_what_waits() {
    let (me, mut running, log) = door(8);
    tell(&me, [1, 2, 3].map(Msg::Knock));
    assert!(running.poll().is_pending());
    assert!(log.take().is_empty());
    assert!(me.is_empty(), "it is not in the queue any more");
    tell(&me, [Msg::Open, Msg::Knock(4), Msg::Knock(5)]);
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["1", "2", "3", "4", "5"]);
}

#[test]
fn bringing_back_nothing_is_nothing() {
    let (me, mut running, log) = door(4);
    tell(&me, [Msg::Open, Msg::Back, Msg::Knock(1), Msg::Back]);
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["1"]);
}

/// Brought back with the door still shut, they are put aside again, and keep their order.
#[test]
fn put_aside_again_they_keep_their_order() {
    let (me, mut running, log) = door(8);
    tell(&me, [1, 2, 3].map(Msg::Knock));
    tell(&me, [Msg::Back, Msg::Knock(4), Msg::Open, Msg::Knock(5)]);
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["1", "2", "3", "4", "5"]);
}

/// The first of those brought back is put aside again and brought back at once: before the others.
#[test]
fn brought_back_again_a_message_comes_before_those_that_were_behind_it() {
    struct Twice(Log, bool);
    impl Actor for Twice {
        type Msg = u32;
        type Error = StashFull<u32>;
        async fn handle(&mut self, n: u32, ctx: &mut Ctx<'_, u32>) -> Result<(), StashFull<u32>> {
            self.0.add(format!("{n}"));
            match n {
                0 => ctx.unstash_all(),
                1 | 2 if !ctx.me().is_empty() => ctx.stash(n)?,
                1 if !core::mem::replace(&mut self.1, true) => {
                    ctx.stash(n)?;
                    ctx.unstash_all();
                }
                _ => {}
            }
            Ok(())
        }
    }
    let (me, log) = (mailbox_named("twice", 4), Log::default());
    let mut running = ByHand::new(serve(Twice(log.clone(), false), me.clone()));
    [1, 2, 0].into_iter().for_each(|n| me.try_tell(n).unwrap());
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["1", "2", "0", "1", "1", "2"]);
}

#[test]
fn no_more_are_put_aside_than_the_mailbox_has_room_for() {
    let (me, mut running, log) = door(2);
    for round in 0..3 {
        tell(&me, [Msg::Knock(1), Msg::Knock(2)]);
        assert!(running.poll().is_pending());
        tell(&me, [Msg::Knock(3)]);
        assert!(running.poll().is_pending());
        assert_eq!(log.take(), ["no room for 3"], "round {round}");
        tell(&me, [Msg::Open, Msg::Shut]);
        assert!(running.poll().is_pending());
        assert_eq!(log.take(), ["1", "2"]);
    }
    let full = StashFull(7);
    assert_eq!((full.to_string().is_empty(), full.into_inner()), (false, 7));
    assert_eq!(format!("{:?}", StashFull(Msg::Open)), "StashFull { .. }");
}

#[test]
fn what_was_brought_back_is_handled_by_turns() {
    let (me, mut running, log) = door(400);
    tell(&me, (0..200).map(Msg::Knock));
    assert!(running.poll().is_pending());
    assert!(running.poll().is_pending());
    tell(&me, [Msg::Open]);
    assert!(running.poll().is_pending());
    let first = log.take().len();
    assert!(first > 0 && first < 128, "{first}");
    assert!(running.is_woken());
    (0..2).for_each(|_| assert!(running.poll().is_pending()));
    assert_eq!(first + log.take().len(), 200);
}

/// A message that was brought back comes before a timer, and a timer before the queue.
#[test]
fn brought_back_comes_before_timers() {
    struct Order(Log, VirtualClock);
    impl Actor for Order {
        type Msg = &'static str;
        type Error = StashFull<&'static str>;
        async fn handle(
            &mut self,
            msg: &'static str,
            ctx: &mut Ctx<'_, &'static str>,
        ) -> Result<(), Self::Error> {
            self.0.add(msg);
            if msg == "set" {
                ctx.stash("stashed")?;
                ctx.unstash_all();
                ctx.send_after(&self.1, core::time::Duration::ZERO, "timer");
            }
            Ok(())
        }
    }
    let (me, log) = (mailbox_named("order", 4), Log::default());
    let mut running = ByHand::new(serve(Order(log.clone(), VirtualClock::new()), me.clone()));
    ["set", "queued"].into_iter().for_each(|msg| me.try_tell(msg).unwrap());
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["set", "stashed", "timer", "queued"]);
}

/// Puts a question aside; nobody answers it.
fn asked(
    me: &ActorRef<Msg>,
    running: &mut Running,
) -> ByHand<impl Future<Output = Result<u32, AskError>> + use<>> {
    let me = me.clone();
    let asking = ByHand::parked(async move { me.ask(Msg::Ask).await });
    assert!(running.poll().is_pending());
    assert!(!asking.is_woken());
    asking
}

#[test]
fn stop_now_answers_questions_put_aside_at_once() {
    let (me, mut running, _) = door(4);
    let mut asking = asked(&me, &mut running);
    tell(&me, [Msg::Hang]);
    assert!(running.poll().is_pending());
    me.stop_now();
    assert_eq!(asking.ready(), Err(AskError::NoReply), "though a handler is running");
}

#[test]
fn nothing_is_put_aside_after_stop_now() {
    struct Late(Option<Arc<()>>);
    impl Actor for Late {
        type Msg = Arc<()>;
        type Error = StashFull<Arc<()>>;
        async fn handle(
            &mut self,
            msg: Arc<()>,
            ctx: &mut Ctx<'_, Arc<()>>,
        ) -> Result<(), Self::Error> {
            ctx.me().stop_now();
            let count = Arc::strong_count(&msg);
            let seen = msg.clone();
            ctx.stash(msg)?;
            assert_eq!(Arc::strong_count(&seen), count, "dropped at once");
            self.0 = Some(seen);
            Ok(())
        }
    }
    let me = mailbox_named("late", 4);
    let mut running = ByHand::new(serve(Late(None), me.clone()));
    me.try_tell(Arc::new(())).unwrap();
    assert!(matches!(running.ready(), Exit::Stopped));
}

#[test]
fn stop_drains_and_drops_what_was_never_brought_back() {
    let (me, mut running, log) = door(4);
    let mut asking = asked(&me, &mut running);
    tell(&me, [Msg::Knock(1), Msg::Open, Msg::Knock(2)]);
    me.stop();
    assert!(asking.poll().is_pending(), "the actor may still answer it");
    assert!(matches!(running.ready(), Exit::Stopped));
    // `Open` brought back the question, which was put aside again, and 1.
    assert_eq!(log.take(), ["1", "2"]);
    assert_eq!(asking.ready(), Err(AskError::NoReply));
}

#[test]
fn an_incarnation_that_is_dropped_by_itself_takes_what_was_put_aside_with_it() {
    let (me, mut running, _) = door(4);
    let mut asking = asked(&me, &mut running);
    drop(running);
    assert_eq!(asking.ready(), Err(AskError::NoReply));
}

/// Failed, killed or ended by itself: the next incarnation handles what was put aside first.
#[test]
fn a_restart_loses_nothing_that_was_put_aside() {
    for (seed, last) in [(1, Msg::Fail), (2, Msg::End), (3, Msg::Hang)] {
        let executor = Executor::new(seed);
        let (clock, me, log) = (VirtualClock::new(), mailbox_named("door", 8), Log::default());
        let hangs = matches!(last, Msg::Hang);
        let (mut incarnation, actor) = (0, log.clone());
        let supervisor =
            Supervisor::new(Strategy::OneForOne).actor(&me, Restart::Always, move |me| {
                incarnation += 1;
                serve(Door { open: incarnation == 2, log: actor.clone() }, me)
            });
        let ended = executor.start(supervisor.run(&clock));
        tell(&me, [1, 2].map(Msg::Knock));
        // Some brought back and not handled, some put aside.
        tell(&me, [Msg::Back, last, Msg::Knock(3)]);
        executor.run();
        if hangs {
            me.kill();
            executor.run();
        }
        assert_eq!(log.take(), ["1", "2", "3"]);
        assert_eq!(me.incarnations(), 2);
        me.stop();
        executor.run();
        assert!(ended.take().is_some());
    }
}

/// An actor that stops for good under a supervisor drops what was put aside, once it has ended.
#[test]
fn a_supervised_actor_that_is_stopped_drops_what_was_put_aside() {
    let executor = Executor::new(1);
    let (clock, me, log) = (VirtualClock::new(), mailbox_named("door", 8), Log::default());
    let actor = log.clone();
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .actor(&me, Restart::Always, move |me| serve(Door { open: false, log: actor.clone() }, me));
    let ended = executor.start(supervisor.run(&clock));
    let asker = me.clone();
    let asking = executor.start(async move { asker.ask(Msg::Ask).await });
    executor.run();
    assert!(!asking.is_ready());
    me.stop();
    executor.run();
    assert!(ended.take().is_some());
    assert_eq!(asking.take(), Some(Err(AskError::NoReply)));
}
