//! Scopes in place, inside those that have tasks.

use super::*;

#[test]
fn s6_a_scope_in_place_is_cancelled_with_the_one_around() {
    run(async |rt: Rt| {
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .grace(LONG)
            .run(async |outer| {
                let inner: Result<(), Cancelled> =
                    outer.in_place().timeout(LONG).run(async |_| pending().await).await;
                let by = inner.unwrap_err();
                assert_eq!(by.cause, Cause::Timeout);
                assert!(by.is_from(outer.token()));
            })
            .await;
        assert_eq!(ended, Ok(()));
    });
}

#[test]
fn s12_a_scope_does_not_end_before_one_in_place_that_others_poll() {
    run(async |rt: Rt| {
        let log = Log::default();
        let foreign = Mutex::new(None);
        let mut outer = Box::pin(scope(&rt).run(async |s| {
            let (s, clock, log) = (s.clone(), rt.clock().clone(), log.clone());
            let mut inner = Box::pin(async move {
                let waiting = s.in_place().run(async |_| clock.sleep(3 * TICK).await);
                waiting.await.unwrap();
                log.push("inner");
                s
            });
            assert!(poll!(&mut inner).is_pending());
            *foreign.lock().unwrap() = Some(inner);
        }));
        assert!(poll!(&mut outer).is_pending(), "its body is done, but someone is inside");
        let inner = foreign.lock().unwrap().take().unwrap();
        let outer = outer.map(|ended| {
            log.push("outer");
            ended
        });
        let (ended, s) = futures_util::future::join(outer, inner).await;
        assert_eq!((ended, log.take()), (Ok(()), vec!["inner", "outer"]));

        let late = s.in_place().run(async |_| ()).await.unwrap_err();
        assert_eq!(late.reason, "the scope around has ended");
    });
}

#[test]
fn s15_a_shield_in_place_holds_against_the_scope_around() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |outer| {
                let inner = outer.in_place().run(async |inner| {
                    let saving = async {
                        rt.sleep(3 * TICK).await;
                        log.push("saved");
                    };
                    inner.shield(saving).await;
                    log.push("beyond");
                    pending::<()>().await;
                });
                inner.await.unwrap_err();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["saved"]);
    });
}

#[test]
fn s17_a_cleanup_in_place_holds_against_the_scope_around() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |outer| {
                let cleanup = async {
                    rt.sleep(3 * TICK).await;
                    log.push("cleaned up");
                };
                let inner = outer.in_place();
                inner.run_with_cleanup(async |_| pending::<()>().await, cleanup).await.unwrap_err();
                log.push("beyond");
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["cleaned up"]);
    });
}

#[test]
fn s17_a_cleanup_in_place_holds_the_task_that_it_is_in() {
    run(async |rt: Rt| {
        let log = Log::default();
        let (noted, clock) = (log.clone(), rt.clock().clone());
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |outer| {
                let task = async move |own: AnyScope| {
                    let cleanup = async {
                        clock.sleep(3 * TICK).await;
                        noted.push("cleaned up");
                    };
                    let inner = own.in_place();
                    inner
                        .run_with_cleanup(async |_| pending::<()>().await, cleanup)
                        .await
                        .unwrap_err();
                    noted.push("beyond");
                };
                outer.spawn_with(task).unwrap();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["cleaned up"]);
    });
}
