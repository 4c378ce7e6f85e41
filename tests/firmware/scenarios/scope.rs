//! Scopes in place.

use crate::{Checked, check};
use core::{cell::Cell, future::pending, time::Duration};
use klaw_embassy::{Cause, Clock, EmbassyClock, scope::in_place};

const MS: Duration = Duration::from_millis(1);

pub(crate) async fn a_scope_ends_in_time() -> Checked {
    let begun = EmbassyClock.now();
    let ended = in_place(&EmbassyClock).timeout(5 * MS).run(async |_| pending::<()>().await).await;
    check!(ended.is_err_and(|cancelled| cancelled.cause == Cause::Timeout));
    check!(EmbassyClock.now().saturating_since(begun) < 8 * MS);
    let sum = in_place(&EmbassyClock)
        .timeout(5 * MS)
        .run(async |s| s.join((async { Ok::<_, ()>(1) }, async { Ok::<_, ()>(2) })).await);
    check!(sum.await == Ok(Ok((1, 2))));
    Ok(())
}

pub(crate) async fn a_failure_cancels_the_others() -> Checked {
    let dropped = Cell::new(false);
    let failed = in_place(&EmbassyClock).run(async |s| {
        let fails = async {
            EmbassyClock.sleep(2 * MS).await;
            Err::<(), _>("no luck")
        };
        let other = async {
            let _guard = Dropped(&dropped);
            pending::<Result<(), _>>().await
        };
        s.join((fails, other)).await
    });
    check!(failed.await.is_err_and(|cancelled| cancelled.cause == Cause::Failed));
    check!(dropped.get());
    Ok(())
}

struct Dropped<'a>(&'a Cell<bool>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}
