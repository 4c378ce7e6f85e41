//! The rules of trying again, by their numbers; under a virtual clock.

#![cfg(feature = "std")]

mod by_hand;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    future::{pending, poll_fn, ready},
    num::NonZeroU32,
    task::Poll,
    time::Duration,
};
use klaw::{
    CancelToken, Cancelled, Clock, Elapsed, Entropy, Instant,
    cancel::TimeoutError,
    retry::{Backoff, Cause, Decision, Exhausted, Jitter, Retry, RetryBudget, retry},
    timeout,
};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use virtual_clock::VirtualClock;

const MS: Duration = Duration::from_millis(1);

fn calls(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

fn at(millis: u32) -> Instant {
    Instant::EPOCH.saturating_add(MS * millis)
}

/// A numbered error, which may have come of another one.
#[derive(Debug)]
struct Failure(u32, Option<Cancelled>);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failure {}", self.0)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_ref().map(|cancelled| cancelled as _)
    }
}

fn cancelled() -> Cancelled {
    let token = CancelToken::new();
    token.cancel("shutdown");
    token.checkpoint().unwrap_err()
}

/// A service that fails as often as it is told to, and remembers when it was called.
struct Service {
    clock: VirtualClock,
    calls: RefCell<Vec<Instant>>,
    failures: u32,
}

impl Service {
    fn failing(clock: &VirtualClock, failures: u32) -> Self {
        Self { clock: clock.clone(), calls: RefCell::default(), failures }
    }

    /// Fails with the number of the call, or gives it.
    fn call(&self) -> impl Future<Output = Result<u32, Failure>> + use<> {
        self.calls.borrow_mut().push(self.clock.now());
        let number = self.count();
        ready(if number <= self.failures { Err(Failure(number, None)) } else { Ok(number) })
    }

    fn count(&self) -> u32 {
        self.calls.borrow().len() as u32
    }

    /// The moments of the calls in milliseconds.
    fn times(&self) -> Vec<u128> {
        let since = |at: &Instant| at.saturating_since(Instant::EPOCH).as_nanos() / 1_000_000;
        self.calls.borrow().iter().map(since).collect()
    }
}

/// Moves the clock on by milliseconds until `future` is done.
fn finish<F: Future>(clock: &VirtualClock, future: F) -> F::Output {
    let mut future = ByHand::new(future);
    for _ in 0..100_000 {
        if let Poll::Ready(output) = future.poll() {
            return output;
        }
        assert!(clock.timers() > 0, "it waits for something that is not a timer");
        clock.advance(MS);
    }
    panic!("it takes more than 100 s");
}

#[test]
fn r1_attempts_counts_calls() {
    for count in 1..5 {
        let clock = VirtualClock::new();
        let service = Service::failing(&clock, u32::MAX);
        let policy = retry(Backoff::constant(MS).attempts(calls(count)));
        let failed = finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
        assert_eq!(service.count(), count);
        assert_eq!((failed.attempts.get(), failed.cause), (count, Cause::Attempts));
    }
}

#[test]
fn r1_a_foreign_schedule_allows_one_call_more_than_it_has_delays() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, u32::MAX);
    let policy = retry([MS * 5, MS].into_iter());
    finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
    assert_eq!(service.times(), [0, 5, 6]);
}

/// Any duration, small and huge ones alike.
fn durations() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..5_000_u64).prop_map(Duration::from_nanos),
        any::<u64>().prop_map(Duration::from_nanos),
        (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(s, ns)| Duration::new(s, ns)),
    ]
}

