//! Timers of actors, by the executor's clock.

use super::*;
use core::time::Duration;
use klaw::{Actor, ActorRef, Clock, Ctx, Instant, Restart, Sender, serve, unbounded};

const MS: Duration = Duration::from_millis(1);

enum Msg {
    /// Comes back once, after this time.
    After(Duration),
    /// Comes back again and again.
    Every(Duration),
    /// A timer that is cancelled at once, and another one after it.
    Cancelled,
    Due(&'static str),
    Fail,
}

/// Says when it is told something by a timer.
struct Timed<C> {
    clock: C,
    seen: Sender<(&'static str, Instant)>,
}

impl<C> Actor for Timed<C>
where
    C: Clock + Send + 'static,
    C::Sleep: Send,
{
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::After(delay) => {
                ctx.send_after(&self.clock, delay, Msg::Due("after"));
            }
            Msg::Every(period) => {
                ctx.every(&self.clock, period, || Msg::Due("every"));
            }
            Msg::Cancelled => {
                let timer = ctx.send_after(&self.clock, MS, Msg::Due("cancelled"));
                assert!(ctx.cancel_timer(timer));
                ctx.send_after(&self.clock, 2 * MS, Msg::Due("kept"));
            }
            Msg::Due(what) => drop(self.seen.try_send((what, self.clock.now()))),
            Msg::Fail => return Err("told to fail"),
        }
        Ok(())
    }
}

type Seen = klaw::Receiver<(&'static str, Instant)>;

fn start(rt: &Rt) -> (ActorRef<Msg>, Seen) {
    let (seen, rx) = unbounded();
    let clock = rt.clock().clone();
    let make = move |me| serve(Timed { clock: clock.clone(), seen: seen.clone() }, me);
    (rt.spawn_actor(make).restart(Restart::OnFailure).start().unwrap(), rx)
}

#[test]
fn a_timer_comes_once_and_not_before_its_time() {
    run(async |rt: Rt| {
        let ((actor, seen), begin) = (start(&rt), rt.now());
        actor.tell(Msg::After(2 * MS)).await.ok().unwrap();
        let (what, at) = seen.recv().await.unwrap();
        assert_eq!(what, "after");
        assert!(at >= begin.saturating_add(2 * MS));
        actor.tell(Msg::After(MS)).await.ok().unwrap();
        assert_eq!(seen.recv().await.unwrap().0, "after");
        assert!(seen.is_empty());
    });
}

#[test]
fn a_periodic_timer_comes_again_and_again() {
    run(async |rt: Rt| {
        let ((actor, seen), begin) = (start(&rt), rt.now());
        actor.tell(Msg::Every(2 * MS)).await.ok().unwrap();
        for n in 1..=3 {
            let (what, at) = seen.recv().await.unwrap();
            assert_eq!(what, "every");
            assert!(at >= begin.saturating_add(n * 2 * MS));
        }
    });
}

#[test]
fn a_cancelled_timer_does_not_come() {
    run(async |rt: Rt| {
        let (actor, seen) = start(&rt);
        actor.tell(Msg::Cancelled).await.ok().unwrap();
        assert_eq!(seen.recv().await.unwrap().0, "kept");
    });
}

#[test]
fn a_restart_ends_the_timers_of_the_incarnation_before() {
    run(async |rt: Rt| {
        let (actor, seen) = start(&rt);
        for msg in [Msg::Every(40 * MS), Msg::Fail, Msg::After(100 * MS)] {
            actor.tell(msg).await.ok().unwrap();
        }
        assert_eq!(seen.recv().await.unwrap().0, "after", "and nothing periodic before");
    });
}
