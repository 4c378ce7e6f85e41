//! Scopes in place: the rules of scopes, and that they need no heap.

#![cfg(feature = "std")]

mod by_hand;
mod counting;
mod virtual_clock;

use by_hand::ByHand;
use core::{
    cell::{Cell, RefCell},
    future::{pending, poll_fn, ready},
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};
use counting::allocations;
use klaw::{
    Cancel, CancelToken, Cancelled, Cause, Clock, Instant, Sleep,
    cancel::is_cancelled,
    scope::{InPlaceScope, in_place},
    timeout,
};
use virtual_clock::VirtualClock;

const TICK: Duration = Duration::from_millis(10);
const LONG: Duration = Duration::from_secs(3_600);

type Ended = Result<(), Cancelled>;

/// Counts how often it is dropped.
struct Guard<'a>(&'a Cell<usize>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

async fn busy(_: Guard<'_>) {
    pending::<()>().await;
}

/// Lets others run, once.
async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if core::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A clock of two words, as a chip may have it: it stands where it was put, and sets no timers.
#[derive(Clone, Copy)]
struct Still<'a>(&'a Cell<Instant>);

struct StillSleep<'a>(&'a Cell<Instant>, Instant);

impl<'a> Clock for Still<'a> {
    type Sleep = StillSleep<'a>;

    fn now(&self) -> Instant {
        self.0.get()
    }

    fn sleep_until(&self, deadline: Instant) -> StillSleep<'a> {
        StillSleep(self.0, deadline)
    }
}

impl Future for StillSleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.1 <= self.0.get() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Sleep for StillSleep<'_> {
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        self.1 = deadline;
    }
}

#[test]
fn a_scope_in_place_allocates_nothing_from_its_start_to_its_end() {
    static STOP: Cancel = Cancel::new();
    let time = Cell::new(Instant::EPOCH);
    let clock = Still(&time);
    let count = allocations(|| {
        let token = STOP.token();
        let mut running =
            pin!(in_place(&clock).below(&token).timeout(LONG).grace(2 * TICK).run(async |s| {
                let inner = s.scope().timeout(TICK).run(async |inner| {
                    inner.checkpoint().await.unwrap();
                    inner.shield_for(LONG, yield_once()).await.unwrap();
                    let both = inner.join((async { Ok::<_, ()>(1) }, async { Ok("two") })).await;
                    assert_eq!(both, Ok((1, "two")));
                    inner.fork(pending::<()>()).await.unwrap_err();
                    pending::<()>().await;
                });
                assert_eq!(inner.await.unwrap_err().cause, Cause::Timeout);
                s.fork(pending::<()>()).await.unwrap_err().reason
            }));
        for _ in 0..3 {
            assert!(counting::poll(running.as_mut()).is_pending());
        }
        time.set(Instant::EPOCH.saturating_add(TICK));
        assert!(counting::poll(running.as_mut()).is_pending());
        token.cancel("battery low");
        assert_eq!(counting::poll(running), Poll::Ready(Ok("battery low")));
    });
    assert_eq!(count, 0);
}

#[test]
fn s1_a_cancel_is_sticky() {
    let clock = VirtualClock::new();
    let mut running = ByHand::new(in_place(&clock).grace(LONG).run(async |s| {
        s.cancel("stop");
        for _ in 0..3 {
            assert_eq!(s.checkpoint().await.unwrap_err().reason, "stop");
            assert_eq!(s.fork(ready(())).await.unwrap_err().reason, "stop");
            assert_eq!(s.cancelled().await.reason, "stop");
        }
        "done"
    }));
    assert_eq!(running.ready(), Ok("done"));
}

#[test]
fn s2_the_first_reason_and_its_origin_are_kept() {
    let clock = VirtualClock::new();
    let mut running = ByHand::new(in_place(&clock).grace(LONG).run(async |outer| {
        let inner: Ended = outer
            .scope()
            .run(async |inner| {
                assert!(inner.cancel("first"));
                assert!(!inner.cancel("second"));
                assert!(outer.cancel("from above"));
                let by = inner.cancelled().await;
                assert_eq!((by.reason, by.origin), ("first", inner.origin()));
                pending().await
            })
            .await;
        inner.unwrap_err();
        let late: Ended = outer.scope().run(async |_| panic!("polled")).await;
        assert_eq!(late.unwrap_err().origin, outer.origin());
    }));
    assert_eq!(running.ready(), Ok(()));
}

