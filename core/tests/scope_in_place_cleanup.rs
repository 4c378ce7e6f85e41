//! Cleanups of scopes in place: rule S17 where there are no tasks.

#![cfg(feature = "std")]

mod by_hand;
mod counting;
mod virtual_clock;

use by_hand::ByHand;
use core::{
    cell::{Cell, RefCell},
    future::pending,
    pin::pin,
    task::Poll,
    time::Duration,
};
use counting::allocations;
use klaw::{
    Cancel, CancelToken, Cancelled, Cause, Clock, Instant, Sleep, scope::in_place, timeout,
};
use virtual_clock::VirtualClock;

const TICK: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3_600);

type Ended = Result<(), Cancelled>;

/// What happened, in order.
#[derive(Default)]
struct Log(RefCell<Vec<&'static str>>);

impl Log {
    fn push(&self, what: &'static str) {
        self.0.borrow_mut().push(what);
    }

    fn take(&self) -> Vec<&'static str> {
        self.0.take()
    }
}

/// Notes when it is dropped.
struct Noted<'a>(&'a Log, &'static str);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.0.push(self.1);
    }
}

/// Takes a tick, notes `done` then, and `gone` when it is dropped.
async fn clean(clock: &VirtualClock, log: &Log, done: &'static str, gone: &'static str) {
    let _gone = Noted(log, gone);
    clock.sleep(TICK).await;
    log.push(done);
}

/// Polls it for as long as it is woken.
fn settle<F: Future>(running: &mut ByHand<F>) -> Poll<F::Output> {
    let mut done = running.poll();
    while done.is_pending() && running.is_woken() {
        done = running.poll();
    }
    done
}

#[test]
fn s17_a_cleanup_runs_after_a_body_that_came_to_its_end() {
    let (clock, log) = (VirtualClock::new(), Log::default());
    let mut running = ByHand::parked(in_place(&clock).run_with_cleanup(
        async |_| {
            let _body = Noted(&log, "body gone");
            7
        },
        clean(&clock, &log, "cleaned up", "cleanup gone"),
    ));
    assert_eq!(log.take(), ["body gone"]);
    clock.advance(TICK);
    assert_eq!(settle(&mut running), Poll::Ready(Ok(7)));
    assert_eq!(log.take(), ["cleaned up", "cleanup gone"]);
}

#[test]
fn s17_a_cleanup_runs_after_a_body_that_was_dropped_and_its_grace() {
    let (clock, log) = (VirtualClock::new(), Log::default());
    let scope = in_place(&clock).timeout(TICK).grace(TICK);
    let mut running = ByHand::parked(scope.run_with_cleanup(
        async |s| {
            let _body = Noted(&log, "body gone");
            log.push(s.cancelled().await.reason);
            pending::<()>().await;
        },
        clean(&clock, &log, "cleaned up", "cleanup gone"),
    ));
    clock.advance(TICK);
    assert!(settle(&mut running).is_pending());
    assert_eq!(log.take(), ["the deadline of a scope has passed"]);
    clock.advance(TICK);
    assert!(settle(&mut running).is_pending());
    assert_eq!(log.take(), ["body gone"]);
    clock.advance(TICK);
    let ended: Poll<Ended> = settle(&mut running);
    assert!(matches!(ended, Poll::Ready(Err(by)) if by.cause == Cause::Timeout));
    assert_eq!(log.take(), ["cleaned up", "cleanup gone"]);
    drop(running);
    assert_eq!(clock.timers(), 0);
}

#[test]
fn s17_cleanups_run_inside_out_though_the_scopes_around_have_no_grace_left() {
    let (clock, log, token) = (VirtualClock::new(), Log::default(), CancelToken::new());
    let outermost = in_place(&clock).below(&token);
    let mut running = ByHand::parked(outermost.run_with_cleanup(
        async |outer| {
            let _body = Noted(&log, "outer body gone");
            let middle = outer.scope().run(async |middle| {
                let inner: Ended = middle
                    .scope()
                    .run_with_cleanup(
                        async |_| {
                            let _body = Noted(&log, "inner body gone");
                            pending().await
                        },
                        clean(&clock, &log, "inner cleaned up", "inner cleanup gone"),
                    )
                    .await;
                log.push("beyond");
                inner
            });
            let _ended = middle.await;
            pending::<()>().await;
        },
        clean(&clock, &log, "outer cleaned up", "outer cleanup gone"),
    ));
    token.cancel("stop");
    assert!(settle(&mut running).is_pending());
    assert_eq!(log.take(), ["inner body gone"]);
    clock.advance(TICK);
    assert!(settle(&mut running).is_pending());
    assert_eq!(
        log.take(),
        ["inner cleaned up", "inner cleanup gone", "outer body gone"],
        "the end of the inner scope is where those around stop"
    );
    clock.advance(TICK);
    assert!(matches!(settle(&mut running), Poll::Ready(Err(by)) if by.reason == "stop"));
    assert_eq!(log.take(), ["outer cleaned up", "outer cleanup gone"]);
}

