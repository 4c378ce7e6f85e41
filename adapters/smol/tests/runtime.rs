//! The runtime with threads of its own, and executors that are there already.

use klaw_smol::{
    Actor, AskError, Ctx, Executor, ExecutorRef, LocalExecutor, LocalExecutorRef, Reply, Restart,
    Runtime, SmolClock, SpawnErrorKind, Strategy, Supervisor, TreeError, bounded, serve, task,
};
use std::{
    num::NonZeroUsize,
    rc::Rc,
    sync::{Arc, mpsc},
    time::Duration,
};

enum Msg {
    Add(u64),
    Get(Reply<u64>),
    Panic,
}

#[derive(Default)]
struct Counter {
    n: u64,
}

impl Actor for Counter {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Add(0) => return Err("nothing to add"),
            Msg::Add(x) => self.n += x,
            Msg::Get(reply) => reply.send(self.n),
            Msg::Panic => std::panic::resume_unwind(Box::new("on purpose")),
        }
        Ok(())
    }
}

fn threads(threads: usize) -> Runtime {
    Runtime::builder().threads(NonZeroUsize::new(threads).unwrap()).build().unwrap()
}

#[test]
fn an_actor_is_restarted_with_its_queue_and_later_given_up() {
    let rt = threads(2);
    let counter = rt
        .spawn_actor(|me| serve(Counter::default(), me))
        .name("counter")
        .max_restarts(2)
        .start()
        .unwrap();
    rt.block_on(async {
        for msg in [Msg::Add(41), Msg::Add(0), Msg::Add(1), Msg::Panic, Msg::Add(2)] {
            counter.tell(msg).await.unwrap();
        }
        assert_eq!(counter.ask(Msg::Get).await, Ok(2));
        assert_eq!(counter.incarnations(), 3);
        counter.tell(Msg::Add(0)).await.unwrap();
        counter.closed().await;
        assert_eq!(counter.ask(Msg::Get).await, Err(AskError::Closed));
    });
}

#[test]
fn an_actor_is_found_by_its_name_until_it_has_ended() {
    let rt = threads(2);
    let counter = rt.spawn_actor(|me| serve(Counter::default(), me)).start().unwrap();
    rt.registry().register("counter", &counter).unwrap();
    drop(counter);
    rt.block_on(async {
        let counter = rt.registry().get_actor::<Msg>("counter").unwrap();
        counter.tell(Msg::Add(0)).await.unwrap(); // one restart
        counter.tell(Msg::Add(5)).await.unwrap();
        let again = rt.registry().get_actor::<Msg>("counter").unwrap();
        assert_eq!(again.ask(Msg::Get).await, Ok(5));
        again.stop();
        counter.closed().await;
        assert!(rt.registry().whereis::<Msg>("counter").is_none());
        assert!(rt.registry().is_empty());
    });
}

#[test]
fn a_panic_in_a_task_costs_no_worker_thread() {
    let rt = threads(1);
    let (tx, rx) = bounded(1);
    for _ in 0..3 {
        rt.spawn(async { std::panic::resume_unwind(Box::new("on purpose")) }).unwrap();
    }
    rt.spawn(async move { tx.send(7).await.unwrap() }).unwrap();
    // By the worker alone: this thread does not run the executor.
    assert_eq!(async_io::block_on(rx.recv()), Ok(7));
}

#[test]
fn shutdown_drops_what_is_left_and_later_spawns_are_refused() {
    let rt = threads(2);
    let (dropped, seen) = mpsc::channel::<()>();
    let spawner = rt.spawner().clone();
    let (tx, rx) = bounded::<()>(1);
    rt.spawn(async move {
        let _dropped = dropped;
        drop(tx);
        std::future::pending().await
    })
    .unwrap();
    assert!(rt.block_on(rx.recv()).is_err(), "the task has started");
    rt.shutdown();
    assert!(seen.recv().is_err(), "the task was dropped, and with it the sending end");
    let refused = klaw_smol::Spawn::spawn(&spawner, async {}).unwrap_err();
    assert_eq!(refused.kind, SpawnErrorKind::Closed);
    assert!(refused.refused.is_some());
}

#[test]
fn who_waits_for_a_tree_learns_that_the_runtime_is_gone() {
    let rt = threads(1);
    let tree = rt
        .supervise(
            Supervisor::new(Strategy::OneForOne)
                .child("idle", Restart::Always, || task(std::future::pending::<()>())),
        )
        .unwrap();
    let asked = rt.spawn_actor(|me| serve(Counter::default(), me)).start().unwrap();
    rt.shutdown();
    assert_eq!(async_io::block_on(tree.join()), Err(TreeError::Abandoned));
    assert_eq!(async_io::block_on(asked.ask(Msg::Get)), Err(AskError::Closed));
}