#[test]
fn s2_a_request_above_comes_before_one_here_though_not_passed_on_yet() {
    let clock = VirtualClock::new();
    let mut running = ByHand::new(in_place(&clock).grace(LONG).run(async |outer| {
        let inner = outer.scope().grace(LONG).run(async |inner| {
            assert!(outer.cancel("above"));
            assert!(inner.is_cancelled());
            assert!(!inner.cancel("here"));
            assert_eq!(inner.cancelled().await.reason, "above");
        });
        inner.await
    }));
    assert_eq!(running.ready(), Ok(Ok(())));
}

#[test]
fn s3_what_cannot_stop_is_not_polled_until_it_is_woken() {
    let clock = VirtualClock::new();
    let (polls, token) = (Cell::new(0), CancelToken::new());
    let mut running = ByHand::parked(in_place(&clock).below(&token).run(async |s| {
        let counted = poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        });
        s.shield(counted).await;
    }));
    token.cancel("stop");
    let mut rounds = 0;
    while running.is_woken() {
        assert!(running.poll().is_pending());
        rounds += 1;
        assert!(rounds <= 3, "it wakes itself for ever");
    }
    assert!(polls.get() > 0);
}

#[test]
fn s4_a_body_entered_cancelled_is_not_polled() {
    let (clock, token) = (VirtualClock::new(), CancelToken::new());
    token.cancel("too late");
    let began = Cell::new(false);
    let mut running = ByHand::new(in_place(&clock).below(&token).run(async |_| began.set(true)));
    let by = running.ready().unwrap_err();
    assert!(by.is_from(&token));
    assert!(!began.get());
}

#[test]
fn s5_completion_beats_cancellation() {
    let clock = VirtualClock::new();
    let mut running = ByHand::new(in_place(&clock).run(async |s| {
        s.cancel("in the same poll");
        7
    }));
    assert_eq!(running.ready(), Ok(7));

    // Also where the request that came from above is what the body waits for.
    let token = CancelToken::new();
    let mut running =
        ByHand::parked(in_place(&clock).below(&token).run(async |outer| {
            outer.scope().run(async |inner| inner.cancelled().await.reason).await
        }));
    token.cancel("stop");
    assert!(running.is_woken());
    assert_eq!(running.ready(), Ok(Ok("stop")));
}

#[test]
fn s6_of_two_cancelled_scopes_the_outer_one_takes_it() {
    let clock = VirtualClock::new();
    let mut running = ByHand::new(in_place(&clock).run(async |outer| {
        let inner: Ended = outer
            .scope()
            .run(async |inner| {
                inner.cancel("inner");
                outer.cancel("outer");
                pending().await
            })
            .await;
        let by = inner.unwrap_err();
        assert_eq!((by.reason, by.origin), ("outer", outer.origin()));
        pending::<()>().await;
    }));
    assert_eq!(running.ready().unwrap_err().reason, "outer");
}

#[test]
fn s6_of_two_deadlines_at_once_the_outer_one_takes_it() {
    let clock = VirtualClock::new();
    let at = clock.now().saturating_add(TICK);
    let mut running =
        ByHand::parked(in_place(&clock).deadline(at).grace(TICK).run(async |outer| {
            let middle: Result<Ended, _> = outer
                .scope()
                .grace(TICK)
                .run(async |middle| {
                    middle.scope().deadline(at).run(async |_| pending::<()>().await).await
                })
                .await;
            let by = middle.unwrap().unwrap_err();
            assert_eq!((by.cause, by.origin), (Cause::Timeout, outer.origin()));
            pending::<()>().await;
        }));
    clock.advance(TICK);
    assert!(running.poll().is_pending(), "the outer one's time of grace");
    clock.advance(TICK);
    assert_eq!(running.ready().unwrap_err().cause, Cause::Timeout);
}

#[test]
fn s7_a_deadline_moves_both_ways() {
    let clock = VirtualClock::new();
    let mut running = ByHand::parked(in_place(&clock).timeout(LONG).run(async |s| {
        s.set_deadline(clock.now().saturating_add(TICK));
        pending::<()>().await;
    }));
    clock.advance(TICK);
    assert!(running.is_woken());
    assert_eq!(running.ready().unwrap_err().cause, Cause::Timeout);

    let mut running = ByHand::parked(in_place(&clock).timeout(TICK).run(async |s| {
        s.set_deadline(Instant::FAR_FUTURE);
        clock.sleep(LONG).await;
    }));
    clock.advance(TICK);
    assert!(running.poll().is_pending());
    clock.advance(LONG);
    assert_eq!(running.ready(), Ok(()));
    drop(running);
    assert_eq!(clock.timers(), 0);
}

