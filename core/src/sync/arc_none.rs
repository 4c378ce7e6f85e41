//! Shared ownership where there is no heap: a type without values, so that handles need no cfg.

use core::{convert::Infallible, marker::PhantomData, ops::Deref};

#[allow(missing_debug_implementations, reason = "it has no values")]
pub struct Arc<T>(Infallible, PhantomData<T>);

impl<T> Arc<T> {
    pub(crate) const fn never(&self) -> ! {
        match self.0 {}
    }

    pub(crate) const fn downgrade(this: &Self) -> Weak<T> {
        match this.0 {}
    }
}

pub(crate) struct Weak<T>(Infallible, PhantomData<T>);

impl<T> Weak<T> {
    pub(crate) const fn upgrade(&self) -> Option<Arc<T>> {
        match self.0 {}
    }
}

impl<T> Clone for Weak<T> {
    fn clone(&self) -> Self {
        match self.0 {}
    }
}

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
