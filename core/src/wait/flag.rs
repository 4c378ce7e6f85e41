//! A flag that is raised once and stays up; any number of tasks may wait for it.

use super::List;
use crate::sync::{AtomicBool, Lock, Ordering, const_fn};
use core::task::Waker;

pub(crate) struct Flag {
    raised: AtomicBool,
    waiters: Lock<List>,
}

impl Flag {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { raised: AtomicBool::new(false), waiters: Lock::new(List::new()) }
        }
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        // Nobody parks any more.
        let mut more = true;
        while more {
            let waker = self.waiters.with(|list| {
                let waker = list.pop_front();
                more = !list.is_empty();
                waker
            });
            waker.into_iter().for_each(Waker::wake);
        }
    }

    /// The list of those who wait for it, and whether it is up.
    pub(crate) fn with_list<R>(&self, f: impl FnOnce(&mut List, bool) -> R) -> R {
        self.waiters.with(|list| f(list, self.is_raised()))
    }
}
