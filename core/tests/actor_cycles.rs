//! Handlers that wait for other actors, and are told instead of hanging where nobody would go on.

#![cfg(feature = "std")]

mod block_on;
mod by_hand;

use block_on::block_on;
use by_hand::ByHand;
use core::{
    cell::RefCell,
    future::{pending, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};
use klaw::{
    Actor, ActorRef, AskError, Ctx, Exit, Mailbox, Reply, ReplySlot, actor::TellError, mailbox,
    serve,
};
use std::{rc::Rc, sync::mpsc, thread, time::Duration};

/// What a handler does with its context.
type Deed = Box<dyn for<'c> FnOnce(&'c mut Ctx<'_, Msg>) -> Pin<Box<dyn Future<Output = ()> + 'c>>>;

enum Msg {
    Do(Deed),
    Ping(Reply<u32>),
}

struct Doer;

impl Actor for Doer {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Do(deed) => deed(ctx).await,
            Msg::Ping(reply) => reply.send(7),
        }
        Ok(())
    }
}

fn deed<F>(deed: F) -> Msg
where
    F: for<'c> FnOnce(&'c mut Ctx<'_, Msg>) -> Pin<Box<dyn Future<Output = ()> + 'c>> + 'static,
{
    Msg::Do(Box::new(deed))
}

/// What came of it, written down when it did.
type Seen<T> = Rc<RefCell<Vec<T>>>;

/// Asks `to`, and writes down what it says.
fn ping(to: &ActorRef<Msg>, seen: &Seen<Result<u32, AskError>>) -> Msg {
    let (to, seen) = (to.clone(), seen.clone());
    deed(move |ctx| {
        Box::pin(async move {
            let answer = ctx.ask(&to, Msg::Ping).await;
            seen.borrow_mut().push(answer);
        })
    })
}

/// Asks the last of `path` to go on with the rest, and writes down how far it came.
fn along(mut path: Vec<ActorRef<Msg>>, reply: Reply<Result<u32, AskError>>) -> Msg {
    deed(move |ctx| {
        Box::pin(async move {
            let answer = match path.pop() {
                None => Ok(0),
                Some(next) => ctx.ask(&next, |reply| along(path, reply)).await.and_then(|n| n),
            };
            reply.send(answer.map(|n| n + 1));
        })
    })
}

/// Sends `count` messages to `to`, and writes down what became of each.
fn flood(to: &ActorRef<Msg>, count: usize, seen: &Seen<&'static str>) -> Msg {
    let (to, seen) = (to.clone(), seen.clone());
    deed(move |ctx| {
        Box::pin(async move {
            for _ in 0..count {
                let told = ctx.tell(&to, deed(|_| Box::pin(async {}))).await;
                seen.borrow_mut().push(match told {
                    Ok(()) => "told",
                    Err(TellError::Cycle(Msg::Do(_))) => "cycle",
                    Err(TellError::Closed(Msg::Do(_))) => "closed",
                    Err(_) => "not the message",
                });
            }
        })
    })
}

struct Acting {
    me: ActorRef<Msg>,
    running: ByHand<Pin<Box<dyn Future<Output = Exit<&'static str>>>>>,
}

impl Acting {
    fn new(capacity: usize) -> Self {
        let me = mailbox(capacity);
        let serving: Pin<Box<dyn Future<Output = _>>> = Box::pin(serve(Doer, me.clone()));
        Self { me, running: ByHand::parked(serving) }
    }

    #[track_caller]
    fn put(&self, msg: Msg) {
        assert!(self.me.try_tell(msg).is_ok());
    }

    fn poll(&mut self) {
        assert!(self.running.poll().is_pending());
    }
}

fn actors<const N: usize>(capacity: usize) -> [Acting; N] {
    core::array::from_fn(|_| Acting::new(capacity))
}

/// Polls all of them until none was woken.
fn run<const N: usize>(all: &mut [Acting; N]) {
    while let Some(woken) = all.iter_mut().find(|actor| actor.running.is_woken()) {
        woken.poll();
    }
}

#[test]
fn a_path_of_askers_is_answered_and_leaves_nothing() {
    let mut all = actors::<4>(4);
    let refs = all.each_ref().map(|actor| actor.me.clone());
    for there in [true, false] {
        let mut path = refs.to_vec();
        if there {
            path.reverse();
        }
        let first = path.pop().unwrap();
        let mut asking = ByHand::parked(first.ask(|reply| along(path, reply)));
        run(&mut all);
        assert_eq!(asking.ready(), Ok(Ok(4)));
    }
}

