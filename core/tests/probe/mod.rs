//! An actor that does what it is told and writes down what happens to it.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use core::{cell::RefCell, future::pending};
use klaw::{Actor, ActorRef, CancelToken, Ctx, Event, Exit, Reply};
use std::rc::Rc;

/// What happened, in order.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    /// Everything since the last call, a line each.
    pub(crate) fn take(&self) -> Vec<String> {
        self.0.take()
    }

    /// Writes down what a supervisor says.
    pub(crate) fn observer(&self) -> impl FnMut(&Event<'_>) + use<> {
        let log = self.clone();
        move |event| {
            log.add(match event {
                Event::Started { child, attempt } => format!("Started {child} {attempt}"),
                Event::Failed { child, error, attempt } => {
                    format!("Failed {child} {attempt} {error:?}")
                }
                Event::Restarting { child, attempt, delay, .. } if delay.is_zero() => {
                    format!("Restarting {child} {attempt}")
                }
                Event::Restarting { child, attempt, delay, .. } => {
                    format!("Restarting {child} {attempt} after {delay:?}")
                }
                Event::Ended { child } => format!("Ended {child}"),
                Event::Killed { child } => format!("Killed {child}"),
                Event::StartFailed { child } => format!("StartFailed {child}"),
                Event::AutoShutdown { child } => format!("AutoShutdown {child}"),
                Event::GaveUp { child, restarts, .. } => format!("GaveUp {child} {restarts}"),
                other => format!("{other:?}"),
            });
        }
    }
}

/// What a probe does with a message of its own.
type Deed = Box<dyn FnOnce(&mut Ctx<'_, Msg>)>;

pub(crate) enum Msg {
    Note(u32),
    Notes(Reply<Vec<u32>>),
    /// Dropped without an answer.
    Forget(Reply<u32>),
    /// Kept until `Settle`.
    Keep(Reply<u32>),
    /// Answers what was kept.
    Settle(u32),
    /// Fails with a question in hand.
    FailAsked(Reply<u32>),
    /// Panics with a question in hand.
    PanicAsked(Reply<u32>),
    Fail,
    Panic,
    /// Ends the incarnation as normal.
    End,
    /// A handler that never returns.
    Hang,
    /// Panics in the destructor.
    PanicLater,
    /// Runs while the message is handled.
    With(Deed),
}

/// Panics where it is told to, and logs its life.
pub(crate) struct Probe {
    name: &'static str,
    log: Log,
    notes: Vec<u32>,
    kept: Vec<Reply<u32>>,
    fail_from: usize,
    end_from: usize,
    wait_in_started: Option<CancelToken>,
    panic_in_drop: bool,
    hang_in_stopped: bool,
}

impl Probe {
    pub(crate) fn new(name: &'static str, log: &Log) -> Self {
        Self {
            name,
            log: log.clone(),
            notes: vec![],
            kept: vec![],
            fail_from: usize::MAX,
            end_from: usize::MAX,
            wait_in_started: None,
            panic_in_drop: false,
            hang_in_stopped: false,
        }
    }

    pub(crate) fn fail_in_started(self) -> Self {
        self.fail_to_start_from(0)
    }

    /// Fails in `started`, from this incarnation on.
    pub(crate) fn fail_to_start_from(mut self, incarnation: usize) -> Self {
        self.fail_from = incarnation;
        self
    }

    /// Stops in `started`, from this incarnation on.
    pub(crate) fn end_in_started_from(mut self, incarnation: usize) -> Self {
        self.end_from = incarnation;
        self
    }

    /// Is not ready before `token` is cancelled.
    pub(crate) fn wait_in_started(mut self, token: &CancelToken) -> Self {
        self.wait_in_started = Some(token.clone());
        self
    }

    pub(crate) fn panic_in_drop(mut self) -> Self {
        self.panic_in_drop = true;
        self
    }

    pub(crate) fn hang_in_stopped(mut self) -> Self {
        self.hang_in_stopped = true;
        self
    }
}

impl Actor for Probe {
    type Msg = Msg;
    type Error = &'static str;

    async fn started(&mut self, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        self.log.add(format!("{} up {}", self.name, ctx.incarnation()));
        if let Some(token) = &self.wait_in_started {
            token.cancelled().await;
        }
        if ctx.incarnation() >= self.end_from {
            ctx.stop();
        }
        if ctx.incarnation() >= self.fail_from { Err("no start") } else { Ok(()) }
    }

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Note(note) => self.notes.push(note),
            Msg::Notes(reply) => reply.send(self.notes.clone()),
            Msg::Forget(_) => {}
            Msg::Keep(reply) => self.kept.push(reply),
            Msg::Settle(answer) => self.kept.remove(0).send(answer),
            Msg::FailAsked(_reply) => return Err("asked to fail"),
            Msg::PanicAsked(_reply) => panic!("asked to panic"),
            Msg::Fail => return Err("told to fail"),
            Msg::Panic => panic!("told to panic"),
            Msg::End => ctx.stop(),
            Msg::Hang => pending().await,
            Msg::PanicLater => self.panic_in_drop = true,
            Msg::With(f) => f(ctx),
        }
        Ok(())
    }

    async fn stopped(&mut self, why: &Exit<&'static str>) {
        self.log.add(format!("{} stopped {why:?}", self.name));
        if self.hang_in_stopped {
            pending().await
        }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.log.add(format!("{} gone", self.name));
        if self.panic_in_drop && !std::thread::panicking() {
            panic!("a destructor that panics");
        }
    }
}

/// Sends without waiting; there is room.
pub(crate) fn tell(actor: &ActorRef<Msg>, msg: Msg) {
    actor.try_tell(msg).expect("the mailbox has room");
}
