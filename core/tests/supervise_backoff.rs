//! Delays before restarts, and who is told of what; in both forms.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use core::{cell::RefCell, time::Duration};
use klaw::{
    Backoff, Jitter, Restart, Runtime, Strategy, Supervisor, serve, supervise::RestartDelays,
};
use probe::{Msg, Probe, tell};
use std::rc::Rc;
use supervised::{Bench, SECOND, SEEDS, actor, decisions, in_both_forms, supervisor};

const NANO: Duration = Duration::from_nanos(1);

in_both_forms! {
    fn the_first_restart_is_at_once_and_the_others_wait(bench) {
        let (me, a) = actor!(bench, "a");
        let children = supervisor()
            .max_restarts(9)
            .restart_window(10 * SECOND)
            .observe(bench.log.observer())
            .child("a", Restart::Always, a)
            .backoff(Backoff::exponential(SECOND));
        let running = bench.run(children);
        tell(&me, Msg::Fail);
        bench.executor.run();
        assert_eq!(me.incarnations(), 2);
        for (incarnations, delay) in [(2, SECOND), (3, 2 * SECOND)] {
            tell(&me, Msg::Fail);
            bench.executor.run();
            tell(&me, Msg::Note(7)); // its mailbox takes messages while it waits
            bench.advance(delay - NANO);
            assert_eq!((me.incarnations(), me.len()), (incarnations, 1));
            bench.advance(NANO);
            assert_eq!((me.incarnations(), me.len()), (incarnations + 1, 0));
        }
        // After a quiet time it begins anew.
        bench.advance(10 * SECOND + NANO);
        bench.log.take();
        tell(&me, Msg::Fail);
        bench.executor.run();
        tell(&me, Msg::Fail);
        bench.executor.run();
        let told = decisions(&bench.log);
        let restarting: Vec<_> =
            told.iter().filter(|line| line.starts_with("Restarting")).collect();
        assert_eq!(restarting, ["Restarting a 4", "Restarting a 5 after 1s"]);
        bench.stop(&running);
        assert_eq!(running.result.take(), Some(Ok(())), "who waits is not waited for");
        assert_eq!(bench.clock.timers(), 0);
    }

    fn each_child_has_delays_of_its_own(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let delays = RestartDelays::new(Backoff::constant(SECOND)).first_too();
        let children = supervisor()
            .max_restarts(9)
            .child("a", Restart::Always, a)
            .backoff(delays)
            .child("b", Restart::Always, b);
        let running = bench.run(children);
        tell(&a_ref, Msg::Fail);
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (1, 2));
        bench.advance(SECOND);
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (2, 2));
        drop(running);
    }

    fn a_group_waits_for_the_child_that_failed(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let delays = RestartDelays::new(Backoff::constant(SECOND)).first_too();
        let children = Supervisor::new(Strategy::OneForAll)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b)
            .backoff(delays);
        let running = bench.run(children);
        bench.log.take();
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        let expected =
            ["b stopped Failed(\"told to fail\")", "b gone", "a stopped Normal", "a gone"];
        assert_eq!(bench.log.take(), expected);
        bench.advance(SECOND - NANO);
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (1, 1));
        bench.advance(NANO);
        assert_eq!(bench.log.take(), ["a up 1", "b up 1"]);
        drop(running);
    }

    fn chance_changes_the_delays(bench) {
        let delays = Rc::new(RefCell::new(vec![]));
        let (me, a) = actor!(bench, "a");
        let seen = delays.clone();
        let children = supervisor()
            .max_restarts(9)
            .child("a", Restart::Always, a)
            .backoff(
                RestartDelays::new(Backoff::constant(SECOND)).jitter(Jitter::Equal, 7).first_too(),
            )
            .observe(move |event| {
                if let klaw::Event::Restarting { delay, .. } = event {
                    seen.borrow_mut().push(*delay);
                }
            });
        let running = bench.run(children);
        for _ in 0..4 {
            tell(&me, Msg::Fail);
            bench.executor.run();
            bench.advance(SECOND);
        }
        let delays = delays.borrow();
        assert_eq!(delays.len(), 4);
        assert!(delays.iter().all(|delay| (SECOND / 2..=SECOND).contains(delay)), "{delays:?}");
        assert!(delays.windows(2).all(|pair| pair[0] != pair[1]), "{delays:?}");
        drop(running);
    }

    fn hooks_and_observers_are_all_told(bench) {
        let (me, a) = actor!(bench, "a");
        let (one, two, three) = (bench.log.clone(), bench.log.clone(), bench.log.clone());
        let children = supervisor()
            .on_failure(move |child, error, attempt| {
                one.add(format!("on_failure {child} {error:?} {attempt}"));
            })
            .observe(bench.log.observer())
            .on_restart(move |child, error, attempt| {
                two.add(format!("on_restart {child} {error:?} {attempt}"));
            })
            .on_max_restarts(move |child, error, attempt| {
                three.add(format!("on_max_restarts {child} {error:?} {attempt}"));
            })
            .max_restarts(1)
            .child("a", Restart::Always, a);
        let running = bench.run(children);
        bench.log.take();
        tell(&me, Msg::Fail);
        bench.executor.run();
        tell(&me, Msg::End);
        bench.executor.run();
        let mut told = bench.log.take();
        told.retain(|line| !line.starts_with("a "));
        let expected = [
            "on_failure a \"told to fail\" 0", "Failed a 0 \"told to fail\"",
            "Restarting a 1", "on_restart a Some(\"told to fail\") 1",
            "Started a 1",
            "GaveUp a 1", "on_max_restarts a None 1",
        ];
        assert_eq!(told, expected);
        assert!(running.result.take().unwrap().is_err());
    }
}

#[test]
fn a_spawned_actor_waits_before_its_restarts() {
    let bench = Bench::with(0, |_| klaw::supervise::InPlace);
    let rt = Runtime::new(bench.executor.spawner(), bench.clock.clone());
    let log = bench.log.clone();
    let me = rt
        .spawn_actor(move |me| serve(Probe::new("a", &log), me))
        .max_restarts(3)
        .backoff(RestartDelays::new(Backoff::constant(SECOND)).first_too())
        .start()
        .unwrap();
    tell(&me, Msg::Fail);
    bench.executor.run();
    assert_eq!(me.incarnations(), 1);
    bench.advance(SECOND - NANO);
    assert_eq!(me.incarnations(), 1);
    bench.advance(NANO);
    assert_eq!(me.incarnations(), 2);
    me.stop();
    bench.executor.run();
}
