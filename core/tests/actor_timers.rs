//! Timers of actors: what is handled when, under a clock that is moved by hand.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod probe;
mod virtual_clock;

use by_hand::ByHand;
use core::time::Duration;
use executor::Executor;
use klaw::{
    Actor, ActorRef, Clock, Ctx, Exit, Restart, Strategy, Supervisor, actor::TimerKey,
    mailbox_named, serve,
};
use probe::Log;
use std::{cell::RefCell, rc::Rc};
use virtual_clock::VirtualClock;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What an actor does with a message: it is written down under a name, then done.
struct Do(&'static str, Option<Deed>);

type Deed = Box<dyn FnOnce(&mut Ctx<'_, Do>) + Send>;

struct Doer(Log);

impl Actor for Doer {
    type Msg = Do;
    type Error = &'static str;

    async fn handle(&mut self, msg: Do, ctx: &mut Ctx<'_, Do>) -> Result<(), &'static str> {
        self.0.add(msg.0);
        if let Some(deed) = msg.1 {
            deed(ctx);
        }
        if msg.0 == "fail" { Err("told to fail") } else { Ok(()) }
    }
}

fn note(name: &'static str) -> Do {
    Do(name, None)
}

fn with(name: &'static str, deed: impl FnOnce(&mut Ctx<'_, Do>) + Send + 'static) -> Do {
    Do(name, Some(Box::new(deed)))
}

struct Scene<F: Future> {
    clock: VirtualClock,
    me: ActorRef<Do>,
    log: Log,
    running: ByHand<F>,
}

fn scene(capacity: usize) -> Scene<impl Future<Output = Exit<&'static str>>> {
    let (clock, me, log) = (VirtualClock::new(), mailbox_named("doer", capacity), Log::default());
    let running = ByHand::parked(serve(Doer(log.clone()), me.clone()));
    Scene { clock, me, log, running }
}

impl<F: Future> Scene<F> {
    fn tell(&self, msg: Do) {
        self.me.try_tell(msg).expect("there is room");
    }

    /// Polls the actor; what it did.
    #[track_caller]
    fn turn(&mut self) -> Vec<String> {
        assert!(self.running.poll().is_pending());
        self.log.take()
    }

    /// Has the actor do `deed` now.
    #[track_caller]
    fn now(&mut self, deed: impl FnOnce(&mut Ctx<'_, Do>) + Send + 'static) {
        self.tell(with("set", deed));
        assert_eq!(self.turn(), ["set"]);
    }

    /// Lets time pass; what the actor did when it was woken, if it was.
    #[track_caller]
    fn pass(&mut self, millis: u64) -> Vec<String> {
        self.clock.advance(ms(millis));
        if self.running.is_woken() { self.turn() } else { vec![] }
    }
}

#[test]
fn a_message_sent_later_is_handled_then() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.send_after(&clock, ms(10), note("late"));
    });
    assert!(scene.pass(9).is_empty());
    assert_eq!(scene.pass(1), ["late"]);
    assert!(scene.pass(1000).is_empty());
    assert_eq!(scene.clock.timers(), 0);
}

#[test]
fn timers_come_by_deadline_then_in_the_order_in_which_they_were_set() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        for (name, at) in [("c", 20), ("a", 10), ("d", 20), ("b", 10)] {
            ctx.send_after(&clock, ms(at), note(name));
        }
    });
    assert_eq!(scene.clock.timers(), 1, "one timer of the clock, whatever the actor sets");
    assert_eq!(scene.pass(10), ["a", "b"]);
    assert_eq!(scene.pass(10), ["c", "d"]);
}

/// The earliest deadline is what is waited for, also if it was set last.
#[test]
fn an_earlier_timer_set_later_is_in_time() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.send_after(&clock, ms(100), note("second"));
    });
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.send_after(&clock, ms(10), note("first"));
    });
    assert_eq!(scene.pass(10), ["first"]);
    assert_eq!(scene.pass(90), ["second"]);
}

#[test]
fn due_timers_overtake_a_full_mailbox_and_take_no_room_in_it() {
    let mut scene = scene(2);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.send_after(&clock, ms(1), note("t1"));
        ctx.send_after(&clock, ms(2), note("t2"));
    });
    scene.tell(note("m1"));
    scene.tell(note("m2"));
    assert_eq!(scene.pass(2), ["t1", "t2", "m1", "m2"]);
}

/// A timer that became due while a message was handled overtakes the next one.
#[test]
fn a_timer_that_becomes_due_between_two_messages_is_handled_between_them() {
    let mut scene = scene(2);
    let (clock, time) = (scene.clock.clone(), scene.clock.clone());
    scene.now(move |ctx| {
        ctx.send_after(&clock, ms(5), note("timer"));
    });
    scene.tell(with("slow", move |_| time.advance(ms(5))));
    scene.tell(note("next"));
    assert_eq!(scene.turn(), ["slow", "timer", "next"]);
}

