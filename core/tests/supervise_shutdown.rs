//! Supervisors that end with their significant children, in both forms.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use klaw::{Restart, Strategy, supervise::AutoShutdown, task};
use probe::{Msg, tell};
use std::panic::panic_any;
use supervised::{Bench, SEEDS, actor, decisions, in_both_forms, supervisor};

in_both_forms! {
    fn otp_s35_the_first_significant_child_ends_the_supervisor(bench) {
        let ((a_ref, a), (b_ref, b), (c_ref, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .auto_shutdown(AutoShutdown::AnySignificant)
            .child("a", Restart::OnFailure, a)
            .significant()
            .child("b", Restart::Never, b)
            .significant()
            .child("c", Restart::OnFailure, c)
            .observe(bench.log.observer());
        let running = bench.run(children);
        tell(&a_ref, Msg::Fail);
        tell(&c_ref, Msg::End);
        bench.executor.run();
        assert!(!running.result.is_ready(), "one is restarted, one is not significant");
        bench.log.take();
        tell(&a_ref, Msg::End);
        bench.executor.run();
        assert_eq!(decisions(&bench.log), ["AutoShutdown a", "Ended b"]);
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(a_ref.is_closed() && b_ref.is_closed());
    }

    fn otp_s36_the_last_significant_child_ends_the_supervisor(bench) {
        let ((a_ref, a), (b_ref, b), (c_ref, c)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "c"));
        let children = supervisor()
            .auto_shutdown(AutoShutdown::AllSignificant)
            .child("a", Restart::Never, a)
            .significant()
            .child("b", Restart::OnFailure, b)
            .significant()
            .child("c", Restart::Always, c);
        let running = bench.run(children);
        tell(&a_ref, Msg::Panic);
        bench.executor.run();
        assert!(!running.result.is_ready() && !c_ref.is_closed());
        tell(&b_ref, Msg::End);
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
        assert!(c_ref.is_closed());
    }

    fn who_was_stopped_now_has_no_other_incarnation(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = supervisor()
            .observe(bench.log.observer())
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let running = bench.run(children);
        tell(&a_ref, Msg::Hang);
        let me = b_ref.clone();
        let fails = move |_: &mut klaw::Ctx<'_, Msg>| {
            me.stop_now();
            panic_any("stopped and failed");
        };
        tell(&b_ref, Msg::With(Box::new(fails)));
        bench.executor.run();
        a_ref.stop_now();
        a_ref.kill();
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (1, 1));
        let log = decisions(&bench.log);
        let failed = log.iter().filter(|line| line.starts_with("Failed"));
        assert_eq!(failed.count(), 2, "{log:?}");
    }

    fn otp_s36_an_end_with_the_group_does_not_count(bench) {
        let ((_a, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = klaw::Supervisor::new(Strategy::OneForAll)
            .auto_shutdown(AutoShutdown::AnySignificant)
            .child("a", Restart::Never, a)
            .significant()
            .child("b", Restart::Always, b);
        let running = bench.run(children);
        tell(&b_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!(b_ref.incarnations(), 2);
        assert!(!running.result.is_ready());
    }
}

#[test]
#[should_panic(expected = "it would never end by itself")]
fn otp_s37_a_permanent_child_is_not_significant() {
    let _ = supervisor()
        .auto_shutdown(AutoShutdown::AnySignificant)
        .child("a", Restart::Always, || task(async {}))
        .significant();
}

#[test]
#[should_panic(expected = "a significant child needs an automatic shutdown")]
fn otp_s37_significant_needs_an_automatic_shutdown() {
    let bench = Bench::with(0, |_| klaw::supervise::InPlace);
    bench.run(supervisor().child("a", Restart::Never, || task(async {})).significant());
}
