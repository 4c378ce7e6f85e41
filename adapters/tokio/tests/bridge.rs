//! Requests to stop between tokio's tokens and klaw's.

use futures_util::FutureExt;
use klaw_tokio::{CancelBridge, CancelToken, Strategy, Supervisor};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_request_goes_down_from_tokio_to_klaw() {
    let above = CancellationToken::new();
    let bridge = CancelBridge::from(above.clone());
    let below = bridge.cancel_token();
    let passing = tokio::spawn(bridge);
    tokio::task::yield_now().await;
    assert!(!below.is_cancelled() && !passing.is_finished());
    above.cancel();
    assert_eq!(below.cancelled().await.reason, "a CancellationToken was cancelled");
    passing.await.unwrap();
}

#[tokio::test]
async fn a_request_goes_down_from_klaw_to_tokio() {
    let above = CancelToken::new();
    let bridge = CancelBridge::from(above.clone());
    let below = bridge.cancellation_token();
    let child = below.child_token();
    let passing = tokio::spawn(bridge);
    tokio::task::yield_now().await;
    above.cancel("shutdown");
    child.cancelled().await;
    passing.await.unwrap();
    assert!(below.is_cancelled());
}

#[tokio::test]
async fn a_request_does_not_go_up_and_ends_the_bridge() {
    let bridge = CancelBridge::from(CancellationToken::new());
    let (above, below) = (bridge.cancellation_token(), bridge.cancel_token());
    below.cancel("just this");
    bridge.await;
    assert!(!above.is_cancelled());

    let bridge = CancelBridge::from(CancelToken::new());
    let (above, below) = (bridge.cancel_token(), bridge.cancellation_token());
    below.cancel();
    bridge.await;
    assert!(!above.is_cancelled());
}

#[test]
fn a_request_made_before_is_there_from_the_start() {
    let above = CancellationToken::new();
    above.cancel();
    assert!(CancelBridge::from(above).cancel_token().is_cancelled());
    let above = CancelToken::new();
    above.cancel("shutdown");
    assert!(CancelBridge::from(above).cancellation_token().is_cancelled());
}

#[test]
fn a_dropped_bridge_unties_them() {
    let above = CancellationToken::new();
    let mut bridge = Box::pin(CancelBridge::from(above.clone()));
    let below = bridge.cancel_token();
    assert!(bridge.as_mut().now_or_never().is_none());
    drop(bridge);
    above.cancel();
    assert!(!below.is_cancelled());
}

#[tokio::test]
async fn a_supervisor_stops_with_tokios_token() {
    let shutdown = CancellationToken::new();
    let rt = klaw_tokio::runtime(&tokio::runtime::Handle::current());
    let tree = Supervisor::new(Strategy::OneForOne)
        .child("idle", klaw_tokio::Restart::Always, || {
            klaw_tokio::task(std::future::pending::<()>())
        })
        .run(rt.clock())
        .until(shutdown.clone().cancelled_owned());
    let running = rt.submit(tree).unwrap();
    shutdown.cancel();
    assert_eq!(running.await.unwrap(), Ok(()));
}
