//! The sending side of actors: asking without waiting for room, references, what questions cost.

#![cfg(feature = "std")]

mod block_on;
mod by_hand;
mod counting;
mod probe;

use by_hand::{ByHand, now};
use core::{cell::RefCell, pin::pin};
use counting::{allocations, poll};
use klaw::{
    Actor, ActorRef, AskError, Ctx, Exit, Mailbox, Reply, SendError,
    actor::{TryAskError, WeakActorRef},
    mailbox, serve,
};
use probe::{Log, Msg, Probe, tell};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
    thread,
};

fn serving(capacity: usize) -> (ActorRef<Msg>, ByHand<impl Future<Output = Exit<&'static str>>>) {
    let me = mailbox(capacity);
    let running = ByHand::new(serve(Probe::new("probe", &Log::default()), me.clone()));
    (me, running)
}

// Questions whose answers go straight to who waits.

/// Keeps every question until it is told to answer them.
#[derive(Default)]
struct Desk<R: 'static>(Vec<Reply<R>>);

enum AtDesk<R: 'static> {
    Ask(Reply<R>),
    /// Answers the question at this index.
    Answer(usize, R),
    /// Drops the question at this index.
    Drop(usize),
}

impl<R> Actor for Desk<R> {
    type Msg = AtDesk<R>;
    type Error = &'static str;

    async fn handle(
        &mut self,
        msg: AtDesk<R>,
        _: &mut Ctx<'_, AtDesk<R>>,
    ) -> Result<(), &'static str> {
        match msg {
            AtDesk::Ask(reply) => self.0.push(reply),
            AtDesk::Answer(at, answer) => self.0.swap_remove(at).send(answer),
            AtDesk::Drop(at) => drop(self.0.swap_remove(at)),
        }
        Ok(())
    }
}

fn desk<R: 'static>() -> (ActorRef<AtDesk<R>>, ByHand<impl Future<Output = Exit<&'static str>>>) {
    let me = mailbox(256);
    let running = ByHand::new(serve(Desk(vec![]), me.clone()));
    (me, running)
}

#[test]
fn answers_find_their_questions_in_any_order() {
    let (me, mut running) = desk();
    let mut asking: Vec<_> = (0..100).map(|_| ByHand::parked(me.ask(AtDesk::Ask))).collect();
    assert!(running.poll().is_pending());
    // The last one, then by `swap_remove` the first, the one before the last, ...
    let mut open: Vec<usize> = (0..100).collect();
    for turn in 0..100_usize {
        let at = (turn * 37) % open.len();
        let asked = open.swap_remove(at);
        me.try_tell(AtDesk::Answer(at, asked)).ok().unwrap();
        assert!(running.poll().is_pending());
        assert_eq!(asking[asked].wakes(), 1);
        assert_eq!(asking[asked].ready(), Ok(asked));
    }
}

/// A late answer finds its entry closed or in use for another question, and is dropped.
#[test]
fn a_late_answer_never_reaches_another_question() {
    let (me, mut running) = desk::<Arc<u32>>();
    let given_up = ByHand::parked(me.ask(AtDesk::Ask));
    assert!(running.poll().is_pending());
    drop(given_up);
    let mut next = ByHand::parked(me.ask(AtDesk::Ask));
    assert!(running.poll().is_pending());
    let late = Arc::new(1);
    me.try_tell(AtDesk::Answer(0, late.clone())).ok().unwrap();
    assert!(running.poll().is_pending());
    assert_eq!(Arc::strong_count(&late), 1, "dropped at once");
    assert!(!next.is_woken() && next.poll().is_pending());
    me.try_tell(AtDesk::Answer(0, Arc::new(2))).ok().unwrap();
    assert!(running.poll().is_pending());
    assert_eq!(next.ready(), Ok(Arc::new(2)));
}

#[test]
fn an_answer_that_nobody_fetched_is_dropped_with_its_question() {
    let (me, mut running) = desk();
    let asking = ByHand::parked(me.ask(AtDesk::Ask));
    let answer = Arc::new(());
    me.try_tell(AtDesk::Answer(0, answer.clone())).ok().unwrap();
    assert!(running.poll().is_pending());
    assert!(asking.is_woken());
    assert_eq!(Arc::strong_count(&answer), 2);
    drop(asking);
    assert_eq!(Arc::strong_count(&answer), 1);
}

#[test]
fn a_dropped_reply_is_heard_once() {
    let (me, mut running) = desk::<u32>();
    let mut asking = ByHand::parked(me.ask(AtDesk::Ask));
    me.try_tell(AtDesk::Drop(0)).ok().unwrap();
    assert!(running.poll().is_pending());
    assert_eq!(asking.wakes(), 1);
    assert_eq!(asking.ready(), Err(AskError::NoReply));
}

