//! Messages carry the context of their sender.

#![cfg(feature = "std")]

mod by_hand;

use by_hand::ByHand;
use core::{cell::RefCell, future::pending};
use klaw::{
    Actor, ActorRef, Context, Ctx, Entropy, Exit, Key, Reply, actor::TryAskError,
    context::TraceFlags, mailbox, serve,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
};

static USER: Key<&str> = Key::new("user");
static SESSION: Key<u32> = Key::local("session");
static HELD: Key<Arc<()>> = Key::new("held");

fn of(user: &'static str) -> Context {
    Context::empty().with(|context| context.set(&USER, user))
}

fn user() -> Option<&'static str> {
    Context::current().get(&USER).copied()
}

/// Always the same numbers.
struct Seeded(u64);

impl Entropy for Seeded {
    fn next_u64(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

type Seen = Rc<RefCell<Vec<(&'static str, Option<&'static str>)>>>;

/// Writes down in whose context it is dropped.
struct NotesDrop(Seen, &'static str);

impl Drop for NotesDrop {
    fn drop(&mut self) {
        self.0.borrow_mut().push((self.1, user()));
    }
}

enum Msg {
    /// Says whose context it is, before and after it let others have their turn.
    Whose(Reply<[Option<&'static str>; 2]>),
    /// Says what all of the context is.
    Context(Reply<Context>),
    /// Passes the question on.
    PassOn(ActorRef<Self>, Reply<[Option<&'static str>; 2]>),
    /// Tells it to another one.
    PassOnContext(ActorRef<Self>, Reply<Context>),
    /// Owns something and never returns.
    Hang(NotesDrop),
    /// Drops it.
    Drop(NotesDrop),
    Panic,
    Nothing,
}

struct Witness(Seen);

impl Actor for Witness {
    type Msg = Msg;
    type Error = &'static str;

    async fn started(&mut self, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        self.0.borrow_mut().push(("started", user()));
        Ok(())
    }

    // Not an `async fn`: what it does at once belongs to the message too.
    fn handle(
        &mut self,
        msg: Msg,
        ctx: &mut Ctx<'_, Msg>,
    ) -> impl Future<Output = Result<(), &'static str>> {
        let at_once = user();
        async move {
            match msg {
                Msg::Whose(reply) => {
                    let mut yielded = false;
                    core::future::poll_fn(|cx| {
                        cx.waker().wake_by_ref();
                        if core::mem::replace(&mut yielded, true) {
                            core::task::Poll::Ready(())
                        } else {
                            core::task::Poll::Pending
                        }
                    })
                    .await;
                    reply.send([at_once, user()]);
                }
                Msg::Context(reply) => reply.send(Context::current()),
                Msg::PassOn(other, reply) => {
                    if let Ok(answer) = ctx.ask(&other, Msg::Whose).await {
                        reply.send(answer);
                    }
                }
                Msg::PassOnContext(other, reply) => {
                    assert!(ctx.tell(&other, Msg::Context(reply)).await.is_ok());
                }
                Msg::Hang(owned) => {
                    let _owned = owned;
                    pending().await
                }
                Msg::Drop(owned) => drop(owned),
                Msg::Panic => panic!("on purpose"),
                Msg::Nothing => {}
            }
            Ok(())
        }
    }

    async fn stopped(&mut self, _: &Exit<&'static str>) {
        self.0.borrow_mut().push(("stopped", user()));
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.borrow_mut().push(("drop", user()));
    }
}

/// An actor that was started by ann.
fn serving() -> (ActorRef<Msg>, ByHand<impl Future<Output = Exit<&'static str>>>, Seen) {
    let (me, seen) = (mailbox(4), Seen::default());
    let running = ByHand::parked(of("ann").run(serve(Witness(seen.clone()), me.clone())));
    assert_eq!(seen.take(), [("started", Some("ann"))]);
    (me, running, seen)
}

fn run(running: &mut ByHand<impl Future>) {
    while running.is_woken() {
        assert!(running.poll().is_pending());
    }
}

#[test]
fn x1_a_handler_runs_in_the_context_of_who_sent_the_message() {
    let (me, mut running, _) = serving();
    let asked = me.clone();
    let mut bob = ByHand::parked(of("bob").run(async move { asked.ask(Msg::Whose).await }));
    let asked = me.clone();
    let mut eve = ByHand::parked(of("eve").run(async move {
        match asked.try_ask(Msg::Whose).await {
            Ok(whose) => whose,
            Err(TryAskError::Full(_)) => [None; 2],
            Err(_) => [Some("?"); 2],
        }
    }));
    run(&mut running);
    assert_eq!(bob.ready(), Ok([Some("bob"); 2]));
    assert_eq!(eve.ready(), [Some("eve"); 2]);
}

/// Whatever context it waits for room in.
#[test]
fn x1_a_message_has_the_context_in_which_it_was_sent() {
    let (me, mut running, seen) = serving();
    (0..4).for_each(|_| assert!(me.try_tell(Msg::Nothing).is_ok()));
    let msg = Msg::Drop(NotesDrop(seen.clone(), "handled"));
    let telling = of("bob").enter(|| me.tell(msg));
    let mut telling = ByHand::parked(of("eve").run(telling));
    run(&mut running);
    assert!(telling.ready().is_ok());
    run(&mut running);
    assert_eq!(seen.take(), [("handled", Some("bob"))]);
}

#[test]
fn x1_a_killed_handler_is_dropped_in_the_context_of_its_message() {
    let (me, mut running, seen) = serving();
    of("bob").enter(|| assert!(me.try_tell(Msg::Hang(NotesDrop(seen.clone(), "hang"))).is_ok()));
    run(&mut running);
    me.kill();
    assert!(matches!(running.ready(), Exit::Killed));
    assert_eq!(seen.take(), [("hang", Some("bob")), ("drop", Some("ann"))]);
}

#[test]
fn x3_a_handler_that_panics_leaves_its_context() {
    let (me, mut running, seen) = serving();
    of("bob").enter(|| assert!(me.try_tell(Msg::Panic).is_ok()));
    catch_unwind(AssertUnwindSafe(|| drop(running.poll()))).unwrap_err();
    assert!(Context::current().is_empty());
    drop(running);
    assert_eq!(seen.take(), [("drop", Some("ann"))]);
}

#[test]
fn x4_after_a_message_the_actor_is_in_its_own_context_again() {
    let (me, mut running, seen) = serving();
    of("bob").enter(|| assert!(me.try_tell(Msg::Nothing).is_ok()));
    run(&mut running);
    me.stop();
    assert!(matches!(running.ready(), Exit::Stopped));
    assert_eq!(seen.take(), [("stopped", Some("ann")), ("drop", Some("ann"))]);
}

#[test]
fn x5_a_message_sent_outside_of_any_context_is_handled_in_the_actors_own() {
    let (me, mut running, _) = serving();
    let mut asking = ByHand::parked(me.ask(Msg::Whose));
    run(&mut running);
    assert_eq!(asking.ready(), Ok([Some("ann"); 2]));
}

#[test]
fn x6_local_values_stay_with_the_sender() {
    let (me, mut running, _) = serving();
    let local = of("bob").with(|context| context.set(&SESSION, 7));
    let mut asking = ByHand::parked(local.run(async move { me.ask(Msg::Context).await }));
    run(&mut running);
    let handled = asking.ready().unwrap();
    assert_eq!((handled.get(&USER), handled.get(&SESSION)), (Some(&"bob"), None));
}

#[test]
fn x8_each_message_is_a_span_below_its_senders() {
    let (me, mut running, _) = serving();
    let request = Context::empty()
        .with(|context| context.request_id("r-17").new_trace(TraceFlags::NONE, &mut Seeded(1)));
    let spans = [(); 2].map(|()| {
        let asked = me.clone();
        let mut asking =
            ByHand::parked(request.clone().run(async move { asked.ask(Msg::Context).await }));
        run(&mut running);
        let handled = asking.ready().unwrap();
        assert_eq!(handled.trace_id(), request.trace_id());
        assert_eq!(handled.request_id(), Some("r-17"));
        assert_eq!(handled.parent_span_id(), request.span_id());
        handled.span_id()
    });
    assert_ne!(spans[0], spans[1]);
    assert_ne!(spans[0], request.span_id());
}

#[test]
fn a_handler_passes_its_senders_context_on() {
    let (first, mut running, _) = serving();
    let (second, mut also_running, _) = serving();
    let (asked, other) = (first.clone(), second.clone());
    let passing = async move { asked.ask(|reply| Msg::PassOn(other, reply)).await };
    let mut asking = ByHand::parked(of("bob").run(passing));
    let told = async move { first.ask(|reply| Msg::PassOnContext(second, reply)).await };
    let mut telling = ByHand::parked(of("eve").run(told));
    for _ in 0..3 {
        run(&mut running);
        run(&mut also_running);
    }
    assert_eq!(asking.ready(), Ok([Some("bob"); 2]));
    assert_eq!(telling.ready().unwrap().get(&USER), Some(&"eve"));
}

#[test]
fn the_context_of_a_message_that_is_not_handled_is_dropped_with_it() {
    let (me, running, _) = serving();
    let held = Arc::new(());
    let context = Context::empty().with(|context| context.set(&HELD, held.clone()));
    context.enter(|| assert!(me.try_tell(Msg::Nothing).is_ok()));
    drop(context);
    assert_eq!(Arc::strong_count(&held), 2, "it waits");
    drop(running);
    assert_eq!(Arc::strong_count(&held), 1);
}
