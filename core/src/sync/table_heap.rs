//! Tables that grow.

pub(crate) use alloc::{collections::VecDeque as Queue, vec::Vec as Table};

/// How much a queue holds at most.
pub(crate) const QUEUE_LIMIT: Option<usize> = None;

pub(crate) fn push<T>(table: &mut Table<T>, value: T) -> Result<(), T> {
    table.push(value);
    Ok(())
}

pub(crate) fn push_back<T>(queue: &mut Queue<T>, value: T) -> Result<(), T> {
    queue.push_back(value);
    Ok(())
}
