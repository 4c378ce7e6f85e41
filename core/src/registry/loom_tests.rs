//! Every order of events in which a name is taken and freed.

use super::{RegisterErrorKind, Registry};
use crate::actor::{ActorRef, mailbox};
use loom::{model, thread};

/// A name is never left taken by an actor that has ended.
#[test]
fn loom_registered_while_the_actor_ends() {
    model(|| {
        let (registry, meter) = (Registry::new(), mailbox::<u8>(1));
        let ending = thread::spawn({
            let meter = meter.clone();
            move || meter.retire()
        });
        if let Err(error) = registry.register("meter", &meter) {
            assert_eq!(error.kind, RegisterErrorKind::Closed);
        }
        ending.join().unwrap();
        assert!(registry.whereis::<u8>("meter").is_none());
        assert!(registry.is_empty());
    });
}

/// Whoever has seen the end of an actor does not find it, even if it is being registered.
#[test]
fn loom_looked_up_after_the_end() {
    model(|| {
        let (registry, meter) = (Registry::new(), mailbox::<u8>(1));
        let registering = thread::spawn({
            let (registry, meter) = (registry.clone(), meter.clone());
            move || drop(registry.register("meter", &meter))
        });
        meter.retire();
        assert!(registry.whereis::<u8>("meter").is_none());
        registering.join().unwrap();
        assert!(registry.is_empty());
    });
}

#[test]
fn loom_two_want_one_name() {
    model(|| {
        let registry = Registry::new();
        let (first, second) = (mailbox::<u8>(1), mailbox::<u8>(1));
        let racing = thread::spawn({
            let (registry, first) = (registry.clone(), first.clone());
            move || registry.register("meter", &first)
        });
        let won = registry.register("meter", &second).is_ok();
        let lost = racing.join().unwrap();
        assert_eq!(lost.is_ok(), !won);
        let (owner, other): (&ActorRef<u8>, _) =
            if won { (&second, &first) } else { (&first, &second) };
        assert!(registry.whereis::<u8>("meter").unwrap().same_actor(owner));
        // The loser has nothing to do with the name: its end does not free it.
        other.retire();
        assert_eq!(registry.len(), 1);
        owner.retire();
        assert!(registry.is_empty());
    });
}

/// A name that is freed by hand while its actor ends may be taken by another one at once.
#[test]
fn loom_unregistered_while_the_actor_ends() {
    model(|| {
        let registry = Registry::new();
        let (first, second) = (mailbox::<u8>(1), mailbox::<u8>(1));
        registry.register("meter", &first).unwrap();
        let ending = thread::spawn(move || first.retire());
        registry.unregister("meter");
        registry.register("meter", &second).unwrap();
        ending.join().unwrap();
        assert!(registry.whereis::<u8>("meter").unwrap().same_actor(&second));
        second.retire();
        assert!(registry.is_empty());
    });
}
