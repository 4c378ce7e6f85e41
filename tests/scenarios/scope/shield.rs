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

#[test]
fn s15_a_task_is_held_by_its_own_shields_alone() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |s| {
                for (ticks, saved, gone) in
                    [(3, "short saved", "short gone"), (6, "long saved", "long gone")]
                {
                    let (clock, noted) = (rt.clock().clone(), log.clone());
                    let last = Noted(log.clone(), gone);
                    let task = async move |own: AnyScope| {
                        let _last = last;
                        let saving = async {
                            clock.sleep(ticks * TICK).await;
                            own.shield(yield_a_little()).await; // an inner one is no point to stop at
                            noted.push(saved);
                        };
                        own.shield(saving).await;
                        noted.push("beyond");
                    };
                    s.spawn_with(task).unwrap();
                }
                let idle = Noted(log.clone(), "idle gone");
                s.spawn(async move {
                    let _idle = idle;
                    pending::<()>().await;
                })
                .unwrap();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        let expected = ["idle gone", "short saved", "short gone", "long saved", "long gone"];
        assert_eq!(log.take(), expected);
    });
}

#[test]
fn s15_a_shield_in_a_scope_of_a_task_holds_the_task() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |outer| {
                let (clock, noted) = (rt.clock().clone(), log.clone());
                let task = async move |own: AnyScope| {
                    let inner: Result<(), Cancelled> = own
                        .scope()
                        .run(async |inner| {
                            let saving = async {
                                clock.sleep(3 * TICK).await;
                                noted.push("saved");
                            };
                            inner.shield(saving).await;
                            noted.push("beyond");
                        })
                        .await;
                    assert!(inner.is_err());
                };
                outer.spawn_with(task).unwrap();
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["saved"]);
    });
}

#[test]
fn s12_a_scope_around_waits_for_the_shield_of_a_task_whose_scope_it_drops() {
    run(async |rt: Rt| {
        let log = Log::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
            .run(async |outer| {
                let inner = outer.scope().run(async |inner| {
                    let (clock, noted) = (rt.clock().clone(), log.clone());
                    let task = async move |own: AnyScope| {
                        let saving = async {
                            clock.sleep(3 * TICK).await;
                            noted.push("saved");
                        };
                        own.shield(saving).await;
                        noted.push("beyond");
                    };
                    inner.spawn_with(task).unwrap();
                    pending::<()>().await;
                });
                inner.await.unwrap_err();
                pending().await
            })
            .await;
        log.push("ended");
        assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
        assert_eq!(log.take(), ["saved", "ended"]);
    });
}

#[test]
fn s1_the_handle_of_a_task_hears_what_was_asked_of_it_alone() {
    run(async |rt: Rt| {
        let begun = Log::default();
        scope(&rt)
            .grace(LONG)
            .run(async |s| {
                let noted = begun.clone();
                let task = async move |own: AnyScope| {
                    noted.push("begun");
                    let mut checked = own.checkpoint().await;
                    while checked.is_ok() {
                        checked = own.checkpoint().await;
                    }
                    checked.unwrap_err().reason
                };
                let task = s.spawn_with(task).unwrap();
                while begun.take().is_empty() {
                    yield_a_little().await;
                }
                task.cancel("you alone");
                assert_eq!(task.await.unwrap(), "you alone");
                assert_eq!(s.checkpoint().await, Ok(()));
            })
            .await
            .unwrap();
    });
}

#[test]
fn s15_shields_of_a_task_and_of_its_scopes_lie_in_one_another() {
    for own_outside in [true, false] {
        run(async move |rt: Rt| {
            let log = Log::default();
            let ended: Result<(), Cancelled> = cancel_scope(&rt, TICK)
                .run(async |outer| {
                    let inner: Result<(), Cancelled> = outer
                        .scope()
                        .run(async |s| {
                            let (s2, outer) = (s.clone(), outer.clone());
                            let (clock, noted) = (rt.clock().clone(), log.clone());
                            let task = async move |own: AnyScope| {
                                let saving = async {
                                    clock.sleep(3 * TICK).await;
                                    noted.push("saved");
                                };
                                if own_outside {
                                    own.shield(s2.shield(outer.shield(saving))).await;
                                } else {
                                    s2.shield(own.shield(outer.shield(saving))).await;
                                }
                                pending::<()>().await;
                            };
                            s.spawn_with(task).unwrap();
                            pending().await
                        })
                        .await;
                    inner.unwrap_err();
                    pending().await
                })
                .await;
            assert_eq!(ended.unwrap_err().cause, Cause::Timeout);
            assert_eq!(log.take(), ["saved"]);
        });
    }
}
