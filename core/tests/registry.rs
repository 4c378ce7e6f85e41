//! Names of actors: who has one, for how long, and what a look-up finds.

#![cfg(feature = "std")]

mod by_hand;
mod counting;
mod executor;
mod storage;
mod virtual_clock;

use by_hand::{ByHand, now};
use core::fmt::Debug;
use counting::{allocated, allocations};
use executor::Executor;
use klaw::{
    Actor, ActorRef, Ctx, Mailbox, Registry, Restart, StaticRegistry, Strategy, Supervisor,
    mailbox,
    registry::{ActorNotFound, ActorNotFoundKind, RegisterError, RegisterErrorKind, Registered},
    serve,
};
use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use storage::forever;
use virtual_clock::VirtualClock;

/// What both registries do; the actors are in mailboxes that both take.
trait Names: Debug {
    type Name: AsRef<str> + Debug;

    fn create() -> Self;
    fn register<M: Send>(
        &self,
        name: &'static str,
        mailbox: &'static Mailbox<M, 4>,
    ) -> Result<(), RegisterError<Self::Name>>;
    fn unregister(&self, name: &str) -> bool;
    fn whereis<M: 'static>(&self, name: &str) -> Option<ActorRef<M>>;
    fn get_actor<M: 'static>(
        &self,
        name: &'static str,
    ) -> Result<ActorRef<M>, ActorNotFound<Self::Name>>;
    fn names(&self) -> Vec<String>;
    fn entries(&self) -> Vec<Registered<Self::Name>>;
    fn len(&self) -> usize;
    fn is_empty(&self) -> bool;
}

impl Names for Registry {
    type Name = String;

    fn create() -> Self {
        Self::new()
    }

    fn register<M: Send>(
        &self,
        name: &'static str,
        mailbox: &'static Mailbox<M, 4>,
    ) -> Result<(), RegisterError<String>> {
        self.register(name, &mailbox.actor_ref())
    }

    fn unregister(&self, name: &str) -> bool {
        self.unregister(name)
    }

    fn whereis<M: 'static>(&self, name: &str) -> Option<ActorRef<M>> {
        self.whereis(name)
    }

    fn get_actor<M: 'static>(
        &self,
        name: &'static str,
    ) -> Result<ActorRef<M>, ActorNotFound<String>> {
        self.get_actor(name)
    }

    fn names(&self) -> Vec<String> {
        self.names()
    }

    fn entries(&self) -> Vec<Registered<String>> {
        self.entries().collect()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

impl Names for StaticRegistry<8> {
    type Name = &'static str;

    fn create() -> Self {
        Self::new()
    }

    fn register<M: Send>(
        &self,
        name: &'static str,
        mailbox: &'static Mailbox<M, 4>,
    ) -> Result<(), RegisterError<&'static str>> {
        self.register(name, mailbox)
    }

    fn unregister(&self, name: &str) -> bool {
        self.unregister(name)
    }

    fn whereis<M: 'static>(&self, name: &str) -> Option<ActorRef<M>> {
        self.whereis(name)
    }

    fn get_actor<M: 'static>(
        &self,
        name: &'static str,
    ) -> Result<ActorRef<M>, ActorNotFound<&'static str>> {
        self.get_actor(name)
    }

    fn names(&self) -> Vec<String> {
        self.names().map(String::from).collect()
    }

    fn entries(&self) -> Vec<Registered<&'static str>> {
        self.entries().collect()
    }

    fn len(&self) -> usize {
        self.len()
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

/// Declares tests that run on each registry.
macro_rules! on_both_registries {
    ($($(#[$meta:meta])* fn $name:ident($registry:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            fn run<R: Names>($registry: R) $body

            #[test]
            fn heap() {
                run(Registry::create());
            }

            #[test]
            fn inline() {
                run(StaticRegistry::<8>::create());
            }
        }
    )*};
}

fn actor<M: Send>() -> &'static Mailbox<M, 4> {
    forever(Mailbox::new())
}

/// Takes numbers, fails at zero.
struct Counter;

impl Actor for Counter {
    type Msg = u32;
    type Error = &'static str;