#[test]
fn an_answer_need_not_be_send() {
    let (me, mut running) = desk();
    let mut asking = ByHand::parked(me.ask(AtDesk::Ask));
    let shared = Rc::new(RefCell::new(0));
    me.try_tell(AtDesk::Answer(0, shared.clone())).ok().unwrap();
    assert!(running.poll().is_pending());
    *asking.ready().unwrap().borrow_mut() += 1;
    assert_eq!(*shared.borrow(), 1);
}

/// Puts every question where others find it.
struct Finder<R: 'static>(Rc<RefCell<Vec<Reply<R>>>>);

impl<R> Actor for Finder<R> {
    type Msg = Reply<R>;
    type Error = &'static str;

    async fn handle(
        &mut self,
        reply: Reply<R>,
        _: &mut Ctx<'_, Reply<R>>,
    ) -> Result<(), &'static str> {
        self.0.borrow_mut().push(reply);
        Ok(())
    }
}

#[test]
fn a_reply_may_outlive_its_asker_and_the_mailbox() {
    let me = mailbox(2);
    let found = Rc::new(RefCell::new(vec![]));
    let mut running = ByHand::new(serve(Finder(found.clone()), me.clone()));
    let asking = ByHand::parked(me.ask(|reply| reply));
    let also = me.clone();
    let mut answered = ByHand::parked(async move { also.ask(|reply| reply).await });
    assert!(running.poll().is_pending());
    let [first, second] = found.take().try_into().ok().unwrap();
    drop((asking, running));
    let answer = Arc::new(());
    second.send(answer.clone());
    assert_eq!(answered.ready(), Ok(answer.clone()), "the actor has ended before");
    drop(answered);
    drop(me);
    first.send(answer.clone());
    assert_eq!(Arc::strong_count(&answer), 1);
}

#[test]
fn a_question_that_panics_as_it_is_made_leaves_nothing_open() {
    let (me, mut running) = desk::<u32>();
    let panics = |_: Reply<u32>| -> AtDesk<u32> { panic!("on purpose") };
    std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| now(me.ask(panics)))).unwrap_err();
    let mut asking = ByHand::parked(me.ask(AtDesk::Ask));
    me.try_tell(AtDesk::Answer(0, 7)).ok().unwrap();
    assert!(running.poll().is_pending());
    assert_eq!(asking.ready(), Ok(7));
}

#[test]
fn questions_between_threads_are_answered() {
    const ROUNDS: usize = if cfg!(miri) { 20 } else { 2000 };
    let me = mailbox::<(usize, Reply<usize>)>(4);
    struct Doubles;
    impl Actor for Doubles {
        type Msg = (usize, Reply<usize>);
        type Error = &'static str;
        async fn handle(
            &mut self,
            (n, reply): Self::Msg,
            _: &mut Ctx<'_, Self::Msg>,
        ) -> Result<(), &'static str> {
            if n % 7 == 0 {
                return Ok(());
            }
            reply.send(n * 2);
            Ok(())
        }
    }
    thread::scope(|scope| {
        let running = scope.spawn(|| block_on::block_on(serve(Doubles, me.clone())));
        let askers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for n in 0..ROUNDS {
                        if n % 5 == 0 {
                            let _ = now(me.ask(|reply| (n, reply))); // given up after one poll
                        }
                        let answer = block_on::block_on(me.ask(|reply| (n, reply)));
                        let expected = if n % 7 == 0 { Err(AskError::NoReply) } else { Ok(n * 2) };
                        assert_eq!(answer, expected);
                    }
                })
            })
            .collect();
        askers.into_iter().for_each(|asker| asker.join().unwrap());
        me.stop();
        assert!(matches!(running.join().unwrap(), Exit::Stopped));
    });
}

// What questions cost.

#[test]
fn questions_beside_each_other_allocate_nothing_once_there_was_room_for_them() {
    let (me, mut running) = desk();
    let mut running = running.future_mut();
    // Twice, since after so many messages it lets others have their turn.
    let mut serve = || (0..2).for_each(|_| assert!(poll(running.as_mut()).is_pending()));
    let mut round = || {
        let mut first = pin!(me.ask(AtDesk::Ask));
        let mut second = pin!(me.ask(AtDesk::Ask));
        let mut others = [(); 4].map(|()| Box::pin(me.ask(AtDesk::Ask)));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        assert!(others.iter_mut().all(|asking| poll(asking.as_mut()).is_pending()));
        serve();
        (0..6_u8).for_each(|n| me.try_tell(AtDesk::Answer(0, n)).ok().unwrap());
        serve();
        assert!(poll(first).is_ready() && poll(second).is_ready());
        assert!(others.iter_mut().all(|asking| poll(asking.as_mut()).is_ready()));
    };
    round();
    round();
    assert_eq!(allocations(|| (0..100).for_each(|_| round())), 400, "the four boxes of the test");
}

// Asking only if there is room.

#[test]
fn try_ask_answers_like_ask_where_there_is_room() {
    let (me, mut running) = serving(1);
    let mut asking = ByHand::parked(me.try_ask(Msg::Notes));
    assert_eq!(me.len(), 1);
    assert!(running.poll().is_pending());
    assert_eq!(asking.ready().unwrap(), []);
    let mut dropped = ByHand::parked(me.try_ask(Msg::Forget));
    assert!(running.poll().is_pending());
    assert!(matches!(dropped.ready(), Err(TryAskError::NoReply)));
}

