//! Every kind of channel, so that one test body runs on each.

#![allow(dead_code, unused_macros, unused_imports, reason = "every test binary uses a part of it")]

use core::sync::atomic::AtomicPtr;
use klaw::{
    Channel, Receiver, Sender, bounded,
    channel::{
        Local, Shared, Sharing,
        broadcast::{self, Broadcast, Overflow},
        local,
    },
};
use std::sync::Mutex;

/// A channel that threads share.
pub(crate) trait Storage {
    fn channel<T: Send + 'static, const N: usize>() -> (Sender<T>, Receiver<T>);

    fn broadcast<T: Send + 'static, const N: usize>(
        overflow: Overflow,
    ) -> (broadcast::Sender<T>, broadcast::Receiver<T>);
}

/// A channel that threads share or that stays on one.
pub(crate) trait Flavour {
    type Sharing: Sharing;

    /// Whether its slots are there from the start.
    const INLINE: bool;

    fn channel<T: Send + 'static, const N: usize>() -> Ends<T, Self::Sharing>;
}

pub(crate) type Ends<T, M> = (Sender<T, M>, Receiver<T, M>);

pub(crate) struct Heap;
pub(crate) struct Inline;
pub(crate) struct LocalHeap;
pub(crate) struct LocalInline;

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

impl Flavour for Heap {
    type Sharing = Shared;
    const INLINE: bool = false;

    fn channel<T: Send + 'static, const N: usize>() -> Ends<T, Shared> {
        <Self as Storage>::channel::<T, N>()
    }
}

impl Flavour for Inline {
    type Sharing = Shared;
    const INLINE: bool = true;

    fn channel<T: Send + 'static, const N: usize>() -> Ends<T, Shared> {
        <Self as Storage>::channel::<T, N>()
    }
}

impl Flavour for LocalHeap {
    type Sharing = Local;
    const INLINE: bool = false;

    fn channel<T: Send + 'static, const N: usize>() -> Ends<T, Local> {
        local::bounded(N)
    }
}

impl Flavour for LocalInline {
    type Sharing = Local;
    const INLINE: bool = true;

    fn channel<T: Send + 'static, const N: usize>() -> Ends<T, Local> {
        let channel = forever(Channel::<T, N, Local>::new_local());
        (channel.sender(), channel.receiver())
    }
}

/// Keeps `value` for good, as a `static` does; a leak detector finds it reachable.
pub(crate) fn forever<T: 'static>(value: T) -> &'static T {
    static KEPT: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());
    let kept: &'static T = Box::leak(Box::new(value));
    KEPT.lock().unwrap().push(AtomicPtr::new(core::ptr::from_ref(kept).cast_mut().cast()));
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

/// Declares tests that run once on each storage, shared by threads and for one thread.
macro_rules! on_every_flavour {
    ($($(#[$meta:meta])* fn $name:ident<$S:ident>() $body:block)*) => {$(
        $(#[$meta])*
        fn $name<$S: crate::storage::Flavour>() $body

        mod $name {
            use crate::storage;

            #[test]
            fn heap() {
                super::$name::<storage::Heap>();
            }

            #[test]
            fn inline() {
                super::$name::<storage::Inline>();
            }

            #[test]
            fn local_heap() {
                super::$name::<storage::LocalHeap>();
            }

            #[test]
            fn local_inline() {
                super::$name::<storage::LocalInline>();
            }
        }
    )*};
}
pub(crate) use on_every_flavour;
