//! Which member is given a message.

/// Which member of a pool is given a message that names no key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// Whoever is free next: the members share one queue.
    ///
    /// Nothing waits behind a message that takes long, and what waits survives every member.
    #[default]
    Shared,
    /// One after the other, each with a queue of its own; one whose queue is full is passed over.
    ///
    /// If all are full, a sender waits for the one whose turn it is.
    RoundRobin,
    /// The one with the fewest messages waiting and in hand, each with a queue of its own.
    ///
    /// What was given to a member stays with it, however long its other messages take.
    LeastLoaded,
}
