//! Functions that see every event, and may keep it from being logged.

use alloc::{boxed::Box, vec::Vec};
use core::{cell::Cell, fmt};
use klaw::Context;
use std::thread_local;
use tracing::{Event, Subscriber};
use tracing_subscriber::{Layer, layer};

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on to the next hook, and then to all layers.
    Keep,
    /// It is dropped: no further hook and no layer sees it.
    Veto,
}

type Hook = Box<dyn Fn(&Event<'_>, &Context) -> Verdict + Send + Sync>;

/// A layer of functions that see every event with its context, and may veto it.
///
/// It decides for all layers of a subscriber. Events that were disabled by their level do not get
/// here, and what a hook emits itself goes past the hooks.
#[derive(Default)]
pub struct Hooks(Vec<Hook>);

impl Hooks {
    /// Without hooks, every event is kept.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a hook after those that are there.
    ///
    /// It runs where the event was emitted: it must not block, and a panic of it goes to the emitter.
    #[must_use]
    pub fn hook<F>(mut self, hook: F) -> Self
    where
        F: Fn(&Event<'_>, &Context) -> Verdict + Send + Sync + 'static,
    {
        self.0.push(Box::new(hook));
        self
    }
}

impl<S: Subscriber> Layer<S> for Hooks {
    fn event_enabled(&self, event: &Event<'_>, _: layer::Context<'_, S>) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let Some(_inside) = Inside::enter() else { return true };
        let context = Context::current();
        self.0.iter().all(|hook| hook(event, &context) == Verdict::Keep)
    }
}

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// This thread is inside a hook; over at the drop, also on unwinding.
struct Inside;

impl Inside {
    fn enter() -> Option<Self> {
        (!INSIDE.replace(true)).then_some(Self)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("count", &self.0.len()).finish()
    }
}
