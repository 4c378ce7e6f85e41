//! What must not allocate does not, counted by the allocator.

#![cfg(feature = "std")]

mod counting;
mod seeded;
mod virtual_clock;

use core::{
    cell::RefCell,
    pin::{Pin, pin},
    task::Poll,
};
use counting::{allocations, poll};
use klaw::{
    Actor, Cancel, Channel, Clock, Ctx, Mailbox, Reply, ReplySlot, Restart, Runtime, Spawn,
    SpawnError, Strategy, Supervisor, bounded,
    context::{RequestContext, RequestId, TraceFlags, TraceParent},
    mailbox_named, serve, task,
};
use seeded::Seeded;
use virtual_clock::VirtualClock;

enum Msg {
    Add(u64),
    Sum(Reply<u64>),
    Fail,
}

#[derive(Default)]
struct Adder(u64);

impl Actor for Adder {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Add(n) => self.0 += n,
            Msg::Sum(reply) => reply.send(self.0),
            Msg::Fail => return Err("told to fail"),
        }
        Ok(())
    }
}

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations(|| drop(Box::new(7))), 1);
    assert_eq!(allocations(|| drop(core::hint::black_box(vec![0u8; 16]))), 1);
}

#[test]
fn a_tell_allocates_nothing_also_if_it_waits() {
    let me = mailbox_named("adder", 4);
    let mut running = pin!(serve(Adder::default(), me.clone()));
    let mut fill = || {
        for n in 0..4 {
            me.try_tell(Msg::Add(n)).ok().unwrap();
        }
        let mut waiting = pin!(me.tell(Msg::Add(9)));
        assert!(poll(waiting.as_mut()).is_pending());
        assert!(poll(running.as_mut()).is_pending());
        assert!(poll(waiting.as_mut()).is_ready());
        assert!(poll(running.as_mut()).is_pending());
    };
    assert!(allocations(&mut fill) > 0, "the ring grows to its bound, once");
    assert_eq!(allocations(|| (0..100).for_each(|_| fill())), 0);
}

#[test]
fn an_ask_in_a_slot_allocates_nothing() {
    static SUM: ReplySlot<u64> = ReplySlot::new();
    let me = mailbox_named("adder", 4);
    let mut running = pin!(serve(Adder::default(), me.clone()));
    let mut in_slot = || {
        let mut asking = pin!(me.ask_in(&SUM, Msg::Sum));
        assert!(poll(asking.as_mut()).is_pending());
        assert!(poll(running.as_mut()).is_pending());
        assert!(poll(asking.as_mut()).is_ready());
    };
    in_slot();
    assert_eq!(allocations(|| (0..100).for_each(|_| in_slot())), 0);
}

#[test]
fn an_ask_allocates_nothing_after_the_first_one() {
    let me = mailbox_named("adder", 4);
    let mut running = pin!(serve(Adder::default(), me.clone()));
    let mut ask = || {
        let mut asking = pin!(me.ask(Msg::Sum));
        assert!(poll(asking.as_mut()).is_pending());
        assert!(poll(running.as_mut()).is_pending());
        assert_eq!(poll(asking), Poll::Ready(Ok(0)));
        let mut given_up = Some(Box::pin(me.ask(Msg::Sum)));
        assert!(given_up.as_mut().is_some_and(|asking| poll(asking.as_mut()).is_pending()));
        given_up = None;
        assert!(given_up.is_none() && poll(running.as_mut()).is_pending());
        let mut asking = pin!(me.try_ask(Msg::Sum));
        assert!(poll(asking.as_mut()).is_pending());
        assert!(poll(running.as_mut()).is_pending());
        assert!(poll(asking).is_ready());
    };
    assert!(allocations(&mut ask) > 1, "the table of open questions is made, once");
    assert_eq!(allocations(|| (0..100).for_each(|_| ask())), 100, "the box of the test");
}

