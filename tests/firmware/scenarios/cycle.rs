//! Actors that would wait for each other, without a heap.

use crate::{Checked, check};
use core::convert::Infallible;
use embassy_futures::join::{join_array, join3};
use klaw_embassy::{Actor, ActorRef, AskError, Ctx, Mailbox, Reply, ReplySlot, serve};

/// To be passed on, and answered with how often that went well.
struct Pass(Reply<u32>);

/// Passes on to all others at once.
struct Peer<const N: usize> {
    others: [ActorRef<Pass>; N],
    answers: &'static [ReplySlot<u32>; N],
}

impl<const N: usize> Actor for Peer<N> {
    type Msg = Pass;
    type Error = Infallible;

    async fn handle(
        &mut self,
        Pass(reply): Pass,
        ctx: &mut Ctx<'_, Pass>,
    ) -> Result<(), Infallible> {
        let ask = |at| ctx.ask_in(&self.answers[at], &self.others[at], Pass);
        let mut well = 0;
        for answer in join_array(core::array::from_fn::<_, N, _>(ask)).await {
            match answer {
                Ok(times) => well += times + 1,
                Err(AskError::Cycle) => {}
                Err(_) => return Ok(()),
            }
        }
        reply.send(well);
        Ok(())
    }
}

pub(crate) async fn a_circle_is_refused_and_no_wait_is_left_behind() -> Checked {
    static MAILBOXES: [Mailbox<Pass, 1>; 2] = [Mailbox::named("one"), Mailbox::named("other")];
    static PASSED_ON: [[ReplySlot<u32>; 1]; 2] = [[ReplySlot::new()], [ReplySlot::new()]];
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let (one, other) = (MAILBOXES[0].actor_ref(), MAILBOXES[1].actor_ref());
    let peer =
        |next: &ActorRef<Pass>, at: usize| Peer { others: [next.clone()], answers: &PASSED_ON[at] };
    let ask = async {
        let mut always = true;
        // Each time again: no wait is left behind.
        for _ in 0..10 {
            always &= one.ask_in(&ANSWER, Pass).await == Ok(1);
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

/// Each of those that are asked asks back, which is refused.
pub(crate) async fn each_of_many_waits_at_once_is_seen() -> Checked {
    const SPOKES: usize = 5;
    static HUB: Mailbox<Pass, SPOKES> = Mailbox::named("hub");
    static SPOKE: [Mailbox<Pass, 1>; SPOKES] = [const { Mailbox::named("spoke") }; SPOKES];
    static ASKED: [ReplySlot<u32>; SPOKES] = [const { ReplySlot::new() }; SPOKES];
    static ASKED_BACK: [[ReplySlot<u32>; 1]; SPOKES] = [const { [ReplySlot::new()] }; SPOKES];
    static ANSWER: ReplySlot<u32> = ReplySlot::new();
    let hub = HUB.actor_ref();
    let others = core::array::from_fn(|at| SPOKE[at].actor_ref());
    let spokes = core::array::from_fn::<_, SPOKES, _>(|at| {
        let peer = Peer { others: [hub.clone()], answers: &ASKED_BACK[at] };
        serve(peer, SPOKE[at].actor_ref())
    });
    let ask = async {
        let answered = hub.ask_in(&ANSWER, Pass).await;
        hub.stop();
        SPOKE.iter().for_each(|spoke| spoke.actor_ref().stop());
        answered
    };
    let serving = serve(Peer { others, answers: &ASKED }, hub.clone());
    let (answered, _, _) = join3(ask, serving, join_array(spokes)).await;
    check!(answered == Ok(SPOKES as u32));
    Ok(())
}
