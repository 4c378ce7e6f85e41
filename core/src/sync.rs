//! The only file that knows the platform: locks, atomics, `Arc`, tables and loom's stand-ins.
//!
//! | build | `Lock` | atomics | `Arc` |
//! |---|---|---|---|
//! | `--cfg loom` | `loom::sync::Mutex` | loom's | loom's |
//! | feature `std` | `std::sync::Mutex` (spins briefly, then parks) | core's | std's |
//! | otherwise | a critical section, which the application implements | core's | none, or the one below with `alloc` |
//! | no compare-and-swap, `alloc` | a critical section | core's | portable-atomic-util's |

pub(crate) use atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
pub(crate) use cell::UnsafeCell;
pub(crate) use lock::Lock;
pub(crate) use shared::Arc;
pub(crate) use table::{QUEUE_LIMIT, Queue, Table, push, push_back};

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
    // Only loads and stores are used, every read-modify-write happens under a lock; so these exist
    // on chips without compare-and-swap too.
    pub(crate) use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
}

#[cfg(loom)]
mod cell {
    /// [`loom::cell::UnsafeCell`], for which being freed counts as an access too.
    #[derive(Debug)]
    pub(crate) struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::cell::UnsafeCell::new(value))
        }

        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            self.0.with(f)
        }

        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            self.0.with_mut(f)
        }
    }

    impl<T> Drop for UnsafeCell<T> {
        fn drop(&mut self) {
            self.0.with_mut(|_| ());
        }
    }
}

#[cfg(not(loom))]
mod cell {
    /// [`core::cell::UnsafeCell`] with the interface of loom's, which tracks every access.
    #[derive(Debug)]
    pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(core::cell::UnsafeCell::new(value))
        }

        #[inline(always)]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}

#[cfg(any(loom, feature = "std"))]
mod lock {
    #[cfg(loom)]
    use loom::sync::Mutex;
    #[cfg(not(loom))]
    use std::sync::Mutex;
    use std::sync::PoisonError;

    /// Mutual exclusion for a few instructions; never held while foreign code runs (K4).
    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        super::const_fn! {
            pub(crate) const fn new(value: T) -> Self {
                Self(Mutex::new(value))
            }
        }

        #[inline]
        pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
            // No closure passed here runs foreign code, so a poisoned lock guards sound data.
            f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

#[cfg(not(any(loom, feature = "std")))]
mod lock {
    use core::cell::UnsafeCell;

    /// Mutual exclusion for a few instructions; never held while foreign code runs (K4).
    pub(crate) struct Lock<T>(UnsafeCell<T>);

    // SAFETY: the value is reached only inside a critical section, which excludes every other
    // thread and interrupt of the program (contract of the `critical-section` implementation).
    unsafe impl<T: Send> Sync for Lock<T> {}

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(UnsafeCell::new(value))
        }

        #[inline]
        pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
            critical_section::with(|_| {
                // SAFETY: inside a critical section; K4 keeps foreign code out of `f`, and klaw
                // never takes a lock it holds, so no second reference to the value exists.
                f(unsafe { &mut *self.0.get() })
            })
        }
    }
}

/// Keeps the two ends of a channel on cache lines of their own, where there is a cache.
#[cfg_attr(feature = "std", repr(align(128)))]
pub(crate) struct CachePadded<T>(pub(crate) T);

#[cfg(all(feature = "alloc", loom))]
mod shared {
    pub(crate) use loom::sync::Arc;
}

#[cfg(all(feature = "alloc", not(loom), target_has_atomic = "ptr"))]
mod shared {
    pub(crate) use alloc::sync::Arc;
}

#[cfg(all(feature = "alloc", not(loom), not(target_has_atomic = "ptr")))]
mod shared {
    pub(crate) use portable_atomic_util::Arc;
}

#[cfg(not(feature = "alloc"))]
mod shared {
    use core::{convert::Infallible, marker::PhantomData, ops::Deref};

    /// Shared ownership where there is no heap: a type without values, so that handles need no cfg.
    pub(crate) struct Arc<T>(Infallible, PhantomData<T>);

    impl<T> Clone for Arc<T> {
        fn clone(&self) -> Self {
            match self.0 {}
        }
    }

    impl<T> Deref for Arc<T> {
        type Target = T;

        fn deref(&self) -> &T {
            match self.0 {}
        }
    }
}

#[cfg(feature = "alloc")]
mod table {
    pub(crate) use alloc::{collections::VecDeque as Queue, vec::Vec as Table};

    /// How much a queue holds at most.
    pub(crate) const QUEUE_LIMIT: Option<usize> = None;

    pub(crate) fn push<T>(table: &mut Table<T>, value: T) -> Result<(), T> {
        table.push(value);
        Ok(())
    }

    pub(crate) fn push_back<T>(queue: &mut Queue<T>, value: T) -> Result<(), T> {
        queue.push_back(value);
        Ok(())
    }
}

#[cfg(not(feature = "alloc"))]
mod table {
    const LIMIT: usize = 16;

    /// How much a queue holds at most.
    pub(crate) const QUEUE_LIMIT: Option<usize> = Some(LIMIT);

    /// One entry for each child of a supervisor.
    pub(crate) type Table<T> = heapless::Vec<T, LIMIT>;
    /// One entry for each restart within the window.
    pub(crate) type Queue<T> = heapless::Deque<T, LIMIT>;

    pub(crate) fn push<T>(table: &mut Table<T>, value: T) -> Result<(), T> {
        table.push(value)
    }

    pub(crate) fn push_back<T>(queue: &mut Queue<T>, value: T) -> Result<(), T> {
        queue.push_back(value)
    }
}
