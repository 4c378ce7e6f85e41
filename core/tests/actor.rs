//! Actors: messages, questions, control, and what of it survives an incarnation.

#![cfg(feature = "std")]

mod by_hand;
mod executor;
mod probe;

use by_hand::{ByHand, now};
use core::{cell::RefCell, future::pending, task::Poll};
use executor::Executor;
use klaw::{
    Actor, ActorRef, AskError, Ctx, Exit, Mailbox, Reply, ReplySlot, SendError, TrySendError,
    mailbox_named, serve,
};
use probe::{Log, Msg, Probe, tell};
use std::rc::Rc;

const SEEDS: u64 = if cfg!(miri) { 1 } else { 24 };

/// A mailbox, the incarnation that serves it, and what the incarnation wrote down.
fn serving(
    capacity: usize,
) -> (ActorRef<Msg>, ByHand<impl Future<Output = Exit<&'static str>>>, Log) {
    let (me, log) = (mailbox_named("probe", capacity), Log::default());
    let running = ByHand::new(serve(Probe::new("probe", &log), me.clone()));
    (me, running, log)
}

fn notes(me: &ActorRef<Msg>, running: &mut ByHand<impl Future>) -> Vec<u32> {
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    assert!(running.poll().is_pending());
    asking.ready().unwrap()
}

// Telling.

#[test]
fn messages_are_handled_in_order() {
    let (me, mut running, _) = serving(4);
    (0..4).for_each(|n| tell(&me, Msg::Note(n)));
    assert_eq!((me.len(), me.capacity(), me.is_empty()), (4, 4, false));
    assert!(running.poll().is_pending());
    assert_eq!((me.len(), me.is_empty()), (0, true));
    assert_eq!(notes(&me, &mut running), [0, 1, 2, 3]);
}

#[test]
fn a_full_mailbox_gives_the_message_back_or_makes_the_sender_wait() {
    let (me, mut running, _) = serving(1);
    tell(&me, Msg::Note(1));
    let refused = me.try_tell(Msg::Note(2)).unwrap_err();
    assert!(matches!(refused, TrySendError::Full(Msg::Note(2))));
    let mut waiting = ByHand::parked(me.tell(Msg::Note(3)));
    assert!(running.poll().is_pending());
    assert!(waiting.is_woken());
    assert!(waiting.ready().is_ok());
    assert!(running.poll().is_pending());
    assert_eq!(notes(&me, &mut running), [1, 3]);
}

#[test]
fn a_tell_that_is_dropped_while_it_waits_is_not_sent() {
    let (me, mut running, _) = serving(1);
    tell(&me, Msg::Note(1));
    drop(ByHand::parked(me.tell(Msg::Note(2))));
    assert!(running.poll().is_pending());
    assert_eq!(notes(&me, &mut running), [1]);
}

#[test]
fn a_mailbox_takes_messages_before_its_first_incarnation() {
    let (me, log) = (mailbox_named("late", 4), Log::default());
    tell(&me, Msg::Note(1));
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    let mut running = ByHand::parked(serve(Probe::new("late", &log), me.clone()));
    assert_eq!(asking.ready(), Ok(vec![1]));
    assert!(running.poll().is_pending());
    assert_eq!(me.incarnations(), 1);
}

