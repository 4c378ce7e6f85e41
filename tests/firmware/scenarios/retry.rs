//! Trying again.

use crate::{Checked, check};
use core::{cell::Cell, fmt, num::NonZeroU32, time::Duration};
use klaw_embassy::{Backoff, Clock, EmbassyClock, retry};

const MS: Duration = Duration::from_millis(1);

#[derive(Debug, PartialEq)]
struct Busy(u32);

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bus is busy")
    }
}

impl core::error::Error for Busy {}

pub(crate) async fn attempts_wait_between() -> Checked {
    let Some(four) = NonZeroU32::new(4) else { return Err("four is not zero") };
    let (begun, calls) = (EmbassyClock.now(), Cell::new(0));
    let call = |succeeds_at| {
        let calls = &calls;
        move || {
            calls.set(calls.get() + 1);
            let call = calls.get();
            async move { if call == succeeds_at { Ok(call) } else { Err(Busy(call)) } }
        }
    };
    let policy = || retry(Backoff::exponential(2 * MS).attempts(four));
    check!(matches!(policy().run(&EmbassyClock, call(3)).await, Ok(3)));
    check!(EmbassyClock.now().saturating_since(begun) >= 6 * MS); // 2 and 4
    calls.set(0);
    let exhausted = policy().run(&EmbassyClock, call(9)).await;
    check!(exhausted.is_err_and(|e| e.attempts == four && e.last == Busy(4)));
    Ok(())
}
