//! Requests to stop, and limits on time.

use crate::{Checked, check};
use core::{future::pending, time::Duration};
use embassy_futures::join::{join, join3};
use klaw_embassy::{Cancel, Clock, Elapsed, EmbassyClock, timeout};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) async fn a_request_reaches_who_waits() -> Checked {
    static STOP: Cancel = Cancel::new();
    let token = STOP.token();
    let (stopped, first) = join(token.run(pending::<()>()), async {
        EmbassyClock.sleep(ms(2)).await;
        STOP.token().cancel("battery low")
    })
    .await;
    check!(first && stopped.is_err_and(|cancelled| cancelled.reason == "battery low"));
    check!(token.checkpoint().is_err());
    Ok(())
}

pub(crate) async fn time_runs_out() -> Checked {
    let begun = EmbassyClock.now();
    check!(timeout(&EmbassyClock, ms(5), pending::<()>()).await == Err(Elapsed));
    let took = EmbassyClock.now().saturating_since(begun);
    check!(took >= ms(5) && took < ms(8));
    check!(timeout(&EmbassyClock, ms(5), async { 7 }).await == Ok(7));
    Ok(())
}

pub(crate) async fn timers_end_in_order() -> Checked {
    let begun = EmbassyClock.now();
    let after = async |time| {
        EmbassyClock.sleep(time).await;
        EmbassyClock.now().saturating_since(begun)
    };
    let (slow, fast, middle) = join3(after(ms(9)), after(ms(3)), after(ms(6))).await;
    check!(fast >= ms(3) && fast < middle && middle >= ms(6) && middle < slow && slow >= ms(9));
    Ok(())
}