proptest! {
    #[test]
    fn r2_delays_are_exact(
        first in durations(),
        max in durations(),
        factor in prop_oneof![0..5_u32, any::<u32>()],
        count in 1..90_u32,
    ) {
        let (base, most) = (first.as_nanos(), max.as_nanos());
        let bound = |schedule: Backoff| -> Vec<u128> {
            schedule.max(max).attempts(calls(count)).map(|delay| delay.as_nanos()).collect()
        };
        let expected = |delay: &dyn Fn(u32) -> u128| -> Vec<u128> {
            (0..count - 1).map(|k| delay(k).min(most)).collect()
        };
        prop_assert_eq!(bound(Backoff::constant(first)), expected(&|_| base));
        prop_assert_eq!(
            bound(Backoff::linear(first)),
            expected(&|k| base.saturating_mul(u128::from(k) + 1))
        );
        prop_assert_eq!(
            bound(Backoff::exponential(first)),
            expected(&|k| base.saturating_mul(2_u128.saturating_pow(k)))
        );
        prop_assert_eq!(
            bound(Backoff::exponential(first).factor(factor)),
            expected(&|k| base.saturating_mul(u128::from(factor).saturating_pow(k)))
        );
        let fibonacci = |k| (0..k).fold((1_u128, 1_u128), |(a, b), _| (b, a + b)).0;
        prop_assert_eq!(
            bound(Backoff::fibonacci(first)),
            expected(&|k| base.saturating_mul(fibonacci(k)))
        );
    }

    #[test]
    fn r3_jitter_stays_within_its_bounds(
        first in durations(),
        max in durations(),
        seed in any::<u64>(),
    ) {
        let schedule = || Backoff::exponential(first).max(max).attempts(calls(80));
        for jitter in [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated { max }] {
            let mut last = Duration::ZERO;
            for (delay, wait) in schedule().zip(waits(schedule(), jitter, seed)) {
                prop_assert!(wait <= max);
                match jitter {
                    Jitter::None => prop_assert_eq!(wait, delay),
                    Jitter::Full => prop_assert!(wait <= delay),
                    Jitter::Equal => prop_assert!(delay / 2 <= wait && wait <= delay),
                    Jitter::Decorrelated { max } => {
                        let (low, high) = (first.min(max), last.max(first.min(max)) * 3);
                        prop_assert!(low <= wait && wait <= high.min(max), "{wait:?} after {last:?}");
                    }
                }
                last = wait;
            }
            let again = waits(schedule(), jitter, seed);
            prop_assert_eq!(waits(schedule(), jitter, seed), again, "from one seed");
        }
    }
}

/// What a schedule becomes, as far as it can be waited for; failing calls take no time.
fn waits(schedule: Backoff, jitter: Jitter, seed: u64) -> Vec<Duration> {
    let mut attempts = retry(schedule).jitter(jitter, seed).start(Instant::EPOCH);
    let next = || match attempts.failed(Instant::EPOCH, Retry::Yes) {
        Decision::Wait(delay) => Some(delay),
        Decision::GiveUp(_) => None,
    };
    core::iter::from_fn(next).collect()
}

#[test]
fn r3_jitter_spreads_over_all_of_its_range() {
    let range = MS * 1000;
    let schedule = || Backoff::constant(range).attempts(calls(1001));
    for (jitter, low, middle) in [(Jitter::Full, 0, 500), (Jitter::Equal, 500, 750)] {
        let waits = waits(schedule(), jitter, 7);
        let mean = waits.iter().sum::<Duration>() / 1000;
        assert!(mean.abs_diff(MS * middle) < MS * 30, "{jitter:?} {mean:?}");
        assert!(*waits.iter().min().unwrap() < MS * (low + 10));
        assert!(*waits.iter().max().unwrap() > MS * 990);
    }
    let max = MS * 10_000;
    let waits = waits(schedule(), Jitter::Decorrelated { max }, 7);
    assert!(waits.iter().any(|&wait| wait > MS * 9_000) && waits.iter().all(|&wait| wait >= range));
}

#[test]
fn r3_seeds_differ_and_come_from_entropy_too() {
    struct Fixed(u64);
    impl Entropy for Fixed {
        fn next_u64(&mut self) -> u64 {
            self.0
        }
    }
    let schedule = || Backoff::constant(MS * 1000).attempts(calls(10));
    let one = waits(schedule(), Jitter::Full, 1);
    assert_ne!(one, waits(schedule(), Jitter::Full, 2));
    let mut attempts =
        retry(schedule()).jitter_from(Jitter::Full, &mut Fixed(1)).start(Instant::EPOCH);
    assert_eq!(attempts.failed(Instant::EPOCH, Retry::Yes), Decision::Wait(one[0]));
}

#[test]
fn r4_every_error_is_retried_by_default() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, 3);
    let policy = retry(Backoff::exponential(MS * 10).attempts(calls(5)));
    assert_eq!(finish(&clock, policy.run(&clock, || service.call())).unwrap(), 4);
    assert_eq!(service.times(), [0, 10, 30, 70]);
}