#[test]
fn a_timer_without_delay_is_handled_in_the_same_poll_but_keeps_nothing_from_its_turn() {
    fn again(clock: VirtualClock, times: u32) -> Do {
        with("again", move |ctx| {
            if times > 0 {
                let next = again(clock.clone(), times - 1);
                ctx.send_after(&clock, Duration::ZERO, next);
            }
        })
    }
    let mut scene = scene(2);
    scene.tell(again(scene.clock.clone(), 3));
    scene.tell(note("waits"));
    assert_eq!(scene.turn(), ["again", "again", "waits", "again", "again"]);
}

#[test]
fn every_tick_comes_a_period_after_the_one_before() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.every(&clock, ms(10), || note("tick"));
    });
    assert!(scene.pass(9).is_empty());
    assert_eq!(scene.pass(1), ["tick"]);
    assert!(scene.pass(9).is_empty());
    assert_eq!(scene.pass(1), ["tick"]);
    assert_eq!(scene.clock.timers(), 1);
}

#[test]
fn missed_ticks_are_skipped_and_the_next_is_in_step() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.every(&clock, ms(10), || note("tick"));
    });
    assert_eq!(scene.pass(35), ["tick"], "one for three");
    assert!(scene.pass(4).is_empty());
    assert_eq!(scene.pass(1), ["tick"], "at 40, not at 45");
}

/// Each tick takes longer than the period: another one is due whenever it is looked for.
#[test]
fn ticks_that_are_always_due_do_not_starve_the_mailbox() {
    let mut scene = scene(4);
    let (clock, time) = (scene.clock.clone(), scene.clock.clone());
    let left = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(3));
    scene.now(move |ctx| {
        ctx.every(&clock, ms(1), move || {
            let (time, left) = (time.clone(), left.clone());
            with("tick", move |_| {
                if left.load(std::sync::atomic::Ordering::Relaxed) > 0 {
                    left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                    time.advance(ms(2));
                }
            })
        });
    });
    ["m1", "m2", "m3"].into_iter().for_each(|name| scene.tell(note(name)));
    assert_eq!(scene.pass(1), ["tick", "m1", "tick", "m2", "tick", "m3", "tick"]);
}

#[test]
#[should_panic(expected = "a period must not be zero")]
fn a_period_of_zero_is_refused() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.every(&clock, Duration::ZERO, || note("tick"));
    });
}

/// Sets a timer, and shows its key.
fn set(scene: &mut Scene<impl Future>, millis: u64, name: &'static str) -> TimerKey {
    let (clock, (give, key)) = (scene.clock.clone(), std::sync::mpsc::channel());
    scene.now(move |ctx| give.send(ctx.send_after(&clock, ms(millis), note(name))).unwrap());
    key.recv().unwrap()
}

/// Cancels a timer; what the actor was told about it.
fn cancel(scene: &mut Scene<impl Future>, key: TimerKey) -> bool {
    let (give, cancelled) = std::sync::mpsc::channel();
    scene.now(move |ctx| give.send(ctx.cancel_timer(key)).unwrap());
    cancelled.recv().unwrap()
}

#[test]
fn a_cancelled_timer_is_never_handled_and_leaves_nothing_in_the_clock() {
    let mut scene = scene(2);
    let (first, second) = (set(&mut scene, 10, "first"), set(&mut scene, 20, "second"));
    assert!(cancel(&mut scene, first));
    assert!(!cancel(&mut scene, first), "once");
    assert_eq!(scene.clock.timers(), 1);
    assert!(scene.pass(10).is_empty());
    assert_eq!(scene.pass(10), ["second"]);
    assert!(!cancel(&mut scene, second), "handled");
    let third = set(&mut scene, 10, "third");
    assert!(cancel(&mut scene, third));
    assert_eq!(scene.clock.timers(), 0);
    assert!(scene.pass(100).is_empty());
}

#[test]
fn a_timer_that_is_due_can_still_be_cancelled() {
    let mut scene = scene(2);
    let victim = set(&mut scene, 10, "victim");
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        let kill = with("killer", move |ctx| assert!(ctx.cancel_timer(victim)));
        ctx.send_after(&clock, ms(9), kill);
    });
    assert_eq!(scene.pass(10), ["killer"]);
    assert!(scene.pass(100).is_empty());
}

#[test]
fn ticks_can_be_cancelled_by_themselves() {
    let mut scene = scene(1);
    let (clock, (give, key)) = (scene.clock.clone(), std::sync::mpsc::channel());
    scene.now(move |ctx| give.send(ctx.every(&clock, ms(10), || note("tick"))).unwrap());
    assert_eq!(scene.pass(10), ["tick"]);
    assert!(cancel(&mut scene, key.recv().unwrap()));
    assert!(scene.pass(100).is_empty());
    assert_eq!(scene.clock.timers(), 0);
}

#[test]
fn a_timer_in_the_far_future_arms_no_timer() {
    let mut scene = scene(1);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        ctx.send_after(&clock, Duration::MAX, note("never"));
    });
    assert_eq!(scene.clock.timers(), 0);
}

