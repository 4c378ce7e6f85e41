//! Tables that grow.

pub(crate) use alloc::collections::VecDeque as Queue;

/// How much a queue holds at most.
pub(crate) const QUEUE_LIMIT: Option<usize> = None;

pub(crate) fn push_back<T>(queue: &mut Queue<T>, value: T) -> Result<(), T> {
    queue.push_back(value);
    Ok(())
}
