//! Messages that an actor sends itself later.
//!
//! Timers are looked at in rounds: all that are due when the round begins, then one look at the
//! mailbox and the streams, then the next round. So due timers overtake what waits, and timers that
//! are always due again keep nothing else from its turn.

use super::timekeeper::{OneSleep, Timekeeper};
use crate::actor::Ctx;
use crate::time::{Clock, Instant};
use alloc::{boxed::Box, collections::BTreeMap};
use core::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

/// Names a timer of an actor, to [cancel](Ctx::cancel_timer) it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerKey {
    incarnation: usize,
    number: u64,
}

/// What is done when a timer is due.
enum Work<M> {
    Once(M),
    Every(Duration, Box<dyn FnMut() -> M + Send>),
}

/// The timers of one incarnation.
pub(in crate::actor) struct Timers<M> {
    keeper: Option<Pin<Box<dyn Timekeeper + Send>>>,
    /// The number of the next timer.
    next: u64,
    /// The deadline of each timer, by its number.
    deadlines: BTreeMap<u64, Instant>,
    /// Equal deadlines in the order in which the timers were set.
    waiting: BTreeMap<(Instant, u64), Work<M>>,
    round: Round,
}

/// The timers that are due when a round begins: by their deadlines, and set before it.
struct Round {
    now: Instant,
    before: u64,
    /// Whether the others had their look, so that the next round may begin.
    over: bool,
}

impl<M> Timers<M> {
    pub(in crate::actor) const fn new() -> Self {
        Self {
            keeper: None,
            next: 0,
            deadlines: BTreeMap::new(),
            waiting: BTreeMap::new(),
            round: Round { now: Instant::EPOCH, before: 0, over: true },
        }
    }

    pub(in crate::actor) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Sets a timer by the clock of the first one.
    fn set<C>(&mut self, clock: &C, delay: Duration, work: Work<M>) -> u64
    where
        C: Clock + Send + 'static,
        C::Sleep: Send,
    {
        let keeper = self.keeper.get_or_insert_with(|| Box::pin(OneSleep::new(clock)));
        let deadline = keeper.now().saturating_add(delay);
        let number = self.next;
        self.next += 1;
        self.enter(number, deadline, work);
        number
    }

    fn enter(&mut self, number: u64, deadline: Instant, work: Work<M>) {
        self.deadlines.insert(number, deadline);
        self.waiting.insert((deadline, number), work);
    }

    fn remove(&mut self, number: u64) -> Option<(Instant, Work<M>)> {
        let deadline = self.deadlines.remove(&number)?;
        let work = self.waiting.remove(&(deadline, number))?;
        if self.waiting.is_empty()
            && let Some(keeper) = &mut self.keeper
        {
            keeper.as_mut().disarm();
        }
        Some((deadline, work))
    }

    /// The message of a timer that is due in this round; if there is none, the others may look.
    pub(in crate::actor) fn due(&mut self) -> Option<M> {
        if self.round.over {
            return self.next_round(Instant::EPOCH);
        }
        let msg = self.pop();
        self.round.over = msg.is_none();
        msg
    }

    /// The message of the next timer, waiting for it. The others had their look.
    pub(in crate::actor) fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<M> {
        if let Some(msg) = self.next_round(Instant::EPOCH) {
            return Poll::Ready(msg);
        }
        let (Some(keeper), Some((&(deadline, _), _))) =
            (&mut self.keeper, self.waiting.first_key_value())
        else {
            return Poll::Pending;
        };
        ready!(keeper.as_mut().poll_at(deadline, cx));
        // The timer has the last word, should the clock lag behind it.
        self.next_round(deadline).map_or(Poll::Pending, Poll::Ready)
    }

    /// Begins a round at the present moment, which is not before `now`, with its first message.
    fn next_round(&mut self, now: Instant) -> Option<M> {
        if self.waiting.is_empty() {
            return None;
        }
        let now = self.keeper.as_ref()?.now().max(now);
        self.round = Round { now, before: self.next, over: false };
        let msg = self.pop();
        self.round.over = msg.is_none();
        msg
    }

    /// The message of the first timer of this round.
    fn pop(&mut self) -> Option<M> {
        let (&(deadline, number), _) = self.waiting.first_key_value()?;
        if deadline > self.round.now || number >= self.round.before {
            return None;
        }
        match self.remove(number)? {
            (_, Work::Once(msg)) => Some(msg),
            (deadline, Work::Every(period, mut make)) => {
                let msg = make();
                let next = next_tick(deadline, period, self.round.now);
                self.enter(number, next, Work::Every(period, make));
                Some(msg)
            }
        }
    }
}

