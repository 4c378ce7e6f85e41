//! Panics as values, where the standard library can catch them.

use crate::sync::Lock;
use alloc::{borrow::Cow, boxed::Box, string::String};
use core::{any::Any, fmt, panic::AssertUnwindSafe};
use std::panic::catch_unwind;

/// A panic that was caught.
// One word: every result of a task has room for one, and nearly none has one.
pub struct Panic(Box<Caught>);

struct Caught {
    message: Option<Cow<'static, str>>,
    // Behind a lock, since a payload need not be `Sync` and an error should be.
    payload: Lock<Option<Box<dyn Any + Send>>>,
}

impl Panic {
    /// What `catch_unwind` or a thread's `join` gave.
    pub fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = if let Some(&text) = payload.downcast_ref::<&'static str>() {
            Some(Cow::Borrowed(text))
        } else {
            payload.downcast_ref::<String>().map(|text| Cow::Owned(text.clone()))
        };
        Self(Box::new(Caught { message, payload: Lock::new(Some(payload)) }))
    }

    /// The text it was raised with, if it was one.
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// What it was raised with, to be inspected or raised again.
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.0.payload.with(Option::take).unwrap_or_else(|| Box::new(()))
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message().unwrap_or("(no message)"))
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panic: {self}")
    }
}

/// Runs `f`; whatever it leaves half-done when it panics must be discarded by the caller.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Panic::new)
}
