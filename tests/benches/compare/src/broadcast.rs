//! Channels in which every receiver gets every message.

use crate::{
    gate::Gate,
    message::{Accepted, Message, Received, Word},
    run::{Task, Tasks},
    work::{Tally, Work},
};

pub const CAPACITY: usize = 128;
pub const RECEIVERS: usize = 4;

pub trait Broadcast: 'static {
    type Tx: Send + 'static;
    type Rx: Send + 'static;

    /// Whether a sender overwrites what a slow receiver has not seen, instead of waiting for it.
    const OVERWRITES: bool;

    fn channel() -> (Self::Tx, [Self::Rx; RECEIVERS]);
    fn send(tx: &mut Self::Tx, message: Word) -> impl Future<Output: Accepted> + Send;
    fn recv(rx: &mut Self::Rx) -> impl Future<Output: Received<Word>> + Send;
}

/// How often those that overwrite are held back: three receivers may be a block ahead of what the
/// gate asks for, so the fourth is at most five behind.
const BLOCK: u64 = CAPACITY as u64 / 5;

/// Sends to all; those that overwrite are held back just enough to lose nothing.
pub fn work<B: Broadcast>(messages: u64) -> Work {
    let (mut tx, rxs) = B::channel();
    let (tally, gate) = (Tally::default(), Gate::default());
    let receivers = RECEIVERS as u64;
    let mut tasks: Vec<Task> = vec![];
    for mut rx in rxs {
        let (tally, gate) = (tally.clone(), gate.clone());
        tasks.push(Box::pin(async move {
            let mut sum = 0;
            for at in 1..=messages {
                sum += B::recv(&mut rx).await.message().number();
                if B::OVERWRITES && at % BLOCK == 0 {
                    gate.pass(1);
                }
            }
            tally.add(messages, sum);
        }));
    }
    tasks.push(Box::pin(async move {
        for number in 0..messages {
            if B::OVERWRITES && number > 0 && number % BLOCK == 0 {
                gate.wait_for((number / BLOCK - 1) * receivers).await;
            }
            B::send(&mut tx, Word::new(number)).await.accepted();
        }
    }));
    let sum = messages * (messages - 1) / 2;
    Work::new(Tasks::Shared(tasks), tally, messages * receivers, sum * receivers)
}
