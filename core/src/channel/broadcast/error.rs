//! What can go wrong on a broadcast; a message that was not sent comes back.

use core::{error::Error, fmt};

/// A message was not sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendError<T> {
    /// The channel is closed; the same call never succeeds again.
    Closed(T),
    /// Nobody would receive it; the same call may succeed after somebody subscribes.
    NoReceivers(T),
}

/// A message was not sent at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// A receiver has not read the oldest message, and the channel waits for it:
    /// [`Overflow::Backpressure`](super::Overflow::Backpressure).
    Full(T),
    /// The channel is closed; the same call never succeeds again.
    Closed(T),
    /// Nobody would receive it; the same call may succeed after somebody subscribes.
    NoReceivers(T),
}

/// No message was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecvError {
    /// The channel is closed and this receiver has received everything.
    Closed,
    /// So many messages were overwritten before this receiver came to them. The next call gives the
    /// oldest one left.
    Lagged(u64),
}

/// No message was received at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// This receiver has received everything sent so far; the same call may succeed later.
    Empty,
    /// The channel is closed and this receiver has received everything.
    Closed,
    /// So many messages were overwritten before this receiver came to them. The next call gives the
    /// oldest one left.
    Lagged(u64),
}

/// Messages were overwritten before a receiver came to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lagged(
    /// How many.
    pub u64,
);

impl<T> SendError<T> {
    /// The message that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            Self::Closed(message) | Self::NoReceivers(message) => message,
        }
    }
}

impl<T> TrySendError<T> {
    /// The message that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(message) | Self::Closed(message) | Self::NoReceivers(message) => message,
        }
    }

    /// Whether there was no room.
    pub const fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// Whether the channel is closed.
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

const CLOSED: &str = "the channel is closed";
const NO_RECEIVERS: &str = "the channel has no receivers";
const DRAINED: &str = "the channel is closed and everything was received";

fn fmt_lagged(missed: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "the receiver lagged and missed {missed} messages")
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "Closed(..)",
            Self::NoReceivers(_) => "NoReceivers(..)",
        })
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
            Self::NoReceivers(_) => "NoReceivers(..)",
        })
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => CLOSED,
            Self::NoReceivers(_) => NO_RECEIVERS,
        })
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the channel is full",
            Self::Closed(_) => CLOSED,
            Self::NoReceivers(_) => NO_RECEIVERS,
        })
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str(DRAINED),
            Self::Lagged(missed) => fmt_lagged(*missed, f),
        }
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the receiver has received everything sent so far"),
            Self::Closed => f.write_str(DRAINED),
            Self::Lagged(missed) => fmt_lagged(*missed, f),
        }
    }
}

impl fmt::Display for Lagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_lagged(self.0, f)
    }
}

impl<T> Error for SendError<T> {}
impl<T> Error for TrySendError<T> {}
impl Error for RecvError {}
impl Error for TryRecvError {}
impl Error for Lagged {}