#[test]
fn a_static_mailbox_serves_the_same_actor() {
    enum Ask {
        Add(u32),
        Sum(Reply<u32>),
    }
    #[derive(Default)]
    struct Adder(u32);
    impl Actor for Adder {
        type Msg = Ask;
        type Error = &'static str;
        async fn handle(&mut self, msg: Ask, _: &mut Ctx<'_, Ask>) -> Result<(), &'static str> {
            match msg {
                Ask::Add(n) => self.0 += n,
                Ask::Sum(reply) => reply.send(self.0),
            }
            Ok(())
        }
    }
    static ADDER: Mailbox<Ask, 2> = Mailbox::named("adder");
    static SUM: ReplySlot<u32> = ReplySlot::new();
    let me = ADDER.actor_ref();
    assert!(me.same_actor(&ADDER.actor_ref()));
    assert_eq!((me.name(), me.capacity()), ("adder", 2));
    let mut running = ByHand::parked(serve(Adder::default(), me.clone()));
    me.try_tell(Ask::Add(2)).ok().unwrap();
    me.try_tell(Ask::Add(3)).ok().unwrap();
    assert!(running.poll().is_pending());
    let mut asking = ByHand::parked(me.ask_in(&SUM, Ask::Sum));
    assert!(running.poll().is_pending());
    assert_eq!(asking.ready(), Ok(5));
    me.stop();
    assert!(matches!(running.ready(), Exit::Stopped));
    assert!(matches!(me.try_tell(Ask::Add(1)), Err(TrySendError::Closed(Ask::Add(1)))));
    assert!(format!("{ADDER:?} {SUM:?} {me:?}").contains("closed: true"));
}

// Asking.

#[test]
fn a_question_is_answered() {
    let (me, mut running, _) = serving(2);
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    assert!(running.poll().is_pending());
    assert_eq!(asking.wakes(), 1);
    assert_eq!(asking.ready(), Ok(vec![]));
}

/// A question is asked when it is awaited, not when it is written down.
#[test]
fn a_question_that_is_never_awaited_is_not_asked() {
    let (me, _running, _) = serving(2);
    drop(me.ask(Msg::Notes));
    assert!(me.is_empty());
}

#[test]
fn a_question_waits_for_room_like_a_message() {
    let (me, mut running, _) = serving(1);
    tell(&me, Msg::Note(1));
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    assert_eq!(me.len(), 1);
    assert!(running.poll().is_pending());
    assert!(asking.poll().is_pending());
    assert!(running.poll().is_pending());
    assert_eq!(asking.ready(), Ok(vec![1]));
}

#[test]
fn a_reply_that_is_dropped_answers_no_reply_at_once() {
    let (me, mut running, _) = serving(2);
    let mut asking = ByHand::parked(me.ask(Msg::Forget));
    assert!(running.poll().is_pending());
    assert_eq!(asking.wakes(), 1);
    assert_eq!(asking.ready(), Err(AskError::NoReply));
}

#[test]
fn a_reply_may_outlive_its_handler() {
    let (me, mut running, _) = serving(2);
    let mut asking = ByHand::parked(me.ask(Msg::Keep));
    assert!(running.poll().is_pending());
    assert!(asking.poll().is_pending());
    tell(&me, Msg::Settle(7));
    assert!(running.poll().is_pending());
    assert_eq!(asking.ready(), Ok(7));
}

#[test]
fn a_handler_that_fails_answers_no_reply() {
    let (me, mut running, log) = serving(2);
    let mut asking = ByHand::parked(me.ask(Msg::FailAsked));
    assert!(matches!(running.ready(), Exit::Failed("asked to fail")));
    assert_eq!(asking.ready(), Err(AskError::NoReply));
    let expected = ["probe up 0", "probe stopped Failed(\"asked to fail\")", "probe gone"];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_handler_that_panics_answers_no_reply_and_closes() {
    let executor = Executor::new(0);
    let (me, log) = (mailbox_named("probe", 4), Log::default());
    let running = serve(Probe::new("probe", &log), me.clone());
    let done = executor.start(running);
    let (asker, behind) = (me.clone(), me.clone());
    let asked = executor.start(async move { asker.ask(Msg::PanicAsked).await });
    let queued = executor.start(async move { behind.ask(Msg::Notes).await });
    executor.run();
    assert_eq!(executor.panics(), 1);
    assert!(!done.is_ready());
    assert_eq!(asked.take(), Some(Err(AskError::NoReply)));
    assert!(matches!(queued.take(), Some(Err(AskError::NoReply | AskError::Closed))));
    assert!(me.is_closed());
    assert_eq!(log.take(), ["probe up 0", "probe gone"]);
}

#[test]
fn a_question_to_a_closed_actor_is_not_asked() {
    let (me, running, _) = serving(2);
    drop(running);
    assert_eq!(now(me.ask(Msg::Notes)), Some(Err(AskError::Closed)));
    static SLOT: ReplySlot<u32> = ReplySlot::new();
    assert_eq!(now(me.ask_in(&SLOT, Msg::Forget)), Some(Err(AskError::Closed)));
    assert_eq!(AskError::Closed.to_string(), "the actor takes no more messages");
}

/// The row where a queue that senders keep alive leaves its askers waiting for ever.
#[test]
fn queued_questions_get_no_reply_when_the_mailbox_closes() {
    let (me, running, _) = serving(4);
    let mut queued = ByHand::parked(me.ask(Msg::Notes));
    let mut behind = ByHand::parked(me.ask(Msg::Forget));
    drop(running);
    assert!(queued.is_woken() && behind.is_woken());
    assert_eq!(queued.ready(), Err(AskError::NoReply));
    assert_eq!(behind.ready(), Err(AskError::NoReply));
}

#[test]
fn a_question_that_waits_for_room_is_refused_when_the_mailbox_closes() {
    let (me, running, _) = serving(1);
    tell(&me, Msg::Note(1));
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    drop(running);
    assert_eq!(asking.ready(), Err(AskError::Closed));
}

#[test]
fn otp_s32_a_question_given_up_leaves_the_actor_running_and_its_answer_goes_nowhere() {
    let (me, mut running, _) = serving(4);
    let asking = ByHand::parked(me.ask(Msg::Notes));
    drop(asking);
    assert!(running.poll().is_pending(), "it answers, and nobody hears");
    assert_eq!(notes(&me, &mut running), []);
}

#[test]
fn a_late_answer_never_reaches_the_next_question_in_its_slot() {
    static SLOT: ReplySlot<u32> = ReplySlot::new();
    let (me, mut running, _) = serving(4);
    let first = ByHand::parked(me.ask_in(&SLOT, Msg::Keep));
    assert!(running.poll().is_pending());
    drop(first);
    let mut second = ByHand::parked(me.ask_in(&SLOT, Msg::Keep));
    assert!(running.poll().is_pending());
    tell(&me, Msg::Settle(1));
    assert!(running.poll().is_pending());
    assert!(!second.is_woken() && second.poll().is_pending(), "1 answers the first question");
    tell(&me, Msg::Settle(2));
    assert!(running.poll().is_pending());
    assert_eq!(second.ready(), Ok(2));
}

#[test]
fn a_late_answer_between_two_questions_is_dropped() {
    static SLOT: ReplySlot<std::sync::Arc<()>> = ReplySlot::new();
    enum Ask {
        Share(Reply<std::sync::Arc<()>>),
    }
    let me = mailbox_named::<Ask>("shares", 2);
    let asking = ByHand::parked(me.ask_in(&SLOT, Ask::Share));
    let serving = RefCell::new(None);
    struct Sharer<'a>(&'a RefCell<Option<Reply<std::sync::Arc<()>>>>);
    impl Actor for Sharer<'_> {
        type Msg = Ask;
        type Error = &'static str;
        async fn handle(&mut self, msg: Ask, _: &mut Ctx<'_, Ask>) -> Result<(), &'static str> {
            let Ask::Share(reply) = msg;
            *self.0.borrow_mut() = Some(reply);
            Ok(())
        }
    }
    let mut running = ByHand::parked(serve(Sharer(&serving), me.clone()));
    drop(asking);
    let shared = std::sync::Arc::new(());
    serving.take().unwrap().send(shared.clone());
    assert_eq!(std::sync::Arc::strong_count(&shared), 1, "not kept in the slot");
    assert!(running.poll().is_pending());
}

#[test]
fn an_answer_nobody_fetched_is_dropped_with_its_question() {
    static SLOT: ReplySlot<Vec<u32>> = ReplySlot::new();
    let (me, mut running, _) = serving(4);
    tell(&me, Msg::Note(1));
    let asking = ByHand::parked(me.ask_in(&SLOT, Msg::Notes));
    assert!(running.poll().is_pending());
    assert!(asking.is_woken());
    drop(asking);
    let mut again = ByHand::parked(me.ask_in(&SLOT, Msg::Notes));
    tell(&me, Msg::Note(2));
    assert!(running.poll().is_pending());
    assert_eq!(again.ready(), Ok(vec![1]));
}

#[test]
fn a_second_question_in_a_slot_ends_the_first_with_no_reply() {
    static SLOT: ReplySlot<u32> = ReplySlot::new();
    let (me, mut running, _) = serving(4);
    let mut first = ByHand::parked(me.ask_in(&SLOT, Msg::Keep));
    let mut second = ByHand::parked(me.ask_in(&SLOT, Msg::Keep));
    assert!(first.is_woken());
    assert_eq!(first.ready(), Err(AskError::NoReply));
    assert!(running.poll().is_pending());
    tell(&me, Msg::Settle(1));
    tell(&me, Msg::Settle(2));
    assert!(running.poll().is_pending());
    assert_eq!(second.ready(), Ok(2));
}

#[test]
fn an_ask_polled_by_another_task_wakes_that_one() {
    let (me, mut running, _) = serving(4);
    let mut asking = ByHand::new(me.ask(Msg::Notes));
    let (old, new) = (by_hand::Task::new(), by_hand::Task::new());
    assert!(asking.poll_as(&old).is_pending() && asking.poll_as(&new).is_pending());
    assert!(running.poll().is_pending());
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
}

// Control.

#[test]
fn otp_s29_stop_is_in_line_and_drains() {
    let (me, mut running, log) = serving(4);
    tell(&me, Msg::Note(1));
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    me.stop();
    assert!(me.is_closed());
    assert!(matches!(me.try_tell(Msg::Note(2)), Err(TrySendError::Closed(Msg::Note(2)))));
    assert!(matches!(now(me.tell(Msg::Note(3))), Some(Err(SendError(Msg::Note(3))))));
    assert!(matches!(running.ready(), Exit::Stopped));
    assert_eq!(asking.ready(), Ok(vec![1]));
    assert_eq!(log.take(), ["probe up 0", "probe stopped Stopped", "probe gone"]);
}

#[test]
fn stop_wakes_an_idle_actor() {
    let (me, mut running, _) = serving(4);
    assert!(running.poll().is_pending());
    me.stop();
    assert!(running.is_woken());
    assert!(matches!(running.ready(), Exit::Stopped));
}

#[test]
fn stop_now_discards_what_waits() {
    let (me, mut running, log) = serving(4);
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    me.stop_now();
    assert_eq!(asking.ready(), Err(AskError::NoReply), "before the actor runs again");
    assert!(matches!(running.ready(), Exit::Stopped));
    assert_eq!(log.take(), ["probe up 0", "probe stopped Stopped", "probe gone"]);
}

#[test]
fn stop_now_from_a_handler_ends_after_the_message_in_hand() {
    let (me, mut running, log) = serving(4);
    let in_hand = log.clone();
    tell(
        &me,
        Msg::With(Box::new(move |ctx| {
            ctx.me().stop_now();
            in_hand.add("still in hand");
        })),
    );
    tell(&me, Msg::Fail);
    assert!(matches!(running.ready(), Exit::Stopped));
    assert_eq!(log.take()[1..], ["still in hand", "probe stopped Stopped", "probe gone"]);
}

#[test]
fn ctx_stop_ends_the_incarnation_and_leaves_the_queue() {
    let (me, mut running, log) = serving(4);
    tell(&me, Msg::End);
    tell(&me, Msg::Fail);
    assert!(matches!(running.ready(), Exit::Normal));
    assert_eq!(log.take(), ["probe up 0", "probe stopped Normal", "probe gone"]);
}

#[test]
fn kill_drops_the_handler_where_it_waits() {
    let (me, mut running, log) = serving(4);
    tell(&me, Msg::Hang);
    assert!(running.poll().is_pending());
    me.kill();
    assert_eq!(running.wakes(), 1);
    assert!(matches!(running.ready(), Exit::Killed));
    assert_eq!(log.take(), ["probe up 0", "probe gone"], "without `stopped`");
}

#[test]
fn control_is_not_held_up_by_a_full_mailbox() {
    for control in [ActorRef::<Msg>::kill, ActorRef::stop_now, ActorRef::stop] {
        let (me, mut running, _) = serving(1);
        tell(&me, Msg::Hang);
        assert!(running.poll().is_pending());
        tell(&me, Msg::Note(1));
        let mut waiting = ByHand::parked(me.tell(Msg::Note(2)));
        control(&me);
        me.kill();
        assert!(matches!(running.ready(), Exit::Killed));
        assert!(matches!(waiting.ready(), Err(SendError(Msg::Note(2)))));
    }
}

/// A mailbox that never runs dry must not keep a kill from being heard.
#[test]
fn kill_reaches_an_actor_that_never_waits() {
    let (me, mut running, log) = serving(2);
    let endless = Rc::new(RefCell::new(0));
    fn again(count: Rc<RefCell<u32>>) -> Msg {
        Msg::With(Box::new(move |ctx| {
            *count.borrow_mut() += 1;
            if *count.borrow() == 10 {
                ctx.me().kill();
            }
            assert!(*count.borrow() < 1000, "killed long ago");
            tell(ctx.me(), again(count));
        }))
    }
    tell(&me, again(endless.clone()));
    let mut polls = 0;
    let exit = loop {
        polls += 1;
        match running.poll() {
            Poll::Ready(exit) => break exit,
            Poll::Pending => assert!(running.is_woken() && polls < 100),
        }
    };
    assert!(matches!(exit, Exit::Killed));
    assert_eq!(log.take(), ["probe up 0", "probe gone"]);
}

/// One actor that always has a message must let others on its task have their turn.
#[test]
fn an_actor_that_never_waits_yields() {
    let (me, mut running, _) = serving(2);
    fn again() -> Msg {
        let count = Rc::new(RefCell::new(0u32));
        fn with(count: Rc<RefCell<u32>>) -> Msg {
            Msg::With(Box::new(move |ctx| {
                *count.borrow_mut() += 1;
                assert!(*count.borrow() < 100_000, "others are starved");
                tell(ctx.me(), with(count));
            }))
        }
        with(count)
    }
    tell(&me, again());
    assert!(running.poll().is_pending());
    assert!(running.is_woken(), "it goes on by itself");
}

#[test]
fn a_kill_before_the_first_poll_is_for_nobody() {
    let (me, mut running, _) = serving(4);
    me.kill();
    assert!(running.poll().is_pending());
    assert_eq!(me.incarnations(), 1);
}

#[test]
fn an_actor_may_kill_or_stop_itself() {
    let (me, mut running, _) = serving(4);
    tell(&me, Msg::With(Box::new(|ctx| ctx.me().kill())));
    assert!(matches!(running.ready(), Exit::Killed));

    let (me, mut running, _) = serving(4);
    tell(&me, Msg::With(Box::new(|ctx| ctx.me().stop())));
    assert!(matches!(running.ready(), Exit::Stopped));
}

#[test]
fn a_start_that_fails_is_an_exit() {
    let (me, log) = (mailbox_named("probe", 4), Log::default());
    let probe = Probe::new("probe", &log).fail_in_started();
    let mut running = ByHand::new(serve(probe, me.clone()));
    tell(&me, Msg::Panic);
    assert!(matches!(running.ready(), Exit::Failed("no start")));
    assert_eq!(log.take(), ["probe up 0", "probe stopped Failed(\"no start\")", "probe gone"]);
}

// The end.

#[test]
fn serve_alone_closes_its_mailbox_when_it_ends_or_is_dropped() {
    let (me, mut running, _) = serving(4);
    tell(&me, Msg::End);
    assert!(matches!(running.ready(), Exit::Normal));
    assert!(me.is_closed());

    let (me, running, _) = serving(4);
    drop(running);
    assert!(me.is_closed(), "dropped before its first poll");
    assert!(now(me.closed()).is_some());
}

#[test]
fn serve_polled_again_after_its_end_stays_pending() {
    let (me, mut running, log) = serving(4);
    me.stop();
    assert!(matches!(running.ready(), Exit::Stopped));
    log.take();
    assert!(running.poll().is_pending());
    assert_eq!(log.take(), [""; 0]);
}

#[test]
fn closed_completes_after_the_destructors_ran() {
    for seed in 0..SEEDS {
        let executor = Executor::new(seed);
        let (me, log) = (mailbox_named("probe", 4), Log::default());
        let _running = executor.start(serve(Probe::new("probe", &log), me.clone()));
        let (watched, seen) = (me.clone(), log.clone());
        let _watching = executor.start(async move {
            watched.closed().await;
            seen.add("closed");
        });
        executor.run();
        me.stop();
        assert!(now(me.closed()).is_none(), "asked to stop is not ended");
        executor.run();
        assert_eq!(log.take()[1..], ["probe stopped Stopped", "probe gone", "closed"]);
    }
}

#[test]
fn closed_is_heard_by_everyone_also_later() {
    let (me, running, _) = serving(4);
    let mut early = ByHand::parked(me.closed());
    let dropped = ByHand::parked(me.closed());
    let mut also = ByHand::parked(me.closed());
    drop(dropped);
    drop(running);
    assert_eq!((early.wakes(), also.wakes()), (1, 1));
    early.ready();
    also.ready();
    assert!(now(me.closed()).is_some());
}

/// A message that panics as it is dropped must not leave anybody waiting.
#[test]
fn a_queued_message_whose_destructor_panics_does_not_hide_the_end() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a destructor that panics");
        }
    }
    let (me, running, _) = serving(4);
    let bad = Bad;
    tell(
        &me,
        Msg::With(Box::new(move |_| {
            let _bad = &bad;
        })),
    );
    let mut asking = ByHand::parked(me.ask(Msg::Notes));
    let mut closed = ByHand::parked(me.closed());
    std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| drop(running))).unwrap_err();
    assert_eq!(asking.ready(), Err(AskError::NoReply));
    closed.ready();
}

