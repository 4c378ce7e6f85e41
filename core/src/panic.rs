//! Panics as values, where the standard library can catch them.

use alloc::boxed::Box;
use core::{any::Any, fmt, panic::AssertUnwindSafe};
use std::panic::catch_unwind;

/// A panic that was caught.
pub struct Panic(Box<dyn Any + Send>);

impl Panic {
    /// The text it was raised with, if it was one.
    pub fn message(&self) -> Option<&str> {
        if let Some(text) = self.0.downcast_ref::<&'static str>() {
            return Some(text);
        }
        self.0.downcast_ref::<alloc::string::String>().map(alloc::string::String::as_str)
    }

    /// What it was raised with, to be inspected or raised again.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.0
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(text) => write!(f, "panic: {text}"),
            None => f.write_str("panic"),
        }
    }
}

/// Runs `f`; whatever it leaves half-done when it panics must be discarded by the caller.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Panic)
}
