//! The children of a supervisor as one type, without boxes: a chain of them.

use super::{
    child::{AnyChild, Child, ChildSpec, ControlOf},
    drive::{Drive, Factory},
    incarnation::Retire,
};
use crate::supervise::entry::{Entries, Entry};
use core::{convert::Infallible, pin::Pin};
use pin_project_lite::pin_project;

/// Children to be run by the driver `D`.
pub trait Build<D> {
    /// The children as they run.
    type Set: ChildSet;

    /// Whether there is a significant child among them.
    fn is_significant(&self) -> bool;

    /// Makes them ready to run.
    fn build(self, driver: &D) -> Self::Set;
}

/// Children that run, by number.
pub trait ChildSet {
    /// What can be added while they run; [`Infallible`] if nothing can.
    type New;

    /// What they leave to the next run of their supervisor.
    type Left;

    /// Whether there may be delays before their restarts.
    const DELAYS: bool = true;

    /// From now on keeps what the children leave, those that are added later excepted.
    fn keep(&mut self);

    /// Takes over what the same children left.
    fn inherit(&mut self, left: Self::Left);

    /// Hands out what the children leave.
    fn leave(self: Pin<&mut Self>) -> Self::Left;

    /// How many there are.
    fn count(self: Pin<&mut Self>) -> usize;

    /// Child `at`.
    ///
    /// # Panics
    ///
    /// If there is none.
    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut dyn AnyChild>;

    /// Adds a child after all others.
    fn add(self: Pin<&mut Self>, new: Self::New);

    /// Takes away child `at` if children can be added and removed here; true if it did.
    fn remove(self: Pin<&mut Self>, at: usize) -> bool;

    /// A child that is to be added, as one that runs.
    fn new_child(new: &mut Self::New) -> Pin<&mut dyn AnyChild>;
}

pin_project! {
    /// Some children, and one or more after them.
    #[derive(Debug)]
    pub struct Chain<A, B> {
        #[pin]
        pub(in crate::supervise) before: A,
        #[pin]
        pub(in crate::supervise) last: B,
    }
}

impl<D> Build<D> for () {
    type Set = ();

    fn is_significant(&self) -> bool {
        false
    }

    fn build(self, _: &D) {}
}

impl<D: Drive<F::Future>, F: Factory> Build<D> for ChildSpec<F> {
    type Set = Child<D, F>;

    fn is_significant(&self) -> bool {
        self.entry.significant
    }

    fn build(self, driver: &D) -> Child<D, F> {
        Child::new(self, driver)
    }
}

impl<D, A: Build<D>, B: Build<D>> Build<D> for Chain<A, B> {
    type Set = Chain<A::Set, B::Set>;

    fn is_significant(&self) -> bool {
        self.before.is_significant() || self.last.is_significant()
    }

    fn build(self, driver: &D) -> Self::Set {
        Chain { before: self.before.build(driver), last: self.last.build(driver) }
    }
}

/// No children.
impl ChildSet for () {
    type New = Infallible;

    type Left = ();

    const DELAYS: bool = false;

    fn keep(&mut self) {}

    fn inherit(&mut self, (): Self::Left) {}

    fn leave(self: Pin<&mut Self>) -> Self::Left {}

    fn count(self: Pin<&mut Self>) -> usize {
        0
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut dyn AnyChild> {
        panic!("there is no child {at}")
    }

    fn add(self: Pin<&mut Self>, new: Infallible) {
        match new {}
    }

    fn remove(self: Pin<&mut Self>, _: usize) -> bool {
        false
    }

    fn new_child(new: &mut Infallible) -> Pin<&mut dyn AnyChild> {
        match *new {}
    }
}

/// One child.
impl<D: Drive<F::Future>, F: Factory> ChildSet for Child<D, F> {
    type New = Infallible;

    type Left = Retire<ControlOf<F>>;

    const DELAYS: bool = F::DELAYS;

    fn keep(&mut self) {
        Self::keep(self);
    }

    fn inherit(&mut self, left: Self::Left) {
        Self::inherit(self, left);
    }

    fn leave(self: Pin<&mut Self>) -> Self::Left {
        Self::leave(self)
    }

    fn count(self: Pin<&mut Self>) -> usize {
        1
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut dyn AnyChild> {
        assert_eq!(at, 0, "there is one child");
        self
    }

    fn add(self: Pin<&mut Self>, new: Infallible) {
        match new {}
    }

    fn remove(self: Pin<&mut Self>, _: usize) -> bool {
        false
    }

    fn new_child(new: &mut Infallible) -> Pin<&mut dyn AnyChild> {
        match *new {}
    }
}

/// What is added comes to those that are last.
impl<A: ChildSet, B: ChildSet> ChildSet for Chain<A, B> {
    type New = B::New;

    type Left = (A::Left, B::Left);

    const DELAYS: bool = A::DELAYS || B::DELAYS;

    fn keep(&mut self) {
        self.before.keep();
        self.last.keep();
    }

    fn inherit(&mut self, (before, last): Self::Left) {
        self.before.inherit(before);
        self.last.inherit(last);
    }

    fn leave(self: Pin<&mut Self>) -> Self::Left {
        let this = self.project();
        (this.before.leave(), this.last.leave())
    }

    fn count(self: Pin<&mut Self>) -> usize {
        let this = self.project();
        this.before.count() + this.last.count()
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut dyn AnyChild> {
        let mut this = self.project();
        match at.checked_sub(this.before.as_mut().count()) {
            None => this.before.child(at),
            Some(at) => this.last.child(at),
        }
    }

    fn add(self: Pin<&mut Self>, new: B::New) {
        self.project().last.add(new);
    }

    fn remove(self: Pin<&mut Self>, at: usize) -> bool {
        let mut this = self.project();
        match at.checked_sub(this.before.as_mut().count()) {
            None => this.before.remove(at),
            Some(at) => this.last.remove(at),
        }
    }

    fn new_child(new: &mut B::New) -> Pin<&mut dyn AnyChild> {
        B::new_child(new)
    }
}

/// The entries of the children of a set.
pub(in crate::supervise) struct EntriesOf<'a, Set>(pub(in crate::supervise) Pin<&'a mut Set>);

impl<Set: ChildSet> Entries for EntriesOf<'_, Set> {
    fn count(&mut self) -> usize {
        self.0.as_mut().count()
    }

    fn entry(&mut self, at: usize) -> &mut Entry {
        self.0.as_mut().child(at).entry()
    }
}
