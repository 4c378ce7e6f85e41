//! Tables of a fixed size, where there is no heap.

const LIMIT: usize = 8;
/// How much a queue holds at most.
pub(crate) const QUEUE_LIMIT: Option<usize> = Some(LIMIT);

/// One entry for each restart within the window.
pub(crate) type Queue<T> = heapless::Deque<T, LIMIT>;

pub(crate) fn push_back<T>(queue: &mut Queue<T>, value: T) -> Result<(), T> {
    queue.push_back(value)
}
