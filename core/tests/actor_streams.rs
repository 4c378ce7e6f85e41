//! Actors that listen to more than their mailbox: attached streams, a merged one, a shared queue.

#![cfg(feature = "std")]

mod by_hand;
mod counting;
mod executor;
mod probe;

use by_hand::ByHand;
use core::pin::pin;
use counting::{allocations, poll};
use executor::Executor;
use futures_util::stream;
use klaw::{
    Actor, ActorRef, Ctx, Exit, Mailbox, Receiver,
    actor::{serve_queue, serve_with},
    bounded, mailbox_named, serve,
};
use probe::Log;
use std::{rc::Rc, sync::Arc};

enum Msg {
    Note(&'static str),
    Attach(Receiver<Self>),
    End,
    Fail,
    Hang,
    /// Tells when it is dropped.
    Held(#[allow(dead_code, reason = "only dropped")] Arc<()>),
}

struct Listener(Log);

impl Actor for Listener {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Note(note) => self.0.add(note),
            Msg::Attach(rx) => ctx.attach(rx.into_stream()),
            Msg::End => ctx.stop(),
            Msg::Fail => return Err("told to fail"),
            Msg::Hang => core::future::pending().await,
            Msg::Held(_) => {}
        }
        Ok(())
    }
}

fn tell(me: &ActorRef<Msg>, msg: Msg) {
    me.try_tell(msg).expect("there is room");
}

fn notes(names: &[&'static str], mut send: impl FnMut(Msg)) {
    names.iter().for_each(|name| send(Msg::Note(name)));
}

/// The messages of a mailbox and of streams, each of which holds what its name says.
const MANY: usize = 100;

#[test]
fn items_of_an_attached_stream_are_messages() {
    let (me, log) = (mailbox_named("listener", 4), Log::default());
    let mut running = ByHand::parked(serve(Listener(log.clone()), me.clone()));
    let (tx, rx) = bounded(4);
    tell(&me, Msg::Attach(rx));
    assert!(running.poll().is_pending());
    tx.try_send(Msg::Note("item")).ok().unwrap();
    assert!(running.is_woken());
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["item"]);
    tell(&me, Msg::Note("message"));
    assert!(running.is_woken());
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["message"]);
}

#[test]
fn an_attached_stream_that_ends_is_dropped_and_the_actor_runs_on() {
    let (me, log) = (mailbox_named("listener", 4), Log::default());
    let mut running = ByHand::parked(serve(Listener(log.clone()), me.clone()));
    let (tx, rx) = bounded(4);
    let (other, kept) = bounded(4);
    let streams = [rx.downgrade(), kept.downgrade()];
    let alive = || streams.each_ref().map(|stream| stream.upgrade().is_some());
    tell(&me, Msg::Attach(rx));
    tell(&me, Msg::Attach(kept));
    assert!(running.poll().is_pending());
    assert_eq!(alive(), [true, true]);
    tx.try_send(Msg::Note("last")).ok().unwrap();
    tx.close();
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["last"]);
    assert_eq!(alive(), [false, true]);
    other.try_send(Msg::Note("other")).ok().unwrap();
    tell(&me, Msg::Note("message"));
    assert!(running.poll().is_pending());
    let mut both = log.take();
    both.sort();
    assert_eq!(both, ["message", "other"]);
}

/// However full one of them is, each has every third turn.
#[test]
fn the_mailbox_and_streams_have_their_turns() {
    let (me, log) = (mailbox_named("listener", MANY + 2), Log::default());
    let mut running = ByHand::parked(serve(Listener(log.clone()), me.clone()));
    let ((a, first), (b, second)) = (bounded(MANY), bounded(MANY));
    tell(&me, Msg::Attach(first));
    tell(&me, Msg::Attach(second));
    assert!(running.poll().is_pending());
    for _ in 0..MANY {
        tell(&me, Msg::Note("m"));
        a.try_send(Msg::Note("a")).ok().unwrap();
        b.try_send(Msg::Note("b")).ok().unwrap();
    }
    assert!(running.poll().is_pending());
    let turn = log.take();
    // Two messages of this turn attached the streams.
    assert_eq!(turn.len(), 126, "a turn is a turn, wherever messages come from");
    assert!(running.is_woken());
    for three in turn.chunks_exact(3) {
        let mut three = three.to_vec();
        three.sort();
        assert_eq!(three, ["a", "b", "m"]);
    }
}

