//! As many children of one kind as are wanted, on the heap.

use super::{
    child::{AnyChild, Child, ChildSpec},
    drive::{Drive, Factory},
    event::ChildId,
    set::{Build, Chain, ChildSet},
    spec::{Restart, Shutdown},
    supervisor::Supervisor,
};
use alloc::{boxed::Box, vec::Vec};
use core::pin::Pin;

/// Children of one kind as specified; made by [`Supervisor::children`](super::Supervisor::children).
#[derive(Debug)]
pub struct GroupSpec<F>(pub(super) Vec<ChildSpec<F>>);

/// Children of one kind that can run.
#[derive(Debug)]
pub struct Group<D: Drive<F::Future>, F: Factory>(Vec<Pin<Box<Child<D, F>>>>);

impl<Set, O> Supervisor<Set, O> {
    /// Adds `count` children of one kind; `factory` gives the factory of each, by its number.
    pub fn children<F: Factory>(
        self,
        name: &'static str,
        count: usize,
        restart: Restart,
        mut factory: impl FnMut(usize) -> F,
    ) -> Supervisor<Chain<Set, GroupSpec<F>>, O> {
        let shutdown = self.shutdown;
        let spec = |index| {
            let id = ChildId { name, index: Some(index) };
            ChildSpec { id, restart, shutdown, factory: factory(index) }
        };
        let group = GroupSpec((0..count).map(spec).collect());
        self.add(group)
    }
}

impl<D: Drive<F::Future>, F: Factory> Build<D> for GroupSpec<F> {
    type Set = Group<D, F>;

    fn build(self, driver: &D) -> Group<D, F> {
        Group(self.0.into_iter().map(|spec| Box::pin(Child::new(spec, driver))).collect())
    }
}

impl<D: Drive<F::Future>, F: Factory> ChildSet for Group<D, F> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn about(&self, at: usize) -> Option<(ChildId, Restart, Shutdown)> {
        self.0.get(at).map(|child| child.about())
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Option<Pin<&mut dyn AnyChild>> {
        // The boxes are what is pinned, not the list of them.
        let child = self.get_mut().0.get_mut(at)?;
        Some(child.as_mut())
    }
}