#[test]
fn handlers_that_tell_and_ask_others_allocate_nothing_after_the_first_time() {
    struct Caller(klaw::ActorRef<Msg>);
    impl Actor for Caller {
        type Msg = Reply<u64>;
        type Error = klaw::AskError;
        async fn handle(
            &mut self,
            reply: Reply<u64>,
            ctx: &mut Ctx<'_, Reply<u64>>,
        ) -> Result<(), klaw::AskError> {
            for n in 0..6 {
                assert!(ctx.tell(&self.0, Msg::Add(n)).await.is_ok(), "it waits for room twice");
            }
            reply.send(ctx.ask(&self.0, Msg::Sum).await?);
            Ok(())
        }
    }
    let adder = mailbox_named("adder", 4);
    let caller = mailbox_named::<Reply<u64>>("caller", 1);
    let mut adding = pin!(serve(Adder::default(), adder.clone()));
    let mut calling = pin!(serve(Caller(adder), caller.clone()));
    let mut round = || {
        let mut asking = pin!(caller.ask(|reply| reply));
        assert!(poll(asking.as_mut()).is_pending());
        for _ in 0..4 {
            assert!(poll(calling.as_mut()).is_pending() && poll(adding.as_mut()).is_pending());
        }
        assert!(matches!(poll(asking), Poll::Ready(Ok(_))));
    };
    round();
    assert_eq!(allocations(|| (0..100).for_each(|_| round())), 0);
}

/// A context is counted once more, not copied.
#[test]
fn a_tell_in_a_context_allocates_nothing() {
    static USER: klaw::Key<u32> = klaw::Key::new("user");
    let context = klaw::Context::empty().with(|context| context.set(&USER, 7));
    let me = mailbox_named("adder", 4);
    let mut running = pin!(serve(Adder::default(), me.clone()));
    let mut tell = || {
        context.enter(|| assert!(me.try_tell(Msg::Add(1)).is_ok()));
        context.enter(|| assert!(poll(pin!(me.tell(Msg::Add(1)))).is_ready()));
        assert!(poll(running.as_mut()).is_pending());
    };
    tell();
    assert_eq!(allocations(|| (0..100).for_each(|_| tell())), 0);
}

#[test]
fn a_static_actor_allocates_nothing_from_its_start_to_its_end() {
    static ADDER: Mailbox<Msg, 2> = Mailbox::named("adder");
    static SUM: ReplySlot<u64> = ReplySlot::new();
    let all = allocations(|| {
        let me = ADDER.actor_ref();
        let mut running = pin!(serve(Adder::default(), me.clone()));
        me.try_tell(Msg::Add(1)).ok().unwrap();
        let mut asking = pin!(me.ask_in(&SUM, Msg::Sum));
        let mut closed = pin!(me.closed());
        assert!(poll(asking.as_mut()).is_pending() && poll(closed.as_mut()).is_pending());
        assert!(poll(running.as_mut()).is_pending());
        assert_eq!(poll(asking), Poll::Ready(Ok(1)));
        me.stop();
        assert!(poll(running).is_ready() && poll(closed).is_ready());
    });
    assert_eq!(all, 0);
}

#[test]
fn a_static_channel_allocates_nothing_also_if_tasks_wait() {
    static NUMBERS: Channel<u32, 2> = Channel::new();
    let all = allocations(|| {
        let (tx, rx) = (NUMBERS.sender(), NUMBERS.receiver());
        for _ in 0..100 {
            let mut recv = pin!(rx.recv());
            assert!(poll(recv.as_mut()).is_pending());
            tx.try_send(1).unwrap();
            assert_eq!(poll(recv), Poll::Ready(Ok(1)));
            tx.try_send(2).unwrap();
            tx.try_send(3).unwrap();
            let mut sends = [pin!(tx.send(4)), pin!(tx.send(5))];
            assert!(sends.iter_mut().all(|send| poll(send.as_mut()).is_pending()));
            assert_eq!(rx.try_recv(), Ok(2));
            assert_eq!(poll(sends[0].as_mut()), Poll::Ready(Ok(())));
            assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(3), Ok(4)));
        }
        drop(tx);
        assert!(poll(pin!(rx.recv())).is_ready());
    });
    assert_eq!(all, 0);
}

