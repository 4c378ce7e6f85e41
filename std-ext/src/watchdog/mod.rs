//! Reports actors that do not get out of a poll.

mod target;

pub use target::Stuck;

use alloc::boxed::Box;
use core::{fmt, panic::AssertUnwindSafe, time::Duration};
use klaw::{ActorRef, Clock, Panic};
use std::{
    io,
    panic::catch_unwind,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread::{self, JoinHandle},
    time::Instant,
};
use target::{Target, Watched};

/// How many actors can wait to be taken on.
const REGISTRATIONS: usize = 64;

/// Looks at actors from a thread of its own, and reports those that stay in one poll for long.
///
/// A handler that never awaits can be neither stopped nor killed, and keeps its thread from running
/// anything else: nobody can end it, but it can be found. Only incarnations that are
/// [watched](klaw::actor::Serve::watched) tell since when they are in a poll; give them the same clock.
///
/// Each such poll is reported once, to a closure and as a `tracing` warning under the target `klaw`.
/// Dropping the watchdog ends its thread, after the report in hand.
///
/// # Examples
///
/// ```
/// use klaw::{Actor, Ctx, Restart, Strategy, Supervisor, mailbox_named, serve};
/// use klaw_std::Watchdog;
/// use std::time::Duration;
/// # use klaw::{Clock, Instant, Sleep};
/// # struct Parser;
/// # impl Actor for Parser {
/// #     type Msg = String;
/// #     type Error = core::convert::Infallible;
/// #     async fn handle(&mut self, _: String, _: &mut Ctx<'_, String>) -> Result<(), Self::Error> {
/// #         Ok(())
/// #     }
/// # }
/// # fn example<C: Clock + Send + 'static>(clock: C) -> std::io::Result<()> {
/// let (limit, interval) = (Duration::from_secs(2), Duration::from_millis(500));
/// let watchdog = Watchdog::start(clock.clone(), limit, interval, |stuck| eprintln!("{stuck}"))?;
///
/// let parser = mailbox_named("parser", 64);
/// watchdog.watch(&parser);
/// let supervisor = Supervisor::new(Strategy::OneForOne)
///     .actor(&parser, Restart::Always, move |me| serve(Parser, me).watched(&clock));
/// # drop(supervisor);
/// # Ok(())
/// # }
/// ```
pub struct Watchdog {
    // None once it is being dropped.
    registrations: Option<SyncSender<Box<dyn Target>>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    /// Starts to look every `interval` for polls that last at least as long as `limit` by `clock`.
    ///
    /// `report` runs on the thread of the watchdog, which looks at nothing meanwhile. One that panics
    /// is logged, and the watchdog goes on.
    ///
    /// # Errors
    ///
    /// That of the operating system if it has no thread.
    pub fn start<C, F>(clock: C, limit: Duration, interval: Duration, report: F) -> io::Result<Self>
    where
        C: Clock + Send + 'static,
        F: FnMut(&Stuck) + Send + 'static,
    {
        let (registrations, arrivals) = sync_channel(REGISTRATIONS);
        let thread = thread::Builder::new()
            .name("klaw-watchdog".into())
            .spawn(move || run(&arrivals, &clock, limit, interval, report))?;
        Ok(Self { registrations: Some(registrations), thread: Some(thread) })
    }

    /// Watches `actor` until it has ended for good; the reference is kept as long.
    ///
    /// It blocks while 64 actors wait to be taken on, which a report that lasts may cause. So do not
    /// call it from a report.
    pub fn watch<M: Send + 'static>(&self, actor: &ActorRef<M>) {
        if let Some(registrations) = &self.registrations {
            let sent = registrations.send(Box::new(actor.clone()));
            debug_assert!(sent.is_ok(), "the thread lives as long as the watchdog");
        }
    }
}

fn run<C: Clock>(
    arrivals: &Receiver<Box<dyn Target>>,
    clock: &C,
    limit: Duration,
    interval: Duration,
    mut report: impl FnMut(&Stuck),
) {
    let mut watched = Vec::new();
    let mut last = Instant::now();
    loop {
        match arrivals.recv_timeout(interval.saturating_sub(last.elapsed())) {
            Ok(target) => watched.push(Watched::new(target)),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                last = Instant::now();
                let look = || look(&mut watched, clock, limit, &mut report);
                if let Err(payload) = catch_unwind(AssertUnwindSafe(look)) {
                    let panic = Panic::new(payload);
                    tracing::error!(target: "klaw", %panic, "a look of the watchdog panicked");
                }
            }
        }
    }
}

/// Looks once at all that are watched, and forgets those that have ended.
fn look<C: Clock>(
    watched: &mut Vec<Watched>,
    clock: &C,
    limit: Duration,
    report: &mut impl FnMut(&Stuck),
) {
    let now = clock.now();
    for stuck in watched.iter_mut().filter_map(|watched| watched.stuck(now, limit)) {
        tracing::warn!(target: "klaw", actor = stuck.name, elapsed = ?stuck.elapsed, "stuck");
        report(&stuck);
    }
    watched.retain(|watched| !watched.has_ended());
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.registrations = None;
        // A report may drop the watchdog: its own thread does not wait for itself.
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            let ended = thread.join();
            debug_assert!(ended.is_ok(), "panics are caught inside");
        }
    }
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::future::{Ready, ready};
    use klaw::{Actor, Ctx, Sleep, mailbox, serve};

    #[derive(Clone)]
    struct Standing;

    struct Still(Ready<()>);

    impl Future for Still {
        type Output = ();

        fn poll(
            mut self: core::pin::Pin<&mut Self>,
            cx: &mut core::task::Context<'_>,
        ) -> core::task::Poll<()> {
            core::pin::Pin::new(&mut self.0).poll(cx)
        }
    }

    impl Sleep for Still {
        fn reset(self: core::pin::Pin<&mut Self>, _: klaw::Instant) {}
    }

    impl Clock for Standing {
        type Sleep = Still;

        fn now(&self) -> klaw::Instant {
            klaw::Instant::EPOCH
        }

        fn sleep_until(&self, _: klaw::Instant) -> Still {
            Still(ready(()))
        }
    }

    struct Idle;

    impl Actor for Idle {
        type Msg = ();
        type Error = &'static str;

        async fn handle(&mut self, (): (), _: &mut Ctx<'_, ()>) -> Result<(), &'static str> {
            Ok(())
        }
    }

    #[test]
    fn an_actor_that_has_ended_is_forgotten() {
        let (first, second) = (mailbox::<()>(1), mailbox::<()>(1));
        let mut watched: Vec<_> =
            [&first, &second].map(|me| Watched::new(Box::new(me.clone()))).into_iter().collect();
        first.stop();
        let mut count = || {
            look(&mut watched, &Standing, Duration::ZERO, &mut |stuck| panic!("{stuck}"));
            watched.len()
        };
        assert_eq!(count(), 2, "closed, but not over");
        drop(serve(Idle, first));
        assert_eq!(count(), 1);
        drop(serve(Idle, second));
        assert_eq!(count(), 0);
    }
}
