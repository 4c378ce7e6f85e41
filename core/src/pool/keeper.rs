//! The task that keeps a pool staffed: it starts, restarts and replaces members, and sees them out.
//!
//! No message passes through it; it is polled only when a member ends or an order is given.

use super::{
    event::PoolEvent,
    member::{Member, MemberFactory},
    place::{Place, tell},
    route::Route,
    seat::Seat,
    shared::{Shared, Stop},
    terms::Terms,
};
use crate::{
    actor::mailbox_named,
    panic::{Panic, catch},
    supervise::{AnyChild, ChildSpec, Drive, End, Factory, Intensity, Restart, Shutdown, Spawned},
    sync::{Arc, Ordering},
    time::Clock,
};
use alloc::{boxed::Box, vec::Vec};
use core::{
    pin::Pin,
    task::{Context, Poll},
};

/// How many rounds of restarts one poll may do before other tasks get their turn.
const ROUNDS: usize = 16;

pub(super) struct Keeper<M, S, C, F, O>
where
    M: 'static,
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
    shared: Arc<Shared<M>>,
    spawner: Spawned<S>,
    clock: C,
    incarnation: F,
    observer: O,
    terms: Terms,
    replacements: Intensity,
    places: Vec<Place<Spawned<S>, MemberFactory<M, F>, M>>,
    /// The number of the next new member.
    next: usize,
    /// How many members are wanted, those not counted that were lost or have left.
    wanted: usize,
    stop: Stop,
}

/// What becomes of a member whose incarnation ended.
enum Verdict {
    Restart,
    Replace,
    Ended,
    Lost,
}

