//! As many children of one kind as are wanted, on the heap.

use super::{
    drive::{Drive, Factory},
    event::ChildId,
    machine::End,
    set::{Build, Chain, Child, ChildSet, ChildSpec},
    spec::{Restart, Shutdown},
    supervisor::Supervisor,
};
use alloc::{boxed::Box, vec::Vec};
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

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

impl<D: Drive<F::Future>, F: Factory> Group<D, F> {
    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut Child<D, F>> {
        self.get_mut().0[at].as_mut() // the boxes are what is pinned, not the list of them
    }
}

impl<D: Drive<F::Future>, F: Factory> ChildSet for Group<D, F> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn about(&self, at: usize) -> (ChildId, Restart, Shutdown) {
        self.0[at].about()
    }

    fn start(self: Pin<&mut Self>, at: usize) {
        self.child(at).start();
    }

    fn poll_exit(
        self: Pin<&mut Self>,
        at: usize,
        cx: &mut Context<'_>,
        failed: &mut dyn FnMut(&dyn fmt::Debug),
    ) -> Poll<End> {
        self.child(at).poll_exit(cx, failed)
    }

    fn stop(&self, at: usize) -> bool {
        self.0[at].stop()
    }

    fn kill(self: Pin<&mut Self>, at: usize) {
        self.child(at).kill();
    }

    fn retire(self: Pin<&mut Self>, at: usize) {
        self.child(at).retire();
    }
}
