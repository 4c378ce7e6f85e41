//! Every order of events in a small tree.

use super::CancelToken;
use loom::thread;

/// A child that is made while its parent is cancelled follows it, whichever comes first.
#[test]
fn loom_a_child_made_meanwhile_is_cancelled_too() {
    loom::model(|| {
        let parent = CancelToken::new();
        let cancel = {
            let parent = parent.clone();
            thread::spawn(move || parent.cancel("stop"))
        };
        let child = parent.child_token();
        assert!(cancel.join().unwrap());
        assert_eq!(child.reason(), Some("stop"));
    });
}

/// A child that goes while its parent is cancelled; and the parent's last handle is the child's.
#[test]
fn loom_a_child_dropped_meanwhile() {
    loom::model(|| {
        let parent = CancelToken::new();
        let (child, other) = (parent.child_token(), parent.child_token());
        let cancel = thread::spawn(move || parent.cancel("stop"));
        drop(child);
        assert!(cancel.join().unwrap());
        assert_eq!(other.reason(), Some("stop"));
    });
}

/// Two requests at once: one is first, and everyone below has the answer of one of them.
#[test]
fn loom_two_requests_in_one_tree() {
    loom::model(|| {
        let parent = CancelToken::new();
        let child = parent.child_token();
        let grandchild = child.child_token();
        let below = thread::spawn(move || child.cancel("below"));
        assert!(parent.cancel("above"));
        below.join().unwrap();
        let reason = grandchild.reason().unwrap();
        assert!(reason == "above" || reason == "below");
        assert_eq!(grandchild.outermost().unwrap().reason, "above");
    });
}
