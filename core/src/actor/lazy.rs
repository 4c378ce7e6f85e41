//! What an actor shares with others, made when it is first asked for.

use crate::sync::{Arc, Lock, const_fn};

/// One pointer until then.
pub(crate) struct Lazy<T>(Lock<Option<Arc<T>>>);

impl<T> Lazy<T> {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Lock::new(None))
        }
    }

    pub(super) fn get(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(made) = self.0.with(|made| made.clone()) {
            return made;
        }
        // Made before the lock is taken (K4); of two that are made at once the first one stays.
        let spare = Arc::new(make());
        self.0.with(|made| made.get_or_insert_with(|| spare.clone()).clone())
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once() {
        let lazy = Lazy::new();
        let first = lazy.get(|| 1);
        assert!(Arc::ptr_eq(&first, &lazy.get(|| unreachable!("made a second time"))));
    }
}