    async fn handle(&mut self, number: u32, _: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
        if number == 0 { Err("zero") } else { Ok(()) }
    }
}

/// Lets the actor end for good.
fn end(mailbox: &'static Mailbox<u32, 4>) {
    let mut running = ByHand::parked(serve(Counter, mailbox.actor_ref()));
    mailbox.actor_ref().stop();
    running.ready();
    assert!(now(mailbox.actor_ref().closed()).is_some());
}

on_both_registries! {
    fn a_registered_actor_is_found_by_its_name(registry) {
        let (meter, lamp) = (actor::<u32>(), actor::<u32>());
        assert!(registry.whereis::<u32>("meter").is_none());
        registry.register("meter", meter).unwrap();
        registry.register("lamp", lamp).unwrap();
        assert!(registry.whereis::<u32>("meter").unwrap().same_actor(&meter.actor_ref()));
        assert!(registry.get_actor::<u32>("lamp").unwrap().same_actor(&lamp.actor_ref()));
        assert!(registry.whereis::<u32>("met").is_none());
        registry.whereis("meter").unwrap().try_tell(7u32).unwrap();
        assert_eq!(meter.actor_ref().len(), 1);
    }

    fn a_taken_name_is_refused_and_stays_whose_it_was(registry) {
        let (first, second) = (actor::<u32>(), actor::<u8>());
        registry.register("meter", first).unwrap();
        let refused = registry.register("meter", second).unwrap_err();
        assert_eq!((refused.name.as_ref(), refused.kind), ("meter", RegisterErrorKind::Taken));
        let again = registry.register("meter", first).unwrap_err();
        assert_eq!(again.kind, RegisterErrorKind::Taken);
        assert!(registry.whereis::<u32>("meter").unwrap().same_actor(&first.actor_ref()));
        assert_eq!(registry.len(), 1);
    }

    fn an_actor_may_have_two_names_and_loses_both_at_its_end(registry) {
        let meter = actor::<u32>();
        registry.register("meter", meter).unwrap();
        registry.register("gauge", meter).unwrap();
        assert_eq!(registry.names(), ["gauge", "meter"]);
        assert!(registry.unregister("gauge"));
        assert!(registry.whereis::<u32>("meter").is_some());
        registry.register("gauge", meter).unwrap();
        end(meter);
        assert!(registry.whereis::<u32>("meter").is_none());
        assert!(registry.whereis::<u32>("gauge").is_none());
        assert!(registry.is_empty());
    }

    fn an_unregistered_name_is_free(registry) {
        let (first, second) = (actor::<u32>(), actor::<u32>());
        registry.register("meter", first).unwrap();
        assert!(registry.unregister("meter"));
        assert!(!registry.unregister("meter"));
        assert!(registry.whereis::<u32>("meter").is_none());
        registry.register("meter", second).unwrap();
        // The end of one who had the name before takes it from nobody.
        end(first);
        assert!(registry.whereis::<u32>("meter").unwrap().same_actor(&second.actor_ref()));
    }

    fn an_unknown_name_and_other_messages_are_told_apart(registry) {
        registry.register("meter", actor::<u32>()).unwrap();
        let unknown = registry.get_actor::<u32>("meteor").unwrap_err();
        assert_eq!((unknown.name.as_ref(), unknown.kind), ("meteor", ActorNotFoundKind::Unknown));
        let other = registry.get_actor::<String>("meter").unwrap_err();
        let kind = ActorNotFoundKind::OtherMessages {
            asked: core::any::type_name::<String>(),
            found: core::any::type_name::<u32>(),
        };
        assert_eq!((other.name.as_ref(), other.kind), ("meter", kind));
        assert!(registry.whereis::<String>("meter").is_none());
    }

    fn a_name_stays_over_a_restart(registry) {
        let (executor, clock) = (Executor::new(3), VirtualClock::new());
        let meter = actor::<u32>();
        registry.register("meter", meter).unwrap();
        let running = Supervisor::new(Strategy::OneForOne)
            .actor(&meter.actor_ref(), Restart::OnFailure, |me| serve(Counter, me))
            .run(&clock);
        let gave_up = executor.start(running);
        executor.run();
        let found = registry.whereis::<u32>("meter").unwrap();
        found.try_tell(0).unwrap();
        executor.run();
        assert_eq!(found.incarnations(), 2);
        assert!(registry.whereis::<u32>("meter").unwrap().same_actor(&found));
        // One restart too many: now it has ended for good.
        found.try_tell(0).unwrap();
        executor.run();
        assert!(gave_up.take().unwrap().is_err());
        assert!(registry.is_empty());
    }

    fn an_ended_actor_is_not_found_and_its_name_is_free(registry) {
        let (meter, next) = (actor::<u32>(), actor::<u32>());
        registry.register("meter", meter).unwrap();
        registry.register("gauge", meter).unwrap();
        end(meter);
        let error = registry.get_actor::<u32>("meter").unwrap_err();
        assert_eq!(error.kind, ActorNotFoundKind::Unknown);
        assert!(registry.names().is_empty() && registry.entries().is_empty());
        assert!(!registry.unregister("gauge"));
        registry.register("meter", next).unwrap();
        assert!(registry.whereis::<u32>("meter").unwrap().same_actor(&next.actor_ref()));
    }

    /// It has something to finish, and whoever looks for it may wait for that.
    fn a_stopping_actor_keeps_its_name_until_its_end(registry) {
        let meter = actor::<u32>();
        registry.register("meter", meter).unwrap();
        let mut running = ByHand::parked(serve(Counter, meter.actor_ref()));
        meter.actor_ref().try_tell(1).unwrap();
        meter.actor_ref().stop();
        assert!(registry.whereis::<u32>("meter").unwrap().is_closed());
        let refused = registry.register("meter", actor::<u32>()).unwrap_err();
        assert_eq!(refused.kind, RegisterErrorKind::Taken);
        running.ready();
        assert!(registry.whereis::<u32>("meter").is_none());
    }

    fn a_closed_actor_is_refused(registry) {
        let (stopped, ended) = (actor::<u32>(), actor::<u32>());
        stopped.actor_ref().stop();
        end(ended);
        for closed in [stopped, ended] {
            let refused = registry.register("meter", closed).unwrap_err();
            assert_eq!((refused.name.as_ref(), refused.kind), ("meter", RegisterErrorKind::Closed));
        }
        assert!(registry.is_empty());
        registry.register("meter", actor::<u32>()).unwrap();
    }

    fn entries_are_in_order_and_say_what_is_known(registry) {
        let (meter, lamp) = (actor::<u32>(), actor::<u8>());
        for (name, mailbox) in [("c", meter), ("a", meter), ("b", meter), ("e", meter)] {
            registry.register(name, mailbox).unwrap();
        }
        registry.register("d", lamp).unwrap();
        assert!(registry.unregister("b"));
        lamp.actor_ref().stop();
        let entries = registry.entries();
        let entries: Vec<_> =
            entries.iter().map(|e| (e.name.as_ref(), e.messages, e.is_closed)).collect();
        let expected = [("a", "u32", false), ("c", "u32", false), ("d", "u8", true), ("e", "u32", false)];
        assert_eq!(entries, expected);
        assert_eq!(registry.names(), ["a", "c", "d", "e"]);
        assert_eq!((registry.len(), registry.is_empty()), (4, false));
        assert_eq!(format!("{registry:?}"), r#"{"a", "c", "d", "e"}"#);
    }
}

// The heap form.

#[test]
fn clones_are_one_registry() {
    let registry = Registry::new();
    let (meter, other) = (mailbox::<u32>(1), registry.clone());
    registry.register("meter", &meter).unwrap();
    assert!(other.whereis::<u32>("meter").unwrap().same_actor(&meter));
}

#[test]
fn a_mailbox_is_not_kept_alive_by_its_name() {
    struct Telltale(#[allow(dead_code, reason = "counts itself")] Arc<()>);
    let (registry, alive) = (Registry::new(), Arc::new(()));
    let meter = mailbox::<Telltale>(1);
    registry.register("meter", &meter).unwrap();
    registry.register("gauge", &meter).unwrap();
    meter.try_tell(Telltale(alive.clone())).ok().unwrap();
    let found = registry.whereis::<Telltale>("meter").unwrap();
    drop(meter);
    assert_eq!((registry.len(), Arc::strong_count(&alive)), (2, 2));
    drop(found);
    assert_eq!((registry.len(), Arc::strong_count(&alive)), (0, 1));
}

/// Nothing is locked while a mailbox is dropped, whose messages may use the registry.
#[test]
fn a_message_that_goes_with_its_mailbox_may_use_the_registry() {
    struct Heir(Registry, Arc<AtomicBool>);
    impl Drop for Heir {
        fn drop(&mut self) {
            let found = self.0.whereis::<Self>("meter").is_some();
            let next = mailbox::<u8>(1);
            let free = self.0.register("meter", &next).is_ok() && self.0.unregister("meter");
            self.1.store(!found && free, Ordering::Relaxed);
        }
    }
    let (registry, done) = (Registry::new(), Arc::new(AtomicBool::new(false)));
    let meter = mailbox::<Heir>(1);
    registry.register("meter", &meter).unwrap();
    meter.try_tell(Heir(registry.clone(), done.clone())).ok().unwrap();
    drop(meter);
    assert!(done.load(Ordering::Relaxed));
}

#[test]
fn nothing_is_left_of_names_that_came_and_went() {
    let (registry, kept) = (Registry::new(), mailbox::<u32>(1));
    let churn = || {
        for round in 0..50 {
            let meter = mailbox::<u32>(1);
            registry.register("meter", &meter).unwrap();
            assert!(registry.register("meter", &kept).is_err());
            registry.register("kept", &kept).unwrap();
            if round % 2 == 0 {
                drop(serve(Counter, meter.clone())); // ends it for good
                assert_eq!(registry.len(), 1);
            }
            drop(meter);
            assert!(registry.unregister("kept") && registry.is_empty());
            // Another registry that is gone before its actor.
            let brief = Registry::new();
            brief.register("kept", &kept).unwrap();
        }
    };
    churn(); // the table gets its memory
    assert_eq!(allocated(churn).2, 0, "bytes more than before");
}

#[test]
fn an_actor_outlives_a_registry_that_knew_it() {
    let meter = actor::<u32>();
    let registry = Registry::new();
    registry.register("meter", &meter.actor_ref()).unwrap();
    drop(registry);
    end(meter);
}

#[test]
fn many_names_are_found_in_any_order_of_coming_and_going() {
    let registry = Registry::new();
    let mut actors: Vec<_> = (0..200_u32).map(|n| (n * 77 % 200, mailbox::<u32>(1))).collect();
    for (number, actor) in &actors {
        registry.register(&format!("actor {number}"), actor).unwrap();
    }
    actors.retain(|(number, _)| number % 3 != 0);
    for (number, actor) in &actors {
        assert!(registry.whereis(&format!("actor {number}")).unwrap().same_actor(actor));
    }
    let mut names: Vec<_> = actors.iter().map(|(number, _)| format!("actor {number}")).collect();
    names.sort();
    assert_eq!(registry.names(), names);
}

#[test]
fn a_look_up_on_the_heap_allocates_nothing() {
    let (registry, meter) = (Registry::new(), mailbox::<u32>(1));
    registry.register("meter", &meter).unwrap();
    let look_up = || {
        assert!(registry.whereis::<u32>("meter").is_some());
        assert!(registry.whereis::<u8>("meter").is_none());
        assert!(registry.whereis::<u32>("lamp").is_none());
        assert_eq!(registry.len(), 1);
    };
    assert_eq!(allocations(look_up), 0);
}

// The static form.

#[test]
fn a_full_registry_is_an_error_until_an_actor_ends_or_a_name_is_freed() {
    let registry = StaticRegistry::<2>::new();
    let (a, b, c) = (actor::<u32>(), actor::<u32>(), actor::<u32>());
    registry.register("a", a).unwrap();
    registry.register("b", b).unwrap();
    let refused = registry.register("c", c).unwrap_err();
    assert_eq!(refused, RegisterError { name: "c", kind: RegisterErrorKind::Full });
    assert_eq!(registry.register("a", c).unwrap_err().kind, RegisterErrorKind::Taken);
    end(b);
    registry.register("c", c).unwrap();
    assert_eq!(registry.names().collect::<Vec<_>>(), ["a", "c"]);
    assert!(registry.unregister("a"));
    registry.register("d", c).unwrap();
    assert_eq!((registry.len(), registry.capacity()), (2, 2));
}

#[test]
fn a_static_registry_allocates_nothing() {
    static METER: Mailbox<u32, 4> = Mailbox::new();
    static LAMP: Mailbox<u8, 4> = Mailbox::new();
    static ACTORS: StaticRegistry<2> = StaticRegistry::new();
    let all = allocations(|| {
        ACTORS.register("meter", &METER).unwrap();
        ACTORS.register("lamp", &LAMP).unwrap();
        assert!(ACTORS.register("third", &METER).is_err());
        assert!(ACTORS.get_actor::<u32>("meter").is_ok() && ACTORS.get_actor::<u8>("me").is_err());
        assert!(ACTORS.names().eq(["lamp", "meter"]));
        assert_eq!(ACTORS.len(), 2);
        assert!(ACTORS.unregister("lamp"));
        METER.actor_ref().stop();
        drop(serve(Counter, METER.actor_ref()));
        assert!(ACTORS.is_empty());
    });
    assert_eq!(all, 0);
}

// Errors.

#[test]
fn errors_say_what_is_wrong_and_with_which_name() {
    let taken = RegisterError { name: "meter", kind: RegisterErrorKind::Taken };
    let closed = RegisterError { kind: RegisterErrorKind::Closed, ..taken.clone() };
    let full = RegisterError { kind: RegisterErrorKind::Full, ..taken.clone() };
    let unknown = ActorNotFound { name: "meter", kind: ActorNotFoundKind::Unknown };
    let kind = ActorNotFoundKind::OtherMessages { asked: "u8", found: "u32" };
    let other = ActorNotFound { name: "meter", kind };
    let errors: [&dyn core::error::Error; 5] = [&taken, &closed, &full, &unknown, &other];
    let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let expected = [
        "the name `meter` is taken",
        "the actor to be named `meter` takes no more messages",
        "the registry has no room for the name `meter`",
        "no actor goes by the name `meter`",
        "the actor `meter` takes messages of type `u32`, not `u8`",
    ];
    assert_eq!(said, expected);
}

// Threads.

const ROUNDS: usize = if cfg!(miri) { 5 } else { 500 };

/// One thread runs a body, this one another, from the same moment on.
fn race<T: Send>(other: impl FnOnce() -> T + Send, this: impl FnOnce()) -> T {
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            barrier.wait();
            other()
        });
        barrier.wait();
        this();
        other.join().unwrap()
    })
}

#[test]
fn a_last_reference_that_goes_meanwhile_leaves_no_name() {
    for _ in 0..ROUNDS {
        let (registry, meter) = (Registry::new(), mailbox::<u32>(1));
        registry.register("meter", &meter).unwrap();
        let found = race(|| registry.whereis::<u32>("meter"), || drop(meter));
        assert_eq!(registry.len(), usize::from(found.is_some()));
        drop(found);
        assert!(registry.is_empty());
    }
}

#[test]
fn whoever_saw_the_end_finds_nothing_whoever_registers_meanwhile() {
    for _ in 0..ROUNDS {
        let (registry, meter) = (Registry::new(), mailbox::<u32>(1));
        let done = AtomicBool::new(false);
        race(
            || {
                while !done.load(Ordering::Acquire) {
                    let _ = registry.register("meter", &meter);
                }
            },
            || {
                drop(serve(Counter, meter.clone()));
                assert!(now(meter.closed()).is_some());
                (0..20).for_each(|_| assert!(registry.whereis::<u32>("meter").is_none()));
                done.store(true, Ordering::Release);
            },
        );
        assert!(registry.is_empty());
    }
}
