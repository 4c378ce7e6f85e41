//! Clients, which tell and ask.

use super::{
    history::Fact,
    ms,
    worker::Job,
    world::{Member, World},
};
use klaw::{AskError, timeout};
use std::rc::Rc;

/// Sends messages to any of the actors, one after the other; `me` tells it from other clients.
pub(crate) async fn client(world: Rc<World>, me: usize) {
    for number in 0..world.dice.below(12) {
        let Some(Member { mailbox, history }) = world.any() else { return };
        let id = (me, number as usize);
        let question = |reply| Job::new(id, Some(reply), &history);
        match world.dice.below(10) {
            0..4 => match mailbox.tell(Job::new(id, None, &history)).await {
                Ok(()) => history.add(Fact::Accepted(id)),
                Err(_) => history.add(Fact::Refused(id)),
            },
            4 => match mailbox.try_tell(Job::new(id, None, &history)) {
                Ok(()) => history.add(Fact::Accepted(id)),
                Err(_) => history.add(Fact::Refused(id)),
            },
            5..8 => match mailbox.ask(question).await {
                Ok(answer) => {
                    assert_eq!(answer, id, "the answer to another question");
                    history.add(Fact::Answered(id));
                }
                Err(AskError::NoReply) => history.add(Fact::Unanswered(id)),
                Err(_) => {
                    assert!(mailbox.is_closed());
                    history.add(Fact::Refused(id));
                }
            },
            8 => {
                // Given up if it takes too long; a late answer goes nowhere.
                if let Ok(Ok(answer)) = timeout(&world.clock, ms(1), mailbox.ask(question)).await {
                    assert_eq!(answer, id, "the answer to another question");
                    history.add(Fact::Answered(id));
                }
            }
            _ => world.clock_sleep(3).await,
        }
    }
}
