//! The context of a request goes with it, whichever thread polls it next.

use super::*;
use klaw::{Actor, Context, Ctx, Key, Reply, serve};
use witness::yield_a_little;

static USER: Key<&str> = Key::new("user");

fn user() -> Option<&'static str> {
    Context::current().get(&USER).copied()
}

fn of(user: &'static str) -> Context {
    Context::empty().with(|context| context.set(&USER, user))
}

#[test]
fn a_task_has_the_context_of_who_started_it() {
    run(async |rt: Rt| {
        let starting = rt.clone();
        let started = of("ann").run(async move {
            starting
                .submit(async {
                    yield_a_little().await;
                    user()
                })
                .unwrap()
        });
        let task = started.await;
        assert_eq!((task.await.unwrap(), user()), (Some("ann"), None));
    });
}

#[test]
fn tasks_that_take_turns_keep_their_own() {
    run(async |rt: Rt| {
        let tasks = ["ann", "bob", "eve"].map(|name| {
            let seen = of(name).run(async move {
                for _ in 0..5 {
                    assert_eq!(user(), Some(name));
                    yield_a_little().await;
                }
            });
            rt.submit(seen).unwrap()
        });
        for ended in rt.executor().gather(tasks).await {
            ended.unwrap();
        }
        assert_eq!(user(), None);
    });
}

struct Who;

impl Actor for Who {
    type Msg = Reply<Option<&'static str>>;
    type Error = ();

    async fn handle(&mut self, reply: Self::Msg, _: &mut Ctx<'_, Self::Msg>) -> Result<(), ()> {
        reply.send(user());
        Ok(())
    }
}

#[test]
fn a_message_carries_the_context_of_who_sent_it() {
    run(async |rt: Rt| {
        let who = rt.spawn_actor(|me| serve(Who, me)).start().unwrap();
        assert_eq!(of("ann").run(who.ask(|reply| reply)).await, Ok(Some("ann")));
        assert_eq!(who.ask(|reply| reply).await, Ok(None));
    });
}
