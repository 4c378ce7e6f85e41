//! Shields.

use super::*;

#[test]
fn s15_a_shield_hides_what_comes_from_outside_until_it_goes() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                s.cancel("stop");
                s.shield(async {
                    rt.sleep(TICK).await;
                    s.shield(yield_a_little()).await; // an inner one is no point to stop at
                    log.push("saved");
                })
                .await;
                log.push("beyond");
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "stop");
        assert_eq!(log.take(), ["saved"], "the outermost one's end is where it stops");
    });
}

#[test]
fn s15_a_shield_holds_against_the_scopes_around() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |outer| {
                let inner: Result<(), Cancelled> = outer
                    .scope()
                    .run(async |inner| {
                        inner
                            .shield(async {
                                rt.sleep(3 * TICK).await;
                                log.push("saved");
                            })
                            .await;
                        log.push("beyond");
                        pending().await
                    })
                    .await;
                assert!(inner.unwrap_err().is_from(outer.token()));
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["saved"]);
    });
}

#[test]
fn s15_a_shield_holds_in_a_task() {
    run(async |rt: Rt| {
        let log = Log::default();
        let (noted, clock) = (log.clone(), rt.clock().clone());
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |s| {
                let scope = s.clone();
                s.spawn(async move {
                    scope
                        .shield(async {
                            clock.sleep(3 * TICK).await;
                            noted.push("saved");
                        })
                        .await;
                    noted.push("beyond");
                    pending::<()>().await;
                })
                .unwrap();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["saved"]);
    });
}

#[test]
fn s15_a_shield_with_a_limit_ends() {
    run(async |rt: Rt| {
        let ended: Result<(), Cancelled> = scope(&rt)
            .grace(LONG)
            .run(async |s| {
                s.cancel("stop");
                assert!(s.shield_for(TICK, pending::<()>()).await.is_err());
                assert_eq!(s.shield_for(TICK, async { 7 }).await, Ok(7));
                s.shield_for(Duration::MAX, async {}).await.unwrap();
            })
            .await;
        assert_eq!(ended, Ok(()));
    });
}

#[test]
fn s16_a_shield_does_not_hold_against_a_foreign_timeout() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        scope(&rt)
            .run(async |s| {
                let shielded = s.shield(busy(drops.guard()));
                assert!(timeout(rt.clock(), TICK, shielded).await.is_err());
                assert_eq!(drops.count(), 1);
                s.cancel("and the shield is down");
                pending::<()>().await;
            })
            .await
            .unwrap_err();
    });
}
