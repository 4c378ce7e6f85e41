//! The only folder that knows the platform: locks, atomics, shared ownership, tables, loom's stand-ins.
//!
//! | build | [`Lock`], [`Mutex`] | atomics | `Arc` |
//! |---|---|---|---|
//! | `--cfg loom` | `loom::sync::Mutex` | loom's | loom's |
//! | feature `std` | one swap, spins briefly, then sleeps | core's | std's |
//! | otherwise | a critical section, which the application implements | core's | none, or the one below with `alloc` |
//! | no compare-and-swap, `alloc` | a critical section | core's | portable-atomic-util's |

pub(crate) use atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
pub(crate) use byte::AtomicByte;
pub(crate) use cell::UnsafeCell;
pub(crate) use lock::{ACQUIRE, INLINED, Lock, Mutex, RELEASE};
pub(crate) use shared::{Arc, Weak};
pub(crate) use sharing::{Compact, Exclusive, Held, LocalLock, Maybe, Present};
pub use sharing::{Local, Shared, Sharing};
pub(crate) use spin::{Mark, Spin};
pub(crate) use table::{QUEUE_LIMIT, Queue, push_back};
pub(crate) use weak::downgrade;

/// Declares a function that is `const` wherever the platform's primitives allow it.
macro_rules! const_fn {
    ($(#[$meta:meta])* $vis:vis const fn $($rest:tt)*) => {
        #[cfg(not(loom))]
        $(#[$meta])* $vis const fn $($rest)*
        #[cfg(loom)]
        $(#[$meta])* $vis fn $($rest)*
    };
}
pub(crate) use const_fn;

/// An array of as many equal values, `const` wherever the platform's primitives allow it.
macro_rules! array_of {
    ($value:expr; $count:expr) => {{
        #[cfg(not(loom))]
        let array = [const { $value }; $count];
        #[cfg(loom)]
        let array = core::array::from_fn::<_, { $count }, _>(|_| $value);
        array
    }};
}
pub(crate) use array_of;

#[cfg(loom)]
mod atomic {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
}

#[cfg(not(loom))]
mod atomic {
    // Of these only loads and stores are used, so they exist on chips without compare-and-swap too.
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
}

#[cfg(any(loom, target_has_atomic = "8"))]
mod byte;
#[cfg(not(any(loom, target_has_atomic = "8")))]
#[path = "byte_critical.rs"]
mod byte;

#[cfg(loom)]
#[path = "cell_loom.rs"]
mod cell;
#[cfg(not(loom))]
mod cell;

#[cfg(loom)]
#[path = "lock_loom.rs"]
mod lock;
#[cfg(all(not(loom), feature = "std"))]
#[path = "lock_std.rs"]
mod lock;
#[cfg(not(any(loom, feature = "std")))]
#[path = "lock_critical.rs"]
mod lock;

mod sharing;

// A mailbox has nothing of what only counted handles need. On a chip code is dearer: laid out as other
// rings are, a mailbox is served by theirs.
#[cfg(feature = "std")]
pub(crate) use sharing::Absent as Uncounted;
#[cfg(not(feature = "std"))]
pub(crate) use sharing::Present as Uncounted;

#[cfg(all(not(loom), feature = "std"))]
mod spin;
#[cfg(not(all(not(loom), feature = "std")))]
#[path = "spin_none.rs"]
mod spin;

/// Keeps the two ends of a channel on cache lines of their own, where there is a cache.
#[cfg_attr(feature = "std", repr(align(128)))]
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct CachePadded<T>(pub(crate) T);

impl<T> core::borrow::Borrow<T> for CachePadded<T> {
    #[inline(always)]
    fn borrow(&self) -> &T {
        &self.0
    }
}

#[cfg(all(feature = "alloc", loom))]
mod shared {
    pub(crate) use super::weak::Weak;
    pub(crate) use loom::sync::Arc;
}

#[cfg(all(feature = "alloc", not(loom), target_has_atomic = "ptr"))]
mod shared {
    pub(crate) use alloc::sync::{Arc, Weak};
}

#[cfg(all(feature = "alloc", not(loom), not(target_has_atomic = "ptr")))]
mod shared {
    pub(crate) use portable_atomic_util::{Arc, Weak};
}

#[cfg(not(feature = "alloc"))]
#[path = "arc_none.rs"]
mod shared;

#[cfg(loom)]
#[path = "weak_loom.rs"]
mod weak;
#[cfg(not(loom))]
mod weak;

#[cfg(feature = "alloc")]
pub(crate) mod single {
    pub(crate) use alloc::rc::Rc;
}

#[cfg(not(feature = "alloc"))]
pub(crate) mod single {
    pub(crate) use super::shared::Arc as Rc;
}

#[cfg(feature = "alloc")]
#[path = "table_heap.rs"]
mod table;
#[cfg(not(feature = "alloc"))]
#[path = "table_inline.rs"]
mod table;
