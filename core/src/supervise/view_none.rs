//! Without a heap nobody looks on.

use super::{child::AnyChild, run::Supervise, set::ChildSet};
use crate::time::Clock;
use core::{fmt, pin::Pin, task::Context};

/// What others see of a supervisor's children: nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct View;

impl View {
    pub(super) const fn nobody() -> Self {
        Self
    }

    pub(super) const fn register(&self, _: &Context<'_>) {}

    pub(super) const fn show(&self, _: usize, _: Pin<&mut dyn AnyChild>) {}

    pub(super) const fn failed(&self, _: usize, _: &dyn fmt::Debug) {}

    pub(super) const fn removed(&self, _: usize) {}
}

impl<Set: ChildSet, C: Clock, Stop, O, R> Supervise<Set, C, Stop, O, R> {
    #[allow(clippy::needless_pass_by_value, reason = "the same where there is a heap")]
    pub(super) const fn show_all(self: Pin<&mut Self>) {}
}