#[test]
fn s7_the_effective_deadline_is_the_earliest_up_the_tree() {
    let clock = VirtualClock::new();
    let (near, far) = (Instant::from_nanos(1_000), Instant::from_nanos(2_000));
    let body = async |outer: &InPlaceScope<'_, VirtualClock>| {
        let inner = outer.scope().deadline(far).grace(LONG).run(async |inner| {
            assert_eq!((inner.deadline(), inner.effective_deadline()), (far, near));
            outer.set_deadline(Instant::FAR_FUTURE);
            assert_eq!(inner.effective_deadline(), far);
            outer.cancel("stop");
            assert_eq!(inner.effective_deadline(), Instant::EPOCH);
        });
        inner.await.unwrap();
    };
    ByHand::new(in_place(&clock).deadline(near).grace(LONG).run(body)).ready().unwrap();
}

#[test]
fn s8_only_the_scope_whose_deadline_passed_says_timeout_of_its_own() {
    let clock = VirtualClock::new();
    let mut running =
        ByHand::parked(in_place(&clock).timeout(TICK).grace(TICK).run(async |outer| {
            let inner: Ended = outer.scope().timeout(LONG).run(async |_| pending().await).await;
            let by = inner.unwrap_err();
            assert_eq!((by.cause, by.origin), (Cause::Timeout, outer.origin()), "not its own");
            by.reason
        }));
    clock.advance(TICK);
    let mut done = running.poll();
    while done.is_pending() {
        assert!(running.is_woken(), "the request is lost on its way down");
        done = running.poll();
    }
    assert_eq!(done, Poll::Ready(Ok("the deadline of a scope has passed")));
}

#[test]
fn s8_a_cancel_is_not_called_a_timeout_though_the_deadline_has_passed_too() {
    let clock = VirtualClock::new();
    let mut running = ByHand::new(in_place(&clock).run(async |s| {
        s.cancel("by hand");
        s.set_deadline(Instant::EPOCH);
        pending::<()>().await;
    }));
    let by = running.ready().unwrap_err();
    assert_eq!((by.cause, by.reason), (Cause::Asked, "by hand"));
}

#[test]
fn s9_no_time_at_all_is_still_one_poll() {
    let clock = VirtualClock::new();
    assert_eq!(
        ByHand::new(in_place(&clock).timeout(Duration::ZERO).run(async |_| 7)).ready(),
        Ok(7)
    );
    let mut running =
        ByHand::new(in_place(&clock).timeout(Duration::ZERO).run(async |_| pending::<()>().await));
    assert_eq!(running.ready().unwrap_err().cause, Cause::Timeout);
    assert_eq!(
        ByHand::new(in_place(&clock).timeout(Duration::MAX).run(async |_| 7)).ready(),
        Ok(7)
    );
}

#[test]
fn s10_a_cancel_reaches_everything_below_also_from_within_a_shield() {
    let (clock, token) = (VirtualClock::new(), CancelToken::new());
    let heard = RefCell::new(Vec::new());
    let mut running = ByHand::parked(in_place(&clock).below(&token).run(async |outer| {
        let deep = outer.scope().run(async |middle| {
            let deepest = middle.scope().grace(LONG).run(async |inner| {
                let by = inner.cancelled().await;
                heard.borrow_mut().push(by.reason);
                clock.sleep(TICK).await;
                heard.borrow_mut().push("saved");
            });
            middle.shield(deepest).await
        });
        outer.shield(deep).await
    }));
    token.cancel("from above");
    assert!(running.poll().is_pending());
    assert_eq!(heard.take(), ["from above"], "in one poll, though all hosts sit in shields");
    clock.advance(TICK);
    assert_eq!(running.ready().unwrap_err().reason, "from above");
    assert_eq!(heard.take(), ["saved"]);
}

#[test]
fn s11_the_first_failure_asks_the_others_which_have_the_time_of_grace() {
    let clock = VirtualClock::new();
    let drops = Cell::new(0);
    let mut running = ByHand::new(in_place(&clock).run(async |s| {
        let fails = async { Err::<u8, _>("no") };
        let lasts = async {
            busy(Guard(&drops)).await;
            Ok::<_, &str>(())
        };
        s.join((fails, lasts)).await.map(drop)
    }));
    let by = running.ready().unwrap_err();
    assert_eq!((by.cause, drops.get()), (Cause::Failed, 1));

    let mut running = ByHand::new(in_place(&clock).grace(TICK).run(async |s| {
        let other = async {
            s.fork(pending::<()>()).await.unwrap_err();
            Err::<u8, _>("asked")
        };
        s.join([poll_either(other), poll_either(async { Err("no") })]).await
    }));
    let mut done = running.poll();
    while done.is_pending() {
        assert!(running.is_woken());
        done = running.poll();
    }
    assert_eq!(done, Poll::Ready(Ok(Err("no"))), "the error that came first");
}

