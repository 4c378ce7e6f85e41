//! Every interleaving of a load's end with callers who come and go.

use super::{
    error::LoadError,
    flight::{Flight, Landed},
    load::{Landing, Load},
    shared::{Access, Shared},
};
use crate::{
    sync::Arc,
    time::{Clock, Instant, Sleep},
    wait::Until,
};
use core::{
    future::{Pending, pending},
    num::NonZeroUsize,
    pin::Pin,
    task::{Context, Poll},
};
use loom::{future::block_on, model, thread};
use std::boxed::Box;

/// A clock that stands still: ages are not what is looked at here.
#[derive(Clone)]
struct Still;

struct Never(Pending<()>);

impl Future for Never {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl Sleep for Never {
    fn reset(self: Pin<&mut Self>, _: Instant) {}
}

impl Clock for Still {
    type Sleep = Never;

    fn now(&self) -> Instant {
        Instant::EPOCH
    }

    fn sleep_until(&self, _: Instant) -> Never {
        Never(pending())
    }
}

type Cache = Arc<Shared<u8, u8, (), Still>>;
type OneFlight = Arc<Flight<u8, ()>>;

const KEY: u8 = 1;

/// A cache with one load under way, that one caller waits for.
fn loading() -> (Cache, OneFlight) {
    let cache = Arc::new(Shared::new(Still, NonZeroUsize::MIN));
    let flight = Arc::new(Flight::new());
    assert!(matches!(cache.access(&KEY, &flight), Access::Began));
    (cache, flight)
}

fn wait(flight: &OneFlight) -> Result<u8, LoadError<()>> {
    block_on(Until::new(Landed(flight.clone()))).map(|value| *value)
}

/// The end of the load meets one who asks: either the value is stored, or it comes.
#[test]
fn loom_cache_asked_while_a_load_lands_needs_no_other() {
    model(|| {
        let (cache, flight) = loading();
        let lander = {
            let (cache, flight) = (cache.clone(), flight.clone());
            thread::spawn(move || cache.land(&KEY, &flight, Ok(Arc::new(7))))
        };
        match cache.access(&KEY, &Arc::new(Flight::new())) {
            Access::Stored(value) => assert_eq!(*value, 7),
            Access::Joined(joined) => {
                assert!(matches!(wait(&joined), Ok(7)));
                cache.leave(&KEY, &joined);
            }
            Access::Began => panic!("it is loaded twice"),
        }
        assert!(matches!(wait(&flight), Ok(7)));
        cache.leave(&KEY, &flight);
        lander.join().unwrap();
        assert!(!flight.abandoned.is_cancelled());
        assert_eq!(cache.len(), 1);
    });
}

/// The end of the load meets the last caller, who leaves: it was given up, or it is stored.
#[test]
fn loom_cache_left_while_a_load_lands_stores_it_or_gives_it_up() {
    model(|| {
        let (cache, flight) = loading();
        let lander = {
            let (cache, flight) = (cache.clone(), flight.clone());
            thread::spawn(move || cache.land(&KEY, &flight, Ok(Arc::new(7))))
        };
        cache.leave(&KEY, &flight);
        lander.join().unwrap();
        let stored = cache.get(&KEY).is_some();
        assert!(stored || flight.abandoned.is_cancelled());
        let again = cache.access(&KEY, &Arc::new(Flight::new()));
        assert!(matches!(again, Access::Stored(_)) == stored, "nothing is left under way");
        assert!(!matches!(again, Access::Joined(_)));
    });
}

/// The last caller leaves while another one comes: nobody waits for what was given up.
#[test]
fn loom_cache_left_by_one_while_another_comes() {
    model(|| {
        let (cache, flight) = loading();
        let leaver = {
            let (cache, flight) = (cache.clone(), flight.clone());
            thread::spawn(move || cache.leave(&KEY, &flight))
        };
        let joined = match cache.access(&KEY, &Arc::new(Flight::new())) {
            Access::Joined(_) => true,
            Access::Began => false,
            Access::Stored(_) => panic!("nothing was loaded"),
        };
        leaver.join().unwrap();
        assert_eq!(flight.abandoned.is_cancelled(), !joined);
    });
}

/// The task of a load that parks while it is given up ends, and nothing is stored.
#[test]
fn loom_cache_load_given_up_while_it_parks_ends() {
    model(|| {
        let (cache, flight) = loading();
        let landing = Landing { shared: cache.clone(), key: KEY, flight: flight.clone() };
        let load = Box::pin(Load::new(pending::<Result<u8, ()>>(), landing));
        let runner = thread::spawn(move || block_on(load));
        cache.leave(&KEY, &flight);
        runner.join().unwrap();
        assert!(matches!(wait(&flight), Err(LoadError::Dropped)));
        assert_eq!(cache.len(), 0);
    });
}
