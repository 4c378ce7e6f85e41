//! What few actors have, each made when it is first asked for.

use super::{
    at_end::Node as Action, sending::questions::Questions, sending::wait_for::Node,
    serving::stash::Stashed,
};
use crate::{
    sync::{Arc, Lock, const_fn},
    time::Instant,
};
use alloc::boxed::Box;

/// All of it behind one lock: an actor that has nothing of it pays a word for each.
pub(crate) struct Seldom<M>(pub(super) Lock<Parts<M>>);

pub(super) struct Parts<M> {
    /// The table of its open questions.
    questions: Option<Arc<Questions>>,
    /// It among the actors that wait for each other.
    node: Option<Arc<Node>>,
    /// Messages put aside, or brought back.
    pub(super) stashed: Option<Box<Stashed<M>>>,
    /// What is done once it has ended for good; the first of a list.
    pub(super) actions: Option<Box<Action>>,
    /// When the poll in hand began, of an incarnation that is watched; far in the future if it is in none.
    pub(super) busy: Instant,
    /// No message is put aside any more.
    pub(super) stash_closed: bool,
    /// It has ended for good.
    pub(super) over: bool,
}

impl<M> Seldom<M> {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Lock::new(Parts {
                questions: None,
                node: None,
                stashed: None,
                actions: None,
                busy: Instant::FAR_FUTURE,
                stash_closed: false,
                over: false,
            }))
        }
    }

    pub(super) fn questions(&self) -> Arc<Questions> {
        self.shared(|parts| &mut parts.questions, Questions::new)
    }

    pub(super) fn node(&self) -> Arc<Node> {
        self.shared(|parts| &mut parts.node, Node::new)
    }

    pub(super) fn busy(&self) -> Instant {
        self.0.with(|parts| parts.busy)
    }

    pub(super) fn set_busy(&self, busy: Instant) {
        self.0.with(|parts| parts.busy = busy);
    }

    fn shared<T>(
        &self,
        place: impl Fn(&mut Parts<M>) -> &mut Option<Arc<T>>,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        if let Some(made) = self.0.with(|parts| place(parts).clone()) {
            return made;
        }
        // Made before the lock is taken (K4); of two that are made at once the first one stays.
        let spare = Arc::new(make());
        self.0.with(|parts| place(parts).get_or_insert_with(|| spare.clone()).clone())
    }
}

impl<M> Drop for Seldom<M> {
    /// Nobody can reach the mailbox any more: an end as well.
    fn drop(&mut self) {
        Action::run_all(self.0.get_mut().actions.take());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_made_once() {
        let seldom = Seldom::<()>::new();
        assert!(Arc::ptr_eq(&seldom.node(), &seldom.node()));
        assert!(Arc::ptr_eq(&seldom.questions(), &seldom.questions()));
    }

    #[test]
    fn an_idle_mailbox_pays_seven_words() {
        assert!(size_of::<Seldom<[u8; 1000]>>() <= 7 * size_of::<u64>());
    }
}