#[test]
fn try_ask_gives_the_question_back_unasked() {
    let (me, running) = serving(1);
    tell(&me, Msg::Note(1));
    let token = Rc::new(());
    let asks = |token: Rc<()>| {
        move |reply| {
            drop(token);
            Msg::Notes(reply)
        }
    };
    let full = now(me.try_ask(asks(token.clone()))).unwrap().unwrap_err();
    assert_eq!(
        (full.to_string(), format!("{full:?}")),
        ("the mailbox is full".into(), "Full(..)".into())
    );
    let TryAskError::Full(question) = full else { panic!("{full:?}") };
    assert_eq!((me.len(), Rc::strong_count(&token)), (1, 2));
    drop(running);
    let Some(Err(TryAskError::Closed(question))) = now(me.try_ask(question)) else {
        panic!("the actor has ended")
    };
    assert_eq!(Rc::strong_count(&token), 2);
    drop(question);
}

/// What was kept for a question that panics as it is made can be used by others.
#[test]
fn try_ask_gives_its_room_back_if_the_question_panics() {
    let (me, _running) = serving(1);
    let panics = |_: Reply<u32>| -> Msg { panic!("on purpose") };
    std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| now(me.try_ask(panics)).is_some()))
        .unwrap_err();
    tell(&me, Msg::Note(1));
    assert_eq!(me.len(), 1);
}

#[test]
fn try_ask_finds_the_mailbox_closed_by_its_own_question() {
    let (me, _running) = serving(1);
    let closing = |reply| {
        me.stop();
        Msg::Notes(reply)
    };
    assert!(matches!(now(me.try_ask(closing)), Some(Err(TryAskError::NoReply))));
    assert!(me.is_empty());
}

// References.

#[test]
fn send_is_tell() {
    let (me, running) = serving(1);
    assert!(now(me.send(Msg::Note(1))).unwrap().is_ok());
    let mut waiting = ByHand::parked(me.send(Msg::Note(2)));
    assert!(matches!(waiting.future_mut().cancel(), Some(Msg::Note(2))));
    let mut refused = ByHand::parked(me.send(Msg::Note(3)));
    drop(running);
    assert!(matches!(refused.ready(), Err(SendError(Msg::Note(3)))));
}

#[test]
#[allow(clippy::mutable_key_type, reason = "its place is the key")]
fn equal_references_are_to_one_actor() {
    static STATIC: Mailbox<u32, 1> = Mailbox::new();
    static OTHER: Mailbox<u32, 1> = Mailbox::new();
    let heap = [mailbox::<u32>(1), mailbox(1)];
    let all: HashSet<ActorRef<u32>> = heap
        .iter()
        .flat_map(|me| [me.clone(), me.clone()])
        .chain([STATIC.actor_ref(), OTHER.actor_ref(), STATIC.actor_ref()])
        .collect();
    assert_eq!(all.len(), 4);
    assert!(heap[0] == heap[0].clone() && heap[0] != heap[1]);
    let names: HashMap<_, _> = [(STATIC.actor_ref(), "one"), (OTHER.actor_ref(), "two")].into();
    assert_eq!(names[&OTHER.actor_ref()], "two");
}

#[test]
fn a_weak_reference_keeps_no_mailbox() {
    let message = Arc::new(());
    let me = mailbox(4);
    me.try_tell(message.clone()).unwrap();
    let weak: WeakActorRef<_> = me.downgrade();
    assert_eq!(weak.upgrade(), Some(me.clone()));
    let also = weak.clone();
    drop(me);
    assert_eq!((weak.upgrade(), also.upgrade()), (None, None));
    assert_eq!(Arc::strong_count(&message), 1, "what waited in it is gone");

    let (me, running) = serving(1);
    let weak = me.downgrade();
    drop(me);
    assert!(weak.upgrade().is_some(), "a running actor has its own reference");
    drop(running);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_weak_reference_to_a_static_actor_always_upgrades() {
    static STATIC: Mailbox<u32, 1> = Mailbox::new();
    let weak = STATIC.actor_ref().downgrade();
    assert_eq!(weak.clone().upgrade(), Some(STATIC.actor_ref()));
    assert!(format!("{weak:?}").contains("WeakActorRef"));
}

#[test]
fn an_ask_is_send_if_the_answer_is() {
    fn is_send<T: Send>(_: &T) {}
    fn is_sync<T: Sync>() {}
    let me = mailbox::<AtDesk<u32>>(1);
    is_send(&me.ask(AtDesk::Ask));
    is_send(&me.try_ask(AtDesk::Ask));
    is_send(&me.tell(AtDesk::Drop(0)));
    is_send(&me.downgrade());
    is_sync::<Reply<u32>>();
}
