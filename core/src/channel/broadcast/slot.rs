//! One place for a message, and how many receivers still want it.

use crate::sync::{Mutex, const_fn};
use core::mem;

/// A place for a message under a lock of its own, so that receivers at different places do not meet.
pub(super) struct Slot<T>(Mutex<Content<T>>);

struct Content<T> {
    /// The number of the message put last, plus one; zero before the first.
    after: u64,
    /// How many receivers want it; there is a message exactly while some do (B2).
    left: usize,
    message: Option<T>,
}

/// What a receiver finds.
pub(super) enum Found<T> {
    Message {
        message: T,
        /// Whether the slot is free now.
        last: bool,
    },
    NotYet,
    Overwritten,
}

impl<T> Slot<T> {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(Mutex::new(Content { after: 0, left: 0, message: None }))
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.0.with(|content| content.left == 0)
    }

    /// Puts the message `number`, for so many receivers; what it replaces.
    ///
    /// `Err` if there is one that somebody wants, unless that may be replaced.
    #[inline]
    pub(super) fn put(
        &self,
        number: u64,
        receivers: usize,
        replace: bool,
        message: &mut Option<T>,
    ) -> Result<Option<T>, ()> {
        self.0.with(|content| {
            if content.left > 0 && !replace {
                return Err(());
            }
            content.after = number + 1;
            content.left = receivers;
            Ok(mem::replace(&mut content.message, message.take()))
        })
    }

    /// Counts in one more receiver that wants the message, as another one does.
    pub(super) fn claim(&self) {
        self.0.with(|content| content.left += 1);
    }

    /// The message `number` for one of those who want it: the last one takes it, the others clone it.
    #[inline]
    pub(super) fn read(&self, number: u64) -> Found<T>
    where
        T: Clone,
    {
        self.0.with(|content| {
            if content.after != number + 1 {
                return if content.after > number { Found::Overwritten } else { Found::NotYet };
            }
            let last = content.left == 1;
            let message = if last { content.message.take() } else { content.message.clone() };
            // After the clone, which may panic.
            content.left -= 1;
            let message = message.expect("a message that somebody wants is there");
            Found::Message { message, last }
        })
    }

    /// Counts out a receiver that wants the message `number` but will not read it; gives the message
    /// if that was the last one.
    pub(super) fn release(&self, number: u64) -> Option<T> {
        self.0.with(|content| {
            if content.after != number + 1 {
                return None; // overwritten
            }
            content.left -= 1;
            if content.left == 0 { content.message.take() } else { None }
        })
    }
}