#[test]
fn a_merged_stream_has_its_turns_and_needs_no_send() {
    let (me, log) = (mailbox_named("listener", 8), Log::default());
    let local = Rc::new("s");
    let items = (0..3).map(move |_| Msg::Note(*local));
    notes(&["m", "m", "m", "m"], |msg| tell(&me, msg));
    let running = serve_with(Listener(log.clone()), me.clone(), stream::iter(items));
    let mut running = ByHand::parked(running);
    assert_eq!(log.take(), ["m", "s", "m", "s", "m", "s", "m"]);
    // It has ended; the actor has not.
    tell(&me, Msg::Note("later"));
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["later"]);
    me.stop();
    assert!(matches!(running.ready(), Exit::Stopped));
}

#[test]
fn a_merged_stream_that_ends_is_dropped() {
    let (me, log) = (mailbox_named("listener", 8), Log::default());
    let (tx, rx) = bounded::<Msg>(4);
    let stream = rx.downgrade();
    let running = serve_with(Listener(log), me.clone(), rx.into_stream());
    let mut running = ByHand::parked(running);
    assert!(stream.upgrade().is_some());
    tx.close();
    assert!(running.poll().is_pending());
    assert!(stream.upgrade().is_none());
}

#[test]
fn a_merged_stream_allocates_nothing() {
    struct Adder(u32);
    impl Actor for Adder {
        type Msg = u32;
        type Error = &'static str;
        async fn handle(&mut self, n: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
            self.0 += n;
            Ok(())
        }
    }
    static ADDER: Mailbox<u32, 4> = Mailbox::new();
    let (tx, rx) = bounded(4);
    (0..4).for_each(|n| tx.try_send(n).unwrap());
    (0..4).for_each(|n| assert_eq!(rx.try_recv(), Ok(n)));
    let me = ADDER.actor_ref();
    let count = allocations(|| {
        let mut running = pin!(serve_queue(Adder(0), me.clone(), rx));
        for n in 0..4 {
            tx.try_send(n).unwrap();
            me.try_tell(n).unwrap();
        }
        assert!(poll(running.as_mut()).is_pending());
        assert!(tx.is_empty() && me.is_empty());
    });
    assert_eq!(count, 0);
}

#[test]
fn a_closed_mailbox_ends_the_actor_and_leaves_the_queue() {
    let (jobs, queue) = bounded(8);
    notes(&["j"; 8], |msg| jobs.try_send(msg).ok().unwrap());
    let (me, log) = (mailbox_named("worker", 2), Log::default());
    let mut running = ByHand::new(serve_queue(Listener(log.clone()), me.clone(), queue.clone()));
    notes(&["m", "m"], |msg| tell(&me, msg));
    me.stop();
    assert!(matches!(running.ready(), Exit::Stopped));
    let handled = log.take();
    assert_eq!(handled.iter().filter(|note| *note == "m").count(), 2, "the mailbox is drained");
    assert_eq!(queue.len(), 8 - (handled.len() - 2), "what was not handled is still there");
    assert!(queue.len() >= 5, "it ended when the mailbox was found empty");
}

#[test]
fn stop_now_takes_no_more_from_a_queue() {
    let (jobs, queue) = bounded(8);
    let (me, log) = (mailbox_named("worker", 2), Log::default());
    let mut running = ByHand::parked(serve_queue(Listener(log.clone()), me.clone(), queue.clone()));
    tell(&me, Msg::Note("m"));
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), ["m"], "so the queue has the next turn");
    notes(&["j"; 8], |msg| jobs.try_send(msg).ok().unwrap());
    me.stop_now();
    assert!(matches!(running.ready(), Exit::Stopped));
    assert_eq!((log.take().len(), queue.len()), (0, 8));
}

#[test]
fn a_kill_reaches_an_actor_that_waits_for_a_stream() {
    let (_jobs, queue) = bounded(8);
    let (me, log) = (mailbox_named("worker", 2), Log::default());
    let mut running = ByHand::parked(serve_queue(Listener(log), me.clone(), queue));
    me.kill();
    assert!(running.is_woken());
    assert!(matches!(running.ready(), Exit::Killed));
}

/// A worker in the middle of a message of its own is not next in line for a job.
#[test]
fn a_worker_that_is_busy_stands_in_nobodys_way() {
    let (jobs, queue) = bounded(8);
    let (busy, idle) = (mailbox_named("busy", 2), mailbox_named("idle", 2));
    let log = Log::default();
    let mut first = ByHand::parked(serve_queue(Listener(log.clone()), busy.clone(), queue.clone()));
    let mut second = ByHand::parked(serve_queue(Listener(log.clone()), idle, queue));
    tell(&busy, Msg::Hang);
    assert!(first.poll().is_pending());
    jobs.try_send(Msg::Note("job")).ok().unwrap();
    assert!(second.is_woken(), "and not the first, which would not take it");
    assert!(second.poll().is_pending());
    assert_eq!(log.take(), ["job"]);
}

