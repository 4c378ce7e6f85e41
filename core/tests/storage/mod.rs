//! Both storages of a channel, so that one test body runs on each.

#![allow(dead_code, unused_macros, unused_imports, reason = "every test binary uses a part of it")]

use klaw::{
    Channel, Receiver, Sender, bounded,
    channel::broadcast::{self, Broadcast, Overflow},
};
use std::{any::Any, sync::Mutex};

pub(crate) trait Storage {
    fn channel<T: Send + 'static, const N: usize>() -> (Sender<T>, Receiver<T>);

    fn broadcast<T: Send + 'static, const N: usize>(
        overflow: Overflow,
    ) -> (broadcast::Sender<T>, broadcast::Receiver<T>);
}

pub(crate) struct Heap;
pub(crate) struct Inline;

impl Storage for Heap {
    fn channel<T: Send + 'static, const N: usize>() -> (Sender<T>, Receiver<T>) {
        bounded(N)
    }

    fn broadcast<T: Send + 'static, const N: usize>(
        overflow: Overflow,
    ) -> (broadcast::Sender<T>, broadcast::Receiver<T>) {
        broadcast::channel(N, overflow)
    }
}

impl Storage for Inline {
    fn channel<T: Send + 'static, const N: usize>() -> (Sender<T>, Receiver<T>) {
        let channel = forever(Channel::<T, N>::new());
        (channel.sender(), channel.receiver())
    }

    fn broadcast<T: Send + 'static, const N: usize>(
        overflow: Overflow,
    ) -> (broadcast::Sender<T>, broadcast::Receiver<T>) {
        let channel = forever(Broadcast::<T, N>::new(overflow));
        (channel.sender(), channel.receiver())
    }
}

/// Keeps `value` for good, as a `static` does; a leak detector finds it reachable.
pub(crate) fn forever<T: Send + Sync + 'static>(value: T) -> &'static T {
    static KEPT: Mutex<Vec<&'static (dyn Any + Send + Sync)>> = Mutex::new(Vec::new());
    let kept: &'static T = Box::leak(Box::new(value));
    KEPT.lock().unwrap().push(kept);
    kept
}

/// Declares tests that run once on each storage.
macro_rules! on_both_storages {
    ($($(#[$meta:meta])* fn $name:ident<$S:ident>() $body:block)*) => {$(
        $(#[$meta])*
        fn $name<$S: crate::storage::Storage>() $body

        mod $name {
            #[test]
            fn heap() {
                super::$name::<crate::storage::Heap>();
            }

            #[test]
            fn inline() {
                super::$name::<crate::storage::Inline>();
            }
        }
    )*};
}
pub(crate) use on_both_storages;