#[test]
fn a_circle_of_askers_is_refused() {
    for length in 1..5 {
        let mut all = actors::<4>(4);
        let refs = all.each_ref().map(|actor| actor.me.clone());
        let mut path = vec![refs[0].clone()];
        path.extend(refs[1..length].iter().cloned());
        let mut asking = ByHand::parked(refs[0].ask(|reply| along(path, reply)));
        run(&mut all);
        assert_eq!(asking.ready(), Ok(Err(AskError::Cycle)), "of {length}");
        assert!(refs.iter().all(ActorRef::is_empty), "what is refused is not asked");
    }
    assert_eq!(AskError::Cycle.to_string(), "actors would wait for each other in a circle");
}

/// Its asker has not run since, but waits for it no more.
#[test]
fn who_has_answered_may_ask_back() {
    let mut all = actors::<2>(4);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let seen = Seen::default();
    let (to, back, seen_by_b) = (b, a.clone(), seen.clone());
    all[0].put(deed(move |ctx| {
        Box::pin(async move {
            let question = |reply: Reply<()>| {
                deed(move |ctx| {
                    Box::pin(async move {
                        reply.send(());
                        let answer = ctx.ask(&back, Msg::Ping).await;
                        seen_by_b.borrow_mut().push(answer);
                    })
                })
            };
            assert_eq!(ctx.ask(&to, question).await, Ok(()));
        })
    }));
    all[0].poll();
    all[1].poll();
    assert_eq!(*seen.borrow(), []);
    assert_eq!(a.len(), 1, "asked");
    run(&mut all);
    assert_eq!(*seen.borrow(), [Ok(7)]);
}

#[test]
fn a_question_given_up_counts_no_more() {
    let mut all = actors::<2>(4);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let (to, seen) = (b.clone(), Seen::default());
    all[0].put(deed(move |ctx| {
        Box::pin(async move {
            {
                let mut asking = pin!(ctx.ask(&to, Msg::Ping));
                assert!(poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx))).await.is_pending());
            }
            pending().await
        })
    }));
    all[0].poll();
    all[1].put(ping(&a, &seen));
    run(&mut all);
    assert_eq!((a.len(), seen.take()), (1, vec![]), "a never answers, but waits for nobody");
}

#[test]
fn a_killed_actor_waits_for_nobody() {
    let mut all = actors::<2>(4);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let (from_a, from_b) = (Seen::default(), Seen::default());
    all[0].put(ping(&b, &from_a));
    all[0].poll();
    a.kill();
    assert!(matches!(all[0].running.ready(), Exit::Killed));
    all[1].put(ping(&a, &from_b));
    all[1].poll();
    assert_eq!((from_a.take(), from_b.take()), (vec![], vec![Err(AskError::Closed)]));
}