#[test]
fn r4_the_predicate_decides() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, u32::MAX);
    let seen = RefCell::new(vec![]);
    let policy = retry(Backoff::exponential(MS * 10)).retry_if(|error: &Failure, attempt| {
        seen.borrow_mut().push((error.0, attempt));
        match attempt {
            1 => Retry::Yes,
            2 => Retry::After(MS * 3),
            3 => Retry::Yes,
            _ => Retry::No,
        }
    });
    let failed = finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
    assert_eq!((failed.last.0, failed.cause), (4, Cause::NotRetryable));
    assert_eq!(*seen.borrow(), [(1, 1), (2, 2), (3, 3), (4, 4)]);
    // The hint stood for the delay of 20 ms.
    assert_eq!(service.times(), [0, 10, 13, 53]);
}

#[test]
fn r4_errors_of_any_type_can_be_classified() {
    let clock = VirtualClock::new();
    let policy = retry(Backoff::constant(MS)).classify(|error: &&str, _| match *error {
        "busy" => Retry::Yes,
        _ => Retry::No,
    });
    let mut answers = ["busy", "busy", "gone", "busy"].into_iter();
    let failed =
        finish(&clock, policy.run(&clock, || ready(Err::<(), _>(answers.next().unwrap()))));
    let failed = failed.unwrap_err();
    assert_eq!((failed.last, failed.attempts), ("gone", calls(3)));
}

#[test]
fn r5_cancelled_is_never_retried() {
    let clock = VirtualClock::new();
    let count = Cell::new(0);
    let counted = |error| {
        count.set(count.get() + 1);
        ready(Err::<(), _>(error))
    };
    let policy = || retry(Backoff::constant(MS).attempts(calls(5)));

    let failed = now(policy().run(&clock, || counted(Failure(1, Some(cancelled())))));
    assert_eq!(failed.unwrap().unwrap_err().cause, Cause::NotRetryable, "the source of an error");
    assert_eq!(count.take(), 1);

    let willing = policy().retry_if(|_: &Failure, _| -> Retry { panic!("nobody is asked") });
    let failed = now(willing.run(&clock, || counted(Failure(1, Some(cancelled())))));
    assert_eq!(failed.unwrap().unwrap_err().cause, Cause::NotRetryable);
    assert_eq!(count.take(), 1);

    let direct = now(policy().run(&clock, || ready(Err::<(), _>(cancelled()))));
    let direct = direct.unwrap().unwrap_err();
    assert_eq!((direct.cause, direct.last.reason), (Cause::NotRetryable, "shutdown"));
}

#[test]
fn r5_a_retry_inside_another_passes_cancelled_on() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, u32::MAX);
    let policy = || retry(Backoff::constant(MS).attempts(calls(3)));
    let inner = || policy().run(&clock, || ready(Err::<(), _>(cancelled())));
    let limited = || policy().per_attempt(MS).run(&clock, inner);
    let outer = now(policy().run(&clock, limited)).expect("nobody waits");
    assert_eq!((outer.unwrap_err().attempts, clock.timers()), (calls(1), 0));

    // Another error is retried by both.
    let inner = || policy().run(&clock, || service.call());
    finish(&clock, policy().run(&clock, inner)).unwrap_err();
    assert_eq!(service.count(), 9);
}

#[test]
fn r5_a_panic_is_never_retried() {
    let clock = VirtualClock::new();
    let count = Cell::new(0);
    let operation = || {
        count.set(count.get() + 1);
        async { if true { panic!("a bug") } else { Err::<(), _>(Failure(1, None)) } }
    };
    let mut run = ByHand::new(retry(Backoff::constant(MS)).run(&clock, operation));
    let caught = catch_unwind(AssertUnwindSafe(|| run.poll().is_ready())).unwrap_err();
    assert_eq!(caught.downcast_ref(), Some(&"a bug"));
    drop(run);
    assert_eq!((count.get(), clock.timers()), (1, 0));
}

#[test]
fn r6_no_useless_sleep() {
    for (budget, deadline, times, cause) in [
        // A wait that ends at the very end is begun.
        (30, 1000, vec![0, 10, 30], Cause::Budget),
        (29, 1000, vec![0, 10], Cause::Budget),
        (1000, 30, vec![0, 10, 30], Cause::Deadline),
        (1000, 29, vec![0, 10], Cause::Deadline),
        (40, 35, vec![0, 10, 30], Cause::Deadline),
        (35, 40, vec![0, 10, 30], Cause::Budget),
        (9, 9, vec![0], Cause::Deadline),
        // The first call is made whatever the time.
        (0, 0, vec![0], Cause::Deadline),
    ] {
        let clock = VirtualClock::new();
        let service = Service::failing(&clock, u32::MAX);
        let policy =
            retry(Backoff::exponential(MS * 10)).budget(MS * budget).deadline(at(deadline));
        let failed = finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
        assert_eq!((service.times(), failed.cause), (times.clone(), cause), "{budget} {deadline}");
        assert_eq!(u128::from(failed.last.0), times.len() as u128);
        let last = Duration::from_millis(*times.last().unwrap() as u64);
        assert_eq!((failed.elapsed, clock.now()), (last, Instant::EPOCH.saturating_add(last)));
    }
}

