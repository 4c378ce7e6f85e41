//! Retries, whose waits are the clock's.

use super::*;
use core::{num::NonZeroU32, time::Duration};
use klaw::retry::{Backoff, Cause, Retry, retry};
use std::sync::{Arc, Mutex};
use witness::Log;

const MS: Duration = Duration::from_millis(1);
const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();

#[test]
fn it_waits_between_calls_and_gives_the_first_success() {
    run(async |rt: Rt| {
        let times = Arc::new(Mutex::new(vec![]));
        let (clock, seen) = (rt.clock().clone(), times.clone());
        let call = move || {
            let mut seen = seen.lock().unwrap();
            seen.push(klaw::Clock::now(&clock));
            core::future::ready(if seen.len() == 3 { Ok("third") } else { Err("not yet") })
        };
        let policy =
            retry(Backoff::exponential(2 * MS).attempts(THREE)).classify(|_, _| Retry::Yes);
        let got = rt.submit(policy.run(rt.clock(), call)).unwrap();
        assert_eq!(got.await.unwrap().unwrap(), "third");
        let times = times.lock().unwrap();
        assert!(times[1] >= times[0].saturating_add(2 * MS));
        assert!(times[2] >= times[1].saturating_add(4 * MS));
    });
}

#[test]
fn it_gives_up_with_the_last_error() {
    run(async |rt: Rt| {
        let policy = retry(Backoff::constant(MS).attempts(THREE)).classify(|_, _| Retry::Yes);
        let failed = policy.run(rt.clock(), async || Err::<(), _>("no")).await.unwrap_err();
        assert_eq!((failed.attempts, failed.cause, failed.last), (THREE, Cause::Attempts, "no"));
    });
}

#[test]
fn a_call_that_is_late_is_dropped_before_the_next() {
    run(async |rt: Rt| {
        let log = Log::default();
        let noted = log.clone();
        let policy = retry(Backoff::constant(MS).attempts(THREE))
            .classify(|_: &&str, _| Retry::Yes)
            .per_attempt(2 * MS);
        let call = move || {
            noted.push("begun");
            let guard = witness::Noted(noted.clone(), "dropped");
            async move {
                let _guard = guard;
                core::future::pending::<Result<(), &str>>().await
            }
        };
        assert!(policy.run(rt.clock(), call).await.is_err());
        let expected = ["begun", "dropped", "begun", "dropped", "begun", "dropped"];
        assert_eq!(log.take(), expected);
    });
}
