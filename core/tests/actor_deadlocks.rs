//! What users of other actor libraries complain of, continued: actors that wait for each other.
//!
//! Each test is named after its report. What nobody can rule out, ends in a refusal; nothing hangs.

#![cfg(feature = "std")]

mod executor;

use core::{cell::Cell, convert::Infallible, marker::PhantomData};
use executor::Executor;
use klaw::{Actor, ActorRef, AskError, Ctx, Reply, actor::TellError, mailbox, serve};
use std::rc::Rc;

const SEEDS: u64 = if cfg!(miri) { 2 } else { 64 };

/// An actor of one of two crates that know nothing of each other but a reference.
struct Peer<To: 'static> {
    others: Vec<ActorRef<To>>,
    seen: Rc<Cell<Seen>>,
    in_started: usize,
}

/// What became of the messages and questions that handlers sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    told: usize,
    answered: usize,
    refused: usize,
}

enum Order {
    /// Ask all others, one after the other.
    Ask,
    /// Tell all others so many messages.
    Tell(usize),
    Nothing,
    Answer(Reply<u32>),
}

/// The same of another crate.
struct Foreign(Order);

trait Message: Sized + 'static {
    fn new(order: Order) -> Self;
    fn order(self) -> Order;
}

impl Message for Order {
    fn new(order: Order) -> Self {
        order
    }

    fn order(self) -> Order {
        self
    }
}

impl Message for Foreign {
    fn new(order: Order) -> Self {
        Self(order)
    }

    fn order(self) -> Order {
        self.0
    }
}

impl<To: Message> Peer<To> {
    fn saw(&self, change: impl FnOnce(&mut Seen)) {
        let mut seen = self.seen.get();
        change(&mut seen);
        self.seen.set(seen);
    }

    async fn tell_all<M>(&self, count: usize, ctx: &Ctx<'_, M>) {
        for other in self.others.clone() {
            for _ in 0..count {
                let told = ctx.tell(&other, To::new(Order::Nothing)).await;
                self.saw(|seen| match told {
                    Ok(()) => seen.told += 1,
                    Err(TellError::Cycle(_)) => seen.refused += 1,
                    Err(error) => panic!("{error:?}"),
                });
            }
        }
    }
}

/// An actor that takes `M` and sends `To`.
struct Acting<M, To: 'static>(Peer<To>, PhantomData<fn(M)>);

impl<M: Message, To: Message> Actor for Acting<M, To> {
    type Msg = M;
    type Error = Infallible;

    async fn started(&mut self, ctx: &mut Ctx<'_, M>) -> Result<(), Infallible> {
        self.0.tell_all(self.0.in_started, ctx).await;
        Ok(())
    }