#[test]
fn stop_does_not_wait_for_timers() {
    let mut scene = scene(1);
    set(&mut scene, 10, "late");
    scene.me.stop();
    assert!(matches!(scene.running.ready(), Exit::Stopped));
    assert_eq!(scene.clock.timers(), 0);
}

#[test]
fn stop_now_and_kill_reach_an_actor_that_waits_for_a_timer() {
    let mut scene = scene(1);
    set(&mut scene, 10, "late");
    scene.me.stop_now();
    assert!(scene.running.is_woken());
    assert!(matches!(scene.running.ready(), Exit::Stopped));
    let mut scene = self::scene(1);
    set(&mut scene, 10, "late");
    scene.me.kill();
    assert!(scene.running.is_woken());
    assert!(matches!(scene.running.ready(), Exit::Killed));
    assert_eq!(scene.clock.timers(), 0);
}

#[test]
fn stop_now_overtakes_timers_that_are_due() {
    let mut scene = scene(1);
    set(&mut scene, 10, "late");
    scene.clock.advance(ms(10));
    scene.me.stop_now();
    assert!(matches!(scene.running.ready(), Exit::Stopped));
    assert!(scene.log.take().is_empty());
}

#[test]
fn timers_end_with_the_incarnation_and_their_keys_too() {
    let executor = Executor::new(1);
    let (clock, me, log) = (VirtualClock::new(), mailbox_named("doer", 4), Log::default());
    let tell = |msg| me.try_tell(msg).ok().unwrap();
    let actor = log.clone();
    let supervisor =
        Supervisor::new(Strategy::OneForOne)
            .actor(&me, Restart::OnFailure, move |me| serve(Doer(actor.clone()), me));
    let _ended = executor.start(supervisor.run(&clock));
    let (time, (give, key)) = (clock.clone(), std::sync::mpsc::channel());
    tell(with("set", move |ctx| {
        give.send(ctx.send_after(&time, ms(10), note("of the first"))).unwrap();
    }));
    tell(note("fail"));
    executor.run();
    let time = clock.clone();
    let old = key.recv().unwrap();
    tell(with("again", move |ctx| {
        assert_eq!(ctx.incarnation(), 1);
        ctx.send_after(&time, ms(20), note("of the second"));
        assert!(!ctx.cancel_timer(old), "not one of this incarnation");
    }));
    executor.run();
    clock.advance(ms(20));
    executor.run();
    assert_eq!(log.take(), ["set", "fail", "again", "of the second"]);
}

/// Messages of all kinds count towards the turn of an actor, after which others have theirs.
#[test]
fn an_actor_with_timers_yields_after_its_turn() {
    let mut scene = scene(128);
    let clock = scene.clock.clone();
    scene.now(move |ctx| {
        for _ in 0..80 {
            ctx.send_after(&clock, ms(1), note("timer"));
        }
    });
    (0..80).for_each(|_| scene.tell(note("message")));
    // Of the 128 messages of its first turn, one set the timers.
    let first = scene.pass(1).len();
    assert_eq!(first, 127);
    assert!(scene.running.is_woken(), "it goes on by itself");
    assert_eq!(scene.turn().len(), 33);
}

#[test]
fn an_incarnation_with_timers_is_send() {
    struct Ticking<C>(C);
    impl<C: Clock + Send + Sync + 'static> Actor for Ticking<C>
    where
        C::Sleep: Send,
    {
        type Msg = u32;
        type Error = &'static str;
        async fn handle(&mut self, _: u32, ctx: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
            ctx.send_after(&self.0, ms(1), 1);
            ctx.every(&self.0, ms(1), || 2);
            core::future::ready(()).await;
            shared(ctx).await;
            Ok(())
        }
    }
    async fn shared(ctx: &Ctx<'_, u32>) {
        core::future::ready(()).await;
        assert_eq!(ctx.name(), "ticking");
    }
    fn is_send<T: Send>(_: &T) {}
    let clock = VirtualClock::new();
    is_send(&serve(Ticking(clock.clone()), mailbox_named("ticking", 1)).watched(&clock));
}

/// A local actor may have messages that are not `Send`, timers included.
#[test]
fn messages_on_timers_need_not_be_send() {
    struct Local;
    impl Actor for Local {
        type Msg = (VirtualClock, Rc<RefCell<u32>>);
        type Error = &'static str;
        async fn handle(
            &mut self,
            (clock, count): Self::Msg,
            ctx: &mut Ctx<'_, Self::Msg>,
        ) -> Result<(), &'static str> {
            *count.borrow_mut() += 1;
            ctx.send_after(&clock.clone(), ms(1), (clock, count));
            Ok(())
        }
    }
    let (clock, me, count) = (VirtualClock::new(), mailbox_named("local", 1), Rc::default());
    let mut running = ByHand::parked(serve(Local, me.clone()));
    me.try_tell((clock.clone(), Rc::clone(&count))).ok().unwrap();
    assert!(running.poll().is_pending());
    clock.advance(ms(1));
    assert!(running.poll().is_pending());
    assert_eq!(*count.borrow(), 2);
}
