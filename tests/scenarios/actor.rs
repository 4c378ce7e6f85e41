//! Actors: their messages, their restarts, and the three ways to end them.

use super::*;
use klaw::{AskError, Restart, bounded};
use probe::{Msg, number, start, tell};
use witness::Log;

#[test]
fn messages_are_handled_in_the_order_in_which_one_task_sent_them() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::OnFailure);
        for what in ["one", "two", "three", "four"] {
            tell(&actor, Msg::Note(what)).await;
        }
        actor.stop();
        actor.closed().await;
        assert_eq!(log.take(), ["up", "one", "two", "three", "four", "gone"]);
    });
}

#[test]
fn a_failure_keeps_the_queue_for_the_next_incarnation() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::OnFailure);
        tell(&actor, Msg::Note("before")).await;
        tell(&actor, Msg::Fail).await;
        tell(&actor, Msg::Note("after")).await;
        assert_eq!(number(&actor).await, 1);
        assert_eq!(log.take(), ["up", "before", "gone", "up", "after"]);
    });
}

#[test]
fn a_panic_is_a_failure_and_stays_in_its_actor() {
    run(async |rt: Rt| {
        let log = Log::default();
        let (actor, other) =
            (start(&rt, &log, Restart::OnFailure), start(&rt, &Log::default(), Restart::OnFailure));
        tell(&actor, Msg::Panic).await;
        assert_eq!((number(&actor).await, number(&other).await), (1, 0));
        assert_eq!(log.take(), ["up", "gone", "up"]);
    });
}

#[test]
fn one_failure_too_many_closes_the_mailbox() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::OnFailure);
        tell(&actor, Msg::Fail).await;
        tell(&actor, Msg::Fail).await;
        actor.closed().await;
        assert!(actor.is_closed() && actor.tell(Msg::Fail).await.is_err());
        assert_eq!(log.take(), ["up", "gone", "up", "gone"]);
    });
}

#[test]
fn an_actor_that_is_never_restarted_ends_with_its_failure() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::Never);
        tell(&actor, Msg::Fail).await;
        actor.closed().await;
        assert_eq!(log.take(), ["up", "gone"]);
    });
}

#[test]
fn an_actor_that_is_always_restarted_comes_back_after_it_ended_by_itself() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::Always);
        tell(&actor, Msg::End).await;
        assert_eq!(number(&actor).await, 1);
        actor.stop();
        actor.closed().await;
        assert_eq!(log.take(), ["up", "gone", "up", "gone"], "a stop is for good");
    });
}

#[test]
fn stop_now_drops_what_waits() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::OnFailure);
        let (release, held) = bounded(1);
        actor.ask(|reply| Msg::Hold(reply, held)).await.unwrap();
        tell(&actor, Msg::Note("never")).await;
        actor.stop_now();
        release.send(()).await.unwrap();
        actor.closed().await;
        assert_eq!(log.take(), ["up", "gone"]);
    });
}

#[test]
fn a_kill_ends_a_handler_that_hangs_and_the_queue_stays() {
    run(async |rt: Rt| {
        let log = Log::default();
        let actor = start(&rt, &log, Restart::OnFailure);
        actor.ask(Msg::Hang).await.unwrap();
        tell(&actor, Msg::Note("waited")).await;
        actor.kill();
        assert_eq!(number(&actor).await, 1);
        assert_eq!(log.take(), ["up", "gone", "up", "waited"]);
    });
}

#[test]
fn who_asks_an_actor_that_has_ended_is_told_so() {
    run(async |rt: Rt| {
        let actor = start(&rt, &Log::default(), Restart::OnFailure);
        let (closed, asked) = (actor.closed(), actor.clone());
        let waiting = rt.submit(closed).unwrap();
        actor.stop();
        waiting.await.unwrap();
        assert_eq!(asked.ask(Msg::Number).await, Err(AskError::Closed));
    });
}
