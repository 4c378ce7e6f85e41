//! Names by which actors are found.

use super::*;
use klaw::{Registry, Restart, registry::ActorNotFoundKind};
use probe::{Msg, number, start, tell};
use witness::Log;

#[test]
fn a_name_leads_to_its_actor_over_a_restart() {
    run(async |rt: Rt| {
        let (names, actor) = (Registry::new(), start(&rt, &Log::default(), Restart::OnFailure));
        names.register("probe", &actor).unwrap();
        tell(&names.whereis("probe").unwrap(), Msg::Fail).await;
        let found = names.get_actor::<Msg>("probe").unwrap();
        assert!(found.same_actor(&actor));
        assert_eq!(number(&found).await, 1);
    });
}

#[test]
fn a_name_is_free_before_the_end_of_its_actor_is_known() {
    run(async |rt: Rt| {
        let names = Registry::new();
        for _ in 0..2 {
            let actor = start(&rt, &Log::default(), Restart::OnFailure);
            names.register("probe", &actor).unwrap();
            let waiting = rt.submit(actor.closed()).unwrap();
            actor.stop();
            waiting.await.unwrap();
            assert!(names.is_empty() && names.whereis::<Msg>("probe").is_none());
        }
    });
}

#[test]
fn a_name_is_taken_once_and_known_by_the_type_of_messages() {
    run(async |rt: Rt| {
        let names = Registry::new();
        let actors = [(); 2].map(|()| start(&rt, &Log::default(), Restart::OnFailure));
        let registering = actors.map(|actor| {
            let names = names.clone();
            rt.submit(async move { names.register("one", &actor).is_ok() }).unwrap()
        });
        let taken = rt.executor().gather(registering).await;
        assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
        let unknown = names.get_actor::<Msg>("two").unwrap_err().kind;
        let other = names.get_actor::<u32>("one").unwrap_err().kind;
        assert_eq!(unknown, ActorNotFoundKind::Unknown);
        assert_ne!(other, ActorNotFoundKind::Unknown);
    });
}
