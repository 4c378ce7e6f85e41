//! Supervisors that are spoken to while they run, and those whose children are made on demand.

use super::*;
use crate::Children;
use core::{future::pending, num::NonZeroUsize};
use klaw::{
    Actor, ActorRef, CancelToken, Ctx, Restart, Shutdown, Strategy, Supervisor, mailbox_named,
    serve,
    supervise::{ChildId, ChildSpec, ChildState, DynamicSupervisor, Factory, Partitions, Refused},
    task,
};
use probe::{Msg, Probe, number, tell};
use witness::Log;

const fn id(name: &'static str) -> ChildId {
    ChildId { name, index: None }
}

/// A child that is restarted always, and whose end takes as long as it takes.
const fn always<F: Factory>(name: &'static str, factory: F) -> ChildSpec<F> {
    ChildSpec::new(id(name), Restart::Always, Shutdown::Infinite, factory)
}

/// An open supervisor of one probe, by the name of `a`.
macro_rules! with_a {
    ($rt:ident, $log:ident, $a:ident) => {{
        let log = $log.clone();
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .max_restarts(0)
            .shutdown(Shutdown::Infinite)
            .actor(&$a, Restart::Always, move |me| serve(Probe::new("a up", "a gone", &log), me));
        $rt.supervise_open::<Children, _, _>(supervisor).unwrap()
    }};
}

/// Fails before it is ready.
struct Broken;

impl Actor for Broken {
    type Msg = ();
    type Error = &'static str;

