//! Supervision: which children are restarted, in which order, and when it is given up.

use super::*;
use core::time::Duration;
use klaw::{
    ActorRef, Backoff, Restart, Strategy, Supervisor, SupervisorError, TreeError, mailbox_named,
    serve,
};
use probe::{Msg, Probe, number, tell};
use witness::Log;

/// Three probes under `strategy`, as a tree.
struct Three {
    log: Log,
    tree: klaw::Tree,
    probes: [ActorRef<Msg>; 3],
}

const NAMES: [[&str; 3]; 3] =
    [["a", "a up", "a gone"], ["b", "b up", "b gone"], ["c", "c up", "c gone"]];

async fn three(rt: &Rt, strategy: Strategy) -> Three {
    let log = Log::default();
    let probes = NAMES.map(|[name, ..]| mailbox_named(name, 16));
    let make = |[_, up, gone]: [&'static str; 3]| {
        let log = log.clone();
        move |me| serve(Probe::new(up, gone, &log), me)
    };
    let supervisor = Supervisor::new(strategy)
        .actor(&probes[0], Restart::Always, make(NAMES[0]))
        .actor(&probes[1], Restart::Always, make(NAMES[1]))
        .actor(&probes[2], Restart::Always, make(NAMES[2]));
    let tree = rt.supervise(supervisor).unwrap();
    assert_eq!(number(&probes[2]).await, 0);
    assert_eq!(log.take(), ["a up", "b up", "c up"], "in order");
    Three { log, tree, probes }
}

impl Three {
    /// The numbers of the incarnations, after the one in the middle has failed.
    async fn after_a_failure(&self) -> [usize; 3] {
        let [a, b, c] = &self.probes;
        tell(b, Msg::Fail).await;
        // First the one that failed: once it answers, those that end with it have ended.
        let b = number(b).await;
        [number(a).await, b, number(c).await]
    }
}

#[test]
fn one_for_one_restarts_the_one_that_failed() {
    run(async |rt: Rt| {
        let three = three(&rt, Strategy::OneForOne).await;
        assert_eq!(three.after_a_failure().await, [0, 1, 0]);
        assert_eq!(three.log.take(), ["b gone", "b up"]);
    });
}

#[test]
fn one_for_all_stops_in_reverse_and_starts_in_order() {
    run(async |rt: Rt| {
        let three = three(&rt, Strategy::OneForAll).await;
        assert_eq!(three.after_a_failure().await, [1, 1, 1]);
        let expected = ["b gone", "c gone", "a gone", "a up", "b up", "c up"];
        assert_eq!(three.log.take(), expected);
    });
}

#[test]
fn rest_for_one_leaves_those_before_it_alone() {
    run(async |rt: Rt| {
        let three = three(&rt, Strategy::RestForOne).await;
        assert_eq!(three.after_a_failure().await, [0, 1, 1]);
        assert_eq!(three.log.take(), ["b gone", "c gone", "b up", "c up"]);
    });
}

#[test]
fn a_tree_stops_in_reverse_order_and_handles_what_waits() {
    run(async |rt: Rt| {
        let three = three(&rt, Strategy::OneForOne).await;
        tell(&three.probes[0], Msg::Note("last words")).await;
        assert_eq!(three.tree.stop().await, Ok(()));
        let log = three.log.take();
        let ends: Vec<_> = log.iter().filter(|line| line.ends_with("gone")).copied().collect();
        assert_eq!(ends, ["c gone", "b gone", "a gone"]);
        assert!(log.contains(&"last words"));
        assert!(three.probes.iter().all(ActorRef::is_closed));
    });
}

#[test]
fn one_failure_too_many_ends_the_tree_and_every_child() {
    run(async |rt: Rt| {
        let three = three(&rt, Strategy::OneForOne).await;
        tell(&three.probes[1], Msg::Fail).await;
        tell(&three.probes[1], Msg::Panic).await;
        let Err(TreeError::GaveUp(gave_up)) = three.tree.join().await else {
            panic!("one restart is allowed")
        };
        assert_eq!((gave_up.child.name, gave_up.restarts), ("b", 1));
        assert_eq!(three.log.take(), ["b gone", "b up", "b gone", "c gone", "a gone"]);
        assert!(three.probes.iter().all(ActorRef::is_closed));
    });
}

#[test]
fn restarts_that_are_long_ago_do_not_count() {
    run(async |rt: Rt| {
        let (probe, log) = (mailbox_named("probe", 4), Log::default());
        let window = Duration::from_millis(3);
        let supervisor = Supervisor::new(Strategy::OneForOne).restart_window(window).actor(
            &probe,
            Restart::Always,
            move |me| serve(Probe::new("up", "gone", &log), me),
        );
        let tree = rt.supervise(supervisor).unwrap();
        for restarts in 1..=3 {
            tell(&probe, Msg::Fail).await;
            assert_eq!(number(&probe).await, restarts);
            rt.sleep(2 * window).await;
        }
        assert_eq!(tree.stop().await, Ok(()));
    });
}

#[test]
fn a_restart_waits_for_its_delay_and_the_mailbox_takes_messages_meanwhile() {
    run(async |rt: Rt| {
        let (probe, log, delay) =
            (mailbox_named("probe", 4), Log::default(), Duration::from_millis(3));
        let made = log.clone();
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .max_restarts(3)
            .actor(&probe, Restart::Always, move |me| serve(Probe::new("up", "gone", &made), me))
            .backoff(Backoff::constant(delay));
        // In place: the children are polled inside of the supervisor's own task.
        let running = rt.submit(supervisor.run(rt.clock())).unwrap();
        // The first restart is at once, the second one has a delay.
        tell(&probe, Msg::Fail).await;
        assert_eq!(number(&probe).await, 1);
        let begin = rt.now();
        tell(&probe, Msg::Fail).await;
        assert_eq!(number(&probe).await, 2);
        assert!(rt.now() >= begin.saturating_add(delay));
        probe.stop();
        assert_eq!(running.await.unwrap(), Ok::<(), SupervisorError>(()));
        assert_eq!(log.take(), ["up", "gone", "up", "gone", "up", "gone"]);
    });
}