/// One type for several futures.
fn poll_either<'a, T>(
    future: impl Future<Output = T> + 'a,
) -> Pin<Box<dyn Future<Output = T> + 'a>> {
    Box::pin(future)
}

#[test]
fn s12_a_scope_returns_after_everything_in_it_is_gone() {
    let clock = VirtualClock::new();
    let drops = Cell::new(0);
    let mut running = ByHand::parked(in_place(&clock).timeout(TICK).grace(TICK).run(async |s| {
        let inner = s.scope().grace(LONG).run(async |s| {
            s.fork(busy(Guard(&drops))).await.unwrap_err();
            busy(Guard(&drops)).await;
        });
        inner.await
    }));
    clock.advance(TICK);
    while running.is_woken() {
        assert!(running.poll().is_pending());
    }
    assert_eq!(drops.get(), 1, "asked, and the fork heard it");
    clock.advance(TICK);
    assert!(running.ready().is_err());
    assert_eq!(drops.get(), 2, "before the future of the scope is gone itself");
}

#[test]
fn s15_a_shield_holds_until_it_goes_against_all_scopes_around() {
    let clock = VirtualClock::new();
    let log = RefCell::new(Vec::new());
    let mut running = ByHand::parked(in_place(&clock).timeout(TICK).run(async |outer| {
        let inner = outer.scope().run(async |inner| {
            let saving = async {
                clock.sleep(3 * TICK).await;
                inner.shield(yield_once()).await; // an inner one is no point to stop at
                log.borrow_mut().push("saved");
            };
            inner.shield(saving).await;
            log.borrow_mut().push("beyond");
            pending::<()>().await;
        });
        inner.await.unwrap_err();
        pending::<()>().await;
    }));
    clock.advance(TICK);
    assert!(running.poll().is_pending(), "it is shielded");
    clock.advance(2 * TICK);
    assert!(running.poll().is_pending());
    let by = running.ready().unwrap_err();
    assert_eq!((by.cause, log.take()), (Cause::Timeout, vec!["saved"]));
}

#[test]
fn s15_a_shield_with_a_limit_ends() {
    let clock = VirtualClock::new();
    let mut running = ByHand::parked(in_place(&clock).grace(LONG).run(async |s| {
        s.cancel("stop");
        assert!(s.shield_for(TICK, pending::<()>()).await.is_err());
        assert_eq!(s.shield_for(TICK, async { 7 }).await, Ok(7));
        s.shield_for(Duration::MAX, async {}).await.unwrap();
    }));
    clock.advance(TICK);
    assert_eq!(running.ready(), Ok(()));
}

#[test]
fn s16_a_shield_does_not_hold_against_a_foreign_timeout() {
    let clock = VirtualClock::new();
    let drops = Cell::new(0);
    let mut running = ByHand::parked(in_place(&clock).run(async |s| {
        assert!(timeout(&clock, TICK, s.shield(busy(Guard(&drops)))).await.is_err());
        assert_eq!(drops.get(), 1);
        s.cancel("and the shield is down");
        pending::<()>().await;
    }));
    clock.advance(TICK);
    assert_eq!(running.ready().unwrap_err().reason, "and the shield is down");
}

#[test]
fn s20_an_answer_is_known_for_a_cancellation() {
    let clock = VirtualClock::new();
    let ended: Ended =
        ByHand::new(in_place(&clock).timeout(Duration::ZERO).run(async |_| pending().await))
            .ready();
    assert!(is_cancelled(&ended.unwrap_err()));
}

#[test]
fn grace_ends() {
    let clock = VirtualClock::new();
    let drops = Cell::new(0);
    let mut running = ByHand::parked(in_place(&clock).grace(2 * TICK).run(async |s| {
        s.cancel("stop");
        busy(Guard(&drops)).await;
    }));
    clock.advance(TICK);
    assert!(running.poll().is_pending());
    clock.advance(TICK);
    assert_eq!(running.ready().unwrap_err().reason, "stop");
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_scope_that_is_dropped_leaves_nothing_behind() {
    let (clock, token) = (VirtualClock::new(), CancelToken::new());
    let drops = Cell::new(0);
    let running = ByHand::parked(in_place(&clock).below(&token).timeout(LONG).run(async |outer| {
        let inner =
            outer.scope().timeout(LONG).run(async |s| s.shield(s.fork(busy(Guard(&drops)))).await);
        inner.await
    }));
    assert_eq!(clock.timers(), 2);
    drop(running);
    assert_eq!((clock.timers(), drops.get()), (0, 1));
    token.cancel("nobody is there any more");
}
