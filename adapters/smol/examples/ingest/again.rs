//! Reading again what could not be read for the moment.

use klaw_smol::{
    Backoff, SmolClock,
    retry::{Exhausted, Retry, RetryBudget, retry},
};
use klaw_std::{CpuPool, JobError};
use rustix::io::Errno;
use std::{io, num::NonZeroU32, time::Duration};

const FIRST_DELAY: Duration = Duration::from_millis(10);
const LONGEST_DELAY: Duration = Duration::from_millis(500);
/// Together with the delays: for three seconds.
const CALLS: NonZeroU32 = NonZeroU32::new(12).unwrap();
/// For all together: when it does not pass, not every file is to take three seconds.
static BUDGET: RetryBudget = RetryBudget::new(200, 10);

/// Whether an error passes without anything being done about it.
pub fn is_transient(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::AGAIN | Errno::INTR | Errno::MFILE | Errno::NFILE | Errno::NOMEM)
    )
}

/// Runs `work` on the CPU pool, and again after a while if it fails with a transient error.
///
/// The wait takes no thread of the pool. The inner error is that of the last call.
pub async fn run<R: Send + 'static>(
    cpu: &CpuPool,
    work: impl Fn() -> io::Result<R> + Clone + Send + 'static,
) -> Result<io::Result<R>, JobError> {
    let result = retry(Backoff::exponential(FIRST_DELAY).max(LONGEST_DELAY).attempts(CALLS))
        .throttle(&BUDGET)
        .retry_if(|error, _| if is_transient(error) { Retry::Yes } else { Retry::No })
        .run(&SmolClock, || async {
            match cpu.run(work.clone()).await {
                Ok(result) => result.map(Ok),
                Err(crash) => Ok(Err(crash)), // not the work's own error: never retried
            }
        })
        .await;
    match result {
        Ok(Ok(value)) => Ok(Ok(value)),
        Ok(Err(crash)) => Err(crash),
        Err(exhausted) => Ok(Err(Exhausted::into_last(exhausted))),
    }
}
