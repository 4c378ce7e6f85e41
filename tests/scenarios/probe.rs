//! An actor that does what it is told and writes down what happens to it.

use super::{Rt, witness::Log};
use core::future::pending;
use klaw::{Actor, ActorRef, Ctx, Receiver, Reply, Restart, serve};

pub(crate) enum Msg {
    Note(&'static str),
    /// Answered with the number of the incarnation.
    Number(Reply<usize>),
    /// Dropped without an answer.
    Forget(Reply<usize>),
    /// Answers, then stays in its handler until it is dropped.
    Hang(Reply<()>),
    /// Answers, then stays in its handler until it is let go.
    Hold(Reply<()>, Receiver<()>),
    Fail,
    Panic,
    /// Ends this incarnation.
    End,
}

/// Notes when it comes and goes, under two names.
pub(crate) struct Probe {
    up: &'static str,
    gone: &'static str,
    log: Log,
}

impl Probe {
    pub(crate) fn new(up: &'static str, gone: &'static str, log: &Log) -> Self {
        Self { up, gone, log: log.clone() }
    }
}

impl Actor for Probe {
    type Msg = Msg;
    type Error = &'static str;

    async fn started(&mut self, _: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        self.log.push(self.up);
        Ok(())
    }

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Note(what) => self.log.push(what),
            Msg::Number(reply) => reply.send(ctx.incarnation()),
            Msg::Forget(reply) => drop(reply),
            Msg::Hang(reply) => {
                reply.send(());
                pending::<()>().await;
            }
            Msg::Hold(reply, release) => {
                reply.send(());
                release.recv().await.map_err(|_| "nobody will let go")?;
            }
            Msg::Fail => return Err("told to fail"),
            Msg::Panic => panic!("told to panic"),
            Msg::End => ctx.stop(),
        }
        Ok(())
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.log.push(self.gone);
    }
}

/// Starts a probe that is restarted when it fails, once.
pub(crate) fn start(rt: &Rt, log: &Log, restart: Restart) -> ActorRef<Msg> {
    let log = log.clone();
    let builder = rt.spawn_actor(move |me| serve(Probe::new("up", "gone", &log), me));
    builder.name("probe").restart(restart).start().unwrap()
}

pub(crate) async fn tell(to: &ActorRef<Msg>, msg: Msg) {
    assert!(to.tell(msg).await.is_ok(), "it takes messages");
}

/// Which incarnation answers.
pub(crate) async fn number(of: &ActorRef<Msg>) -> usize {
    of.ask(Msg::Number).await.unwrap()
}