    async fn started(&mut self, _: &mut Ctx<'_, ()>) -> Result<(), &'static str> {
        Err("nothing to work with")
    }

    async fn handle(&mut self, (): (), _: &mut Ctx<'_, ()>) -> Result<(), &'static str> {
        Ok(())
    }
}

#[test]
fn a_stopped_child_stays_down_until_it_is_restarted() {
    run(async |rt: Rt| {
        let (log, a) = (Log::default(), mailbox_named("a", 4));
        let (tree, supervisor) = with_a!(rt, log, a);
        assert_eq!(number(&a).await, 0);
        assert_eq!(supervisor.stop_child(id("a")).await, Ok(()));
        assert_eq!(log.take(), ["a up", "a gone"], "it is gone when that is answered");
        tell(&a, Msg::Note("waited")).await;
        assert_eq!(a.len(), 1, "its mailbox stays open");
        assert_eq!(supervisor.restart_child(id("a")).await, Ok(()));
        assert_eq!(number(&a).await, 1);
        assert_eq!(log.take(), ["a up", "waited"]);
        assert_eq!(supervisor.restart_child(id("a")).await, Err(Refused::Running));
        assert_eq!(supervisor.stop_child(id("none")).await, Err(Refused::NotFound));
        assert_eq!(tree.stop().await, Ok(()));
        assert_eq!(supervisor.stop_child(id("a")).await, Err(Refused::SupervisorGone));
    });
}

#[test]
fn a_child_is_added_deleted_and_added_again() {
    run(async |rt: Rt| {
        let (log, a) = (Log::default(), mailbox_named("a", 4));
        let (tree, supervisor) = with_a!(rt, log, a);
        let ends = Log::default();
        let pump = || {
            let ends = ends.clone();
            move || {
                let noted = witness::Noted(ends.clone(), "b gone");
                task(async move {
                    let _noted = noted;
                    pending::<()>().await;
                })
            }
        };
        assert!(supervisor.start_child(always("b", pump())).await.is_ok());
        let again = supervisor.start_child(always("b", pump())).await.unwrap_err();
        assert_eq!(again.why, Refused::AlreadyRunning);
        let again = again.refused.expect("it comes back");
        assert_eq!(supervisor.delete_child(id("b")).await, Err(Refused::Running));
        assert_eq!(supervisor.stop_child(id("b")).await, Ok(()));
        assert_eq!(ends.take(), ["b gone"]);
        let again = supervisor.start_boxed(again).await.unwrap_err();
        assert_eq!(again.why, Refused::AlreadyPresent);
        assert_eq!(supervisor.delete_child(id("b")).await, Ok(()));
        let again = again.refused.expect("it comes back");
        assert!(supervisor.start_boxed(again).await.is_ok());
        assert_eq!(number(&a).await, 0);
        assert_eq!(tree.stop().await, Ok(()));
        assert_eq!(ends.take(), ["b gone"]);
        assert_eq!(log.take(), ["a up", "a gone"]);
    });
}

#[test]
fn who_looks_sees_all_children_in_order_and_whether_they_run() {
    run(async |rt: Rt| {
        let (log, a) = (Log::default(), mailbox_named("a", 4));
        let (tree, supervisor) = with_a!(rt, log, a);
        assert!(supervisor.start_child(always("b", || task(pending::<()>()))).await.is_ok());
        assert!(supervisor.start_child(always("c", || task(pending::<()>()))).await.is_ok());
        supervisor.stop_child(id("b")).await.unwrap();
        let seen = supervisor.which_children().await.unwrap();
        let seen: Vec<_> = seen.iter().map(|info| (info.child.name, info.state)).collect();
        let (runs, down) = (ChildState::Running, ChildState::Stopped);
        assert_eq!(seen, [("a", runs), ("b", down), ("c", runs)]);
        let counts = supervisor.count_children().await.unwrap();
        assert_eq!((counts.specs, counts.active), (3, 2));
        assert_eq!(tree.stop().await, Ok(()));
        assert_eq!(supervisor.count_children().await, Err(Refused::SupervisorGone));
    });
}

#[test]
fn a_child_that_cannot_start_is_refused_and_nothing_is_kept_of_it() {
    run(async |rt: Rt| {
        let (log, a) = (Log::default(), mailbox_named("a", 4));
        let (tree, supervisor) = with_a!(rt, log, a);
        let (b, made) = (mailbox_named("b", 1), Log::default());
        let (me, making) = (b.clone(), made.clone());
        let broken = move || {
            making.push("made");
            serve(Broken, me.clone())
        };
        let refused = supervisor.start_child(always("b", broken)).await.unwrap_err();
        assert_eq!((refused.why, refused.refused.is_none()), (Refused::StartFailed, true));
        assert_eq!(made.take(), ["made"], "it is not tried again");
        assert!(b.is_closed());
        assert_eq!(supervisor.count_children().await.unwrap().specs, 1);
        assert_eq!(number(&a).await, 0, "the others do not notice");
        assert_eq!(tree.stop().await, Ok(()));
    });
}

#[test]
fn children_are_made_from_arguments_up_to_as_many_as_there_may_be() {
    run(async |rt: Rt| {
        let children = DynamicSupervisor::new("job", |end: CancelToken| {
            move || {
                let end = end.clone();
                task(async move {
                    end.cancelled().await;
                })
            }
        });
        let children = children.restart(Restart::OnFailure).max_children(2);
        let (tree, children) = rt.supervise_dynamic(children).unwrap();
        let ends = [(); 2].map(|()| CancelToken::new());
        for (index, end) in ends.iter().enumerate() {
            let child = children.start_child(end.clone()).await.unwrap();
            assert_eq!(child, ChildId { name: "job", index: Some(index) });
        }
        let refused = children.start_child(CancelToken::new()).await.unwrap_err();
        assert_eq!(refused.why, Refused::MaxChildren);
        let third = refused.refused.expect("the argument comes back");
        assert!(ends[0].cancel("done"));
        // Whoever has ended is forgotten, and its place is free.
        while children.count_children().await.unwrap().specs > 1 {}
        let child = children.start_child(third).await.unwrap();
        assert_eq!(child, ChildId { name: "job", index: Some(2) });
        assert_eq!(children.stop_child(child).await, Ok(()));
        assert_eq!(children.stop_child(child).await, Err(Refused::NotFound));
        assert_eq!(tree.stop().await, Ok(()));
        let refused = children.start_child(CancelToken::new()).await.unwrap_err();
        assert_eq!(refused.why, Refused::SupervisorGone);
    });
}

#[test]
fn a_partition_is_restarted_alone_and_keeps_its_keys() {
    run(async |rt: Rt| {
        let (log, count) = (Log::default(), NonZeroUsize::new(3).unwrap());
        let partitions = Partitions::new("part", count, 4);
        let made = log.clone();
        let supervisor = Supervisor::new(Strategy::OneForOne).partitions(
            &partitions,
            Restart::Always,
            move |_, me| serve(Probe::new("up", "gone", &made), me),
        );
        let tree = rt.supervise(supervisor).unwrap();
        let of = partitions.partition("apples");
        tell(of, Msg::Fail).await;
        assert_eq!(number(of).await, 1);
        assert!(of.same_actor(partitions.partition("apples")));
        for other in partitions.all().iter().filter(|other| !other.same_actor(of)) {
            assert_eq!(number(other).await, 0);
        }
        assert_eq!(tree.stop().await, Ok(()));
        assert_eq!(log.take().len(), 8, "three, and one twice");
        assert!(partitions.all().iter().all(ActorRef::is_closed));
    });
}
