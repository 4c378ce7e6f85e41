//! Supervision in place.

use crate::{Checked, check};
use core::{future::pending, time::Duration};
use embassy_futures::join::join;
use klaw_embassy::{
    Actor, AskError, Cancel, Clock, Ctx, EmbassyClock, Mailbox, Reply, ReplySlot, Restart,
    Strategy, Supervisor, SupervisorError, serve, task,
};

const MS: Duration = Duration::from_millis(1);

enum Msg {
    Add(u32),
    Get(Reply<u32>),
}

#[derive(Default)]
struct Counter(u32);

impl Actor for Counter {
    type Msg = Msg;
    type Error = ();

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), ()> {
        match msg {
            Msg::Add(0) => return Err(()),
            Msg::Add(n) => self.0 += n,
            Msg::Get(reply) => reply.send(self.0),
        }
        Ok(())
    }
}

pub(crate) async fn a_failed_child_is_restarted_with_its_queue() -> Checked {
    static COUNTER: Mailbox<Msg, 4> = Mailbox::named("counter");
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    static STOP: Cancel = Cancel::new();
    let me = COUNTER.actor_ref();
    let tree = Supervisor::new(Strategy::OneForOne)
        .max_restarts(2)
        .restart_window(20 * MS)
        .child("idle", Restart::Always, || task(pending::<()>()))
        .actor(&me, Restart::OnFailure, |me| serve(Counter::default(), me))
        .run(&EmbassyClock)
        .until(STOP.token().cancelled());
    let ask = async {
        for round in 1..=5 {
            for n in [40, 0, 1] {
                check!(me.tell(Msg::Add(n)).await.is_ok());
            }
            check!(me.ask_in(&ANSWER, Msg::Get).await == Ok(1));
            check!(me.incarnations() == round + 1);
            EmbassyClock.sleep(11 * MS).await; // two fit into a window, a third does not
        }
        STOP.token().cancel("done");
        me.closed().await;
        Ok(())
    };
    let (ended, asked) = join(tree, ask).await;
    check!(ended.is_ok());
    asked
}

pub(crate) async fn one_restart_too_many_is_given_up() -> Checked {
    static COUNTER: Mailbox<Msg, 4> = Mailbox::named("counter");
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let me = COUNTER.actor_ref();
    let tree = Supervisor::new(Strategy::OneForOne)
        .max_restarts(2)
        .restart_window(20 * MS)
        .actor(&me, Restart::OnFailure, |me| serve(Counter::default(), me))
        .run(&EmbassyClock);
    for _ in 0..4 {
        check!(me.try_tell(Msg::Add(0)).is_ok());
    }
    let Err(SupervisorError::GaveUp(gave_up)) = tree.await else {
        return Err("it did not give up");
    };
    check!(gave_up.child.name == "counter" && gave_up.restarts == 2);
    check!(me.incarnations() == 3);
    check!(me.ask_in(&ANSWER, Msg::Get).await == Err(AskError::Closed));
    Ok(())
}

pub(crate) async fn a_nested_failure_is_passed_up() -> Checked {
    let mut starts = 0;
    let tree = Supervisor::new(Strategy::OneForOne)
        .max_restarts(1)
        .child("inner", Restart::OnFailure, || {
            starts += 1;
            let inner = Supervisor::new(Strategy::OneForOne).max_restarts(2).child(
                "fails",
                Restart::Always,
                || task(async { Err::<(), _>("at once") }),
            );
            task(inner.run(&EmbassyClock))
        })
        .run(&EmbassyClock);
    let ended = tree.await;
    check!(matches!(ended, Err(SupervisorError::GaveUp(gave_up)) if gave_up.child.name == "inner"));
    check!(starts == 2);
    Ok(())
}
