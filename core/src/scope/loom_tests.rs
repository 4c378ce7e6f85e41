//! Every order of events between the parts of one scope.

use super::{
    cleanups::Turn,
    drive::Driven,
    join::{End, Join},
    member::Place,
    node::{self, Node},
    shared::Shared,
    task_node::Inside,
};
use crate::{sync::Arc, time::Instant};
use core::{future::poll_fn, task::Poll};
use loom::{future::block_on, thread};

fn open(parent: Option<&Arc<Shared>>) -> Arc<Shared> {
    Shared::new(parent.cloned().map(Inside::Scope), None, Join::AllOk, Instant::FAR_FUTURE)
}

/// What the scope's own task does while it waits for its members.
async fn wait_for_members(shared: &Shared) {
    poll_fn(|cx| {
        shared.life().driver().register(cx.waker());
        if shared.close_if_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// A scope wakes up when its last member goes, and nobody comes in afterwards.
#[test]
fn loom_a_scope_waits_for_its_last_member() {
    loom::model(|| {
        let scope = open(None);
        let places = [Place::take(&scope).unwrap(), Place::take(&scope).unwrap()];
        let threads = places.map(|place| thread::spawn(move || drop(place)));
        block_on(wait_for_members(&scope));
        assert!(Place::take(&scope).is_none());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A scope that is dropped counts for its parent until its last member is gone.
#[test]
fn loom_a_parent_waits_for_the_members_of_a_dropped_scope() {
    loom::model(|| {
        let outer = open(None);
        let inner = open(Some(&outer));
        let place = Place::take(&inner).unwrap();
        let gone = Arc::new(crate::sync::AtomicBool::new(false));
        let told = gone.clone();
        let member = thread::spawn(move || {
            told.store(true, crate::sync::Ordering::Relaxed);
            drop(place);
        });
        inner.close();
        block_on(wait_for_members(&outer));
        assert!(gone.load(crate::sync::Ordering::Relaxed));
        member.join().unwrap();
    });
}

/// A task that fails while another one comes: either it is too late, or it is asked to stop.
#[test]
fn loom_a_failure_reaches_a_task_that_starts_meanwhile() {
    loom::model(|| {
        let scope = open(None);
        let failing = Place::take(&scope).unwrap();
        let failure = {
            let scope = scope.clone();
            thread::spawn(move || {
                scope.exit(End::Failed);
                drop(failing);
            })
        };
        let newcomer = Place::take(&scope);
        let token = scope.token.child_token();
        failure.join().unwrap();
        assert!(newcomer.is_some() && token.is_cancelled());
    });
}

/// A cleanup that is dropped while its turn comes hands it on.
#[test]
fn loom_a_cleanup_that_goes_meanwhile_lets_the_next_one_run() {
    loom::model(|| {
        let scope = open(None);
        let (first, second) = (Turn::new(), Turn::new());
        assert!(scope.push_cleanup(first.link()) && scope.push_cleanup(second.link()));
        let starter = {
            let scope = scope.clone();
            thread::spawn(move || scope.start_cleanups(Instant::FAR_FUTURE))
        };
        scope.cleanup_gone(&second);
        block_on(first.wait());
        scope.cleanup_gone(&first);
        starter.join().unwrap();
        assert!(scope.finish_cleanups());
    });
}

/// A cleanup that comes while the last one goes is either taken and called, or refused.
#[test]
fn loom_a_cleanup_that_comes_at_the_end_is_refused_or_has_its_turn() {
    loom::model(|| {
        let scope = open(None);
        let (first, late) = (Turn::new(), Turn::new());
        assert!(scope.push_cleanup(first.link()));
        scope.start_cleanups(Instant::FAR_FUTURE);
        let gone = {
            let scope = scope.clone();
            thread::spawn(move || scope.cleanup_gone(&first))
        };
        if scope.push_cleanup(late.link()) {
            block_on(late.wait());
            scope.cleanup_gone(&late);
        }
        gone.join().unwrap();
        assert!(scope.finish_cleanups());
    });
}

/// Who waits for a shield to go down is woken by whoever takes down the last one.
#[test]
fn loom_the_last_shield_wakes_who_waits_for_it() {
    loom::model(|| {
        let scope = open(None);
        node::shield(&*scope);
        let other = {
            let scope = scope.clone();
            thread::spawn(move || node::unshield(&*scope))
        };
        block_on(poll_fn(|cx| {
            scope.life().driver().register(cx.waker());
            if scope.life().is_shielded() { Poll::Pending } else { Poll::Ready(()) }
        }));
        other.join().unwrap();
    });
}
