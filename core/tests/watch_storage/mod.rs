//! Both storages of a watch channel, so that one test body runs on each.

#![allow(unused_macros, unused_imports, dead_code, reason = "every test binary uses a part of it")]

use crate::storage::forever;
use klaw::channel::watch::{self, Receiver, Sender, Watch};

pub(crate) trait Storage {
    fn watch<T: Send + 'static>(initial: T) -> (Sender<T>, Receiver<T>);
}

pub(crate) struct Heap;
pub(crate) struct Inline;

impl Storage for Heap {
    fn watch<T: Send + 'static>(initial: T) -> (Sender<T>, Receiver<T>) {
        watch::channel(initial)
    }
}

impl Storage for Inline {
    fn watch<T: Send + 'static>(initial: T) -> (Sender<T>, Receiver<T>) {
        let watch = forever(Watch::new(initial));
        (watch.sender(), watch.receiver())
    }
}

/// Declares tests that run once on each storage.
macro_rules! on_both_storages {
    ($($(#[$meta:meta])* fn $name:ident<$S:ident>() $body:block)*) => {$(
        $(#[$meta])*
        fn $name<$S: crate::watch_storage::Storage>() $body

        mod $name {
            #[test]
            fn heap() {
                super::$name::<crate::watch_storage::Heap>();
            }

            #[test]
            fn inline() {
                super::$name::<crate::watch_storage::Inline>();
            }
        }
    )*};
}
pub(crate) use on_both_storages;
