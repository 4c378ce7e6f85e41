//! Trees of supervisors, and children that are plain futures.

use super::*;
use core::{
    future::pending,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use klaw::{CancelToken, Restart, Shutdown, Strategy, Supervisor, TreeError, bounded, task};
use std::sync::Arc;
use witness::{Drops, busy};

#[test]
fn a_supervisor_that_gave_up_is_restarted_by_the_one_above() {
    run(async |rt: Rt| {
        let (starts, clock) = (Arc::new(AtomicUsize::new(0)), rt.clock().clone());
        let counted = starts.clone();
        let (up, upped) = bounded(8);
        let outer = Supervisor::new(Strategy::OneForOne).shutdown(Shutdown::Infinite).child(
            "inner",
            Restart::OnFailure,
            move || {
                let (stop, starts, up) = (CancelToken::new(), counted.clone(), up.clone());
                let inner = Supervisor::new(Strategy::OneForOne).max_restarts(1).child(
                    "leaf",
                    Restart::Always,
                    move || {
                        let (starts, up) = (starts.clone(), up.clone());
                        task(async move {
                            // Fails until the inner supervisor has given up once.
                            let start = starts.fetch_add(1, Ordering::SeqCst);
                            if start < 2 {
                                return Err("not yet");
                            }
                            up.try_send(start).unwrap();
                            pending().await
                        })
                    },
                );
                task(inner.run(&clock).until(stop.cancelled())).stop_with(stop)
            },
        );
        let tree = rt.supervise(outer).unwrap();
        assert_eq!(upped.recv().await, Ok(2));
        assert_eq!(tree.stop().await, Ok(()));
        assert_eq!(starts.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn a_tree_ends_when_all_its_children_are_over() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(2);
        let job = |tx: klaw::Sender<u8>, n| {
            move || {
                let tx = tx.clone();
                task(async move { tx.send(n).await })
            }
        };
        let tree = Supervisor::new(Strategy::OneForOne)
            .child("one", Restart::OnFailure, job(tx.clone(), 1))
            .child("two", Restart::OnFailure, job(tx, 2));
        assert_eq!(rt.supervise(tree).unwrap().join().await, Ok(()));
        assert_eq!(rx.len(), 2);
    });
}

#[test]
fn a_child_that_does_not_stop_in_time_is_dropped() {
    run(async |rt: Rt| {
        let (drops, begin, limit) = (Drops::default(), rt.now(), Duration::from_millis(3));
        let guards = drops.clone();
        let tree = Supervisor::new(Strategy::OneForOne).shutdown(Shutdown::Drain(limit)).child(
            "deaf",
            Restart::Always,
            move || task(busy(guards.guard())).stop_with(CancelToken::new()),
        );
        let tree = rt.supervise(tree).unwrap();
        assert_eq!(tree.stop().await, Ok(()));
        // Stopped before its start, it was never there.
        assert!(drops.count() == 0 || rt.now() >= begin.saturating_add(limit));
    });
}

fn no_luck(at_all: bool) {
    assert!(!at_all, "on purpose");
}

#[test]
fn a_panic_of_a_child_is_a_failure_of_the_tree_only() {
    run(async |rt: Rt| {
        let tree = Supervisor::new(Strategy::OneForOne).max_restarts(0).child(
            "panics",
            Restart::Always,
            || task(async { no_luck(true) }),
        );
        let Err(TreeError::GaveUp(gave_up)) = rt.supervise(tree).unwrap().join().await else {
            panic!("no restart is allowed")
        };
        assert_eq!(gave_up.child.name, "panics");
        assert_eq!(rt.submit(async { "on" }).unwrap().await.unwrap(), "on");
    });
}
