//! Who is told of a supervisor's decisions.

use super::event::{ChildId, Event};
use super::observer::Observer;
use crate::supervise::supervisor::Supervisor;
use core::fmt;

/// Any number of observers and hooks may be set, in any order; each is told.
///
/// They run inside the supervisor: they must neither block nor panic.
impl<Set, O: Observer, P> Supervisor<Set, O, P> {
    /// Tells `observer` of every decision, when it is made.
    pub fn observe(
        self,
        mut observer: impl FnMut(&Event<'_>),
    ) -> Supervisor<Set, impl Observer, P> {
        self.map_observer(|mut before| {
            move |event: &Event<'_>| {
                before.event(event);
                observer(event);
            }
        })
    }

    /// Calls `hook` when an incarnation has failed, with the error and how many there were before.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Restart, Strategy, Supervisor, task};
    ///
    /// let supervisor = Supervisor::new(Strategy::OneForAll)
    ///     .on_failure(|child, error, attempt| println!("{child} {attempt}: {error:?}"))
    ///     .on_restart(|child, _, attempt| println!("{child} is restarted, {attempt}"))
    ///     .on_max_restarts(|child, _, _| println!("{child} failed too often"))
    ///     .child("pump", Restart::OnFailure, || task(async { Err::<(), _>("no water") }));
    /// ```
    pub fn on_failure(
        self,
        mut hook: impl FnMut(ChildId, &dyn fmt::Debug, usize),
    ) -> Supervisor<Set, impl Observer, P> {
        self.observe(move |event| {
            if let Event::Failed { child, error, attempt } = *event {
                hook(child, error, attempt);
            }
        })
    }

    /// Calls `hook` when a child is restarted.
    ///
    /// It is given the error, if it was one, and how many incarnations there were before the one to
    /// come.
    pub fn on_restart(
        self,
        mut hook: impl FnMut(ChildId, Option<&dyn fmt::Debug>, usize),
    ) -> Supervisor<Set, impl Observer, P> {
        self.observe(move |event| {
            if let Event::Restarting { child, error, attempt, .. } = *event {
                hook(child, error, attempt);
            }
        })
    }

    /// Calls `hook` when one restart too many was needed.
    ///
    /// It is given the error, if it was one, and how many incarnations there were before the last.
    pub fn on_max_restarts(
        self,
        mut hook: impl FnMut(ChildId, Option<&dyn fmt::Debug>, usize),
    ) -> Supervisor<Set, impl Observer, P> {
        self.observe(move |event| {
            if let Event::GaveUp { child, error, attempt, .. } = *event {
                hook(child, error, attempt);
            }
        })
    }
}