/// The first tick after `now`, of those that are whole periods after `deadline`.
fn next_tick(deadline: Instant, period: Duration, now: Instant) -> Instant {
    let late = now.saturating_since(deadline).as_nanos();
    // Less than a period, so it is a number of nanoseconds of an `Instant` as well.
    let since_tick = Duration::from_nanos_u128(late % period.as_nanos());
    now.saturating_add(period - since_tick)
}

impl<M> Ctx<'_, M> {
    /// Handles `msg` when `delay` has passed by `clock`.
    ///
    /// A message whose time has come is handled at the next turn, before those that wait in the
    /// mailbox; it takes no room there. Timers end with the incarnation. All timers of an
    /// incarnation run by the clock of the first one. One that lies in the far future holds no timer
    /// of the clock.
    ///
    /// # Examples
    ///
    /// ```
    /// use klaw::{Actor, Clock, Ctx};
    /// use std::time::Duration;
    ///
    /// enum Msg { Used, Idle }
    ///
    /// struct Session<C> { clock: C, idle: Option<klaw::actor::TimerKey> }
    ///
    /// impl<C: Clock + Send + 'static> Actor for Session<C>
    /// where
    ///     C::Sleep: Send,
    /// {
    ///     type Msg = Msg;
    ///     type Error = core::convert::Infallible;
    ///
    ///     async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), Self::Error> {
    ///         match msg {
    ///             Msg::Used => {
    ///                 if let Some(idle) = self.idle.take() {
    ///                     ctx.cancel_timer(idle);
    ///                 }
    ///                 let limit = Duration::from_secs(60);
    ///                 self.idle = Some(ctx.send_after(&self.clock, limit, Msg::Idle));
    ///             }
    ///             Msg::Idle => ctx.stop(),
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn send_after<C>(&mut self, clock: &C, delay: Duration, msg: M) -> TimerKey
    where
        C: Clock + Send + 'static,
        C::Sleep: Send,
    {
        self.set_timer(clock, delay, Work::Once(msg))
    }

    /// Handles what `make` gives whenever another `period` has passed by `clock`.
    ///
    /// The first time is one period from now. An actor that comes late handles one message for all
    /// the times that it missed; the next one comes at a whole number of periods again. Between two
    /// of them the mailbox and the streams have a turn, however long a message takes. Besides that,
    /// it is like [`send_after`](Self::send_after).
    ///
    /// # Panics
    ///
    /// If `period` is zero.
    pub fn every<C>(
        &mut self,
        clock: &C,
        period: Duration,
        make: impl FnMut() -> M + Send + 'static,
    ) -> TimerKey
    where
        C: Clock + Send + 'static,
        C::Sleep: Send,
    {
        assert!(!period.is_zero(), "a period must not be zero");
        self.set_timer(clock, period, Work::Every(period, Box::new(make)))
    }

    /// Cancels a timer of this incarnation; false if its message was handled, or it was cancelled.
    ///
    /// Once this returns, its message will not be handled, even if its time has come before.
    pub fn cancel_timer(&mut self, key: TimerKey) -> bool {
        key.incarnation == self.incarnation
            && self
                .extras
                .existing()
                .is_some_and(|inputs| inputs.timers.remove(key.number).is_some())
    }

    fn set_timer<C>(&mut self, clock: &C, delay: Duration, work: Work<M>) -> TimerKey
    where
        C: Clock + Send + 'static,
        C::Sleep: Send,
    {
        let number = self.extras.inputs().timers.set(clock, delay, work);
        TimerKey { incarnation: self.incarnation, number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stay_whole_periods_apart() {
        let (at, period) = (Instant::from_nanos, Duration::from_nanos(10));
        assert_eq!(next_tick(at(10), period, at(10)), at(20));
        assert_eq!(next_tick(at(10), period, at(19)), at(20));
        assert_eq!(next_tick(at(10), period, at(20)), at(30));
        assert_eq!(next_tick(at(10), period, at(1_005)), at(1_010));
        assert_eq!(next_tick(at(10), Duration::MAX, at(19)), Instant::FAR_FUTURE);
    }
}
