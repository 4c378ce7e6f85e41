//! What a pool says about its members.

use crate::supervise::ChildId;
use core::fmt;

/// Something that happened in a pool, given to its observer when it happens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PoolEvent<'a> {
    /// An incarnation of a member starts.
    Started {
        /// Which member.
        member: ChildId,
        /// How many incarnations there were in its place before.
        attempt: usize,
    },
    /// An incarnation of a member failed.
    Failed {
        /// Which member.
        member: ChildId,
        /// The error, or how else it ended.
        error: &'a dyn fmt::Debug,
        /// How many incarnations there were in its place before this one.
        attempt: usize,
    },
    /// A member is restarted within its own budget.
    Restarting {
        /// Which member.
        member: ChildId,
        /// How many incarnations there were in its place before the one to come.
        attempt: usize,
    },
    /// A member had spent its budget, and a new one takes its place.
    Replaced {
        /// Which place.
        member: ChildId,
        /// How many incarnations there were in it before the one to come.
        attempt: usize,
    },
    /// A member ended, and its place with it: nothing more was to be done, or it was asked to stop.
    Ended {
        /// Which member.
        member: ChildId,
    },
    /// A member had spent its budget, and so has the pool: nobody takes its place.
    Lost {
        /// Which member.
        member: ChildId,
    },
    /// No member is left and none will come.
    Closed {
        /// The name of the pool.
        pool: &'static str,
    },
}
