//! Tasks with a handle.

use super::*;
use core::{future::pending, time::Duration};
use klaw::JoinError;
use witness::{Drops, Log, Noted, busy, yield_a_little};

#[test]
fn a_handle_gives_the_value() {
    run(async |rt: Rt| {
        let task = rt.submit(async { vec![1, 2, 3] }).unwrap();
        assert_eq!(task.await.unwrap(), [1, 2, 3]);
    });
}

#[test]
fn a_handle_gives_the_panic_and_others_run_on() {
    run(async |rt: Rt| {
        let fails = rt.submit(async { panic!("on purpose") }).unwrap();
        let runs = rt.submit(async { 7 }).unwrap();
        let Err(JoinError::Panicked(panic)) = fails.await else { panic!("it has panicked") };
        assert!(panic.to_string().contains("on purpose"));
        assert_eq!(runs.await.unwrap(), 7);
    });
}

#[test]
fn a_cancelled_task_is_dropped_before_its_handle_says_so() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let task = rt.submit(busy(drops.guard())).unwrap();
        yield_a_little().await;
        assert!(task.cancel("not needed"));
        let Err(JoinError::Cancelled(cancelled)) = task.await else { panic!("it was cancelled") };
        assert_eq!((cancelled.reason, drops.count()), ("not needed", 1));
    });
}

#[test]
fn a_task_that_was_never_polled_is_dropped_by_a_cancel_as_well() {
    run(async |rt: Rt| {
        let drops = Drops::default();
        let task = rt.submit(busy(drops.guard())).unwrap();
        task.cancel("at once");
        assert!(matches!(task.await, Err(JoinError::Cancelled(_))));
        assert_eq!(drops.count(), 1);
    });
}

#[test]
fn a_task_whose_handle_was_dropped_runs_on() {
    run(async |rt: Rt| {
        let (tx, rx) = klaw::bounded(1);
        drop(rt.submit(async move {
            yield_a_little().await;
            tx.send("done").await
        }));
        assert_eq!(rx.recv().await, Ok("done"));
    });
}

#[test]
fn destructors_run_before_the_value_is_there() {
    run(async |rt: Rt| {
        let log = Log::default();
        let (noted, done) = (Noted(log.clone(), "dropped"), log.clone());
        rt.submit(async move { drop(noted) }).unwrap().await.unwrap();
        done.push("joined");
        assert_eq!(log.take(), ["dropped", "joined"]);
    });
}

#[test]
fn results_are_gathered_in_the_order_of_the_handles() {
    run(async |rt: Rt| {
        let tasks = (0..10_u32).map(|n| {
            let timer = rt.sleep(Duration::from_millis((10 - n).into()));
            let task = async move {
                timer.await;
                n
            };
            rt.submit(task).unwrap()
        });
        let tasks: Vec<_> = tasks.collect();
        let results = rt.executor().gather(tasks).await;
        let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(results, (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_wait_can_be_given_up_without_the_value() {
    run(async |rt: Rt| {
        let (tx, rx) = klaw::bounded::<u8>(1);
        let mut task = rt.submit(async move { rx.recv().await }).unwrap();
        let wait = rt.timeout(Duration::from_millis(2), (&mut task).into_future());
        assert!(wait.await.is_err());
        tx.send(5).await.unwrap();
        assert_eq!(task.await.unwrap(), Ok(5));
    });
}

#[test]
fn an_exit_hook_hears_of_every_end() {
    run(async |rt: Rt| {
        let (executor, log) = (rt.executor(), Log::default());
        let hook = || {
            let log = log.clone();
            move |result: &Result<(), JoinError>| {
                log.push(if result.is_ok() { "ended" } else { "cancelled" });
            }
        };
        executor.task("ends").on_exit(hook()).submit(async {}).unwrap().await.unwrap();
        let stuck = executor.task("stuck").on_exit(hook()).submit(pending()).unwrap();
        stuck.cancel("over");
        assert!(stuck.await.is_err());
        assert_eq!(log.take(), ["ended", "cancelled"]);
    });
}