#[test]
fn r6_attempts_count_against_the_budget() {
    let clock = VirtualClock::new();
    clock.advance(MS * 500); // it begins with the first call, not with the clock
    let service = Service::failing(&clock, u32::MAX);
    let slow = || {
        let (sleep, call) = (clock.sleep(MS * 25), service.call());
        async {
            sleep.await;
            call.await
        }
    };
    let policy = retry(Backoff::constant(MS * 10)).budget(MS * 100);
    let failed = finish(&clock, policy.run(&clock, slow)).unwrap_err();
    assert_eq!(service.times(), [500, 535, 570]);
    assert_eq!((failed.cause, failed.elapsed), (Cause::Budget, MS * 95));
}

#[test]
fn r6_a_hint_beyond_the_deadline_ends_it() {
    let mut attempts = retry(Backoff::constant(MS)).deadline(at(50)).start(at(0));
    assert_eq!(attempts.failed(at(10), Retry::After(MS * 40)), Decision::Wait(MS * 40));
    assert_eq!(attempts.failed(at(10), Retry::After(MS * 41)), Decision::GiveUp(Cause::Deadline));
}

#[test]
fn r6_a_wait_without_end_is_not_begun() {
    let mut attempts = retry(Backoff::constant(Duration::MAX)).start(at(0));
    assert_eq!(attempts.failed(at(0), Retry::Yes), Decision::GiveUp(Cause::Deadline));
}

#[test]
fn r7_the_error_says_how_it_went() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, u32::MAX);
    let policy = retry(Backoff::constant(MS * 5).attempts(calls(4)));
    let failed = finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
    assert_eq!((failed.first.as_ref().unwrap().0, failed.last.0), (1, 4));
    assert_eq!((failed.attempts, failed.elapsed), (calls(4), MS * 15));
    assert_eq!(failed.source().unwrap().to_string(), "failure 4");
    assert_eq!(failed.to_string(), "failed after 4 attempts in 15ms: no attempts were left");
    assert_eq!(numbers(&failed), [(1, 1), (4, 4)]);
    assert_eq!(failed.into_last().0, 4);

    let once = retry(Backoff::constant(MS).attempts(calls(1)));
    let failed = now(once.run(&clock, || service.call())).unwrap().unwrap_err();
    assert!(failed.first.is_none());
    assert_eq!(numbers(&failed), [(1, 5)]);
}

/// The numbers of the calls and of their errors.
fn numbers(failed: &Exhausted<Failure>) -> Vec<(u32, u32)> {
    failed.errors().map(|(attempt, error)| (attempt, error.0)).collect()
}

#[test]
fn r7_as_many_errors_are_kept_as_asked_for() {
    for (keep, kept) in [
        (0, vec![1, 6]),
        (1, vec![1, 6]),
        (2, vec![1, 5, 6]),
        (3, vec![1, 4, 5, 6]),
        (5, vec![1, 2, 3, 4, 5, 6]),
        (100, vec![1, 2, 3, 4, 5, 6]),
    ] {
        let clock = VirtualClock::new();
        let service = Service::failing(&clock, u32::MAX);
        let policy = retry(Backoff::constant(MS).attempts(calls(6))).keep_errors(keep);
        let failed = finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
        let kept: Vec<_> = kept.into_iter().map(|number| (number, number)).collect();
        assert_eq!(numbers(&failed), kept, "{keep}");
    }
}

