//! Every order of events between those who send, those who stop or kill, and the incarnation.

use super::{Actor, ActorRef, AskError, Ctx, Exit, Reply, TryAskError, mailbox, serve};
use core::{
    convert::Infallible,
    future::pending,
    pin::pin,
    sync::atomic::{AtomicUsize as Unseen, Ordering},
    task::{Context, Poll, Waker},
};
use loom::{future::block_on, model, thread};
use std::sync::Arc as Shared;

/// What became of messages, unseen by loom.
#[derive(Clone, Default)]
struct Fates {
    handled: Shared<Unseen>,
    dropped: Shared<Unseen>,
}

impl Fates {
    fn message(&self) -> Msg {
        Msg::Note(Note(self.clone()))
    }

    fn handled(&self) -> usize {
        self.handled.load(Ordering::SeqCst)
    }

    fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }
}

struct Note(Fates);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

enum Msg {
    Note(Note),
    Ask(Reply<u32>),
    /// Put aside and never brought back.
    Aside(#[allow(dead_code, reason = "dropped unanswered")] Reply<u32>),
    /// Answered by a handler that never returns.
    Hang(Reply<u32>),
}

struct Probe;

impl Actor for Probe {
    type Msg = Msg;
    type Error = Infallible;

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), Infallible> {
        match msg {
            Msg::Note(note) => drop(note.0.handled.fetch_add(1, Ordering::SeqCst)),
            Msg::Ask(reply) => reply.send(7),
            Msg::Aside(_) => ctx.stash(msg).unwrap_or_else(drop),
            Msg::Hang(reply) => {
                reply.send(7);
                pending().await
            }
        }
        Ok(())
    }
}

/// Runs an incarnation on a thread of its own, to its end.
fn run(me: &ActorRef<Msg>) -> thread::JoinHandle<Exit<Infallible>> {
    let me = me.clone();
    thread::spawn(move || block_on(serve(Probe, me)))
}

/// An actor that takes no more has nothing left.
fn is_over(me: &ActorRef<Msg>) -> bool {
    me.is_closed() && me.is_empty()
}

fn told(answer: Result<u32, AskError>) {
    assert!(matches!(answer, Ok(7) | Err(AskError::NoReply | AskError::Closed)), "{answer:?}");
}

// The mailbox closes while something is on its way in.

#[test]
fn loom_actor_stop_against_a_tell() {
    model(|| {
        let (me, fates) = (mailbox(1), Fates::default());
        let sender = {
            let (me, note) = (me.clone(), fates.message());
            thread::spawn(move || block_on(me.tell(note)).is_ok())
        };
        me.stop();
        assert!(matches!(block_on(serve(Probe, me.clone())), Exit::Stopped));
        // What was taken in before the stop is handled; what was not comes back.
        assert_eq!(fates.handled(), usize::from(sender.join().unwrap()));
        assert!(fates.dropped() == 1 && is_over(&me));
    });
}

#[test]
fn loom_actor_stop_against_its_running_incarnation() {
    model(|| {
        let (me, fates) = (mailbox(1), Fates::default());
        let running = run(&me);
        me.try_tell(fates.message()).unwrap();
        me.stop();
        assert!(matches!(running.join().unwrap(), Exit::Stopped));
        assert!((fates.handled(), fates.dropped()) == (1, 1) && is_over(&me));
    });
}

#[test]
fn loom_actor_retired_against_a_tell_that_waits_for_room() {
    model(|| {
        let (me, fates) = (mailbox(1), Fates::default());
        me.try_tell(fates.message()).unwrap();
        let sender = {
            let (me, note) = (me.clone(), fates.message());
            thread::spawn(move || drop(block_on(me.tell(note))))
        };
        me.retire();
        sender.join().unwrap();
        assert!((fates.handled(), fates.dropped()) == (0, 2) && is_over(&me));
    });
}

#[test]
fn loom_actor_retired_against_an_ask() {
    model(|| {
        let me = mailbox(1);
        let asker = {
            let me = me.clone();
            thread::spawn(move || block_on(me.ask(Msg::Ask)))
        };
        me.retire();
        let answer = asker.join().unwrap();
        assert!(matches!(answer, Err(AskError::NoReply | AskError::Closed)), "{answer:?}");
        assert!(is_over(&me));
    });
}

