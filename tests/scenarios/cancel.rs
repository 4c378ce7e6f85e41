//! Requests to stop, and limits of time.

use super::*;
use core::{future::pending, time::Duration};
use klaw::CancelToken;
use witness::{Drops, busy, yield_a_little};

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_request_reaches_everyone_below() {
    run(async |rt: Rt| {
        let token = CancelToken::new();
        let children = [token.child_token(), token.child_token().child_token(), token.clone()];
        let waiting =
            children.map(|token| rt.submit(async move { token.cancelled().await.reason }).unwrap());
        yield_a_little().await;
        let from = token.clone();
        rt.spawn(async move { assert!(from.cancel("enough")) }).unwrap();
        for reason in rt.executor().gather(waiting).await {
            assert_eq!(reason.unwrap(), "enough");
        }
        assert!(!token.cancel("again"));
    });
}

#[test]
fn a_child_does_not_stop_what_is_above() {
    run(async |rt: Rt| {
        let token = CancelToken::new();
        let (child, sibling) = (token.child_token(), token.child_token());
        rt.submit(async move { child.cancel("only me") }).unwrap().await.unwrap();
        assert!(token.checkpoint().is_ok() && sibling.checkpoint().is_ok());
    });
}

#[test]
fn what_runs_until_a_request_is_dropped_by_it() {
    run(async |rt: Rt| {
        let (drops, token) = (Drops::default(), CancelToken::new());
        let (guard, run) = (drops.guard(), token.clone());
        let running = rt.submit(async move { run.run(busy(guard)).await }).unwrap();
        yield_a_little().await;
        token.cancel("stop");
        assert_eq!(running.await.unwrap().unwrap_err().reason, "stop");
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_timeout_drops_what_is_late() {
    run(async |rt: Rt| {
        let (drops, begin) = (Drops::default(), rt.now());
        assert!(rt.timeout(2 * MS, busy(drops.guard())).await.is_err());
        assert_eq!(drops.count(), 1);
        assert!(rt.now() >= begin.saturating_add(2 * MS));
    });
}

#[test]
fn a_timeout_in_a_task_of_its_own_ends_by_itself() {
    run(async |rt: Rt| {
        let late = rt.submit(rt.timeout(2 * MS, pending::<()>())).unwrap();
        let in_time = rt.submit(rt.timeout(Duration::from_secs(3_600), async { 7 })).unwrap();
        assert!(late.await.unwrap().is_err());
        assert_eq!(in_time.await.unwrap(), Ok(7));
    });
}
