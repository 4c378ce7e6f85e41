//! Deadlines.

use super::*;

#[test]
fn s7_a_deadline_moves_both_ways() {
    run(async |rt: Rt| {
        // Earlier, while the scope waits for the one it had.
        let ended: Result<(), Cancelled> = cancel_scope(&rt, LONG)
            .run(async |s| {
                s.set_deadline(rt.now().saturating_add(TICK));
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);

        // The same by somebody else.
        let ended: Result<(), Cancelled> = cancel_scope(&rt, LONG)
            .run(async |s| {
                let (scope, clock) = (s.clone(), rt.clock().clone());
                s.spawn(async move {
                    clock.sleep(TICK).await;
                    scope.set_deadline(Instant::EPOCH);
                    pending::<()>().await;
                })
                .unwrap();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);

        // Later, and away.
        let ended = cancel_scope(&rt, 2 * TICK)
            .run(async |s| {
                s.set_deadline(Instant::FAR_FUTURE);
                rt.sleep(4 * TICK).await;
            })
            .await;
        assert_eq!(ended, Ok(()));
    });
}

#[test]
fn s7_the_effective_deadline_is_the_earliest_up_the_tree() {
    run(async |rt: Rt| {
        let (near, far) = (rt.now().saturating_add(LONG), rt.now().saturating_add(2 * LONG));
        scope(&rt)
            .deadline(near)
            .grace(LONG)
            .run(async |outer| {
                outer
                    .scope()
                    .deadline(far)
                    .grace(LONG)
                    .run(async |inner| {
                        assert_eq!((inner.deadline(), inner.effective_deadline()), (far, near));
                        outer.set_deadline(Instant::FAR_FUTURE);
                        assert_eq!(inner.effective_deadline(), far);
                        outer.cancel("stop");
                        assert_eq!(inner.effective_deadline(), Instant::EPOCH);
                    })
                    .await
                    .unwrap();
            })
            .await
            .unwrap();
    });
}

#[test]
fn s8_only_the_scope_whose_deadline_passed_says_timeout() {
    run(async |rt: Rt| {
        let seen = Arc::new(Mutex::new(None));
        let noted = seen.clone();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .grace(TICK)
            .run(async |outer| {
                let inner: Result<(), Cancelled> =
                    outer.scope().timeout(LONG).run(async |_| pending().await).await;
                let by = inner.unwrap_err();
                *noted.lock().unwrap() = Some((by.cause, by.is_from(outer.token())));
                outer.fork(pending::<()>()).await.unwrap_err();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(*seen.lock().unwrap(), Some((Cause::Timeout, true)), "not its own");
    });
}

#[test]
fn s8_a_cancel_is_not_called_a_timeout_though_the_deadline_has_passed_too() {
    run(async |rt: Rt| {
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                s.cancel("by hand");
                s.set_deadline(Instant::EPOCH);
                pending().await
            })
            .await;
        let by = ended.unwrap_err();
        assert_eq!((by.cause, by.reason), (Cause::Asked, "by hand"));
    });
}

#[test]
fn s9_no_time_at_all_is_still_one_poll() {
    run(async |rt: Rt| {
        assert_eq!(cancel_scope(&rt, Duration::ZERO).run(async |_| 7).await, Ok(7));
        let ended: Result<(), Cancelled> =
            cancel_scope(&rt, Duration::ZERO).run(async |_| pending().await).await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(cancel_scope(&rt, Duration::MAX).run(async |_| 7).await, Ok(7));
    });
}
