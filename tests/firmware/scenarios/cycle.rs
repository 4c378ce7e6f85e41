//! Actors that would wait for each other, without a heap.

use crate::{Checked, check};
use core::convert::Infallible;
use embassy_futures::join::{join_array, join3};
use klaw_embassy::{Actor, ActorRef, AskError, Ctx, Mailbox, Reply, ReplySlot, serve};

/// To be passed on, and answered with how often that went well.
struct Pass(Reply<u32>);

struct Peer {
    next: ActorRef<Pass>,
    answer: &'static ReplySlot<u32>,
}

impl Actor for Peer {
    type Msg = Pass;
    type Error = Infallible;

    async fn handle(
        &mut self,
        Pass(reply): Pass,
        ctx: &mut Ctx<'_, Pass>,
    ) -> Result<(), Infallible> {
        match ctx.ask_in(self.answer, &self.next, Pass).await {
            Ok(times) => reply.send(times + 1),
            Err(AskError::Cycle) => reply.send(0),
            Err(_) => drop(reply),
        }
        Ok(())
    }
}

pub(crate) async fn a_circle_is_refused_and_no_wait_is_left_behind() -> Checked {
    static MAILBOXES: [Mailbox<Pass, 1>; 2] = [Mailbox::named("one"), Mailbox::named("other")];
    static ANSWERS: [ReplySlot<u32>; 3] = [ReplySlot::new(), ReplySlot::new(), ReplySlot::new()];
    let (one, other) = (MAILBOXES[0].actor_ref(), MAILBOXES[1].actor_ref());
    let peer = |next: &ActorRef<Pass>, at: usize| Peer { next: next.clone(), answer: &ANSWERS[at] };
    let ask = async {
        let mut always = true;
        // Each time again: no wait is left behind.
        for _ in 0..10 {
            always &= one.ask_in(&ANSWERS[2], Pass).await == Ok(1);
        }
        one.stop();
        other.stop();
        always
    };
    let peers = (serve(peer(&other, 0), one.clone()), serve(peer(&one, 1), other.clone()));
    let (always, _, _) = join3(ask, peers.0, peers.1).await;
    check!(always);
    Ok(())
}

/// Asks all others at once, and answers how many of them gave an answer.
struct Hub {
    others: [ActorRef<Pass>; SPOKES],
    answers: &'static [ReplySlot<u32>; SPOKES],
}

const SPOKES: usize = 5;

impl Actor for Hub {
    type Msg = Pass;
    type Error = Infallible;

    async fn handle(
        &mut self,
        Pass(reply): Pass,
        ctx: &mut Ctx<'_, Pass>,
    ) -> Result<(), Infallible> {
        let ask = |at| ctx.ask_in(&self.answers[at], &self.others[at], Pass);
        let answers = join_array(core::array::from_fn::<_, SPOKES, _>(ask)).await;
        // Each has asked back, which was refused.
        reply.send(answers.iter().filter(|answer| **answer == Ok(0)).count() as u32);
        ctx.me().stop();
        self.others.iter().for_each(ActorRef::stop);
        Ok(())
    }
}

pub(crate) async fn each_of_many_waits_at_once_is_seen() -> Checked {
    static HUB: Mailbox<Pass, SPOKES> = Mailbox::named("hub");
    static SPOKE: [Mailbox<Pass, 1>; SPOKES] = [const { Mailbox::named("spoke") }; SPOKES];
    static ASKED: [ReplySlot<u32>; SPOKES] = [const { ReplySlot::new() }; SPOKES];
    static ASKED_BACK: [ReplySlot<u32>; SPOKES] = [const { ReplySlot::new() }; SPOKES];
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let hub = HUB.actor_ref();
    let others = core::array::from_fn(|at| SPOKE[at].actor_ref());
    let spokes = core::array::from_fn::<_, SPOKES, _>(|at| {
        let peer = Peer { next: hub.clone(), answer: &ASKED_BACK[at] };
        serve(peer, SPOKE[at].actor_ref())
    });
    let serving = serve(Hub { others, answers: &ASKED }, hub.clone());
    let (answered, _, _) = join3(hub.ask_in(&ANSWER, Pass), serving, join_array(spokes)).await;
    check!(answered == Ok(SPOKES as u32));
    Ok(())
}
