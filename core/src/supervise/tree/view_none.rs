//! Without a heap nobody looks on.

use crate::supervise::{children::child::AnyChild, children::set::ChildSet, run::Supervise};
use crate::time::Clock;
use core::{fmt, pin::Pin, task::Context};

/// What others see of a supervisor's children: nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct View;

impl View {
    /// Whether anybody can.
    pub(in crate::supervise) const ANY: bool = false;

    pub(in crate::supervise) const fn nobody() -> Self {
        Self
    }

    pub(in crate::supervise) const fn register(&self, _: &Context<'_>) {}

    pub(in crate::supervise) const fn show(&self, _: usize, _: Pin<&mut dyn AnyChild>) {}

    pub(in crate::supervise) const fn failed(&self, _: usize, _: &dyn fmt::Debug) {}

    pub(in crate::supervise) const fn removed(&self, _: usize) {}
}

impl<Set: ChildSet, C: Clock, Stop, O, R, P> Supervise<Set, C, Stop, O, R, P> {
    #[allow(clippy::needless_pass_by_value, reason = "the same where there is a heap")]
    pub(in crate::supervise) const fn show_all(self: Pin<&mut Self>) {}
}