impl<M, S, C, F, O> Keeper<M, S, C, F, O>
where
    C: Clock,
    F: Clone,
    O: FnMut(&PoolEvent<'_>),
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
    /// Keeps a pool of those who have a seat in it already; they are started when it is first polled.
    pub(super) fn new(
        shared: Arc<Shared<M>>,
        spawner: S,
        clock: C,
        incarnation: F,
        observer: O,
        terms: Terms,
    ) -> Self {
        let mut keeper = Self {
            spawner: Spawned(spawner),
            clock,
            incarnation,
            observer,
            replacements: terms.replacements.intensity(),
            terms,
            places: Vec::new(),
            next: 0,
            wanted: 0,
            stop: Stop::No,
            shared,
        };
        for seat in keeper.shared.seats().iter() {
            keeper.add(seat.clone());
        }
        keeper.wanted = keeper.places.len();
        keeper
    }

    fn add(&mut self, seat: Arc<Seat<M>>) {
        self.next = seat.number + 1;
        let queue = (self.shared.route == Route::Shared).then(|| self.shared.front.clone());
        let member = Member { seat: seat.clone(), queue };
        let factory = MemberFactory { member, incarnation: self.incarnation.clone() };
        // How it is brought to its end is decided here, not by the child.
        let spec = ChildSpec::new(seat.id, self.terms.restart, Shutdown::Infinite, factory);
        let child = Box::pin(spec.build(&self.spawner));
        let intensity = self.terms.restarts.intensity();
        self.places.push(Place { seat, child, intensity, attempt: 0 });
    }

    /// Does what was ordered.
    fn obey(&mut self) {
        let orders = self.shared.orders();
        if orders.stop > self.stop {
            self.stop = orders.stop;
            for place in &self.places {
                self.stop_member(place);
            }
        }
        if self.stop != Stop::No {
            return;
        }
        self.wanted = orders.resize.unwrap_or(self.wanted);
        let staying = || self.places.iter().filter(|place| !place.seat.is_leaving());
        let here = staying().count();
        for place in staying().skip(self.wanted) {
            place.seat.leaving.store(true, Ordering::Release);
            place.seat.actor.stop();
        }
        if here < self.wanted {
            for _ in here..self.wanted {
                let name = self.shared.front.name();
                let me = mailbox_named(name, self.terms.capacity);
                self.add(Arc::new(Seat::new(self.next, me)));
            }
            self.publish();
        }
    }

    /// Asks a member to end. Those that share a queue end by themselves when it is closed and empty.
    fn stop_member(&self, place: &Place<Spawned<S>, MemberFactory<M, F>, M>) {
        let Seat { leaving, actor, .. } = &*place.seat;
        match self.stop {
            Stop::Now => actor.stop_now(),
            Stop::Drain if self.shared.route != Route::Shared => actor.stop(),
            Stop::Drain | Stop::No => {}
        }
        leaving.store(true, Ordering::Release);
    }

    /// Starts those that have not been started.
    fn start(&mut self) {
        for place in self.places.iter_mut().filter(|place| place.attempt == 0) {
            place.start(&mut self.observer);
        }
    }

    /// Looks for members that ended; true if there were any.
    fn poll_members(&mut self, cx: &mut Context<'_>) -> bool {
        let (mut any, mut gone) = (false, false);
        let mut at = 0;
        while at < self.places.len() {
            let place = &mut self.places[at];
            let (member, attempt) = (place.seat.id, place.attempt - 1);
            let observer = &mut self.observer;
            let Poll::Ready(end) = place.child.as_mut().poll_exit(cx) else {
                at += 1;
                continue;
            };
            if let Some(error) = place.child.as_mut().error() {
                tell(observer, &PoolEvent::Failed { member, error, attempt });
            }
            place.child.as_mut().forget_error();
            any = true;
            let verdict = self.judge(at, end);
            let (place, attempt) = (&mut self.places[at], attempt + 1);
            match verdict {
                Verdict::Restart => {
                    let restarts = place.intensity.count();
                    place.seat.restarts.store(restarts, Ordering::Relaxed);
                    tell(&mut self.observer, &PoolEvent::Restarting { member, attempt });
                    place.start(&mut self.observer);
                    at += 1;
                }
                Verdict::Replace => {
                    place.intensity = self.terms.restarts.intensity();
                    place.seat.restarts.store(0, Ordering::Relaxed);
                    tell(&mut self.observer, &PoolEvent::Replaced { member, attempt });
                    place.start(&mut self.observer);
                    at += 1;
                }
                Verdict::Ended => {
                    self.see_out(at, &PoolEvent::Ended { member });
                    gone = true;
                }
                Verdict::Lost => {
                    self.see_out(at, &PoolEvent::Lost { member });
                    gone = true;
                }
            }
        }
        if gone {
            self.publish();
        }
        any
    }

    fn judge(&mut self, at: usize, end: End) -> Verdict {
        let again = match (self.terms.restart, end) {
            (Restart::Never, _) | (_, End::Stopped) => false,
            (Restart::OnFailure, end) => end == End::Failed,
            (Restart::Always, _) => true,
        };
        if !again || self.stop == Stop::Now {
            return Verdict::Ended;
        }
        let now = self.clock.now();
        if self.places[at].intensity.restart(now) {
            Verdict::Restart
        } else if self.replacements.restart(now) {
            Verdict::Replace
        } else {
            Verdict::Lost
        }
    }

    /// Takes a member out that will not run again.
    fn see_out(&mut self, at: usize, event: &PoolEvent<'_>) {
        let mut place = self.places.remove(at);
        if !place.seat.leaving.load(Ordering::Relaxed) {
            // Marked, so that nobody picks it before the others are told.
            place.seat.leaving.store(true, Ordering::Release);
            self.wanted = self.wanted.saturating_sub(1);
        }
        place.child.as_mut().retire();
        tell(&mut self.observer, event);
    }

    fn publish(&self) {
        self.shared.publish(self.places.iter().map(|place| place.seat.clone()).collect());
    }
}

// Nothing in it is pinned but what lies in boxes.
impl<M, S, C, F, O> Unpin for Keeper<M, S, C, F, O>
where
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
}

impl<M, S, C, F, O> Future for Keeper<M, S, C, F, O>
where
    C: Clock,
    F: Clone,
    O: FnMut(&PoolEvent<'_>),
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.shared.keeper.register(cx.waker());
        for _ in 0..ROUNDS {
            this.obey();
            this.start();
            if this.places.is_empty() {
                tell(&mut this.observer, &PoolEvent::Closed { pool: this.shared.front.name() });
                return Poll::Ready(());
            }
            if !this.poll_members(cx) {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<M, S, C, F, O> Drop for Keeper<M, S, C, F, O>
where
    M: 'static,
    MemberFactory<M, F>: Factory,
    Spawned<S>: Drive<<MemberFactory<M, F> as Factory>::Future>,
{
    fn drop(&mut self) {
        // Before the members are: what they would put back finds the pool closed.
        self.shared.front.stop();
        self.places.clear();
        self.shared.publish(Vec::new());
        // Nobody waits for an answer that will not come, even if a message panics when it is dropped.
        let _: Result<(), Panic> = catch(|| self.shared.front.retire());
    }
}
