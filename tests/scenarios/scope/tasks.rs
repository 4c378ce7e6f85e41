//! The tasks of a scope.

use super::*;

#[test]
fn s10_a_cancel_reaches_everything_below_also_from_within_a_shield() {
    run(async |rt: Rt| {
        let reasons = Log::default();
        let ended = scope(&rt)
            .run(async |outer| {
                let (inner, log, clock) = (outer.clone(), reasons.clone(), rt.clock());
                let task = outer
                    .spawn(async move {
                        let ended: Result<(), Cancelled> = inner
                            .scope()
                            .grace(LONG)
                            .run(async |deep| {
                                log.push(deep.cancelled().await.reason);
                                pending().await
                            })
                            .await;
                        ended.unwrap_err();
                    })
                    .unwrap();
                outer
                    .shield(async {
                        clock.sleep(TICK).await;
                        outer.cancel("from above");
                        clock.sleep(TICK).await;
                    })
                    .await;
                drop(task);
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "from above");
        assert_eq!(reasons.take(), ["from above"], "though the host sat in its shield");
    });
}

#[test]
fn s11_a_panic_ends_siblings_and_host() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                s.spawn(busy(drops.guard())).unwrap();
                let _host = drops.guard();
                s.spawn(async { panic!("on purpose") }).unwrap();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Failed);
        assert_eq!(drops.count(), 2);
    });
}

#[test]
fn s11_an_error_ends_siblings_and_host() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                s.spawn(busy(drops.guard())).unwrap();
                let failing = s.spawn_try(async { Err::<(), _>("no") }).unwrap();
                s.fork(pending::<()>()).await.unwrap_err();
                drop(failing);
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Failed);
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn s11_a_failure_after_the_body_is_still_a_failure() {
    run(async |rt: Rt| {
        let clock = rt.clock().clone();
        let ended = scope(&rt)
            .run(async |s| {
                s.spawn_try(async move {
                    clock.sleep(TICK).await;
                    Err::<(), _>("late")
                })
                .unwrap();
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Failed);
    });
}

#[test]
fn s11_with_join_all_a_failure_ends_nobody() {
    run(async |rt: Rt| {
        let log = Log::default();
        let (clock, noted) = (rt.clock().clone(), log.clone());
        let ended = scope(&rt)
            .join(Join::All)
            .run(async |s| {
                s.spawn_try(async { Err::<(), _>("no") }).unwrap();
                s.spawn(async move {
                    clock.sleep(TICK).await;
                    noted.push("done");
                })
                .unwrap();
                7
            })
            .await;
        assert_eq!((ended, log.take()), (Ok(7), vec!["done"]));
    });
}

#[test]
fn s11_with_join_any_the_first_success_ends_the_other_tasks() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let ended = scope(&rt)
            .join(Join::AnyOk)
            .run(async |s| {
                s.spawn(busy(drops.guard())).unwrap();
                s.spawn_try(async { Err::<(), _>("no") }).unwrap();
                let first = s.spawn(async { "first" }).unwrap();
                first.await.unwrap()
            })
            .await;
        assert_eq!((ended, drops.count()), (Ok("first"), 1));

        let none = scope(&rt)
            .join(Join::AnyOk)
            .run(async |s| drop(s.spawn_try(async { Err::<(), _>("no") }).unwrap()))
            .await;
        assert_eq!(none.unwrap_err().cause, Cause::Failed);
    });
}

#[test]
fn s12_a_scope_returns_after_its_tasks_though_cancelled_meanwhile() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let guards = [drops.guard(), drops.guard(), drops.guard()];
        let ended = scope(&rt)
            .run(async |s| {
                for guard in guards {
                    s.spawn(busy(guard)).unwrap();
                }
                let (scope, clock) = (s.clone(), rt.clock().clone());
                s.spawn(async move {
                    clock.sleep(TICK).await;
                    scope.cancel("while it waits for them");
                })
                .unwrap();
            })
            .await;
        assert_eq!(ended, Ok(()), "its own cancel is no failure");
        assert_eq!(drops.count(), 3);
    });
}

#[test]
fn s12_tasks_started_by_tasks_are_waited_for_too() {
    run(async |rt: Rt| {
        let log = Log::default();
        let noted = log.clone();
        scope(&rt)
            .run(async |s| {
                let scope = s.clone();
                s.spawn(async move {
                    yield_a_little().await;
                    scope
                        .spawn(async move {
                            yield_a_little().await;
                            noted.push("grandchild");
                        })
                        .map(drop)
                        .unwrap();
                })
                .unwrap();
            })
            .await
            .unwrap();
        assert_eq!(log.take(), ["grandchild"]);
    });
}

#[test]
fn s13_nothing_starts_in_a_scope_that_has_ended() {
    run(async |rt: Rt| {
        let ended = scope(&rt).run(async |s| s.clone()).await.unwrap();
        assert_eq!(ended.spawn(async {}).unwrap_err().kind, SpawnErrorKind::Closed);
        let inner = ended.scope().run(async |_| ()).await;
        assert!(inner.is_err());
    });
}

#[test]
fn s14_scopes_that_come_and_go_leave_nothing_behind() {
    run(async |rt: Rt| {
        scope(&rt)
            .run(async |outer| {
                for round in 0..20 {
                    let inner = outer.scope().run(async |s| s.spawn(async {}).map(drop)).await;
                    inner.unwrap().unwrap();
                    let shown = format!("{outer:?}");
                    assert!(shown.contains("members: 0"), "round {round}: {shown}");
                }
            })
            .await
            .unwrap();
    });
}

#[test]
fn s20_a_task_that_is_cancelled_says_so() {
    run(async |rt: Rt| {
        let ended = scope(&rt)
            .grace(TICK)
            .run(async |s| {
                let clock = rt.clock().clone();
                let task = s.spawn(async move { clock.sleep(LONG).await }).unwrap();
                task.cancel("not needed");
                task.await
            })
            .await;
        let Ok(Err(JoinError::Cancelled(by))) = ended else { panic!("{ended:?}") };
        assert_eq!((by.reason, by.cause), ("not needed", Cause::Asked));
    });
}
