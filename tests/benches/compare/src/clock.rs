//! Processor time.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// What this thread has used: others on the machine do not count.
pub fn thread() -> Duration {
    read(ClockId::ThreadCPUTime)
}

/// What all threads of this process have used.
pub fn process() -> Duration {
    read(ClockId::ProcessCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let now = clock_gettime(clock);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}