#[test]
fn s17_a_scope_around_in_its_grace_goes_on_after_the_cleanup() {
    let (clock, log) = (VirtualClock::new(), Log::default());
    let mut running = ByHand::parked(in_place(&clock).grace(LONG).run(async |outer| {
        outer.cancel("enough");
        let inner: Ended = outer
            .scope()
            .run_with_cleanup(async |_| pending().await, async { log.push("not begun") })
            .await;
        inner.unwrap_err();
        let other = in_place(&clock).timeout(Duration::ZERO);
        let cleanup = clean(&clock, &log, "cleaned up", "gone");
        let other: Ended = other.run_with_cleanup(async |_| pending().await, cleanup).await;
        other.unwrap_err().cause
    }));
    clock.advance(TICK);
    assert_eq!(settle(&mut running), Poll::Ready(Ok(Cause::Timeout)));
    assert_eq!(log.take(), ["cleaned up", "gone"]);
}

#[test]
fn s17_a_cleanup_has_a_limit_of_time() {
    let (clock, log) = (VirtualClock::new(), Log::default());
    let scope = in_place(&clock).cleanup(TICK);
    let mut running = ByHand::parked(scope.run_with_cleanup(async |_| 7, async {
        let _gone = Noted(&log, "cleanup gone");
        pending::<()>().await;
    }));
    clock.advance(TICK - Duration::from_nanos(1));
    assert!(settle(&mut running).is_pending());
    assert_eq!(log.take(), [""; 0]);
    clock.advance(Duration::from_nanos(1));
    assert_eq!(settle(&mut running), Poll::Ready(Ok(7)));
    assert_eq!(log.take(), ["cleanup gone"]);
    drop(running);

    let mut running = ByHand::parked(
        in_place(&clock).run_with_cleanup(async |_| (), async { pending::<()>().await }),
    );
    clock.advance(Duration::from_secs(30) - Duration::from_nanos(1));
    assert!(settle(&mut running).is_pending());
    clock.advance(Duration::from_nanos(1));
    assert_eq!(settle(&mut running), Poll::Ready(Ok(())));
}

#[test]
fn s4_a_scope_that_does_not_begin_has_nothing_to_clean_up() {
    let (clock, log, token) = (VirtualClock::new(), Log::default(), CancelToken::new());
    token.cancel("before");
    let scope = in_place(&clock).below(&token);
    let ended: Ended = ByHand::new(scope.run_with_cleanup(
        async |_| log.push("body"),
        clean(&clock, &log, "cleaned up", "never begun"),
    ))
    .ready();
    assert_eq!(ended.unwrap_err().reason, "before");
    assert_eq!(log.take(), [""; 0], "an async fn holds nothing before its first poll");
}

#[test]
fn s16_what_is_dropped_from_outside_is_gone() {
    let (clock, log) = (VirtualClock::new(), Log::default());
    let mut running = ByHand::parked(in_place(&clock).run(async |outer| {
        let inner = outer.scope().run_with_cleanup(
            async |_| {
                let _body = Noted(&log, "body gone");
                pending::<()>().await;
            },
            async { log.push("cleaned up") },
        );
        assert!(timeout(&clock, TICK, inner).await.is_err());
        outer.cancel("and nothing is held any more");
        pending::<()>().await;
    }));
    clock.advance(TICK);
    assert!(matches!(settle(&mut running), Poll::Ready(Err(_))));
    assert_eq!(log.take(), ["body gone"]);
}

/// A clock that stands still and sets no timers.
#[derive(Clone, Copy)]
struct Still<'a>(&'a Cell<Instant>);

struct Never;

impl Future for Never {
    type Output = ();

    fn poll(self: core::pin::Pin<&mut Self>, _: &mut core::task::Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

impl Sleep for Never {
    fn reset(self: core::pin::Pin<&mut Self>, _: Instant) {}
}

impl<'a> Clock for Still<'a> {
    type Sleep = Never;

    fn now(&self) -> Instant {
        self.0.get()
    }

    fn sleep_until(&self, _: Instant) -> Never {
        Never
    }
}

#[test]
fn a_cleanup_allocates_nothing() {
    static STOP: Cancel = Cancel::new();
    let (now, cleaned) = (Cell::new(Instant::EPOCH), Cell::new(0));
    let clock = Still(&now);
    let token = STOP.token();
    let all = allocations(|| {
        let mut running = pin!(in_place(&clock).below(&token).run_with_cleanup(
            async |outer| {
                let cleanup = async { cleaned.set(cleaned.get() + 1) };
                outer.scope().run_with_cleanup(async |_| pending::<()>().await, cleanup).await
            },
            async { cleaned.set(cleaned.get() + 10) },
        ));
        assert!(counting::poll(running.as_mut()).is_pending());
        token.cancel("stop");
        while counting::poll(running.as_mut()).is_pending() {}
    });
    assert_eq!((all, cleaned.get()), (0, 11));
}
