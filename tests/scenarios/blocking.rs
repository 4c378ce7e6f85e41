//! Jobs that may block, and tasks that wait for them.

use super::*;
use klaw::{JoinError, bounded};
use witness::Log;

#[test]
fn a_job_wakes_the_task_that_waits_for_it() {
    run(async |rt: Rt| {
        let executor = rt.executor().with_pool(pool(&rt));
        let job = executor.submit_blocking(|_| (1..=10).sum::<u32>()).unwrap();
        let waiting = rt.submit(job.into_future()).unwrap();
        assert_eq!(waiting.await.unwrap().unwrap(), 55);
    });
}

#[test]
fn a_panic_of_a_job_is_its_result() {
    run(async |rt: Rt| {
        let executor = rt.executor().with_pool(pool(&rt));
        let job = executor.submit_blocking(|_| panic!("on purpose")).unwrap();
        let result: Result<(), _> = job.await;
        assert!(matches!(result, Err(JoinError::Panicked(_))));
        assert_eq!(executor.submit_blocking(|_| 7).unwrap().await.unwrap(), 7);
    });
}

#[test]
fn a_job_that_is_cancelled_has_begun_or_never_runs() {
    run(async |rt: Rt| {
        let (executor, log) = (rt.executor().with_pool(pool(&rt)), Log::default());
        let noted = log.clone();
        let job = executor.submit_blocking(move |_| noted.push("ran")).unwrap();
        job.cancel("not needed");
        match job.await {
            Ok(()) => assert_eq!(log.take(), ["ran"]),
            Err(JoinError::Cancelled(cancelled)) => {
                assert_eq!((cancelled.reason, log.take()), ("not needed", vec![]));
            }
            Err(other) => panic!("{other}"),
        }
    });
}

#[test]
fn a_job_sends_to_a_task() {
    run(async |rt: Rt| {
        let (tx, rx) = bounded(8);
        let log = Log::default();
        let noted = log.clone();
        let receiving = rt.submit(async move {
            while let Ok(what) = rx.recv().await {
                noted.push(what);
            }
        });
        let executor = rt.executor().with_pool(pool(&rt));
        let job = executor.submit_blocking(move |_| {
            for what in ["one", "two", "three"] {
                tx.try_send(what).unwrap();
            }
        });
        job.unwrap().await.unwrap();
        receiving.unwrap().await.unwrap();
        assert_eq!(log.take(), ["one", "two", "three"]);
    });
}