#[test]
fn who_asks_two_at_once_waits_for_both() {
    for asks_back in 1..3 {
        let mut all = actors::<3>(4);
        let refs = all.each_ref().map(|actor| actor.me.clone());
        let (one, two) = (refs[1].clone(), refs[2].clone());
        let seen = Seen::default();
        // Ahead of what it is asked, so that it still owes its answer then.
        all[asks_back].put(ping(&refs[0], &seen));
        all[0].put(deed(move |ctx| {
            Box::pin(async move {
                let (mut one, mut two) =
                    (pin!(ctx.ask(&one, Msg::Ping)), pin!(ctx.ask(&two, Msg::Ping)));
                let mut left = 2;
                poll_fn(|cx| {
                    if left == 2 {
                        left -= usize::from(one.as_mut().poll(cx).is_ready());
                    }
                    if left == 1 {
                        left -= usize::from(two.as_mut().poll(cx).is_ready());
                    } else {
                        assert!(two.as_mut().poll(cx).is_pending());
                    }
                    if left == 0 { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            })
        }));
        all[0].poll();
        all[asks_back].poll();
        assert_eq!(seen.take(), [Err(AskError::Cycle)]);
    }
}

#[test]
fn what_is_asked_by_a_reference_is_not_seen() {
    let mut all = actors::<2>(4);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let to = b.clone();
    all[0].put(deed(move |_| Box::pin(async move { assert!(to.ask(Msg::Ping).await.is_ok()) })));
    let seen = Seen::default();
    all[1].put(ping(&a, &seen));
    all[0].poll();
    run(&mut all);
    assert_eq!((seen.take(), a.len()), (vec![], 1), "asked; it waits for ever, as the docs say");
}

#[test]
fn a_message_that_waits_for_room_in_a_circle_comes_back() {
    let mut all = actors::<2>(1);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let (from_a, from_b) = (Seen::default(), Seen::default());
    all[0].put(flood(&b, 2, &from_a));
    all[1].put(flood(&a, 2, &from_b));
    // a finds b's mailbox full before b has begun.
    all[0].poll();
    assert_eq!(from_a.take(), [""; 0]);
    all[0].put(deed(|_| Box::pin(async {})));
    // b finds a's full too, and a waits for b.
    all[1].poll();
    assert_eq!(from_b.take(), ["cycle", "cycle"]);
    run(&mut all);
    assert_eq!(from_a.take(), ["told", "told"]);
}

#[test]
fn a_message_without_a_wait_is_sent_in_a_circle_too() {
    let mut all = actors::<2>(2);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let (from_a, from_b) = (Seen::default(), Seen::default());
    all[0].put(ping(&b, &from_a));
    all[1].put(flood(&a, 2, &from_b));
    all[0].poll();
    all[1].poll();
    assert_eq!(from_b.take(), ["told", "told"], "though a waits for b");
    run(&mut all);
    assert_eq!(from_a.take(), [Ok(7)]);
}

#[test]
fn a_question_to_who_waits_for_room_here_is_refused() {
    let mut all = actors::<2>(1);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let (from_a, from_b) = (Seen::default(), Seen::default());
    all[1].put(ping(&a, &from_b));
    all[0].put(flood(&b, 1, &from_a));
    all[0].poll();
    all[1].poll();
    assert_eq!(from_b.take(), [Err(AskError::Cycle)]);
    run(&mut all);
    assert_eq!(from_a.take(), ["told"]);
}

#[test]
fn telling_oneself_is_refused_when_one_would_wait() {
    let mut all = actors::<1>(2);
    let seen = Seen::default();
    all[0].put(flood(&all[0].me, 3, &seen));
    run(&mut all);
    assert_eq!(seen.take(), ["told", "told", "cycle"]);
}

#[test]
fn a_handler_tells_and_asks_like_everyone() {
    let mut all = actors::<2>(1);
    let [a, b] = all.each_ref().map(|actor| actor.me.clone());
    let (told, asked) = (Seen::default(), Seen::default());
    all[0].put(flood(&b, 3, &told));
    all[0].poll();
    assert_eq!(told.take(), ["told"]);
    assert!(all[0].running.poll().is_pending());
    run(&mut all);
    assert_eq!(told.take(), ["told", "told"]);
    all[1].running = ByHand::new(Box::pin(pending())); // dropped, which ends it
    all[0].put(flood(&b, 1, &told));
    all[0].poll();
    all[0].put(ping(&b, &asked));
    all[0].poll();
    assert_eq!((told.take(), asked.take()), (vec!["closed"], vec![Err(AskError::Closed)]));
    assert_eq!(TellError::Cycle(7).into_inner(), 7);
    assert_eq!(format!("{:?} {}", TellError::Closed(a), TellError::Cycle(())).lines().count(), 1);
}

#[test]
fn in_a_slot_a_circle_is_refused_too() {
    enum Slotted {
        Relay(&'static Mailbox<Self, 2>, Reply<Result<u32, AskError>>),
        AnswerThenAsk(Reply<u32>),
        Ping(Reply<u32>),
    }
    struct Relay;
    static ONE: Mailbox<Slotted, 2> = Mailbox::named("one");
    static TWO: Mailbox<Slotted, 2> = Mailbox::named("two");
    static PING: ReplySlot<u32> = ReplySlot::new();
    static BACK: ReplySlot<Result<u32, AskError>> = ReplySlot::new();
    static THERE: ReplySlot<u32> = ReplySlot::new();
    impl Actor for Relay {
        type Msg = Slotted;
        type Error = AskError;
        async fn handle(
            &mut self,
            msg: Slotted,
            ctx: &mut Ctx<'_, Slotted>,
        ) -> Result<(), AskError> {
            match msg {
                Slotted::Relay(to, reply) if ctx.me().name() == "one" => {
                    let relay = |reply| Slotted::Relay(&ONE, reply);
                    let nested = ctx.ask_in(&BACK, &to.actor_ref(), relay).await?;
                    reply.send(nested);
                }
                Slotted::Relay(to, reply) => {
                    reply.send(ctx.ask_in(&PING, &to.actor_ref(), Slotted::Ping).await);
                }
                Slotted::AnswerThenAsk(reply) if ctx.me().name() == "one" => {
                    let two = TWO.actor_ref();
                    reply.send(ctx.ask_in(&THERE, &two, Slotted::AnswerThenAsk).await?);
                }
                Slotted::AnswerThenAsk(reply) => {
                    reply.send(1);
                    ctx.ask_in(&PING, &ONE.actor_ref(), Slotted::Ping).await?;
                }
                Slotted::Ping(reply) => reply.send(7),
            }
            Ok(())
        }
    }
    let [mut one, mut two] = [&ONE, &TWO].map(|at| ByHand::parked(serve(Relay, at.actor_ref())));
    let me = ONE.actor_ref();
    let mut asking = ByHand::parked(me.ask(|reply| Slotted::Relay(&TWO, reply)));
    for _ in 0..3 {
        assert!(one.poll().is_pending() && two.poll().is_pending());
    }
    assert_eq!(asking.ready(), Ok(Err(AskError::Cycle)));
    let mut asking = ByHand::parked(me.ask(Slotted::AnswerThenAsk));
    assert!(one.poll().is_pending() && two.poll().is_pending());
    assert_eq!(me.len(), 1, "two has answered, and asks back");
    for _ in 0..2 {
        assert!(one.poll().is_pending() && two.poll().is_pending());
    }
    assert_eq!(asking.ready(), Ok(1));
}

/// Two actors that are told to ask each other at the same time, over and over.
#[test]
fn actors_on_two_threads_that_ask_each_other_never_hang() {
    const ROUNDS: usize = if cfg!(miri) { 20 } else { 20_000 };
    enum Race {
        Go(ActorRef<Self>, Reply<Result<u32, AskError>>),
        Ping(Reply<u32>),
    }
    struct Racer;
    impl Actor for Racer {
        type Msg = Race;
        type Error = AskError;
        async fn handle(&mut self, msg: Race, ctx: &mut Ctx<'_, Race>) -> Result<(), AskError> {
            match msg {
                Race::Go(other, reply) => reply.send(ctx.ask(&other, Race::Ping).await),
                Race::Ping(reply) => reply.send(7),
            }
            Ok(())
        }
    }
    let (done, finished) = mpsc::channel();
    thread::spawn(move || {
        let [a, b] = [mailbox(4), mailbox(4)];
        let serving = [&a, &b].map(|me| {
            let me = me.clone();
            thread::spawn(move || block_on(serve(Racer, me)))
        });
        let mut refused = 0_usize;
        for _ in 0..ROUNDS {
            let mut one = pin!(a.ask(|reply| Race::Go(b.clone(), reply)));
            let mut two = pin!(b.ask(|reply| Race::Go(a.clone(), reply)));
            let mut answers = [None, None];
            block_on(poll_fn(|cx| {
                for (asking, answer) in
                    [one.as_mut() as Pin<&mut dyn Future<Output = _>>, two.as_mut()]
                        .into_iter()
                        .zip(&mut answers)
                {
                    if answer.is_none()
                        && let Poll::Ready(ready) = asking.poll(cx)
                    {
                        *answer = Some(ready);
                    }
                }
                if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
            }));
            for answer in answers {
                match answer {
                    Some(Ok(Ok(7))) => {}
                    Some(Ok(Err(AskError::Cycle))) => refused += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
        [a, b].iter().for_each(ActorRef::stop);
        serving
            .into_iter()
            .for_each(|thread| assert!(matches!(thread.join().unwrap(), Exit::Stopped)));
        done.send(refused).unwrap();
    });
    let limit = Duration::from_secs(if cfg!(miri) { 600 } else { 60 });
    let refused = finished.recv_timeout(limit).expect("two actors wait for each other");
    println!("{refused} of {} questions were refused", 2 * ROUNDS);
}
