//! What a clone of a scope does when that scope has ended.

use super::*;

/// A scope that has ended by itself, with one cleanup or with none.
async fn ended(rt: &Rt, cleanups: usize) -> AnyScope {
    scope(rt)
        .run(async |s| {
            (0..cleanups).for_each(|_| s.defer(async {}).unwrap());
            s.clone()
        })
        .await
        .unwrap()
}

/// One that ended in the hard way: what was in it was dropped.
async fn aborted(rt: &Rt) -> AnyScope {
    let kept = Mutex::new(None);
    let ended: Result<(), Cancelled> = scope(rt)
        .run(async |s| {
            *kept.lock().unwrap() = Some(s.clone());
            s.cancel("stop");
            pending().await
        })
        .await;
    assert_eq!(ended.unwrap_err().reason, "stop");
    kept.into_inner().unwrap().unwrap()
}

#[test]
fn s17_a_cleanup_comes_back_from_a_scope_that_has_ended() {
    run(async |rt: Rt| {
        for late in [ended(&rt, 0).await, ended(&rt, 1).await, aborted(&rt).await] {
            let drops = Drops::default();
            let refused = late.defer(busy(drops.guard())).unwrap_err();
            assert_eq!(refused.kind, SpawnErrorKind::Closed);
            assert_eq!(drops.count(), 0, "it is in the error");
            assert!(refused.refused.is_some());
        }
    });
}

#[test]
fn s17_a_cleanup_comes_back_from_a_scope_that_was_dropped() {
    run(async |rt: Rt| {
        let kept = Mutex::new(None);
        let mut dropped = Box::pin(scope(&rt).run(async |s| {
            *kept.lock().unwrap() = Some(s.clone());
            pending::<()>().await;
        }));
        assert!((&mut dropped).now_or_never().is_none());
        drop(dropped);
        let late = kept.into_inner().unwrap().unwrap();
        assert_eq!(late.defer(async {}).unwrap_err().kind, SpawnErrorKind::Closed);
    });
}

#[test]
fn s17_a_cleanup_may_defer_another_and_it_runs() {
    run(async |rt: Rt| {
        let log = Log::default();
        scope(&rt)
            .run(async |s| {
                let (scope, noted) = (s.clone(), log.clone());
                s.defer(async move {
                    yield_a_little().await;
                    let inner = noted.clone();
                    scope.defer(async move { inner.push("second") }).unwrap();
                    noted.push("first");
                })
                .unwrap();
            })
            .await
            .unwrap();
        assert_eq!(log.take(), ["first", "second"]);
    });
}

#[test]
fn s17_a_cleanup_deferred_after_the_request_still_runs() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                s.cancel("stop");
                let noted = log.clone();
                s.defer(async move { noted.push("cleaned up") }).unwrap();
                pending().await
            })
            .await;
        assert!(ended.is_err());
        assert_eq!(log.take(), ["cleaned up"]);
    });
}

#[test]
fn s4_nothing_starts_in_a_scope_that_has_ended() {
    run(async |rt: Rt| {
        let expected =
            [(ended(&rt, 0).await, "the scope around has ended"), (aborted(&rt).await, "stop")];
        for (late, reason) in expected {
            let refused = late.spawn(async { 7 }).unwrap_err();
            assert_eq!(refused.kind, SpawnErrorKind::Closed);
            assert_eq!(refused.refused.unwrap().await, 7);
            let inner = late.scope().run(async |_| ()).await.unwrap_err();
            assert_eq!(inner.reason, reason);
            let inner = late.in_place().run(async |_| ()).await.unwrap_err();
            assert_eq!(inner.reason, reason);
        }
    });
}

#[test]
fn what_is_polled_in_place_goes_by_the_request_alone() {
    run(async |rt: Rt| {
        let over = ended(&rt, 0).await;
        assert_eq!(over.fork(async { 7 }).await, Ok(7), "nobody asked it to stop");
        assert_eq!(over.checkpoint().await, Ok(()));
        let cancelled = aborted(&rt).await;
        assert_eq!(cancelled.fork(async { 7 }).await.unwrap_err().reason, "stop");
        assert_eq!(cancelled.checkpoint().await.unwrap_err().reason, "stop");
    });
}

#[test]
fn s15_a_shield_gives_its_value_where_nobody_is_left_to_drop_it() {
    run(async |rt: Rt| {
        for late in [ended(&rt, 0).await, aborted(&rt).await] {
            assert_eq!(timeout(rt.clock(), LONG, late.shield(async { 7 })).await, Ok(7));
        }
    });
}

#[test]
fn s15_a_shield_in_a_cleanup_gives_its_value() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                let (scope, noted) = (s.clone(), log.clone());
                s.defer(async move {
                    scope.shield(yield_a_little()).await;
                    noted.push("cleaned up");
                })
                .unwrap();
                s.cancel("stop");
                pending().await
            })
            .await;
        assert!(ended.is_err());
        assert_eq!(log.take(), ["cleaned up"]);
    });
}
