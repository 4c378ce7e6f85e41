//! Actors with a mailbox in a `static`.

use crate::{Checked, check, counter};
use embassy_futures::join::join;
use klaw_embassy::{
    Actor, AskError, Ctx, EmbassyClock, Exit, Mailbox, Reply, ReplySlot, Restart, Strategy,
    Supervisor, serve,
};

enum Msg {
    Add(u32),
    Get(Reply<u32>),
    Forget(Reply<u32>),
}

#[derive(Default)]
struct Counter(u32);

impl Actor for Counter {
    type Msg = Msg;
    type Error = ();

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), ()> {
        match msg {
            Msg::Add(n) => self.0 += n,
            Msg::Get(reply) => reply.send(self.0),
            Msg::Forget(reply) => drop(reply),
        }
        Ok(())
    }
}

pub(crate) async fn an_answer_comes_back() -> Checked {
    static COUNTER: Mailbox<Msg, 2> = Mailbox::named("counter");
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let me = COUNTER.actor_ref();
    let ask = async {
        for n in 1..=10 {
            check!(me.tell(Msg::Add(n)).await.is_ok());
        }
        check!(me.ask_in(&ANSWER, Msg::Get).await == Ok(55));
        check!(me.ask_in(&ANSWER, Msg::Forget).await == Err(AskError::NoReply));
        me.stop();
        me.closed().await;
        check!(me.ask_in(&ANSWER, Msg::Get).await == Err(AskError::Closed));
        Ok(())
    };
    let (exit, asked) = join(serve(Counter::default(), me.clone()), ask).await;
    check!(matches!(exit, Exit::Stopped));
    asked
}

pub(crate) async fn what_waits_is_handled_before_a_stop() -> Checked {
    static COUNTER: Mailbox<Msg, 3> = Mailbox::named("counter");
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let me = COUNTER.actor_ref();
    check!(me.try_tell(Msg::Add(1)).is_ok() && me.try_tell(Msg::Add(2)).is_ok());
    let ask = me.ask_in(&ANSWER, Msg::Get);
    let stop = async {
        me.stop();
        serve(Counter::default(), me.clone()).await
    };
    let (answer, exit) = join(ask, stop).await;
    check!(answer == Ok(3) && matches!(exit, Exit::Stopped));
    Ok(())
}

/// What `tests/scenarios/counter.rs` does on hosts.
pub(crate) async fn the_same_actor_as_on_hosts() -> Checked {
    use counter::{Counter, Msg};
    static COUNTER: Mailbox<Msg, 4> = Mailbox::named("counter");
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let me = COUNTER.actor_ref();
    let supervised = Supervisor::new(Strategy::OneForOne)
        .actor(&me, Restart::OnFailure, |me| serve(Counter::default(), me))
        .run(&EmbassyClock);
    let ask = async {
        for n in 1..=10 {
            check!(me.tell(Msg::Add(n)).await.is_ok());
        }
        check!(me.ask_in(&ANSWER, Msg::Get).await == Ok(55));
        check!(me.tell(Msg::Add(0)).await.is_ok());
        check!(me.ask_in(&ANSWER, Msg::Get).await == Ok(0));
        me.stop();
        Ok(())
    };
    let (ended, asked) = join(supervised, ask).await;
    check!(ended == Ok(()));
    asked
}
