//! What is done about a slow receiver.

/// What happens to a message that is sent while the ring is full.
///
/// It is full when some receiver is as many messages behind as it has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// The oldest message is overwritten; receivers that have not read it are told how many they
    /// missed and go on with the oldest one left. Sending never waits.
    Lag,
    /// The sender waits until every receiver has read the oldest message. Nothing is missed.
    Backpressure,
}
