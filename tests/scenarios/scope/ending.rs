//! How a scope ends: grace, cleanups, and being dropped.

use super::*;

#[test]
fn s17_cleanups_run_last_first_after_the_tasks_and_shielded() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = scope(&rt)
            .grace(TICK)
            .run(async |s| {
                for name in ["first", "second", "third"] {
                    let (log, clock) = (log.clone(), rt.clock().clone());
                    s.defer(async move {
                        clock.sleep(TICK).await;
                        log.push(name);
                    })
                    .unwrap();
                }
                let (log, scope) = (log.clone(), s.clone());
                s.spawn(async move {
                    scope.cancelled().await;
                    yield_a_little().await;
                    log.push("task");
                })
                .unwrap();
                rt.sleep(TICK).await;
                s.cancel("stop");
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "stop");
        assert_eq!(log.take(), ["task", "third", "second", "first"]);
    });
}

#[test]
fn s17_all_cleanups_together_have_one_limit_of_time() {
    run(async |rt: Rt| {
        let (log, drops) = (Log::default(), Drops::default());
        scope(&rt)
            .cleanup(TICK)
            .run(async |s| {
                let noted = log.clone();
                s.defer(async move { noted.push("polled once, which is enough") }).unwrap();
                s.defer(busy(drops.guard())).unwrap();
            })
            .await
            .unwrap();
        assert_eq!(drops.count(), 1);
        assert_eq!(log.take(), ["polled once, which is enough"]);
    });
}

#[test]
fn s18_a_scope_that_is_dropped_ends_its_tasks_and_its_parent_waits_for_them() {
    run(async |rt: Rt| {
        let (drops, log) = (Drops::default(), Log::default());
        scope(&rt)
            .run(async |outer| {
                let inner = outer.scope().grace(TICK).run(async |s| {
                    let (scope, noted) = (s.clone(), log.clone());
                    s.spawn(async move {
                        scope.cancelled().await;
                        yield_a_little().await;
                        noted.push("task");
                    })
                    .unwrap();
                    let (dropped, noted) = (drops.guard(), log.clone());
                    let last = Noted(noted, "last task");
                    s.spawn(async move {
                        let _last = last;
                        busy(dropped).await;
                    })
                    .unwrap();
                    let (log, clock) = (log.clone(), rt.clock().clone());
                    s.defer(async move {
                        clock.sleep(TICK).await;
                        log.push("cleaned up");
                    })
                    .unwrap();
                    pending::<()>().await;
                });
                // Drops it, which never blocks and never panics.
                assert!(timeout(rt.clock(), TICK, inner).await.is_err());
            })
            .await
            .unwrap();
        assert_eq!(drops.count(), 1);
        assert_eq!(log.take(), ["task", "last task", "cleaned up"]);
    });
}

#[test]
fn s18_without_anyone_around_tasks_end_by_themselves() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let mut abandoned = Box::pin(scope(&rt).run(async |s| {
            let task = s.spawn(busy(drops.guard())).unwrap();
            task.await.map(drop)
        }));
        assert!((&mut abandoned).now_or_never().is_none());
        drop(abandoned);
        while drops.count() == 0 {
            rt.sleep(TICK).await;
        }
    });
}

#[test]
fn grace_lets_what_was_asked_to_stop_finish() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended = cancel_scope(&rt, TICK)
            .grace(LONG)
            .run(async |s| {
                let (scope, noted) = (s.clone(), log.clone());
                s.spawn(async move {
                    scope.cancelled().await;
                    yield_a_little().await;
                    noted.push("task");
                })
                .unwrap();
                s.cancelled().await;
                yield_a_little().await;
                log.push("body");
                7
            })
            .await;
        let mut log = log.take();
        log.sort_unstable();
        assert_eq!((ended, log), (Ok(7), vec!["body", "task"]));
    });
}

#[test]
fn grace_ends() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let began = rt.now();
        let ended: Result<(), Cancelled> = scope(&rt)
            .grace(2 * TICK)
            .run(async |s| {
                s.spawn(busy(drops.guard())).unwrap();
                s.cancel("stop");
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "stop");
        assert_eq!(drops.count(), 1);
        assert!(rt.now() >= began.saturating_add(2 * TICK));
    });
}