#[test]
fn r8_an_attempt_is_gone_before_the_wait_and_the_next_one() {
    struct Alive<'a>(&'a Cell<u32>);
    impl Drop for Alive<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }
    let (clock, alive, made) = (VirtualClock::new(), Cell::new(0), Cell::new(0));
    let operation = || {
        assert_eq!(alive.get(), 0, "the one before is gone");
        alive.set(1);
        made.set(made.get() + 1);
        let alive = Alive(&alive);
        // It keeps what it has until it is dropped, also when it is done.
        poll_fn(move |_| {
            let _alive = &alive;
            Poll::Ready(Err::<(), _>(Failure(1, None)))
        })
    };
    let mut run =
        ByHand::new(retry(Backoff::constant(MS).attempts(calls(3))).run(&clock, operation));
    for attempt in 1..3 {
        assert!(run.poll().is_pending());
        assert_eq!((made.get(), alive.get(), clock.timers()), (attempt, 0, 1));
        clock.advance(MS);
    }
    assert_eq!(run.ready().unwrap_err().attempts, calls(3));
}

#[test]
fn r9_the_limit_of_an_attempt_is_retryable() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, 1);
    let operation = || {
        let (call, hangs) = (service.call(), service.count() == 2);
        async move { if hangs { pending().await } else { call.await } }
    };
    let never = |_: &Failure, attempt| if attempt == 1 { Retry::Yes } else { Retry::No };
    let policy = retry(Backoff::constant(MS * 10)).retry_if(never).per_attempt(MS * 3);
    assert_eq!(finish(&clock, policy.run(&clock, operation)).unwrap(), 3);
    assert_eq!(service.times(), [0, 10, 23]);

    let hangs = retry(Backoff::constant(MS).attempts(calls(2))).per_attempt(MS * 3);
    let failed = finish(&clock, hangs.run(&clock, pending::<Result<(), Failure>>)).unwrap_err();
    assert!(matches!(failed.last, TimeoutError::Elapsed));
    assert_eq!(
        (failed.elapsed, failed.source().unwrap().to_string()),
        (MS * 7, Elapsed.to_string())
    );
}

#[test]
fn r9_the_outer_limit_is_not_retryable() {
    let clock = VirtualClock::new();
    let service = Service::failing(&clock, u32::MAX);
    let run = retry(Backoff::constant(MS * 10)).run(&clock, || service.call());
    assert!(matches!(finish(&clock, timeout(&clock, MS * 25, run)), Err(Elapsed)));
    assert_eq!((service.times(), clock.timers()), (vec![0, 10, 20], 0));
}

#[test]
fn r11_retries_draw_on_a_shared_budget() {
    let clock = VirtualClock::new();
    let tokens = RetryBudget::new(3, 50);
    let run = || {
        let service = Service::failing(&clock, u32::MAX);
        let policy = retry(Backoff::constant(MS).attempts(calls(3))).throttle(&tokens);
        let failed = finish(&clock, policy.run(&clock, || service.call())).unwrap_err();
        assert_eq!(failed.attempts.get(), service.count());
        (service.count(), failed.cause)
    };
    // Full, so the first deposit is lost; then each call pays in half a retry.
    assert_eq!(run(), (3, Cause::Attempts));
    assert_eq!(tokens.tokens(), 1);
    assert_eq!(run(), (2, Cause::Throttled));
    assert_eq!(run(), (2, Cause::Throttled));
    assert_eq!(run(), (1, Cause::Throttled));
    assert_eq!(run(), (2, Cause::Throttled));
}

#[test]
fn r11_who_gives_up_anyway_takes_no_token() {
    let clock = VirtualClock::new();
    let tokens = RetryBudget::new(3, 0);
    let service = Service::failing(&clock, u32::MAX);
    for policy in [
        retry(Backoff::constant(MS)).budget(Duration::ZERO),
        retry(Backoff::constant(MS).attempts(calls(1))),
    ] {
        now(policy.throttle(&tokens).run(&clock, || service.call())).unwrap().unwrap_err();
    }
    assert_eq!(tokens.tokens(), 3);
}

#[test]
fn a_policy_is_used_again_by_cloning_it() {
    let clock = VirtualClock::new();
    let policy = retry(Backoff::exponential(MS).attempts(calls(3)));
    for _ in 0..2 {
        let service = Service::failing(&clock, u32::MAX);
        finish(&clock, policy.clone().run(&clock, || service.call())).unwrap_err();
        assert_eq!(service.count(), 3);
    }
}

#[test]
fn a_run_may_move_between_threads_if_its_parts_may() {
    fn sent<T: Send + 'static>(future: T) -> T {
        future
    }
    let clock = VirtualClock::new();
    let policy = retry(Backoff::constant(MS)).per_attempt(MS);
    let run = policy.run(&clock, || async { Ok::<_, Failure>(1) });
    assert_eq!(now(sent(run)).unwrap().unwrap(), 1);
}
