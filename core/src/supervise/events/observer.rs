//! Who a supervisor tells of its decisions.

use super::event::Event;

/// Is told of a supervisor's decisions; any `FnMut(&Event<'_>)` is one.
pub trait Observer {
    /// A decision has been made.
    fn event(&mut self, event: &Event<'_>);
}

impl<F: FnMut(&Event<'_>)> Observer for F {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        self(event);
    }
}

/// Nobody: what would be told is not made, and a program is linked without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    #[inline]
    fn event(&mut self, _: &Event<'_>) {}
}
