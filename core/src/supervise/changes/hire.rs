//! Making children of a dynamic supervisor from arguments, while there are places.

use super::{
    asked::{Answer, Asked, Call},
    refused::Refused,
    requests::{Request, Requests},
};
use crate::supervise::{
    children::child::{Child, ChildSpec},
    children::drive::{Drive, Factory},
    children::incarnation::Incarnation,
    entry::Entry,
    events::event::ChildId,
    spec::{Restart, Shutdown},
    tree::info::ChildInfo,
};
use crate::{
    channel::Receiver,
    panic::catch,
    sync::{Arc, Lock},
};
use alloc::boxed::Box;
use core::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use pin_project_lite::pin_project;

pin_project! {
    /// Where the requests of a dynamic supervisor come from.
    pub struct Hire<A, Make, D> {
        #[pin]
        asked: Asked<A>,
        make: Make,
        driver: D,
        name: &'static str,
        entry: Entry,
        max: usize,
        taken: Arc<Lock<usize>>,
        next: usize,
        // The child that is being started.
        starting: Option<ChildId>,
    }
}

impl<A, Make, D> Hire<A, Make, D> {
    pub(in crate::supervise) fn new(
        calls: Receiver<Call<A>>,
        make: Make,
        driver: D,
        name: &'static str,
        restart: Restart,
        shutdown: Shutdown,
        max: usize,
    ) -> Self {
        Self {
            asked: Asked::new(calls),
            make,
            driver,
            name,
            entry: Entry::new(restart, shutdown),
            max,
            taken: Arc::new(Lock::new(0)),
            next: 0,
            starting: None,
        }
    }
}

/// One of the places of a dynamic supervisor, taken until it is dropped.
struct Seat(Arc<Lock<usize>>);

impl Seat {
    /// Nothing if `max` are taken.
    fn take(taken: &Arc<Lock<usize>>, max: usize) -> Option<Self> {
        let free = taken.with(|taken| {
            let free = *taken < max;
            *taken += usize::from(free);
            free
        });
        free.then(|| Self(taken.clone()))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.with(|taken| *taken -= 1);
    }
}

/// The factory of a child that has a place among so many.
pub struct Seated<F> {
    factory: F,
    _seat: Seat,
}

impl<F: Factory> Factory for Seated<F> {
    type Future = F::Future;

    fn make(&mut self) -> F::Future {
        self.factory.make()
    }

    fn control(&self) -> Option<&<F::Future as Incarnation>::Control> {
        self.factory.control()
    }

    fn delay(&mut self, quiet: bool) -> Duration {
        self.factory.delay(quiet)
    }
}

type New<D, F> = Pin<Box<Child<D, Seated<F>>>>;

impl<A, Make, F, D> Requests<New<D, F>> for Hire<A, Make, D>
where
    Make: FnMut(A) -> F,
    F: Factory,
    D: Drive<F::Future>,
{
    fn poll_request(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Request<New<D, F>>>> {
        loop {
            let mut this = self.as_mut().project();
            let Some(request) = core::task::ready!(this.asked.as_mut().poll_call(cx)) else {
                return Poll::Ready(None);
            };
            let argument = match request {
                Request::Stop(child) => return Poll::Ready(Some(Request::Stop(child))),
                Request::Restart(child) => return Poll::Ready(Some(Request::Restart(child))),
                Request::Delete(child) => return Poll::Ready(Some(Request::Delete(child))),
                Request::List => return Poll::Ready(Some(Request::List)),
                Request::Start(argument) => argument,
            };
            let Some(seat) = Seat::take(this.taken, *this.max) else {
                let refused = Answer::Refused(Refused::MaxChildren, Some(argument));
                this.asked.reply(refused);
                continue;
            };
            let Ok(factory) = catch(|| (this.make)(argument)) else {
                this.asked.reply(Answer::Refused(Refused::StartFailed, None));
                continue;
            };
            let id = ChildId { name: this.name, index: Some(*this.next) };
            *this.next = this.next.wrapping_add(1);
            *this.starting = Some(id);
            let factory = Seated { factory, _seat: seat };
            let spec = ChildSpec { id, entry: *this.entry, factory };
            return Poll::Ready(Some(Request::Start(Box::pin(spec.build(this.driver)))));
        }
    }

    fn answer(self: Pin<&mut Self>, answer: Result<(), Refused>) {
        let this = self.project();
        let started = this.starting.take();
        this.asked.reply(match answer {
            Ok(()) => Answer::Done(started),
            Err(why) => Answer::Refused(why, None),
        });
    }

    fn give_back(self: Pin<&mut Self>, child: New<D, F>, why: Refused) {
        drop(child);
        self.answer(Err(why));
    }

    fn list(self: Pin<&mut Self>, children: &mut dyn Iterator<Item = ChildInfo>) {
        self.project().asked.list(children);
    }
}

impl<A, Make, D> fmt::Debug for Hire<A, Make, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hire").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for Seated<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seated").finish_non_exhaustive()
    }
}