/// The job that woke it is passed on when another message comes first.
#[test]
fn a_wake_for_a_job_goes_on_to_the_next_worker() {
    let (jobs, queue) = bounded(8);
    let (busy, idle) = (mailbox_named("busy", 2), mailbox_named("idle", 2));
    let log = Log::default();
    let mut first = ByHand::parked(serve_queue(Listener(log.clone()), busy.clone(), queue.clone()));
    let mut second = ByHand::parked(serve_queue(Listener(log.clone()), idle, queue));
    jobs.try_send(Msg::Note("job")).ok().unwrap();
    assert!(first.is_woken() && !second.is_woken());
    tell(&busy, Msg::Hang);
    assert!(first.poll().is_pending());
    assert!(second.is_woken());
    assert!(second.poll().is_pending());
    assert_eq!(log.take(), ["job"]);
}

/// In any order of tasks: each job is done once, also if workers fail or are killed in between.
#[test]
fn workers_share_a_queue() {
    for seed in 0..if cfg!(miri) { 1 } else { 24 } {
        let executor = Executor::new(seed);
        let (jobs, queue) = bounded(4);
        let logs = [(); 3].map(|()| Log::default());
        let workers: Vec<_> = logs
            .iter()
            .map(|log| {
                let me = mailbox_named("worker", 2);
                let exit =
                    executor.start(serve_queue(Listener(log.clone()), me.clone(), queue.clone()));
                (me, exit)
            })
            .collect();
        executor.start(async move {
            for _ in 0..50 {
                jobs.send(Msg::Note("job")).await.ok().unwrap();
            }
        });
        executor.run();
        // They are done, the queue is closed, and the workers live.
        let done = logs.map(|log| log.take().len());
        assert_eq!(done.iter().sum::<usize>(), 50, "{done:?}");
        assert!(done.iter().all(|count| *count < 50), "more than one works: {done:?}");
        assert!(workers.iter().all(|(_, exit)| !exit.is_ready()));
        workers.iter().for_each(|(me, _)| me.stop());
        executor.run();
        assert!(workers.iter().all(|(_, exit)| matches!(exit.take(), Some(Exit::Stopped))));
    }
}

#[test]
fn streams_end_with_the_incarnation() {
    for last in [Msg::End, Msg::Fail] {
        let (me, log) = (mailbox_named("listener", 4), Log::default());
        let mut running = ByHand::parked(serve(Listener(log.clone()), me.clone()));
        let (tx, rx) = bounded(4);
        tell(&me, Msg::Attach(rx));
        assert!(running.poll().is_pending());
        let held = Arc::new(());
        tell(&me, last);
        (0..4).for_each(|_| tx.try_send(Msg::Held(held.clone())).ok().unwrap());
        assert!(matches!(running.ready(), Exit::Normal | Exit::Failed(_)));
        assert!(tx.is_closed());
        assert_eq!(Arc::strong_count(&held), 1);
    }
}

/// An actor that uses nothing of it pays next to nothing for it.
#[test]
fn the_future_of_an_actor_stays_small() {
    struct Quiet;
    impl Actor for Quiet {
        type Msg = u32;
        type Error = &'static str;
        async fn handle(&mut self, _: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
            Ok(())
        }
    }
    let size = size_of_val(&serve(Quiet, mailbox_named("quiet", 1)));
    assert!(size <= 28 * size_of::<usize>(), "{size}");
}

#[test]
fn an_incarnation_with_streams_is_send() {
    struct Quiet;
    impl Actor for Quiet {
        type Msg = u32;
        type Error = &'static str;
        async fn handle(&mut self, _: u32, ctx: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
            ctx.attach(stream::pending());
            core::future::ready(()).await;
            Ok(())
        }
    }
    fn is_send<T: Send>(_: &T) {}
    let (_tx, rx) = bounded::<u32>(1);
    is_send(&serve(Quiet, mailbox_named("quiet", 1)));
    is_send(&serve_with(Quiet, mailbox_named("quiet", 1), stream::pending()));
    is_send(&serve_queue(Quiet, mailbox_named("quiet", 1), rx));
}
