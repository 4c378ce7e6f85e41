//! How a handle holds the channel it belongs to.

use core::{ops::Deref, ptr::NonNull};

/// In a `static`, or counted on the heap; `S` is what both are seen as.
///
/// A pointer and not `&'static S`, so that the heap form may hold what does not live for ever.
pub(crate) enum Held<S: ?Sized, C> {
    #[doc(hidden)]
    Static(Static<S>),
    #[allow(dead_code, reason = "made only where there is a heap")]
    Counted(C),
}

/// A pointer to what lives for ever; made from a `&'static S` only.
pub(crate) struct Static<S: ?Sized>(NonNull<S>);

// SAFETY: it is used like the `&'static S` that it was made from.
unsafe impl<S: ?Sized + Sync> Send for Static<S> {}
// SAFETY: as above.
unsafe impl<S: ?Sized + Sync> Sync for Static<S> {}

impl<S: ?Sized, C> Held<S, C> {
    pub(crate) fn in_static(shared: &'static S) -> Self {
        Self::Static(Static(NonNull::from(shared)))
    }
}

impl<S: ?Sized, C: Deref> Held<S, C> {
    /// What is held; `erase` forgets the size of what the heap form counts.
    #[inline]
    pub(crate) fn get(&self, erase: impl FnOnce(&C::Target) -> &S) -> &S {
        match self {
            // SAFETY: made from a `&'static S`.
            Self::Static(shared) => unsafe { shared.0.as_ref() },
            Self::Counted(shared) => erase(shared),
        }
    }
}

impl<S: ?Sized, C: Clone> Clone for Held<S, C> {
    fn clone(&self) -> Self {
        match self {
            Self::Static(shared) => Self::Static(Static(shared.0)),
            Self::Counted(shared) => Self::Counted(shared.clone()),
        }
    }
}