#[test]
fn references_are_one_actor_and_say_so() {
    let (me, _running, _) = serving(4);
    let other = mailbox_named::<Msg>("probe", 4);
    assert!(me.same_actor(&me.clone()) && !me.same_actor(&other));
    assert_eq!(me.name(), "probe");
    let text = format!("{me:?} {:?}", me.closed());
    for word in ["ActorRef", "\"probe\"", "incarnations: 0", "closed: false", "Closed"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
#[should_panic(expected = "at least one message")]
fn a_mailbox_of_capacity_zero_panics() {
    let _me = mailbox_named::<u32>("nothing", 0);
}

// An actor needs no `Send` and may borrow; what runs it decides.

#[test]
fn an_actor_may_borrow_and_need_not_be_send() {
    struct Borrower<'a>(&'a RefCell<Vec<Rc<u32>>>);
    impl Actor for Borrower<'_> {
        type Msg = Rc<u32>;
        type Error = &'static str;
        async fn handle(
            &mut self,
            msg: Rc<u32>,
            _: &mut Ctx<'_, Rc<u32>>,
        ) -> Result<(), &'static str> {
            self.0.borrow_mut().push(msg);
            Ok(())
        }
    }
    let seen = RefCell::new(vec![]);
    let me = mailbox_named("borrower", 2);
    let mut running = ByHand::parked(serve(Borrower(&seen), me.clone()));
    me.try_tell(Rc::new(7)).unwrap();
    assert!(running.poll().is_pending());
    assert_eq!(*seen.borrow(), [Rc::new(7)]);
}

#[test]
fn an_incarnation_of_a_send_actor_is_send() {
    struct Quiet;
    impl Actor for Quiet {
        type Msg = u32;
        type Error = &'static str;
        async fn handle(&mut self, _: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
            pending().await
        }
    }
    fn is_send<T: Send>(_: &T) {}
    let me = mailbox_named("quiet", 2);
    is_send(&me);
    is_send(&me.closed());
    is_send(&me.tell(1));
    is_send(&serve(Quiet, me.clone()));
}