#[test]
fn a_heap_channel_that_has_grown_allocates_nothing() {
    let (tx, rx) = bounded(8);
    let round = || {
        (0..8).for_each(|n| tx.try_send(n).unwrap());
        assert!(poll(pin!(tx.send(8))).is_pending());
        (0..8).for_each(|n| assert_eq!(rx.try_recv(), Ok(n)));
        assert!(poll(pin!(rx.recv())).is_pending());
    };
    round();
    assert_eq!(allocations(|| (0..100).for_each(|_| round())), 0);
}

#[test]
fn a_request_to_stop_allocates_nothing() {
    static STOP: Cancel = Cancel::new();
    let all = allocations(|| {
        let token = STOP.token();
        let mut waiting = pin!(token.cancelled());
        assert!(poll(waiting.as_mut()).is_pending());
        token.clone().cancel("stop");
        assert!(poll(waiting).is_ready());
        assert!(poll(pin!(token.run(core::future::pending::<()>()))).is_ready());
    });
    assert_eq!(all, 0);
}

#[test]
fn a_restart_in_place_allocates_nothing() {
    static ADDER: Mailbox<Msg, 4> = Mailbox::named("adder");
    let me = ADDER.actor_ref();
    let clock = VirtualClock::new();
    let address = me.clone();
    let mut running = pin!(
        Supervisor::new(Strategy::OneForOne)
            .max_restarts(3)
            .child("adder", Restart::OnFailure, move || serve(Adder::default(), address.clone()))
            .run(&clock)
    );
    assert!(poll(running.as_mut()).is_pending());
    let mut restart = || {
        me.try_tell(Msg::Fail).ok().unwrap();
        let before = me.incarnations();
        assert!(poll(running.as_mut()).is_pending());
        assert_eq!(me.incarnations(), before + 1);
        clock.advance(core::time::Duration::from_secs(6));
    };
    restart(); // the record of restarts gets its memory
    assert_eq!(allocations(|| (0..50).for_each(|_| restart())), 0);
}

#[test]
fn a_context_handed_on_by_hand_allocates_nothing() {
    let caller =
        TraceParent::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
    let all = allocations(|| {
        let entropy = &mut Seeded(0);
        let request = RequestContext::EMPTY.with_request_id(RequestId::new("r-17").unwrap());
        let traced = request.continue_trace(caller, entropy).child(entropy);
        let header = traced.traceparent().unwrap().to_bytes();
        assert_eq!(TraceParent::parse(header), traced.traceparent());
        assert!(request.new_trace(TraceFlags::NONE, entropy).clone().trace_id().is_some());
    });
    assert_eq!(all, 0);
}

#[test]
fn a_supervisor_in_place_keeps_any_number_of_children_without_a_heap() {
    let clock = VirtualClock::new();
    clock.now();
    let all = allocations(|| {
        let factories = [(); 40].map(|()| || task(core::future::pending::<()>()));
        let mut running = pin!(
            Supervisor::new(Strategy::OneForAll)
                .child("first", Restart::Never, || task(core::future::ready(())))
                .child_array("pin", Restart::Always, factories)
                .run(&clock)
        );
        assert!(poll(running.as_mut()).is_pending());
    });
    assert_eq!(all, 0);
}

/// Takes a task and keeps it in one box.
struct OneBox(RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>);

impl<F: Future<Output = ()> + 'static> Spawn<F> for OneBox {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        *self.0.borrow_mut() = Some(Box::pin(future));
        Ok(())
    }
}

#[test]
fn a_spawned_actor_allocates_its_mailbox_and_its_task() {
    let executor = OneBox(RefCell::new(None));
    let clock = VirtualClock::new();
    let rt = Runtime::new(&executor, clock);
    let mailbox = allocations(|| drop(mailbox_named::<Msg>("adder", 8)));
    let mut me = None;
    let all = allocations(|| {
        me =
            rt.spawn_actor(|me| serve(Adder::default(), me)).name("adder").capacity(8).start().ok();
        let mut task = executor.0.borrow_mut().take().unwrap();
        assert!(poll(task.as_mut()).is_pending());
        *executor.0.borrow_mut() = Some(task);
    });
    assert_eq!(me.unwrap().incarnations(), 1);
    assert_eq!((mailbox, all), (1, 2));
}
