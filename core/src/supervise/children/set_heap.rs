//! As many children of one kind as are wanted, on the heap.

use super::{
    child::{AnyChild, Child, ChildSpec, ControlOf},
    delays::{Delayed, RestartDelays},
    drive::{Drive, Factory},
    incarnation::Retire,
    last::Specified,
    set::{Build, Chain, ChildSet},
};
use crate::supervise::{
    entry::Entry, events::event::ChildId, spec::Restart, supervisor::Supervisor,
};
use alloc::{boxed::Box, vec::Vec};
use core::{convert::Infallible, fmt, pin::Pin};

/// Children of one kind as specified; made by [`Supervisor::children`](crate::supervise::Supervisor::children).
#[derive(Debug)]
pub struct GroupSpec<F>(pub(in crate::supervise) Vec<ChildSpec<F>>);

/// Children on the heap: of one kind, or of any as `Group<dyn AnyChild>`.
///
/// Others can be added and removed while it runs, by [`Requests`](crate::supervise::Requests).
pub struct Group<T: ?Sized>(Vec<Pin<Box<T>>>);

impl<Set, O> Supervisor<Set, O> {
    /// Adds `count` children of one kind; `factory` gives the factory of each, by its number.
    pub fn children<F: Factory>(
        self,
        name: &'static str,
        count: usize,
        restart: Restart,
        mut factory: impl FnMut(usize) -> F,
    ) -> Supervisor<Chain<Set, GroupSpec<F>>, O> {
        let entry = Entry::new(restart, self.shutdown);
        let spec = |index| {
            let id = ChildId { name, index: Some(index) };
            ChildSpec { id, entry, factory: factory(index) }
        };
        let group = GroupSpec((0..count).map(spec).collect());
        self.add(group)
    }

    /// Adds the children of `group`, to which others can be added while it runs.
    pub fn group<T: AnyChild + ?Sized>(
        self,
        group: Group<T>,
    ) -> Supervisor<Chain<Set, Group<T>>, O> {
        self.add(group)
    }
}

impl<T: AnyChild + ?Sized> Group<T> {
    /// No children yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }
}

impl<T: AnyChild + ?Sized> Default for Group<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F> Specified for GroupSpec<F> {
    type Delayed<S: Clone> = GroupSpec<Delayed<F, S>>;

    fn each(&mut self, change: &mut dyn FnMut(&mut Entry)) {
        self.0.iter_mut().for_each(|spec| change(&mut spec.entry));
    }

    fn delayed<S: Clone>(self, delays: RestartDelays<S>) -> Self::Delayed<S> {
        GroupSpec(self.0.into_iter().map(|spec| spec.delay(delays.clone())).collect())
    }
}

impl<D: Drive<F::Future>, F: Factory> Build<D> for GroupSpec<F> {
    type Set = Group<Child<D, F>>;

    fn is_significant(&self) -> bool {
        self.0.iter().any(|spec| spec.entry.significant)
    }

    fn build(self, driver: &D) -> Group<Child<D, F>> {
        Group(self.0.into_iter().map(|spec| Box::pin(Child::new(spec, driver))).collect())
    }
}

impl<D, T: Kind + ?Sized> Build<D> for Group<T> {
    type Set = Self;

    fn is_significant(&self) -> bool {
        false // there are none yet
    }

    fn build(self, _: &D) -> Self {
        self
    }
}

/// A child of any kind that can lie in a box.
pub trait Kind: AnyChild {
    /// What it leaves to the next run of its supervisor.
    type Left;

    /// The same without its kind.
    fn any(self: Pin<&mut Self>) -> Pin<&mut dyn AnyChild>;

    /// From now on keeps what it leaves.
    fn keep(self: Pin<&mut Self>);

    /// Whether it keeps what it leaves.
    fn is_kept(self: Pin<&mut Self>) -> bool;

    /// Takes over what the same child left.
    fn inherit(self: Pin<&mut Self>, left: Self::Left);

    /// Hands out what it leaves, if it keeps that.
    fn leave(self: Pin<&mut Self>) -> Option<Self::Left>;
}

impl<D: Drive<F::Future>, F: Factory> Kind for Child<D, F> {
    type Left = Retire<ControlOf<F>>;

    fn any(self: Pin<&mut Self>) -> Pin<&mut dyn AnyChild> {
        self
    }

    fn keep(self: Pin<&mut Self>) {
        self.keep_pinned();
    }

    fn is_kept(self: Pin<&mut Self>) -> bool {
        Self::is_kept(self)
    }

    fn inherit(self: Pin<&mut Self>, left: Self::Left) {
        self.inherit_pinned(left);
    }

    fn leave(mut self: Pin<&mut Self>) -> Option<Self::Left> {
        Self::is_kept(self.as_mut()).then(|| Self::leave(self))
    }
}

/// Added while its supervisor runs, so it leaves nothing to the next run.
impl Kind for dyn AnyChild {
    type Left = Infallible;

    fn any(self: Pin<&mut Self>) -> Pin<&mut dyn AnyChild> {
        self
    }

    fn keep(self: Pin<&mut Self>) {}

    fn is_kept(self: Pin<&mut Self>) -> bool {
        false
    }

    fn inherit(self: Pin<&mut Self>, left: Infallible) {
        match left {}
    }

    fn leave(self: Pin<&mut Self>) -> Option<Infallible> {
        None
    }
}

/// Added while its supervisor runs, so it leaves nothing to the next run.
impl Kind for dyn AnyChild + Send {
    type Left = Infallible;

    fn any(self: Pin<&mut Self>) -> Pin<&mut dyn AnyChild> {
        self
    }

    fn keep(self: Pin<&mut Self>) {}

    fn is_kept(self: Pin<&mut Self>) -> bool {
        false
    }

    fn inherit(self: Pin<&mut Self>, left: Infallible) {
        match left {}
    }

    fn leave(self: Pin<&mut Self>) -> Option<Infallible> {
        None
    }
}

impl<T: Kind + ?Sized> ChildSet for Group<T> {
    type New = Pin<Box<T>>;

    type Left = Vec<(ChildId, T::Left)>;

    fn keep(&mut self) {
        self.0.iter_mut().for_each(|child| child.as_mut().keep());
    }

    fn inherit(&mut self, left: Self::Left) {
        for (id, left) in left {
            let mut children = self.0.iter_mut().map(Pin::as_mut);
            if let Some(at) = children.position(|child| child.id() == id) {
                self.0[at].as_mut().inherit(left);
            }
        }
    }

    fn leave(self: Pin<&mut Self>) -> Self::Left {
        let children = self.get_mut().0.iter_mut();
        children.filter_map(|child| Some((child.as_mut().id(), child.as_mut().leave()?))).collect()
    }

    fn count(self: Pin<&mut Self>) -> usize {
        self.0.len()
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut dyn AnyChild> {
        // The boxes are what is pinned, not the list of them.
        self.get_mut().0[at].as_mut().any()
    }

    fn add(self: Pin<&mut Self>, new: Self::New) {
        self.get_mut().0.push(new);
    }

    fn remove(self: Pin<&mut Self>, at: usize) -> bool {
        drop(self.get_mut().0.remove(at));
        true
    }

    fn new_child(new: &mut Self::New) -> Pin<&mut dyn AnyChild> {
        new.as_mut().any()
    }
}

impl<T: ?Sized> fmt::Debug for Group<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("count", &self.0.len()).finish()
    }
}