#[test]
fn a_tree_stops_in_order_and_says_so() {
    let rt = threads(2);
    let (told, heard) = bounded(8);
    let child = |name: &'static str| {
        let told = told.clone();
        move || {
            let told = told.clone();
            let token = klaw_smol::CancelToken::new();
            let stopped = token.cancelled();
            task(async move {
                told.send(("start", name)).await.unwrap();
                stopped.await;
                told.send(("stop", name)).await.unwrap();
            })
            .stop_with(token)
        }
    };
    let tree = rt
        .supervise(
            Supervisor::new(Strategy::OneForOne)
                .child("first", Restart::Always, child("first"))
                .child("second", Restart::Always, child("second"))
                .child("third", Restart::Always, child("third")),
        )
        .unwrap();
    drop(told);
    rt.block_on(async {
        for _ in 0..3 {
            assert_eq!(heard.recv().await.unwrap().0, "start");
        }
        assert_eq!(tree.stop().await, Ok(()));
        for name in ["third", "second", "first"] {
            assert_eq!(heard.recv().await, Ok(("stop", name)));
        }
        assert!(heard.recv().await.is_err(), "no child is left that holds a sender");
    });
}

#[test]
fn an_actor_that_is_not_send_runs_on_a_local_executor() {
    struct Local {
        seen: Rc<std::cell::Cell<u32>>,
    }
    impl Actor for Local {
        type Msg = u32;
        type Error = std::convert::Infallible;

        async fn handle(
            &mut self,
            msg: u32,
            ctx: &mut Ctx<'_, u32>,
        ) -> Result<(), std::convert::Infallible> {
            self.seen.set(self.seen.get() + msg);
            if msg == 3 {
                ctx.me().stop();
            }
            Ok(())
        }
    }
    let executor = Rc::new(async_executor::LocalExecutor::new());
    let rt = klaw_smol::klaw::Runtime::new(LocalExecutor::from(&executor), SmolClock);
    let seen = Rc::new(std::cell::Cell::new(0));
    let (held, count) = (Rc::clone(&seen), seen);
    let actor =
        rt.spawn_actor(move |me| serve(Local { seen: Rc::clone(&held) }, me)).start().unwrap();
    async_io::block_on(executor.run(async {
        for n in 1..=3 {
            actor.tell(n).await.unwrap();
        }
        actor.closed().await;
    }));
    assert_eq!(count.get(), 6);
}

#[test]
fn smols_own_executors_can_be_borrowed() {
    let (tx, rx) = bounded(2);
    let executor = smol::Executor::new();
    let rt = klaw_smol::klaw::Runtime::new(ExecutorRef(&executor), SmolClock);
    let sender = tx.clone();
    rt.spawn(async move { sender.send(1).await.unwrap() }).unwrap();
    let local = smol::LocalExecutor::new();
    let rt = klaw_smol::klaw::Runtime::new(LocalExecutorRef(&local), SmolClock);
    rt.spawn(async move { tx.send(2).await.unwrap() }).unwrap();
    smol::block_on(executor.run(async { assert_eq!(rx.recv().await, Ok(1)) }));
    smol::block_on(local.run(async { assert_eq!(rx.recv().await, Ok(2)) }));

    let shared = Arc::new(smol::Executor::new());
    let handle = Executor::from(&shared);
    drop(shared);
    assert!(klaw_smol::Spawn::spawn(&handle, async {}).is_err());
}

#[test]
fn code_generic_over_the_executor_boxes_its_futures() {
    fn start<S, C>(executor: S, clock: C) -> klaw_smol::ActorRef<Msg>
    where
        S: klaw_smol::Spawn<klaw_smol::BoxFuture>,
        C: klaw_smol::Clock<Sleep: Send> + Send + 'static,
    {
        let rt = klaw_smol::klaw::Runtime::new(klaw_smol::Boxed(executor), clock);
        rt.spawn_actor(|me| serve(Counter::default(), me)).start().unwrap()
    }
    let rt = threads(1);
    let counter = start(rt.spawner().clone(), SmolClock);
    rt.block_on(async {
        counter.tell(Msg::Add(3)).await.unwrap();
        assert_eq!(counter.ask(Msg::Get).await, Ok(3));
    });
    rt.shutdown();
    // A dyn executor as well: here one that is gone.
    let gone: Box<dyn klaw_smol::Spawn<klaw_smol::BoxFuture>> = Box::new(executor_that_is_gone());
    let refused = klaw_smol::Spawn::spawn(&klaw_smol::Boxed(gone), async {}).unwrap_err();
    assert_eq!(refused.kind, SpawnErrorKind::Closed);
}

/// A handle on an executor that is gone.
fn executor_that_is_gone() -> Executor {
    Executor::from(&Arc::new(async_executor::Executor::new()))
}

#[test]
fn an_actors_end_is_told_to_its_observer() {
    let rt = threads(1);
    let (told, heard) = mpsc::channel();
    let counter = rt
        .spawn_actor(|me| serve(Counter::default(), me))
        .name("counter")
        .max_restarts(0)
        .observe(move |event| {
            if let klaw_smol::Event::Failed { child, error, .. } = event {
                told.send(format!("{child}: {error:?}")).unwrap();
            }
        })
        .start()
        .unwrap();
    rt.block_on(async {
        counter.tell(Msg::Add(0)).await.unwrap();
        counter.closed().await;
    });
    assert_eq!(heard.recv().unwrap(), "counter: \"nothing to add\"");
}

#[test]
fn timeouts_use_the_clock() {
    let rt = threads(1);
    let late = rt.timeout(Duration::from_millis(5), std::future::pending::<()>());
    assert!(rt.block_on(late).is_err());
    assert_eq!(rt.block_on(rt.timeout(Duration::ZERO, async { 1 })), Ok(1));
}
