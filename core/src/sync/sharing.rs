//! Whether something is shared between threads or stays on one.

use super::{
    CachePadded, Uncounted,
    lock::{Guard, Lock},
    shared::Arc,
    single::Rc,
};
use core::{
    borrow::Borrow,
    cell::UnsafeCell,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
};

/// Who shares a channel: any thread and interrupt ([`Shared`]), or one thread only ([`Local`]).
///
/// Sealed: klaw has all there are.
pub trait Sharing: Sized + 'static + sealed::Sealed {
    #[doc(hidden)]
    const BETWEEN_THREADS: bool;
    #[doc(hidden)]
    type Lock<T>: Exclusive<T>;
    #[doc(hidden)]
    type Counted<T>: Clone + Deref<Target = T>;
    /// What holds the one or the other end of a channel.
    #[doc(hidden)]
    type Side<T>: Borrow<T>;
    /// What there is only if its handles are counted, and waited for until it closes.
    #[doc(hidden)]
    type IfCounted<T>: Maybe<T>;
}

/// Something, or by its type nothing.
pub trait Maybe<T> {
    fn get_mut(&mut self) -> Option<&mut T>;
}

/// Something.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct Present<T>(T);

/// Nothing.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
#[allow(dead_code, reason = "room counts on hosts only")]
pub(crate) struct Absent<T>(PhantomData<fn() -> T>);

impl<T> Present<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }
}

#[allow(dead_code, reason = "room counts on hosts only")]
impl<T> Absent<T> {
    /// Without `value`, which needs no destructor.
    pub(crate) const fn new(value: T) -> Self {
        const { assert!(!core::mem::needs_drop::<T>(), "it would not be dropped") };
        let _forgotten = ManuallyDrop::new(value);
        Self(PhantomData)
    }
}

impl<T> Maybe<T> for Present<T> {
    #[inline]
    fn get_mut(&mut self) -> Option<&mut T> {
        Some(&mut self.0)
    }
}

impl<T> Maybe<T> for Absent<T> {
    #[inline]
    fn get_mut(&mut self) -> Option<&mut T> {
        None
    }
}

/// Shared by threads and interrupts.
#[derive(Clone, Copy, Debug)]
pub struct Shared;

/// As [`Shared`], where there are so many that room counts for more than a line for each end, and where
/// nobody counts the handles.
pub(crate) struct Compact;

/// Kept on one thread: no atomic read-modify-write at all, and handles that are not `Send`.
#[derive(Clone, Copy, Debug)]
pub struct Local;

impl Sharing for Shared {
    const BETWEEN_THREADS: bool = true;
    type Lock<T> = Lock<T>;
    type Counted<T> = Arc<T>;
    type Side<T> = CachePadded<T>;
    type IfCounted<T> = Present<T>;
}

impl Sharing for Compact {
    const BETWEEN_THREADS: bool = true;
    type Lock<T> = Lock<T>;
    type Counted<T> = Arc<T>;
    type Side<T> = T;
    type IfCounted<T> = Uncounted<T>;
}

impl Sharing for Local {
    const BETWEEN_THREADS: bool = false;
    type Lock<T> = LocalLock<T>;
    type Counted<T> = Rc<T>;
    type Side<T> = T;
    type IfCounted<T> = Present<T>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Shared {}
    impl Sealed for super::Compact {}
    impl Sealed for super::Local {}
}

/// Mutual exclusion for a few instructions.
pub trait Exclusive<T> {
    type Guard<'a>: DerefMut<Target = T>
    where
        Self: 'a;

    fn new(value: T) -> Self;
    fn lock(&self) -> Self::Guard<'_>;
    /// The same if nobody is inside.
    fn try_lock(&self) -> Option<Self::Guard<'_>>;

    #[inline]
    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock())
    }
}

/// The guard of a channel's lock.
pub(crate) type Held<'a, M, T> = <<M as Sharing>::Lock<T> as Exclusive<T>>::Guard<'a>;

impl<T> Exclusive<T> for Lock<T> {
    type Guard<'a>
        = Guard<'a, T>
    where
        T: 'a;

    fn new(value: T) -> Self {
        Self::new(value)
    }

    #[inline]
    fn lock(&self) -> Guard<'_, T> {
        Self::lock(self)
    }

    #[inline]
    fn try_lock(&self) -> Option<Guard<'_, T>> {
        Self::try_lock(self)
    }
}

/// The lock of one thread: nothing.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct LocalLock<T>(UnsafeCell<T>);

impl<T> LocalLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }
}

/// Whoever is inside. Not a `&mut`: one that is an argument counts as in use until its function
/// returns, though the lock was given up before.
#[allow(missing_debug_implementations, reason = "never in the hands of a user")]
pub struct LocalGuard<'a, T>(&'a LocalLock<T>);

impl<T> Deref for LocalGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: not `Sync`, so only this thread is here; K4 keeps foreign code out, and klaw never
        // takes a lock it holds, so no second reference to the value exists.
        unsafe { &*self.0.0.get() }
    }
}

impl<T> DerefMut for LocalGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { &mut *self.0.0.get() }
    }
}

impl<T> Exclusive<T> for LocalLock<T> {
    type Guard<'a>
        = LocalGuard<'a, T>
    where
        T: 'a;

    fn new(value: T) -> Self {
        Self::new(value)
    }

    #[inline]
    fn lock(&self) -> LocalGuard<'_, T> {
        LocalGuard(self)
    }

    #[inline]
    fn try_lock(&self) -> Option<LocalGuard<'_, T>> {
        Some(self.lock())
    }
}