#[test]
fn loom_actor_retired_against_a_try_ask() {
    model(|| {
        let me = mailbox(1);
        let asker = {
            let me = me.clone();
            thread::spawn(move || block_on(me.try_ask(Msg::Ask)).err())
        };
        me.retire();
        let error = asker.join().unwrap();
        assert!(matches!(error, Some(TryAskError::NoReply | TryAskError::Closed(_))), "{error:?}");
        assert!(is_over(&me));
    });
}

#[test]
fn loom_actor_stopped_now_and_retired_at_once() {
    model(|| {
        let (me, fates) = (mailbox(2), Fates::default());
        me.try_tell(fates.message()).unwrap();
        let other = {
            let me = me.clone();
            thread::spawn(move || me.stop_now())
        };
        me.retire();
        other.join().unwrap();
        block_on(me.closed());
        assert!(fates.dropped() == 1 && is_over(&me));
    });
}

// The control word beside the queue.

#[test]
fn loom_actor_stop_now_against_a_message_being_taken() {
    model(|| {
        let (me, fates) = (mailbox(1), Fates::default());
        let running = run(&me);
        me.try_tell(fates.message()).unwrap();
        me.stop_now();
        assert!(matches!(running.join().unwrap(), Exit::Stopped));
        assert!(fates.dropped() == 1 && is_over(&me));
    });
}

#[test]
fn loom_actor_stop_now_against_a_question_being_taken() {
    model(|| {
        let me = mailbox(1);
        let running = run(&me);
        let mut asked = pin!(me.ask(Msg::Ask));
        let early = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        me.stop_now();
        told(match early {
            Poll::Ready(answer) => answer,
            Poll::Pending => block_on(asked),
        });
        assert!(matches!(running.join().unwrap(), Exit::Stopped));
    });
}

#[test]
fn loom_actor_stop_now_against_a_question_put_aside() {
    model(|| {
        let me = mailbox(1);
        let running = run(&me);
        let mut asked = pin!(me.ask(Msg::Aside));
        assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        me.stop_now();
        assert_eq!(block_on(asked), Err(AskError::NoReply));
        assert!(matches!(running.join().unwrap(), Exit::Stopped));
    });
}

#[test]
fn loom_actor_kill_of_what_runs_is_heard() {
    model(|| {
        let me = mailbox(1);
        let running = run(&me);
        // Who has an answer knows that the incarnation runs.
        assert_eq!(block_on(me.ask(Msg::Hang)), Ok(7));
        me.kill();
        assert!(matches!(running.join().unwrap(), Exit::Killed));
    });
}

/// Who kills and then sends has sent to the next incarnation.
#[test]
fn loom_actor_kill_is_heard_before_what_is_sent_after_it() {
    model(|| {
        let (me, fates) = (mailbox(1), Fates::default());
        let running = run(&me);
        assert_eq!(block_on(me.ask(Msg::Ask)), Ok(7));
        me.kill();
        let sent = me.try_tell(fates.message()).is_ok();
        assert!(matches!(running.join().unwrap(), Exit::Killed));
        assert_eq!(fates.handled(), 0, "sent: {sent}");
    });
}

/// A kill hits the next incarnation or is forgotten; nothing in between, and no second one.
#[test]
fn loom_actor_kill_against_the_next_begin() {
    model(|| {
        let me = mailbox(1);
        let killer = {
            let me = me.clone();
            thread::spawn(move || me.kill())
        };
        let mut next = serve(Probe, me.clone());
        next.adopted();
        let mut next = pin!(next);
        let first = next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        killer.join().unwrap();
        me.stop();
        let exit = match first {
            Poll::Ready(exit) => exit,
            Poll::Pending => block_on(next),
        };
        assert!(matches!(exit, Exit::Killed | Exit::Stopped), "{exit:?}");
        assert!(matches!(block_on(serve(Probe, me.clone())), Exit::Stopped));
    });
}

/// On a task of its own an incarnation may be asked to end before it has begun.
#[test]
fn loom_actor_asked_to_end_against_its_begin() {
    model(|| {
        let me = mailbox::<Msg>(1);
        me.end_incarnation(); // meant for the one before
        let mut next = serve(Probe, me.clone());
        next.adopted();
        let control = me.clone();
        let asking = thread::spawn(move || control.end_incarnation());
        assert!(matches!(block_on(next), Exit::Normal));
        asking.join().unwrap();
        assert!(!me.is_closed());
    });
}
