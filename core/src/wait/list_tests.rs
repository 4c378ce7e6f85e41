//! The list against its definition: a row of waiters, by their tickets.

use super::{List, Waiter};
use alloc::{boxed::Box, sync::Arc, task::Wake, vec::Vec};
use core::{pin::Pin, ptr, task::Waker};
use proptest::prelude::*;

const WAITERS: usize = 5;

struct Task;

impl Wake for Task {
    fn wake(self: Arc<Self>) {}
}

/// A place in line, and what the definition says of it.
struct Place {
    waiter: Pin<Box<Waiter>>,
    waker: Waker,
    linked: bool,
    /// When it first parked, until it got what it waited for.
    arrived: Option<usize>,
}

struct Bench {
    list: List,
    places: Vec<Place>,
    arrivals: usize,
}

#[derive(Clone, Debug)]
enum Step {
    /// Park: for the first time, or after having been woken in vain.
    Park(usize),
    /// It got what it waited for.
    Done(usize),
    GiveUp(usize),
    Wake,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..WAITERS;
    prop_oneof![
        4 => who.clone().prop_map(Step::Park),
        1 => who.clone().prop_map(Step::Done),
        1 => who.prop_map(Step::GiveUp),
        3 => Just(Step::Wake),
    ]
}

impl Bench {
    fn new() -> Self {
        let place = |_| Place {
            waiter: Box::pin(Waiter::new()),
            waker: Arc::new(Task).into(),
            linked: false,
            arrived: None,
        };
        Self { list: List::new(), places: (0..WAITERS).map(place).collect(), arrivals: 0 }
    }

    /// Those that are linked, the longest-waiting first.
    fn line(&self) -> Vec<usize> {
        let mut line: Vec<usize> = (0..WAITERS).filter(|&at| self.places[at].linked).collect();
        line.sort_by_key(|&at| self.places[at].arrived);
        line
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Park(at) if !self.places[at].linked => {
                let place = &mut self.places[at];
                if place.arrived.is_none() {
                    place.waiter.reset();
                    place.arrived = Some(self.arrivals);
                    self.arrivals += 1;
                }
                place.linked = true;
                // SAFETY: not linked, and unlinked before the bench is dropped.
                unsafe {
                    self.list.link(place.waiter.as_ref(), place.waker.clone(), ptr::null());
                }
            }
            Step::Done(at) if !self.places[at].linked => self.places[at].arrived = None,
            Step::GiveUp(at) => {
                let place = &mut self.places[at];
                // SAFETY: if linked, then into this list.
                let removed = unsafe { self.list.remove(place.waiter.as_ref()) };
                assert_eq!(removed.is_some(), place.linked);
                assert!(removed.is_none_or(|waker| waker.data() == place.waker.data()));
                if place.linked {
                    (place.linked, place.arrived) = (false, None);
                }
            }
            Step::Wake => {
                let woken = self.list.pop_front();
                let first = self.line().first().copied();
                assert_eq!(woken.is_some(), first.is_some());
                if let (Some(waker), Some(first)) = (woken, first) {
                    let place = &mut self.places[first];
                    assert!(waker.data() == place.waker.data() && place.waiter.is_woken());
                    place.linked = false;
                }
            }
            Step::Park(_) | Step::Done(_) => {}
        }
        for place in &self.places {
            assert_eq!(place.waiter.is_linked(), place.linked);
        }
        assert_eq!(self.list.is_empty(), self.line().is_empty());
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        while self.list.pop_front().is_some() {}
    }
}

proptest! {
    #[test]
    fn waiters_are_woken_in_the_order_in_which_they_came(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let mut bench = Bench::new();
        steps.iter().for_each(|step| bench.take(step));
        // All that are left, in order.
        while !bench.line().is_empty() {
            bench.take(&Step::Wake);
        }
    }
}
