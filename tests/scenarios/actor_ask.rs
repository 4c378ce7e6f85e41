//! Questions: every one is over some time.

use super::*;
use core::time::Duration;
use klaw::{Actor, ActorRef, AskError, Ctx, Reply, Restart, mailbox, serve};
use probe::{Msg, number, start, tell};
use witness::Log;

#[test]
fn a_question_that_is_dropped_has_no_reply() {
    run(async |rt: Rt| {
        let actor = start(&rt, &Log::default(), Restart::OnFailure);
        assert_eq!(actor.ask(Msg::Forget).await, Err(AskError::NoReply));
        assert_eq!(number(&actor).await, 0);
    });
}

#[test]
fn a_question_to_an_actor_that_ends_has_no_reply() {
    run(async |rt: Rt| {
        let actor = start(&rt, &Log::default(), Restart::OnFailure);
        actor.ask(Msg::Hang).await.unwrap();
        let asking = actor.clone();
        let asked = rt.submit(async move { asking.ask(Msg::Number).await }).unwrap();
        while actor.is_empty() {
            witness::yield_a_little().await;
        }
        actor.stop_now();
        actor.kill();
        assert_eq!(asked.await.unwrap(), Err(AskError::NoReply));
    });
}

#[test]
fn a_question_can_be_given_up_in_time() {
    run(async |rt: Rt| {
        let actor = start(&rt, &Log::default(), Restart::OnFailure);
        actor.ask(Msg::Hang).await.unwrap();
        let late = rt.timeout(Duration::from_millis(2), actor.ask(Msg::Number)).await;
        assert!(late.is_err());
        actor.kill();
        assert_eq!(number(&actor).await, 1);
        tell(&actor, Msg::Note("on")).await;
    });
}

#[test]
fn many_who_ask_get_their_own_answers() {
    run(async |rt: Rt| {
        let actor = rt.spawn_actor(|me| serve(Echo, me)).capacity(2).start().unwrap();
        let asked = (0..30_u32).map(|n| {
            let actor = actor.clone();
            rt.submit(async move { actor.ask(|reply| (n, reply)).await }).unwrap()
        });
        let asked: Vec<_> = asked.collect();
        for (n, answer) in (0..).zip(rt.executor().gather(asked).await) {
            assert_eq!(answer.unwrap(), Ok(n));
        }
    });
}

struct Echo;

impl Actor for Echo {
    type Msg = (u32, Reply<u32>);
    type Error = ();

    async fn handle(
        &mut self,
        (n, reply): Self::Msg,
        _: &mut Ctx<'_, Self::Msg>,
    ) -> Result<(), ()> {
        reply.send(n);
        Ok(())
    }
}

/// Asks the other one whenever it is asked.
struct Passer {
    other: ActorRef<Pass>,
}

struct Pass(Reply<Result<(), AskError>>);

impl Actor for Passer {
    type Msg = Pass;
    type Error = ();

    async fn handle(&mut self, Pass(reply): Pass, ctx: &mut Ctx<'_, Pass>) -> Result<(), ()> {
        let answer = ctx.ask(&self.other, Pass).await;
        reply.send(answer.and_then(|inner| inner));
        Ok(())
    }
}

#[test]
fn actors_that_would_wait_for_each_other_are_told_instead() {
    run(async |rt: Rt| {
        let (one, two) = (mailbox(1), mailbox(1));
        for (me, other) in [(&one, &two), (&two, &one)] {
            let passer = Passer { other: other.clone() };
            let served = serve(passer, me.clone());
            rt.submit(served).unwrap();
        }
        assert_eq!(one.ask(Pass).await, Ok(Err(AskError::Cycle)));
        assert_eq!(two.ask(Pass).await, Ok(Err(AskError::Cycle)), "and go on");
    });
}
