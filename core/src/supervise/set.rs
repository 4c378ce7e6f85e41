//! The children of a supervisor as one type, without boxes: a chain of them.

use super::{
    child::{AnyChild, Child, ChildSpec},
    drive::{Drive, Factory},
    event::ChildId,
    spec::{Restart, Shutdown},
};
use core::pin::Pin;
use pin_project_lite::pin_project;

/// Children to be run by the driver `D`.
pub trait Build<D> {
    /// The children as they run.
    type Set: ChildSet;

    /// Makes them ready to run.
    fn build(self, driver: &D) -> Self::Set;
}

/// Children that run, by number.
pub trait ChildSet {
    /// How many there are.
    fn count(&self) -> usize;

    /// Who child `at` is and how it is to be treated.
    fn about(&self, at: usize) -> Option<(ChildId, Restart, Shutdown)>;

    /// Child `at`.
    fn child(self: Pin<&mut Self>, at: usize) -> Option<Pin<&mut dyn AnyChild>>;
}

pin_project! {
    /// Some children, and one or more after them.
    #[derive(Debug)]
    pub struct Chain<A, B> {
        #[pin]
        pub(super) before: A,
        #[pin]
        pub(super) last: B,
    }
}

impl<D> Build<D> for () {
    type Set = ();

    fn build(self, _: &D) {}
}

impl<D: Drive<F::Future>, F: Factory> Build<D> for ChildSpec<F> {
    type Set = Child<D, F>;

    fn build(self, driver: &D) -> Child<D, F> {
        Child::new(self, driver)
    }
}

impl<D, A: Build<D>, B: Build<D>> Build<D> for Chain<A, B> {
    type Set = Chain<A::Set, B::Set>;

    fn build(self, driver: &D) -> Self::Set {
        Chain { before: self.before.build(driver), last: self.last.build(driver) }
    }
}

/// No children.
impl ChildSet for () {
    fn count(&self) -> usize {
        0
    }

    fn about(&self, _: usize) -> Option<(ChildId, Restart, Shutdown)> {
        None
    }

    fn child(self: Pin<&mut Self>, _: usize) -> Option<Pin<&mut dyn AnyChild>> {
        None
    }
}

/// One child.
impl<D: Drive<F::Future>, F: Factory> ChildSet for Child<D, F> {
    fn count(&self) -> usize {
        1
    }

    fn about(&self, at: usize) -> Option<(ChildId, Restart, Shutdown)> {
        (at == 0).then(|| self.about())
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Option<Pin<&mut dyn AnyChild>> {
        if at == 0 { Some(self) } else { None }
    }
}

impl<A: ChildSet, B: ChildSet> ChildSet for Chain<A, B> {
    fn count(&self) -> usize {
        self.before.count() + self.last.count()
    }

    fn about(&self, at: usize) -> Option<(ChildId, Restart, Shutdown)> {
        match at.checked_sub(self.before.count()) {
            None => self.before.about(at),
            Some(at) => self.last.about(at),
        }
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Option<Pin<&mut dyn AnyChild>> {
        let this = self.project();
        match at.checked_sub(this.before.count()) {
            None => this.before.child(at),
            Some(at) => this.last.child(at),
        }
    }
}
