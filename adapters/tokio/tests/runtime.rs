//! klaw on tokio's runtimes: borrowed and owned, with threads and without, also when they end.

use klaw_tokio::{
    Actor, AskError, Clock, Ctx, Executor, JoinError, LocalExecutor, LocalExecutorRef, Reply,
    Restart, Runtime, Spawn, SpawnBlocking, SpawnErrorKind, Strategy, Supervisor, TokioClock,
    TreeError, bounded, klaw, runtime, serve, task,
};
use std::{
    future::pending,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};
use tokio::{runtime::Builder, task::LocalSet};

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

fn multi_thread() -> tokio::runtime::Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

fn current_thread() -> tokio::runtime::Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

/// Runs `test` on each kind of runtime that is not local.
fn on_each(test: impl Fn(Runtime)) {
    test(Runtime::from(multi_thread()));
    test(Runtime::from(current_thread()));
    test(Runtime::new().unwrap());
}

/// Says when it is dropped, after a while.
struct Slow(Arc<AtomicBool>);

impl Drop for Slow {
    fn drop(&mut self) {
        for _ in 0..1000 {
            std::thread::yield_now();
        }
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn an_actor_is_restarted_with_its_queue_and_later_given_up() {
    on_each(|rt| {
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
    });
}

#[test]
fn a_tree_stops_in_reverse_order() {
    on_each(|rt| {
        let (told, heard) = bounded(8);
        let child = |name: &'static str| {
            let told = told.clone();
            move || {
                let told = told.clone();
                let token = klaw_tokio::CancelToken::new();
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
                    .child("second", Restart::Always, child("second")),
            )
            .unwrap();
        drop(told);
        rt.block_on(async {
            for _ in 0..2 {
                assert_eq!(heard.recv().await.unwrap().0, "start");
            }
            assert_eq!(tree.stop().await, Ok(()));
            assert_eq!(heard.recv().await, Ok(("stop", "second")));
            assert_eq!(heard.recv().await, Ok(("stop", "first")));
            assert!(heard.recv().await.is_err(), "no child is left that holds a sender");
        });
    });
}

#[test]
fn a_borrowed_runtime_works_from_inside_and_from_other_threads() {
    for tokio in [multi_thread(), current_thread()] {
        let rt = runtime(tokio.handle());
        let outside = std::thread::spawn(move || {
            assert!(tokio::runtime::Handle::try_current().is_err());
            rt.submit(async { 1 }).unwrap()
        });
        let outside = outside.join().unwrap();
        tokio.block_on(async {
            let inside = runtime(&tokio::runtime::Handle::current()).submit(async { 2 }).unwrap();
            assert_eq!((outside.await.unwrap(), inside.await.unwrap()), (1, 2));
        });
    }
}

#[test]
fn shutdown_resolves_handles_after_the_destructors_and_refuses_what_comes_later() {
    on_each(|rt| {
        let gone = Arc::new(AtomicBool::new(false));
        let (slow, (begun, started)) = (Slow(gone.clone()), bounded(1));
        let handle = rt
            .submit(async move {
                let _slow = slow;
                begun.send(()).await.unwrap();
                pending::<()>().await;
            })
            .unwrap();
        let tree = rt
            .supervise(
                Supervisor::new(Strategy::OneForOne)
                    .child("idle", Restart::Always, || task(pending::<()>())),
            )
            .unwrap();
        let actor = rt.spawn_actor(|me| serve(Counter::default(), me)).start().unwrap();
        rt.block_on(started.recv()).unwrap();
        let (spawner, other) = (rt.spawner().clone(), current_thread());
        rt.shutdown();
        other.block_on(async {
            assert!(matches!(handle.into_future().await, Err(JoinError::Abandoned)));
            assert!(gone.load(Ordering::SeqCst));
            assert_eq!(tree.join().await, Err(TreeError::Abandoned));
            assert_eq!(actor.ask(Msg::Get).await, Err(AskError::Closed));
        });

        let refused = Spawn::spawn(&spawner, async {}).unwrap_err();
        assert_eq!(refused.kind, SpawnErrorKind::Closed);
        let refused = SpawnBlocking::spawn_blocking(&spawner, || ()).unwrap_err();
        assert_eq!(refused.kind, SpawnErrorKind::Closed);
        let ex = klaw::Executor::new(spawner.clone()).with_pool(spawner);
        assert_eq!(ex.submit(async {}).unwrap_err().kind, SpawnErrorKind::Closed);
        let refused = ex.submit_blocking(|_| 6).unwrap_err();
        assert_eq!(refused.kind, SpawnErrorKind::Closed);
        assert_eq!(refused.refused.unwrap()(klaw::CancelToken::new()), 6, "klaw kept the job");
    });
}

#[test]
fn a_refusal_is_seen_by_a_task_that_has_used_up_its_budget() {
    let gone = Executor::from(multi_thread().handle());
    current_thread().block_on(async {
        while tokio::task::coop::has_budget_remaining() {
            tokio::task::coop::consume_budget().await;
        }
        assert_eq!(Spawn::spawn(&gone, async {}).unwrap_err().kind, SpawnErrorKind::Closed);
    });
}

#[test]
fn jobs_that_block_run_beside_the_tasks() {
    on_each(|rt| {
        let ex = rt.executor().with_pool(rt.spawner().clone());
        let (reply, asked) = mpsc::channel();
        // It waits for a task of the runtime, which must go on meanwhile.
        let job = ex.submit_blocking(move |_| asked.recv().unwrap()).unwrap();
        let teller = ex.submit(async move { reply.send(7).unwrap() }).unwrap();
        rt.block_on(async {
            teller.await.unwrap();
            assert_eq!(job.await.unwrap(), 7);
        });
        let panics = ex.submit_blocking(|_| std::panic::resume_unwind(Box::new("no"))).unwrap();
        let end: Result<(), _> = rt.block_on(panics.into_future());
        assert!(matches!(end, Err(JoinError::Panicked(_))));
    });
}

#[test]
fn a_local_set_runs_what_is_not_send_also_with_time_paused() {
    struct Local {
        seen: Rc<std::cell::Cell<u32>>,
    }
    impl Actor for Local {
        type Msg = u32;
        type Error = std::convert::Infallible;

        async fn handle(&mut self, msg: u32, ctx: &mut Ctx<'_, u32>) -> Result<(), Self::Error> {
            self.seen.set(self.seen.get() + msg);
            if msg == 3 {
                ctx.me().stop();
            }
            Ok(())
        }
    }
    let tokio = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let set = Rc::new(LocalSet::new());
    let rt = klaw::Runtime::new(LocalExecutor::from(&set), TokioClock::new(tokio.handle()));
    let seen = Rc::new(std::cell::Cell::new(0));
    let (held, count) = (Rc::clone(&seen), seen);
    let actor =
        rt.spawn_actor(move |me| serve(Local { seen: Rc::clone(&held) }, me)).start().unwrap();
    set.block_on(&tokio, async {
        for n in 1..=3 {
            rt.sleep(Duration::from_secs(3600)).await;
            actor.tell(n).await.unwrap();
        }
        actor.closed().await;
        assert_eq!(rt.now().as_nanos(), 3 * 3_600_000_000_000, "nothing else took time");
    });
    assert_eq!(count.get(), 6);
}

#[test]
fn a_local_set_that_is_gone_gives_the_future_back() {
    let set = Rc::new(LocalSet::new());
    let ex = klaw::Executor::new(LocalExecutor::from(&set));
    let not_send = Rc::new(7);
    let captured = not_send.clone();
    let handle = ex
        .submit(async move {
            pending::<()>().await;
            captured
        })
        .unwrap();
    drop(set);
    current_thread().block_on(async {
        assert!(matches!(handle.into_future().await, Err(JoinError::Abandoned)));
        assert_eq!(Rc::strong_count(&not_send), 1);
        let error = ex.submit(async { 5 }).unwrap_err();
        assert_eq!(error.kind, SpawnErrorKind::Closed);
        assert_eq!(error.refused.unwrap().await, 5);
    });
}

#[test]
fn a_local_set_can_be_borrowed() {
    let (tokio, set) = (current_thread(), LocalSet::new());
    let ex = klaw::Executor::new(LocalExecutorRef(&set));
    let one = Rc::new(1);
    let handle = ex.submit(async move { *one + 1 }).unwrap();
    assert_eq!(set.block_on(&tokio, handle.into_future()).unwrap(), 2);
}

#[test]
fn maps_on_threads_give_every_result_in_order() {
    let rt = Runtime::from(multi_thread());
    let clock = rt.clock().clone();
    let map = rt.executor().map(0..5_000_u64, move |n| {
        let clock = clock.clone();
        async move {
            if n % 1_000 == 0 {
                clock.sleep(Duration::from_millis(1)).await;
            }
            n
        }
    });
    let results = rt.block_on(map.width(16.try_into().unwrap()));
    assert!(results.into_iter().map(Result::unwrap).eq(0..5_000));
}

#[test]
fn an_owned_runtime_gives_tokios_back() {
    let rt = Runtime::from(current_thread());
    let handle = rt.submit(pending::<()>()).unwrap();
    assert_eq!(rt.handle().id(), rt.spawner().handle().id());
    current_thread().block_on(async {
        rt.into_inner().shutdown_background();
        assert!(matches!(handle.into_future().await, Err(JoinError::Abandoned)));
    });
}