    async fn handle(&mut self, msg: M, ctx: &mut Ctx<'_, M>) -> Result<(), Infallible> {
        match msg.order() {
            Order::Nothing => {}
            Order::Answer(reply) => reply.send(7),
            Order::Tell(count) => self.0.tell_all(count, ctx).await,
            Order::Ask => {
                for other in self.0.others.clone() {
                    let answer = ctx.ask(&other, |reply| To::new(Order::Answer(reply))).await;
                    self.0.saw(|seen| match answer {
                        Ok(7) => seen.answered += 1,
                        Err(AskError::Cycle) => seen.refused += 1,
                        other => panic!("{other:?}"),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Starts an actor on `me`, which knows `others`.
fn start<M: Message, To: Message>(
    executor: &Executor,
    me: &ActorRef<M>,
    others: impl IntoIterator<Item = ActorRef<To>>,
    in_started: usize,
) -> Rc<Cell<Seen>> {
    let seen = Rc::<Cell<Seen>>::default();
    let others = others.into_iter().collect();
    let peer = Peer { others, seen: seen.clone(), in_started };
    executor.start(serve(Acting(peer, PhantomData), me.clone()));
    seen
}

/// Runs until nothing is left to do; then every one of `actors` must still answer.
fn all_answer<M: Message>(executor: &Executor, actors: &[ActorRef<M>]) {
    executor.run();
    for actor in actors {
        let actor = actor.clone();
        let answer =
            executor.settle(async move { actor.ask(|reply| M::new(Order::Answer(reply))).await });
        assert_eq!(answer, Some(Ok(7)), "it hangs");
    }
}

fn in_many_orders(scenario: impl Fn(&Executor)) {
    (0..SEEDS).for_each(|seed| scenario(&Executor::new(seed)));
}

#[test]
fn wavelength_1082_a_tell_to_a_full_mailbox_and_an_ask_back_do_not_wedge() {
    in_many_orders(|executor| {
        let (a, b) = (mailbox::<Order>(1), mailbox::<Order>(1));
        let from_a = start(executor, &a, [b.clone()], 0);
        let from_b = start(executor, &b, [a.clone()], 0);
        assert!(a.try_tell(Order::Tell(5)).is_ok() && b.try_tell(Order::Ask).is_ok());
        all_answer(executor, &[a, b]);
        let (from_a, from_b) = (from_a.get(), from_b.get());
        assert_eq!(from_a.told + from_a.refused, 5);
        assert_eq!(from_b.answered + from_b.refused, 1);
    });
}

#[test]
fn iroha_3393_a_bounded_cycle_does_not_freeze_under_load() {
    in_many_orders(|executor| {
        let all: [ActorRef<Order>; 3] = core::array::from_fn(|_| mailbox(1));
        let seen = [0, 1, 2].map(|at| start(executor, &all[at], [all[(at + 1) % 3].clone()], 0));
        all.iter().for_each(|actor| assert!(actor.try_tell(Order::Tell(20)).is_ok()));
        all_answer(executor, &all);
        for seen in seen {
            let Seen { told, refused, .. } = seen.get();
            assert_eq!(told + refused, 20, "each is in a mailbox or came back");
        }
    });
}

#[test]
fn monorepo_1110_a_circle_across_crates_is_refused() {
    let refused = Cell::new(0);
    in_many_orders(|executor| {
        let (ours, theirs) = (mailbox::<Order>(1), mailbox::<Foreign>(1));
        let from_us = start(executor, &ours, [theirs.clone()], 0);
        let from_them = start(executor, &theirs, [ours.clone()], 0);
        assert!(ours.try_tell(Order::Ask).is_ok() && theirs.try_tell(Foreign(Order::Ask)).is_ok());
        all_answer(executor, core::slice::from_ref(&ours));
        all_answer(executor, core::slice::from_ref(&theirs));
        let (us, them) = (from_us.get(), from_them.get());
        assert_eq!((us.answered + us.refused, them.answered + them.refused), (1, 1));
        refused.set(refused.get() + us.refused + them.refused);
    });
    assert!(refused.get() > 0, "no order closed the circle");
}

#[test]
fn kameo_84_a_start_with_a_small_mailbox_does_not_wait_for_itself() {
    in_many_orders(|executor| {
        let me = mailbox::<Order>(1);
        let seen = start(executor, &me, [me.clone()], 3);
        all_answer(executor, core::slice::from_ref(&me));
        assert_eq!(seen.get(), Seen { told: 1, refused: 2, answered: 0 });
    });
}

#[test]
fn kameo_87_who_asks_itself_is_told_so() {
    in_many_orders(|executor| {
        let me = mailbox::<Order>(4);
        let seen = start(executor, &me, [me.clone()], 0);
        assert!(me.try_tell(Order::Ask).is_ok());
        all_answer(executor, core::slice::from_ref(&me));
        assert_eq!(seen.get(), Seen { refused: 1, ..Seen::default() });
    });
}

#[test]
fn itchysats_1566_who_tells_itself_while_its_mailbox_is_full_goes_on() {
    in_many_orders(|executor| {
        let me = mailbox::<Order>(2);
        let seen = start(executor, &me, [me.clone()], 0);
        assert!(me.try_tell(Order::Tell(4)).is_ok());
        all_answer(executor, core::slice::from_ref(&me));
        assert_eq!(seen.get(), Seen { told: 2, refused: 2, answered: 0 });
    });
}

/// What a link is elsewhere, is here a wait for the end, which takes no lock of either actor.
#[test]
fn kameo_220_actors_that_watch_each_other_may_end_at_once() {
    in_many_orders(|executor| {
        let (a, b) = (mailbox::<Order>(1), mailbox::<Order>(1));
        start(executor, &a, [b.clone()], 0);
        start(executor, &b, [a.clone()], 0);
        let watching = [(&a, &b), (&b, &a)].map(|(watched, ended)| {
            let (watched, ended) = (watched.clone(), ended.clone());
            executor.start(async move {
                watched.closed().await;
                ended.stop();
            })
        });
        executor.run();
        a.stop();
        executor.run();
        assert!(watching.iter().all(executor::Output::is_ready));
        assert!(a.is_closed() && b.is_closed());
        assert_eq!(executor.tasks(), 0);
    });
}
