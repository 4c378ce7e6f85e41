//! Stops, kills and restarts from outside, while everything runs.

use super::{
    history::Fact,
    tree::{ByHand, GROUPS},
    world::World,
};
use klaw::{ChildId, Receiver, Sender, supervise::Refused};
use std::rc::Rc;

/// Does a few random things to the tree and its actors.
pub(crate) async fn control(
    world: Rc<World>,
    requests: Sender<ByHand>,
    answers: Receiver<Result<(), Refused>>,
) {
    for _ in 0..world.dice.below(12) {
        world.clock_sleep(4).await;
        match world.dice.below(10) {
            0..4 => {
                let name = world.dice.one_of([GROUPS[0], GROUPS[1], GROUPS[2], GROUPS[3]]);
                let child = ChildId { name, index: (name == GROUPS[2]).then_some(0) };
                let request = world.dice.one_of([
                    ByHand::Stop,
                    ByHand::Restart,
                    ByHand::Restart,
                    ByHand::Delete,
                ]);
                // Each is answered, unless the supervisor is gone.
                if requests.send(request(child)).await.is_err() || answers.recv().await.is_err() {
                    return;
                }
            }
            deed => {
                let Some(member) = world.any() else { continue };
                // Written down first: what follows may follow at once.
                match deed {
                    4..7 => {
                        member.history.add(Fact::Killed);
                        member.mailbox.kill();
                    }
                    7 => {
                        member.history.add(Fact::Stopped);
                        member.mailbox.stop();
                    }
                    8 => {
                        member.history.add(Fact::StoppedNow);
                        member.mailbox.stop_now();
                        assert_eq!(member.history.waiting(), 0, "not dropped at once");
                    }
                    _ => {}
                }
            }
        }
    }
}
