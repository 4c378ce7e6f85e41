//! What an actor listens to besides its mailbox: streams, and messages that it has put aside.

use super::*;
use klaw::{Actor, Ctx, Receiver, Reply, Restart, Sender, bounded, serve};
use witness::Log;

enum Msg {
    /// Noted if the door is open, put aside if not.
    Knock(&'static str),
    Open,
    Attach(Receiver<Self>),
    Fail,
    Done(Reply<()>),
    Told(Sender<()>),
}

struct Door {
    open: bool,
    log: Log,
}

impl Actor for Door {
    type Msg = Msg;
    type Error = &'static str;

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), &'static str> {
        match msg {
            Msg::Knock(who) if self.open => self.log.push(who),
            Msg::Knock(_) => return ctx.stash(msg).map_err(|_| "full"),
            Msg::Open => {
                self.open = true;
                ctx.unstash_all();
            }
            Msg::Attach(rx) => ctx.attach(rx.into_stream()),
            Msg::Fail => return Err("told to fail"),
            Msg::Done(reply) => reply.send(()),
            Msg::Told(done) => done.try_send(()).map_err(|_| "nobody waits")?,
        }
        Ok(())
    }
}

fn start(rt: &Rt, log: &Log, open: bool) -> klaw::ActorRef<Msg> {
    let log = log.clone();
    let builder = rt.spawn_actor(move |me| serve(Door { open, log: log.clone() }, me));
    builder.restart(Restart::OnFailure).start().unwrap()
}

#[test]
fn what_was_put_aside_is_handled_before_what_came_later() {
    run(async |rt: Rt| {
        let log = Log::default();
        let door = start(&rt, &log, false);
        for msg in [Msg::Knock("one"), Msg::Knock("two"), Msg::Open, Msg::Knock("three")] {
            door.tell(msg).await.ok().unwrap();
        }
        door.ask(Msg::Done).await.unwrap();
        assert_eq!(log.take(), ["one", "two", "three"]);
    });
}

#[test]
fn what_was_put_aside_outlives_a_restart() {
    run(async |rt: Rt| {
        let log = Log::default();
        let door = start(&rt, &log, false);
        for msg in [Msg::Knock("one"), Msg::Fail, Msg::Open, Msg::Knock("two")] {
            door.tell(msg).await.ok().unwrap();
        }
        door.ask(Msg::Done).await.unwrap();
        assert_eq!((log.take(), door.incarnations()), (vec!["one", "two"], 2));
    });
}

#[test]
fn items_of_a_stream_are_messages_and_its_end_is_none_of_the_actor() {
    run(async |rt: Rt| {
        let log = Log::default();
        let door = start(&rt, &log, true);
        let (tx, rx) = bounded(1);
        door.tell(Msg::Attach(rx)).await.ok().unwrap();
        let streaming = rt.submit(async move {
            for who in ["one", "two", "three"] {
                tx.send(Msg::Knock(who)).await.ok().unwrap();
            }
            // The stream's last item is a question, so that its answer comes after the others.
            let (answered, answer) = bounded(1);
            tx.send(Msg::Told(answered)).await.ok().unwrap();
            answer.recv().await
        });
        assert_eq!(streaming.unwrap().await.unwrap(), Ok(()));
        assert_eq!(log.take(), ["one", "two", "three"]);
        door.ask(Msg::Done).await.unwrap();
    });
}
