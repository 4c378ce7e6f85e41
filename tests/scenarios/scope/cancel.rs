//! What a request to stop does.

use super::*;

#[test]
fn s1_a_cancel_is_sticky() {
    run(async |rt: Rt| {
        let ended = scope(&rt)
            .grace(LONG)
            .run(async |s| {
                s.cancel("stop");
                for _ in 0..3 {
                    assert_eq!(s.checkpoint().await.unwrap_err().reason, "stop");
                    assert_eq!(s.fork(pending::<()>()).await.unwrap_err().reason, "stop");
                    assert_eq!(s.cancelled().await.reason, "stop");
                }
                "done"
            })
            .await;
        assert_eq!(ended, Ok("done"));
    });
}

#[test]
fn s2_the_first_reason_and_its_origin_are_kept() {
    run(async |rt: Rt| {
        let ended: Result<(), Cancelled> = scope(&rt)
            .run(async |s| {
                assert!(s.cancel("first"));
                assert!(!s.cancel("second"));
                assert!(!s.token().cancel("third"));
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "first");
    });
}

#[test]
fn s3_what_cannot_stop_uses_no_processor_time() {
    run(async |rt: Rt| {
        let polls = Arc::new(AtomicUsize::new(0));
        let (counted, release) = (polls.clone(), klaw::CancelToken::new());
        scope(&rt)
            .run(async |s| {
                let (outer, released) = (s.clone(), release.clone());
                let stubborn = s.spawn(async move {
                    outer
                        .scope()
                        .run(async |s| {
                            s.cancel("stop");
                            let mut released = pin!(released.cancelled());
                            s.shield(poll_fn(|cx| {
                                counted.fetch_add(1, Ordering::SeqCst);
                                released.as_mut().poll(cx).map(|_| ())
                            }))
                            .await;
                            pending::<()>().await;
                        })
                        .await
                });
                rt.sleep(TICK).await;
                let before = polls.load(Ordering::SeqCst);
                rt.sleep(3 * TICK).await;
                assert_eq!(polls.load(Ordering::SeqCst), before, "nobody polls what is not woken");
                release.cancel("enough");
                let ended = stubborn.unwrap().await.unwrap();
                assert_eq!(ended.unwrap_err().reason, "stop");
            })
            .await
            .unwrap();
    });
}

/// A scope in a task of a scope in a task, and so on.
fn nest(scope: AnyScope, depth: usize, gone: Dropped) -> AnyFuture {
    Box::pin(async move {
        let inner = scope.scope().run(async |s| {
            if depth > 0 {
                let deeper = gone.0.guard();
                s.spawn(nest(s.clone(), depth - 1, deeper)).unwrap();
            } else {
                s.runtime().sleep(TICK).await;
                s.token().outermost();
                s.shield(async {
                    scope.cancel("from the bottom");
                })
                .await;
            }
            pending::<()>().await;
        });
        inner.await.unwrap_err();
    })
}

#[test]
fn s3_scopes_5000_deep_need_no_deep_stack() {
    run_few(async |rt: Rt| {
        const DEPTH: usize = 5_000;
        let drops = Drops::default();
        let ended: Result<(), Cancelled> = cancel_scope(&rt, LONG)
            .run(async |s| {
                s.spawn(nest(s.clone(), DEPTH, drops.guard())).unwrap();
                while drops.count() < 2 {
                    rt.sleep(TICK).await;
                }
                s.cancel("all of it");
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "all of it");
        assert_eq!(drops.count(), DEPTH + 1);
    });
}

#[test]
fn s4_a_body_entered_cancelled_is_not_polled() {
    run(async |rt: Rt| {
        let token = klaw::CancelToken::new();
        token.cancel("too late");
        let began = AtomicBool::new(false);
        let drops = Drops::default();
        let inside = drops.guard();
        let ended = scope(&rt)
            .below(&token)
            .run(async |_| {
                let _inside = &inside;
                began.store(true, Ordering::SeqCst);
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "too late");
        assert!(!began.load(Ordering::SeqCst));

        scope(&rt)
            .grace(LONG)
            .run(async |s| {
                s.cancel("stop");
                let refused = s.spawn(core::future::ready(7)).unwrap_err();
                assert_eq!(refused.kind, SpawnErrorKind::Closed);
                assert_eq!(refused.refused.unwrap().await, 7, "the future comes back");
            })
            .await
            .unwrap();
    });
}

#[test]
fn s5_completion_beats_cancellation() {
    run(async |rt: Rt| {
        let ended = scope(&rt)
            .run(async |s| {
                s.cancel("in the same poll");
                7
            })
            .await;
        assert_eq!(ended, Ok(7));
    });
}

#[test]
fn s6_of_two_cancelled_scopes_the_outer_one_takes_it() {
    run(async |rt: Rt| {
        let ended: Result<(), Cancelled> = scope(&rt)
            .grace(TICK)
            .run(async |outer| {
                let inner: Result<(), Cancelled> = outer
                    .scope()
                    .run(async |inner| {
                        inner.cancel("inner");
                        outer.cancel("outer");
                        pending().await
                    })
                    .await;
                let by = inner.unwrap_err();
                assert_eq!(by.reason, "outer");
                assert!(by.is_from(outer.token()));
                pending().await
            })
            .await;
        assert_eq!(ended.unwrap_err().reason, "outer");
    });
}

#[test]
fn s6_of_two_deadlines_at_once_the_outer_one_takes_it() {
    run(async |rt: Rt| {
        let at = rt.now().saturating_add(TICK);
        let ended: Result<(), Cancelled> = scope(&rt)
            .deadline(at)
            .run(async |outer| {
                let inner: Result<(), Cancelled> =
                    outer.scope().deadline(at).run(async |_| pending().await).await;
                // Reached only if the inner one was looked at first.
                if !inner.unwrap_err().is_from(outer.token()) {
                    pending::<()>().await;
                }
            })
            .await;
        if let Err(by) = ended {
            assert_eq!(by.cause, Cause::Timeout);
        }
    });
}
