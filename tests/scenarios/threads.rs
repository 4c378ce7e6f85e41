//! Wakes, messages and requests that come from threads which are none of the executor's.

use crate::{Rt, pool, run};
use klaw::{CancelToken, bounded, serve};
use klaw_tests::counter::{Counter, Msg};
use std::thread;

#[test]
fn a_foreign_thread_sends_and_receives() {
    run(async |rt: Rt| {
        let ((tx, rx), (back, backs)) = (bounded(1), bounded(1));
        let foreign = thread::spawn(move || {
            while let Ok(n) = rx.recv_blocking() {
                back.send_blocking(n * 2).unwrap();
            }
        });
        let doubled = rt.submit(async move {
            let mut sum = 0;
            for n in 0..100 {
                tx.send(n).await.unwrap();
                sum += backs.recv().await.unwrap();
            }
            sum
        });
        assert_eq!(doubled.unwrap().await.unwrap(), 9_900);
        foreign.join().unwrap();
    });
}

#[test]
fn a_foreign_thread_cancels_what_waits() {
    run(async |rt: Rt| {
        for _ in 0..20 {
            let token = CancelToken::new();
            let waiting = rt.submit(token.cancelled()).unwrap();
            let foreign = thread::spawn(move || assert!(token.cancel("from outside")));
            assert_eq!(waiting.await.unwrap().reason, "from outside");
            foreign.join().unwrap();
        }
    });
}

#[test]
fn a_foreign_thread_tells_an_actor() {
    run(async |rt: Rt| {
        let counter = rt.spawn_actor(|me| serve(Counter::default(), me)).start().unwrap();
        let (telling, (done, is_done)) = (counter.clone(), bounded(1));
        let foreign = thread::spawn(move || {
            for n in 1..=100 {
                telling.try_tell(Msg::Add(n)).unwrap();
            }
            done.send_blocking(()).unwrap();
        });
        is_done.recv().await.unwrap();
        assert_eq!(counter.ask(Msg::Get).await, Ok(5_050));
        foreign.join().unwrap();
    });
}

#[test]
fn a_job_hears_of_a_cancel_by_its_token() {
    run(async |rt: Rt| {
        let (executor, (begin, began)) = (rt.executor().with_pool(pool(&rt)), bounded(1));
        let job = executor.submit_blocking(move |token| {
            begin.send_blocking(()).unwrap();
            while !token.is_cancelled() {
                thread::yield_now();
            }
            token.checkpoint()
        });
        let job = job.unwrap();
        began.recv().await.unwrap();
        job.cancel("not needed");
        let heard = job.await.expect("it had begun, so its answer is its own");
        assert_eq!(heard.unwrap_err().reason, "not needed");
    });
}
