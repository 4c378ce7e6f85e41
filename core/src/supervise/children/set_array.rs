//! So many children of one kind, without a heap.

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
use crate::wait::element;
use core::{convert::Infallible, pin::Pin};

/// Children of one kind as specified; made by [`Supervisor::child_array`].
#[derive(Debug)]
pub struct ArraySpec<F, const N: usize>(pub(in crate::supervise) [ChildSpec<F>; N]);

impl<Set, O, P> Supervisor<Set, O, P> {
    /// Adds a child for each factory, without a heap.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Restart, Strategy, Supervisor, task};
    ///
    /// let pin = |number: u8| move || task(async move { if number > 7 { Err(number) } else { Ok(()) } });
    /// let supervisor = Supervisor::new(Strategy::OneForOne)
    ///     .child_array("pin", Restart::OnFailure, [pin(1), pin(4)]);
    /// ```
    pub fn child_array<F: Factory, const N: usize>(
        self,
        name: &'static str,
        restart: Restart,
        factories: [F; N],
    ) -> Supervisor<Chain<Set, ArraySpec<F, N>>, O, P> {
        let entry = Entry::new(restart, self.shutdown);
        let mut index = 0;
        let specs = factories.map(|factory| {
            let id = ChildId { name, index: Some(index) };
            index += 1;
            ChildSpec { id, entry, factory }
        });
        self.add(ArraySpec(specs))
    }
}

impl<F, const N: usize> Specified for ArraySpec<F, N> {
    type Delayed<S: Clone> = ArraySpec<Delayed<F, S>, N>;

    fn each(&mut self, change: &mut dyn FnMut(&mut Entry)) {
        self.0.iter_mut().for_each(|spec| change(&mut spec.entry));
    }

    fn delayed<S: Clone>(self, delays: RestartDelays<S>) -> Self::Delayed<S> {
        ArraySpec(self.0.map(|spec| spec.delay(delays.clone())))
    }
}

impl<D: Drive<F::Future>, F: Factory, const N: usize> Build<D> for ArraySpec<F, N> {
    type Set = [Child<D, F>; N];

    fn is_significant(&self) -> bool {
        self.0.iter().any(|spec| spec.entry.significant)
    }

    fn build(self, driver: &D) -> Self::Set {
        self.0.map(|spec| Child::new(spec, driver))
    }
}

impl<D: Drive<F::Future>, F: Factory, const N: usize> ChildSet for [Child<D, F>; N] {
    type New = Infallible;

    type Left = [Retire<ControlOf<F>>; N];

    const DELAYS: bool = F::DELAYS;

    fn keep(&mut self) {
        self.iter_mut().for_each(Child::keep);
    }

    fn inherit(&mut self, left: Self::Left) {
        self.iter_mut().zip(left).for_each(|(child, left)| child.inherit(left));
    }

    fn leave(self: Pin<&mut Self>) -> Self::Left {
        let mut children: Pin<&mut [Child<D, F>]> = self;
        core::array::from_fn(|at| element(children.as_mut(), at).leave())
    }

    fn count(self: Pin<&mut Self>) -> usize {
        N
    }

    fn child(self: Pin<&mut Self>, at: usize) -> Pin<&mut dyn AnyChild> {
        let children: Pin<&mut [Child<D, F>]> = self;
        let child: Pin<&mut Child<D, F>> = element(children, at);
        child
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
